//! The exit statuses of the command: a stable promise to scripts.

use std::process::ExitCode;

use assay_text::visible_line;

/// An exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Code {
    /// 0: conformant, or done.
    Done = 0,
    /// 1: not conformant, or not shown to be; of a guideline, that it breaks a rule.
    NotConformant = 1,
    /// 2: bad usage, or an input file that is wrong.
    Usage = 2,
    /// 3: the deployment cannot be reached or logged in to.
    Unreachable = 3,
    /// 4: nothing was selected.
    Nothing = 4,
    /// 5: something was left behind in the deployment.
    LeftBehind = 5,
    /// 70: a defect of Assay.
    Defect = 70,
    /// 130: interrupted by the user.
    Interrupted = 130,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// Why a command ends early: what it says, and its exit status.
#[derive(Debug)]
pub struct Failure {
    /// The exit status.
    pub code: Code,
    /// What is wrong, where, and what to do.
    pub message: String,
}

impl Failure {
    /// Bad usage, or an input file that is wrong.
    pub fn usage(message: impl ToString) -> Self {
        Self { code: Code::Usage, message: message.to_string() }
    }

    /// The deployment cannot be reached or logged in to.
    pub fn unreachable(message: impl ToString) -> Self {
        // It repeats what a deployment says, which must not look like more than one line of ours.
        Self { code: Code::Unreachable, message: visible_line(&message.to_string()) }
    }

    /// Nothing was selected.
    pub fn nothing(message: impl ToString) -> Self {
        Self { code: Code::Nothing, message: message.to_string() }
    }

    /// A defect of Assay.
    pub fn defect(message: impl ToString) -> Self {
        Self { code: Code::Defect, message: format!("a defect of Assay: {}", message.to_string()) }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<assay_runner::RunError> for Failure {
    fn from(error: assay_runner::RunError) -> Self {
        Self::usage(error)
    }
}

impl From<assay_kit::EmptyRegistry> for Failure {
    fn from(error: assay_kit::EmptyRegistry) -> Self {
        Self::defect(error)
    }
}

/// An error with its causes, on one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let text = error.to_string();
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        next = error.source();
    }
    line
}
