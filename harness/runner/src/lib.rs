//! Plans, schedules, cleans up and records a run.
