//! What stands in the way, and the way to yes.

use assay_guidelines::Guideline;
use assay_guidelines::model::State;

use super::waive;
use crate::record::Run;
use crate::report::{CapabilityReport, Obstacle, Outcome, TestReport, WaiverReport};

/// One obstacle for each blocking test, and for each required capability that no test can prove.
pub fn obstacles(
    capabilities: &[CapabilityReport],
    waivers: &[WaiverReport],
    guideline: &Guideline,
    target: &str,
    run: &Run,
) -> Vec<Obstacle> {
    let again = format!(
        "assay run --guideline {} --target {target} --cloud {}",
        guideline.id,
        quoted(&run.deployment.name)
    );
    let mut obstacles = Vec::new();
    for capability in capabilities {
        if capability.status == State::Required && capability.tests.is_empty() {
            obstacles.push(Obstacle {
                capability: capability.name.clone(),
                test: None,
                id: None,
                verdict: Outcome::Missing,
                finding: None,
                reason: "the guideline names no test for this capability".to_owned(),
                next: format!("Ask the keepers of {} to name a test for it.", guideline.id),
                waived: false,
            });
        }
        for test in capability.tests.iter().filter(|test| test.blocks) {
            obstacles.push(Obstacle {
                capability: capability.name.clone(),
                test: Some(test.name.clone()),
                id: Some(test.id.clone()),
                verdict: test.verdict,
                finding: test.failure.clone(),
                reason: reason(test),
                next: next(test, run, &again),
                waived: waive::covers(waivers, test),
            });
        }
    }
    obstacles
}

fn reason(test: &TestReport) -> String {
    let stated = test.reason.clone().or_else(|| {
        let failure = test.failure.as_ref()?;
        Some(format!("does not hold: {}", failure.requirement))
    });
    stated.unwrap_or_else(|| "the run gives no reason".to_owned())
}

fn next(test: &TestReport, run: &Run, again: &str) -> String {
    match test.verdict {
        Outcome::Fail => {
            let expected = test.failure.as_ref().and_then(|failure| {
                let expected = failure.expected.as_deref()?;
                Some(format!("Make the API answer with {expected}"))
            });
            let repeat = match test.failure.as_ref().and_then(|failure| failure.curl.as_ref()) {
                Some(_) => "repeat the request with the curl line, then run again",
                None => "then run again",
            };
            let change = expected.unwrap_or_else(|| "Make the API keep the requirement".to_owned());
            format!("{change}; {repeat}: {again}")
        }
        Outcome::Skip => match account_lacking(test, run) {
            Some((option, what)) => format!("Give {what}: {again} --{option} NAME"),
            None => format!(
                "Provide what the reason names (a service, an extension or a microversion); without it the product lacks what the target asks for. Then run again: {again}"
            ),
        },
        Outcome::Error => format!(
            "The path to the deployment broke, not the deployment's answer: check its address, network, proxy and certificates with `assay doctor --cloud {}`, then run again: {again}",
            quoted(&run.deployment.name)
        ),
        Outcome::Timeout => format!(
            "Find out from the last exchange what the deployment was still doing, then run again: {again}"
        ),
        Outcome::Interrupted | Outcome::NotRun => format!("Run again, to the end: {again}"),
        Outcome::Missing => {
            "Run the published test with the tool that has it, and score its results with `assay score`.".to_owned()
        }
        Outcome::Pass => String::new(),
    }
}

/// The account that a skipped test lacks, when the run was not given it and the reason speaks of it.
fn account_lacking(test: &TestReport, run: &Run) -> Option<(&'static str, &'static str)> {
    let reason = test.reason.as_deref()?.to_lowercase();
    let words: Vec<_> = reason.split(|c: char| !c.is_alphanumeric()).collect();
    [
        ("alt-cloud", "alt", "a second member"),
        ("reseller-cloud", "reseller", "a reseller administrator"),
        (
            "spare-cloud",
            "spare",
            "a spare account whose password may change",
        ),
    ]
    .into_iter()
    .find(|(option, word, _)| {
        words.contains(word) && !run.accounts.get(*option).copied().unwrap_or(false)
    })
    .map(|(option, _, what)| (option, what))
}

/// A name as a shell takes it for one word, whatever is in it: it comes from a file that anyone may have written.
fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
    if !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}
