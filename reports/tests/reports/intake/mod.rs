//! Results that other tools made.

mod classes;
mod finding;
mod junit;
mod mutation;
mod refstack;
mod subunit_v1;
mod subunit_v2;

use std::io::BufReader;
use std::path::Path;

use assay_reports::record::Verdict;
use assay_reports::{InputFormat, Intake, IntakeError, intake};

/// Reads text as the content of a file.
pub fn read(bytes: &[u8]) -> Result<Intake, IntakeError> {
    read_as(bytes, None)
}

pub fn read_as(bytes: &[u8], format: Option<InputFormat>) -> Result<Intake, IntakeError> {
    intake::read_from(Path::new("folder/results.x"), BufReader::with_capacity(64 * 1024, bytes), format)
}

/// What is wrong with the content of a file.
pub fn refusal(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

/// The names, verdicts and reasons.
pub fn results(intake: &Intake) -> Vec<(&str, Verdict, &str)> {
    intake
        .records
        .iter()
        .map(|record| (record.id.as_str(), record.verdict, record.reason.as_deref().unwrap_or_default()))
        .collect()
}
