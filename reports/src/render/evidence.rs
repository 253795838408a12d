//! Where a rendering finds the exchanges of a test.

use std::collections::HashMap;

use crate::record::Exchange;
use crate::record::RunFolder;

/// The most exchanges of one test that are looked at.
const AT_MOST: usize = 2_000;

/// The exchanges of one test.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Transcript {
    /// The exchanges, in the order in which they were sent.
    pub exchanges: Vec<Exchange>,
    /// What is missing from them, and why.
    pub note: Option<String>,
}

/// Where a rendering finds the exchanges of a test.
pub trait Evidence {
    /// The exchanges of the test with this id; empty if it made no request.
    fn transcript(&self, test_id: &str) -> Transcript;
}

impl Evidence for RunFolder {
    fn transcript(&self, test_id: &str) -> Transcript {
        match self.load_transcript(test_id, AT_MOST) {
            Ok((exchanges, more)) => {
                Transcript { exchanges, note: more.then(|| "the transcript goes on, or is cut short".to_owned()) }
            }
            Err(error) => {
                Transcript { exchanges: Vec::new(), note: Some(format!("the transcript cannot be read: {error}")) }
            }
        }
    }
}

/// Exchanges that are held in memory, by the test's id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MemoryEvidence(pub HashMap<String, Vec<Exchange>>);

impl Evidence for MemoryEvidence {
    fn transcript(&self, test_id: &str) -> Transcript {
        Transcript { exchanges: self.0.get(test_id).cloned().unwrap_or_default(), note: None }
    }
}
