//! What is worth knowing of the results that were read, and stops nothing.

use std::fmt;

use assay_text::visible_line;

use crate::record::folder;

/// Something in results that is worth knowing and stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Of a run's folder.
    Folder(folder::Warning),
    /// Another tool reported tests more than once, with different outcomes; the worst of each counts.
    Contradicted {
        /// The first such test.
        id: String,
        /// How many tests there are.
        tests: usize,
    },
    /// Another tool reported tests more than once, each time with the same outcome.
    ReportedAgain {
        /// How many tests there are.
        tests: usize,
    },
    /// Another tool's results say that tests began, and not what came of them.
    Unended {
        /// How many tests there are.
        tests: usize,
    },
    /// Another tool's results tell of more tests than they have.
    LeftOut {
        /// How many tests more.
        tests: u64,
    },
    /// Another tool's results hold no result of a test.
    Empty,
    /// Bytes between the results that do not have their form: what else the tool printed.
    Foreign {
        /// How many bytes there are.
        bytes: u64,
        /// The place of the first one, from 0.
        offset: u64,
    },
}

impl From<folder::Warning> for Warning {
    fn from(warning: folder::Warning) -> Self {
        Self::Folder(warning)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(warning) => warning.fmt(f),
            Self::Contradicted { id, tests } => write!(
                f,
                "{tests} tests were reported more than once with different outcomes, such as {}; the worst counts",
                visible_line(id)
            ),
            Self::ReportedAgain { tests } => {
                write!(f, "{tests} tests were reported more than once, each time with the same outcome")
            }
            Self::Unended { tests } => {
                write!(f, "{tests} tests were begun and not ended; they count as interrupted")
            }
            Self::LeftOut { tests } => {
                write!(f, "the results tell of {tests} more tests than they have: these count as not run")
            }
            Self::Empty => f.write_str("there is no result of a test in it: did the tool run any?"),
            Self::Foreign { bytes, offset } => write!(
                f,
                "{bytes} bytes, from byte {offset} on, are not results, as when a tool prints between them; they were left out"
            ),
        }
    }
}
