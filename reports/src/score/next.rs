//! What stands in the way, and the way to yes.

use assay_guidelines::Guideline;
use assay_guidelines::model::State;

use super::waive;
use crate::record::{Lack, LackKind, Run};
use crate::report::{CapabilityReport, Obstacle, Outcome, TestReport, WaiverReport};

/// What to do about a test that no program decides.
const BY_A_PERSON: &str =
    "Let somebody state what holds, with author, date and link, in a file, and score again with `--attest FILE`.";

/// One obstacle for each blocking test, and for each required capability that no test can prove.
pub fn obstacles(
    capabilities: &[CapabilityReport],
    waivers: &[WaiverReport],
    guideline: &Guideline,
    target: &str,
    run: &Run,
) -> Vec<Obstacle> {
    let again = again(guideline, target, run);
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
                command: None,
                waived: false,
            });
        }
        for test in capability.tests.iter().filter(|test| test.blocks) {
            let (next, command) = match &run.source {
                _ if test.verdict == Outcome::Manual || test.stated.is_some() => (BY_A_PERSON.to_owned(), None),
                None => next(test, run, &again),
                Some(_) => next_elsewhere(test.verdict, &again),
            };
            obstacles.push(Obstacle {
                capability: capability.name.clone(),
                test: Some(test.name.clone()),
                id: Some(test.id.clone()),
                verdict: test.verdict,
                finding: test.failure.clone(),
                reason: reason(test),
                next,
                command,
                waived: waive::covers(waivers, test),
            });
        }
    }
    obstacles
}

/// The command that repeats a run under this guideline and target; for another tool's results, the one that scores them.
pub fn again(guideline: &Guideline, target: &str, run: &Run) -> String {
    if run.source.is_some() {
        let (results, id) = (quoted(&run.id), quoted(&guideline.id));
        return format!("assay score {results} --guideline {id} --target {}", quoted(target));
    }
    let deployment = deployment(run);
    let mut command =
        format!("assay run --guideline {} --target {} {deployment}", quoted(&guideline.id), quoted(target));
    for account in run.accounts.keys() {
        // The reference deployment brings its own accounts, which the command does not name.
        if let Some(name) = run.configuration.get(account).and_then(|name| name.as_str()) {
            command.push_str(&format!(" --{account} {}", quoted(name)));
        }
    }
    command
}

/// The option that names the deployment of a run.
fn deployment(run: &Run) -> String {
    match run.configuration.get("deployment").and_then(|file| file.as_str()) {
        Some(file) => format!("--deployment {}", quoted(file)),
        None => format!("--cloud {}", quoted(&run.deployment.name)),
    }
}

fn reason(test: &TestReport) -> String {
    let stated = test.reason.clone().or_else(|| {
        let failure = test.failure.as_ref()?;
        Some(format!("does not hold: {}", failure.requirement))
    });
    stated.unwrap_or_else(|| "the run gives no reason".to_owned())
}

/// What to do about a test, and the command to give then.
fn next(test: &TestReport, run: &Run, again: &str) -> (String, Option<String>) {
    let again = again.to_owned();
    match test.verdict {
        Outcome::Fail => {
            let failure = test.failure.as_ref();
            let change = match failure.and_then(|failure| failure.expected.as_ref()) {
                Some(expected) => format!("Make the API answer as expected ({expected})"),
                None => "Make the API keep the requirement".to_owned(),
            };
            let repeat = match failure.and_then(|failure| failure.curl.as_ref()) {
                Some(_) => ", try it with the curl line",
                None => "",
            };
            (format!("{change}{repeat}, and run again."), Some(again))
        }
        Outcome::Skip => {
            let (what, option) = provide(test.lacks.as_ref(), run);
            (format!("{what}, and run again."), Some(format!("{again}{option}")))
        }
        Outcome::Error => (
            "The path to the deployment broke, and not its answer: check address, network, proxy and certificates, and run again.".to_owned(),
            Some(format!("assay doctor {}", deployment(run))),
        ),
        Outcome::Timeout => (
            "See in the last exchange what the deployment was still doing, let it finish in time, and run again.".to_owned(),
            Some(again),
        ),
        Outcome::Interrupted | Outcome::NotRun => {
            ("Run again, to the end.".to_owned(), Some(again))
        }
        Outcome::Missing => (
            "Run the published test with the tool that has it, and score its results beside these.".to_owned(),
            None,
        ),
        Outcome::Pass | Outcome::Manual => (String::new(), None),
    }
}

/// What to do about a test that another tool ran, and the command to give then.
fn next_elsewhere(outcome: Outcome, again: &str) -> (String, Option<String>) {
    let what = match outcome {
        Outcome::Pass | Outcome::Manual => return (String::new(), None),
        Outcome::Fail => "Make the API do what the test asks, run the test again with the tool that made the results",
        Outcome::Skip => {
            "Provide what the reason names, or set the tool up for it, run the test again with the tool that made the results"
        }
        Outcome::Error | Outcome::Timeout => {
            "Find out with the tool that made the results whether the deployment or the tool is wrong, run the test again"
        }
        Outcome::Interrupted | Outcome::NotRun | Outcome::Missing => {
            "Run the test to its end with the tool that made the results"
        }
    };
    (format!("{what}, and score the new results."), Some(again.to_owned()))
}

/// What to do about what a skipped test lacks, and the option to add to the command.
fn provide(lacks: Option<&Lack>, run: &Run) -> (String, String) {
    const ASKED: &str = "which the target asks for";
    let Some(Lack { kind, service, name }) = lacks else {
        return (format!("Provide what the reason names, {ASKED}"), String::new());
    };
    let (service, name) = (service.as_deref().unwrap_or("named"), name.as_deref().unwrap_or("what the reason names"));
    let what = match kind {
        LackKind::Account => {
            let who = match name {
                "alt-cloud" => "a second member, of another project",
                "reseller-cloud" => "a reseller administrator",
                "spare-cloud" => "a spare account whose password may change",
                "domain-manager-cloud" => "the manager of a domain",
                "alt-domain-manager-cloud" => "the manager of another domain",
                _ => return ("Give an account that may do what the reason names".to_owned(), String::new()),
            };
            if run.accounts.get(name).copied().unwrap_or(false) {
                return (format!("Give another account with --{name}: {who}"), String::new());
            }
            return (format!("Give {who}, by its name in clouds.yaml"), format!(" --{name} NAME"));
        }
        LackKind::Service => format!("Provide the {service} service, {ASKED}"),
        LackKind::Extension => format!("Enable the extension `{name}` of the {service} service, {ASKED}"),
        LackKind::Microversion => format!("Offer the microversion {name} of the {service} service, {ASKED}"),
        LackKind::Machine => "List a machine that tests may change in the deployment file".to_owned(),
        LackKind::Feature => format!("Provide {name}, a feature of the {service} service or its machines, {ASKED}"),
        LackKind::Resource => format!("Offer the account what the reason names ({name})"),
        LackKind::Setting => format!("Set `{name}` as the reason says"),
        LackKind::Guest => "Make servers that can be logged in to, and see `--guest`".to_owned(),
        LackKind::Other => format!("Provide what the reason names, {ASKED}"),
    };
    (what, String::new())
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
