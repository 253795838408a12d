//! How a test ends before its last line, and the checks that end it.

use serde::Serialize;

use assay_record::{Finding, Lack};

use crate::http::TransportError;
use crate::recorder::TestLog;

/// What a test, or a step of one, comes to.
pub type Outcome<T = ()> = Result<T, Stop>;

/// Why a test ends before its last line.
#[derive(Debug, Clone)]
pub enum Stop {
    /// The deployment broke a requirement.
    Fail(Box<Finding>),
    /// The tool, or the path to the deployment, is wrong.
    Error(String),
    /// Something that the test needs is not there.
    Skip(Skip),
}

/// Why a test is skipped.
#[derive(Debug, Clone)]
pub struct Skip {
    /// What it needs and does not find.
    pub lacks: Lack,
    /// The same in words.
    pub reason: String,
}

impl Stop {
    /// A test is skipped: it lacks this, for this reason.
    pub fn skip(lacks: Lack, reason: impl Into<String>) -> Self {
        Self::Skip(Skip { lacks, reason: reason.into() })
    }
}

/// The reason, on one line.
impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fail(finding) => match &finding.actual {
                Some(actual) => write!(f, "required: {}; seen: {actual}", finding.requirement),
                None => write!(f, "required: {}", finding.requirement),
            },
            Self::Error(reason) | Self::Skip(Skip { reason, .. }) => f.write_str(reason),
        }
    }
}

/// What several outcomes come to together: the worst of them.
#[derive(Debug, Default)]
pub struct Worst(Option<Stop>);

impl Worst {
    /// Adds one.
    pub fn add(&mut self, outcome: Outcome) {
        let rank = |stop: &Stop| match stop {
            Stop::Fail(_) => 3,
            Stop::Error(_) => 2,
            Stop::Skip(_) => 1,
        };
        if let Err(stop) = outcome
            && self.0.as_ref().is_none_or(|worst| rank(worst) < rank(&stop))
        {
            self.0 = Some(stop);
        }
    }

    /// The worst one, of equals the first.
    pub fn outcome(self) -> Outcome {
        self.0.map_or(Ok(()), Err)
    }
}

impl From<TransportError> for Stop {
    fn from(error: TransportError) -> Self {
        Self::Error(error.to_string())
    }
}

/// Something a check can point at: a response, a part of its body, or the test as a whole.
pub trait Evidence {
    /// The test that it belongs to.
    fn log(&self) -> &TestLog;
    /// The number of the exchange that shows it.
    fn exchange(&self) -> Option<u32>;

    /// What a broken requirement is recorded as.
    fn finding(&self, requirement: String, expected: Option<String>, actual: Option<String>) -> Finding {
        self.log().finding(self.exchange(), requirement, expected, actual)
    }

    /// The end of a test whose requirement did not hold.
    fn fail(&self, requirement: String, expected: Option<String>, actual: Option<String>) -> Stop {
        Stop::Fail(Box::new(self.finding(requirement, expected, actual)))
    }

    /// Records something promised that did not hold, and lets the test go on.
    fn deviate(&self, requirement: String, expected: Option<String>, actual: Option<String>) {
        let finding = self.finding(requirement, expected, actual);
        self.log().deviate(finding);
    }

    /// The same, of something that each answer may show: a test tells it once.
    fn deviate_once(&self, requirement: String, expected: Option<String>, actual: Option<String>) {
        if !self.log().has_deviated(&requirement) {
            self.deviate(requirement, expected, actual);
        }
    }
}

impl<E: Evidence + ?Sized> Evidence for &E {
    fn log(&self) -> &TestLog {
        (**self).log()
    }
    fn exchange(&self) -> Option<u32> {
        (**self).exchange()
    }
}

/// A value as a finding shows it: as JSON, cut to a length that a person reads.
#[doc(hidden)]
pub fn shown(value: &(impl Serialize + ?Sized)) -> String {
    const LENGTH: usize = 2000;
    let mut text = serde_json::to_string(value).unwrap_or_else(|error| error.to_string());
    if let Some((at, _)) = text.char_indices().nth(LENGTH) {
        text.truncate(at);
        text.push('…');
    }
    text
}

/// Ends the test as failed unless the condition holds: `require!(response, condition, "what is required")`.
#[macro_export]
macro_rules! require {
    ($evidence:expr, $condition:expr, $($requirement:tt)+) => {
        if !$condition {
            return Err($crate::Evidence::fail(&$evidence, format!($($requirement)+), None, None));
        }
    };
}

/// Ends the test as failed unless both are equal: `require_eq!(response, actual, expected, "what is required")`.
#[macro_export]
macro_rules! require_eq {
    ($evidence:expr, $actual:expr, $expected:expr, $($requirement:tt)+) => {{
        // A `match` keeps temporaries of both alive.
        match (&$actual, &$expected) {
            (actual, expected) if actual != expected => {
                return Err($crate::Evidence::fail(
                    &$evidence,
                    format!($($requirement)+),
                    Some($crate::__shown(expected)),
                    Some($crate::__shown(actual)),
                ));
            }
            _ => {}
        }
    }};
}

/// Records a deviation unless the condition holds: `expect!(response, condition, "what the documentation promises")`.
#[macro_export]
macro_rules! expect {
    ($evidence:expr, $condition:expr, $($requirement:tt)+) => {
        if !$condition {
            $crate::Evidence::deviate(&$evidence, format!($($requirement)+), None, None);
        }
    };
}

/// Records a deviation unless both are equal: `expect_eq!(response, actual, expected, "what is promised")`.
#[macro_export]
macro_rules! expect_eq {
    ($evidence:expr, $actual:expr, $expected:expr, $($requirement:tt)+) => {{
        match (&$actual, &$expected) {
            (actual, expected) if actual != expected => $crate::Evidence::deviate(
                &$evidence,
                format!($($requirement)+),
                Some($crate::__shown(expected)),
                Some($crate::__shown(actual)),
            ),
            _ => {}
        }
    }};
}
