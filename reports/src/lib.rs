//! What the outcome of a run means: its records, their score under a guideline, and the reports.

pub mod product;
pub mod record;
