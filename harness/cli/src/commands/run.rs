//! `assay run`: run the tests of a target, record them, clean up, and score them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assay_guidelines::Loaded;
use assay_kit::Recorder;
use assay_kit::http::redact::Redactor;
use assay_reports::product;
use assay_reports::record::{GuidelineUsed, TestRecord, Verdict};
use assay_reports::{Format, InputFormat, RunFolder, waiver};
use assay_runner::{Filter, Outcome, Plan, Settings};
use chrono::Utc;
use clap::ValueEnum as _;
use indexmap::IndexMap;

use super::score::{Judged, judge};
use super::{registered, target};
use crate::accounts::Chosen;
use crate::args::{FaceFormat, RunArguments};
use crate::execution::{Execution, new_run_id, outlook, reachable, warn};
use crate::exit::{Code, Failure};
use crate::inputs::Runs;
use crate::output::{data, say};
use crate::reference::REFERENCE;

pub async fn run(arguments: RunArguments) -> Result<Code, Failure> {
    if let Some(profile) = &arguments.profile {
        return super::profile::run(&arguments, profile).await;
    }
    // Everything that can be wrong with the arguments is found before the deployment is touched.
    let guideline = arguments.guideline.as_deref().map(|id| arguments.guidelines.get(id)).transpose()?;
    let target = guideline.as_ref().map(|loaded| target(loaded, arguments.target.as_deref())).transpose()?;
    let product = arguments.product.as_deref().map(product::read).transpose().map_err(Failure::usage)?;
    if let Some(waivers) = &arguments.judging.waivers {
        waiver::read(waivers).map_err(Failure::usage)?;
    }
    let plan = plan(&arguments, guideline.as_ref(), target.as_deref())?;
    let chosen = arguments.clouds.choose().await?;
    if arguments.dry_run {
        return dry_run(&chosen, &plan).await;
    }

    let folder = new_folder(&arguments, &chosen.name)?;
    let mut execution = Execution::prepare(&chosen, folder.clone(), plan.tests.clone()).await?;
    let description = &mut execution.description;
    description.guideline = guideline.as_ref().map(used);
    description.target.clone_from(&target);
    description.product = product;
    description.configuration = configuration(&arguments);
    let settings =
        Settings { concurrency: usize::from(arguments.test_threads), timeout: Duration::from_secs(arguments.timeout) };
    let outcome = match arguments.format {
        None => execution.watched(settings).await?,
        // What it concludes is not what counts.
        Some(format) => execution.faced(settings, &plan.tests, face(format)).await?.0,
    };
    conclude(&arguments, &folder, guideline.as_ref(), target.as_deref(), &outcome)
}

fn face(format: FaceFormat) -> libtest_mimic::Arguments {
    libtest_mimic::Arguments {
        format: Some(match format {
            FaceFormat::Pretty => libtest_mimic::FormatSetting::Pretty,
            FaceFormat::Terse => libtest_mimic::FormatSetting::Terse,
            FaceFormat::Json => libtest_mimic::FormatSetting::Json,
        }),
        ..libtest_mimic::Arguments::default()
    }
}

fn plan(arguments: &RunArguments, guideline: Option<&Loaded>, target: Option<&str>) -> Result<Plan, Failure> {
    let filter = Filter { wanted: arguments.filter.clone(), skip: arguments.skip.clone(), exact: arguments.exact };
    let registered = registered()?;
    let mut plan = match (guideline, target) {
        (Some(loaded), Some(name)) => {
            let target = loaded.guideline.target(name).map_err(Failure::usage)?;
            Plan::of(&loaded.guideline, target, &registered, &filter).map_err(Failure::usage)?
        }
        _ => Plan::all(&registered, &filter),
    };
    if let Some(partition) = arguments.partition {
        plan.tests.retain(|test| partition.has(test.id));
    }
    if plan.tests.is_empty() {
        let of = target.map_or_else(String::new, |target| format!(" of target `{target}`"));
        let by =
            if arguments.filter.is_empty() { String::new() } else { format!(" `{}`", arguments.filter.join("`, `")) };
        return Err(Failure::nothing(format!("no test{of} matches{by}; `assay list` shows their ids")));
    }
    if !plan.missing.is_empty() {
        let count = plan.missing.len();
        say(&format!(
            "note: {count} tests of the target have no native implementation yet and will be reported as missing"
        ));
    }
    Ok(plan)
}

/// Scores the run, prints and writes its reports, and gives the exit status.
fn conclude(
    arguments: &RunArguments,
    folder: &RunFolder,
    guideline: Option<&Loaded>,
    target: Option<&str>,
    outcome: &Outcome,
) -> Result<Code, Failure> {
    let place = folder.path().display();
    let scored = guideline.zip(target).filter(|_| arguments.partition.is_none());
    let mut code = if let Some((loaded, target)) = scored {
        let runs = Runs::open(&[folder.path()], Some(InputFormat::Assay))?;
        let Judged { report, code } = judge(&runs, loaded, target, None, &arguments.judging, &arguments.guidelines)?;
        assay_reports::write_all(folder, &report).map_err(|error| Failure::usage(crate::exit::chain(&error)))?;
        let summary = assay_reports::render_text(&report, crate::output::style()).map_err(Failure::defect)?;
        print(arguments, &summary)?;
        say(&format!("report: {}", folder.report(Format::Html).display()));
        code
    } else {
        let why = match arguments.partition {
            Some(_) => "`assay score` takes all parts together",
            None => "nothing was scored, for want of --guideline",
        };
        let summary = format!("{}; {why}\n", counts(&outcome.records));
        print(arguments, &summary)?;
        say(&format!("records: {place}"));
        let good = outcome.records.iter().all(|record| matches!(record.verdict, Verdict::Pass | Verdict::Skip));
        if good { Code::Done } else { Code::NotConformant }
    };
    if !outcome.left_behind.is_empty() {
        say(&format!("left behind in the deployment; remove it with `assay sweep {place}`:"));
        outcome.left_behind.iter().for_each(|left| say(&format!("  {left}")));
        code = Code::LeftBehind;
    }
    if outcome.interrupted {
        code = Code::Interrupted;
    }
    Ok(code)
}

/// Prints the summary; in a format of the test runner, standard output is that one's own.
fn print(arguments: &RunArguments, summary: &str) -> Result<(), Failure> {
    if arguments.format.is_some() {
        say(summary);
        return Ok(());
    }
    data(summary)
}

/// How many tests came to what.
fn counts(records: &[TestRecord]) -> String {
    let all = [
        (Verdict::Pass, "passed"),
        (Verdict::Fail, "failed"),
        (Verdict::Error, "errors"),
        (Verdict::Skip, "skipped"),
        (Verdict::Timeout, "timed out"),
        (Verdict::Interrupted, "interrupted"),
    ];
    let counted = all.map(|(verdict, name)| (records.iter().filter(|record| record.verdict == verdict).count(), name));
    let counted: Vec<_> = counted
        .iter()
        .filter(|(count, name)| *count > 0 || *name == "passed")
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let deviating = records.iter().filter(|record| !record.deviations.is_empty()).count();
    let s = if records.len() == 1 { "" } else { "s" };
    format!("{} test{s}: {}, {deviating} with deviations", records.len(), counted.join(", "))
}

/// Says what a run would do.
async fn dry_run(chosen: &Chosen, plan: &Plan) -> Result<Code, Failure> {
    let recorder = Recorder::new(None, Redactor::default()).map_err(Failure::defect)?;
    let deployment = chosen.connect(&new_run_id(), &recorder).await?;
    reachable(&deployment)?;
    warn(&deployment, chosen, &recorder).await;
    let guests = outlook(&deployment, &recorder, &plan.tests).await;
    let mut text = String::new();
    let mut skipped = 0;
    for test in &plan.tests {
        let stop = test.needs.iter().find_map(|need| deployment.lacks(*need));
        skipped += usize::from(stop.is_some());
        let line = match stop {
            None => format!("run   {}\n", test.id),
            Some(stop) => format!("skip  {}: {stop}\n", test.id),
        };
        text.push_str(&line);
    }
    plan.missing.iter().for_each(|name| text.push_str(&format!("none  {name}: no native implementation yet\n")));
    data(&text)?;
    if let Some(guests) = guests {
        say(&format!("logging in to servers: {guests}"));
    }
    say(&format!(
        "would run {} tests against `{}` and skip {skipped}; what they create has a name that begins with the run's \
         (`assay-` and eight digits) and is removed after each test; nothing was changed",
        plan.tests.len() - skipped,
        chosen.name
    ));
    Ok(Code::Done)
}

/// The run's folder, which must not hold anything yet.
pub fn new_folder(arguments: &RunArguments, cloud: &str) -> Result<RunFolder, Failure> {
    let path = arguments.out.clone().unwrap_or_else(|| {
        let plain: String =
            cloud.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
        PathBuf::from("assay-runs").join(format!("{}-{plain}", Utc::now().format("%Y%m%dT%H%M%S%3fZ")))
    });
    let cannot = |error: std::io::Error| {
        Failure::usage(format!("cannot write {}: {error}; name another folder with --out", path.display()))
    };
    std::fs::create_dir_all(&path).map_err(cannot)?;
    if std::fs::read_dir(&path).map_err(cannot)?.next().is_some() {
        return Err(Failure::usage(format!("{} is not empty; name a new folder with --out", path.display())));
    }
    Ok(RunFolder::at(path))
}

fn used(loaded: &Loaded) -> GuidelineUsed {
    GuidelineUsed { id: loaded.guideline.id.clone(), sha256: loaded.sha256.clone() }
}

fn configuration(arguments: &RunArguments) -> IndexMap<String, serde_json::Value> {
    let clouds = &arguments.clouds;
    let name = |name: &Option<String>| serde_json::Value::from(name.clone());
    IndexMap::from([
        ("cloud".to_owned(), name(&clouds.cloud)),
        (
            "deployment".to_owned(),
            name(
                &clouds
                    .deployment
                    .as_deref()
                    .map(|file| if file == Path::new(REFERENCE) { REFERENCE.to_owned() } else { whole(file) }),
            ),
        ),
        ("alt-cloud".to_owned(), name(&clouds.alt_cloud)),
        ("reseller-cloud".to_owned(), name(&clouds.reseller_cloud)),
        ("spare-cloud".to_owned(), name(&clouds.spare_cloud)),
        (
            "guest".to_owned(),
            name(&clouds.guest.and_then(|guest| Some(guest.to_possible_value()?.get_name().to_owned()))),
        ),
        ("guest-user".to_owned(), name(&clouds.guest_user)),
        ("insecure".to_owned(), clouds.insecure.into()),
        ("test-threads".to_owned(), arguments.test_threads.into()),
        ("timeout".to_owned(), arguments.timeout.into()),
        ("request-timeout".to_owned(), clouds.request_timeout.into()),
        ("strict".to_owned(), arguments.judging.strict.into()),
    ])
}

/// A path that holds from every folder, as far as it can be found out.
fn whole(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// The UUIDs of the tests that Assay implements.
pub fn native() -> Result<BTreeSet<String>, Failure> {
    Ok(registered()?.into_iter().map(|test| test.covers.to_owned()).collect())
}
