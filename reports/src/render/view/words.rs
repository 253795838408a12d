//! The words and colours for outcomes, verdicts, states and rules.

use assay_guidelines::model::{Rule, State};

use crate::report::{CapabilityVerdict, Outcome};

/// The name of the place where the test of this number stands, counted over all capabilities from 1.
pub fn anchor(number: usize) -> String {
    format!("test-{number}")
}

/// The name that colours an outcome.
pub fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::Skip => "skip",
        Outcome::Error | Outcome::Timeout | Outcome::Interrupted => "error",
        Outcome::NotRun | Outcome::Missing | Outcome::Manual => "missing",
    }
}

/// The name and the colour of a capability's verdict.
pub fn capability_verdict(verdict: CapabilityVerdict) -> (&'static str, &'static str) {
    match verdict {
        CapabilityVerdict::Met => ("met", "pass"),
        CapabilityVerdict::MetWithFlags => ("met with flags", "flagged"),
        CapabilityVerdict::MetWithSkips => ("met with skips", "skip"),
        CapabilityVerdict::Unmet => ("unmet", "fail"),
        CapabilityVerdict::Unknown => ("unknown", "missing"),
    }
}

/// The name of a state.
pub fn state(state: State) -> &'static str {
    match state {
        State::Required => "required",
        State::Advisory => "advisory",
        State::Deprecated => "deprecated",
        State::Removed => "removed",
    }
}

/// What a rule asks for, in one line.
pub fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::AllRequiredPass => "every required test passes, unless flagged; a skip counts as not met",
        Rule::AbortedFails => "every required test passes, unless flagged; a skip or an error counts as not met",
        Rule::NoFailures => "no required test fails, unless flagged; a skip does not count against a capability",
    }
}
