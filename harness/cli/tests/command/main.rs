//! The command `assay`, run as its users run it: bad input, bad deployments, interruptions, and what must stay secret.

mod hostile;
mod input;
mod interruption;
mod pipes;
mod secrets;
mod support;
mod tls;
