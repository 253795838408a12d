//! Each conformance test as a test of `cargo test` and `cargo nextest run`.
//!
//! Those of a cloud run against the embedded reference deployment, or the cloud that `ASSAY_CLOUD` names, with the accounts
//! that `ASSAY_ALT_CLOUD`, `ASSAY_RESELLER_CLOUD`, `ASSAY_SPARE_CLOUD`, `ASSAY_DOMAIN_MANAGER_CLOUD` and
//! `ASSAY_ALT_DOMAIN_MANAGER_CLOUD` name. Those of bare metal run against the reference deployment's, or the one in the deployment
//! file that `ASSAY_DEPLOYMENT` names.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use assay_kit::{ConformanceTest, Need, Service};
use assay_reports::RunFolder;
use assay_runner::Settings;
use libtest_mimic::Arguments;

use crate::arguments::clouds::CloudArguments;
use crate::execution::Execution;
use crate::exit::Failure;
use crate::face::trial;
use crate::output::{complain, say};
use crate::reference::REFERENCE;
use crate::registry::registered;
use crate::runtime::wait;

/// How many tests run at the same time, unless the arguments say so.
const CONCURRENCY: usize = 8;
/// After how long a test is given up.
const TIMEOUT: Duration = Duration::from_secs(1200);

/// What is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Clouds, whatever programme they take part in.
    Clouds,
    /// Bare metal.
    Metal,
}

impl Of {
    /// Whether a test belongs to it.
    fn has(self, test: &ConformanceTest) -> bool {
        let metal = |need: &Need| matches!(need.service(), Some(Service::BareMetal | Service::Redfish));
        test.programme().is_none() && test.needs.iter().any(metal) == (self == Self::Metal)
    }
}

/// Runs the tests of one kind that the arguments of this process select; the evidence goes to an empty folder.
///
/// It fails when a test is no pass, and when a test left something behind. A skipped test is shown as ignored.
#[must_use]
pub fn main(of: Of, folder: &Path) -> ExitCode {
    match run(of, Arguments::from_args(), folder) {
        Ok(code) => code,
        Err(failure) => {
            complain(&failure.message);
            failure.code.into()
        }
    }
}

fn run(of: Of, arguments: Arguments, folder: &Path) -> Result<ExitCode, Failure> {
    let mut registered = registered()?;
    registered.retain(|test| of.has(test));
    let mut tests = registered.clone();
    tests.retain(|test| !arguments.is_filtered_out(&trial(test, || Err("only asked for its name".into()))));
    // Neither a list nor an empty selection is worth a login.
    if arguments.list || tests.is_empty() {
        let trials = registered.iter().map(|test| trial(test, || Err("the filters select it after all".into())));
        return Ok(libtest_mimic::run(&arguments, trials.collect()).exit_code());
    }
    let settings = Settings { concurrency: arguments.test_threads.unwrap_or(CONCURRENCY), timeout: TIMEOUT };
    let (outcome, conclusion) = wait(async {
        let chosen = deployment(of).choose().await?;
        let execution = Execution::prepare(&chosen, RunFolder::at(folder), tests).await?;
        execution.faced(settings, &registered, arguments).await
    })?;
    outcome.left_behind.iter().for_each(|left| say(&format!("left behind in the deployment: {left}")));
    let good = outcome.left_behind.is_empty() && !outcome.interrupted;
    Ok(if good { conclusion.exit_code() } else { ExitCode::FAILURE })
}

/// The deployment that the environment names.
fn deployment(of: Of) -> CloudArguments {
    let named = |variable: &str| std::env::var(variable).ok().filter(|name| !name.is_empty());
    let or_reference = |variable: &str| named(variable).unwrap_or_else(|| REFERENCE.to_owned());
    if of == Of::Metal {
        let file = or_reference("ASSAY_DEPLOYMENT").into();
        return CloudArguments { deployment: Some(file), ..CloudArguments::default() };
    }
    CloudArguments {
        cloud: Some(or_reference("ASSAY_CLOUD")),
        alt_cloud: named("ASSAY_ALT_CLOUD"),
        reseller_cloud: named("ASSAY_RESELLER_CLOUD"),
        spare_cloud: named("ASSAY_SPARE_CLOUD"),
        domain_manager_cloud: named("ASSAY_DOMAIN_MANAGER_CLOUD"),
        alt_domain_manager_cloud: named("ASSAY_ALT_DOMAIN_MANAGER_CLOUD"),
        ..CloudArguments::default()
    }
}
