//! `assay run`: run the tests of a target, record them, clean up, and score them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use assay_guidelines::catalogue::Source;
use assay_guidelines::{Guideline, Loaded};
use assay_kit::http::redact::Redactor;
use assay_kit::image_spec::ImageSpec;
use assay_kit::{Deployment, Recorder};
use assay_reports::product;
use assay_reports::record::{GuidelineUsed, TestRecord, Verdict};
use assay_reports::{Format, RunFolder, report_file};
use assay_runner::plan::Partition;
use assay_runner::{Filter, Outcome, Plan, Settings};
use clap::{Args, ValueEnum};
use indexmap::IndexMap;

use crate::accounts::Chosen;
use crate::arguments::clouds::{CloudArguments, whole};
use crate::arguments::guideline::{GuidelineArguments, target};
use crate::arguments::judging::{Judged, JudgingArguments};
use crate::execution::{Execution, log_out, new_run_id, probe, reachable, warn};
use crate::exit::{Code, Failure, chain};
use crate::folder::{new_folder, seal};
use crate::inputs::just_made;
use crate::output::{data, say, style, without_secrets};
use crate::reference::REFERENCE;
use crate::registry::registered;

/// `assay run`.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// What a command of its own does now.
    #[arg(long, hide = true, value_name = "FILE")]
    pub profile: Option<PathBuf>,
    /// Run only tests whose id contains one of these, such as `identity.tokens`.
    #[arg(value_name = "FILTER")]
    pub filter: Vec<String>,
    /// The guideline: `family/version`, `family/latest`, or a file. Without one, every test runs and nothing is scored.
    #[arg(long, value_name = "ID")]
    pub guideline: Option<String>,
    /// The target within the guideline, such as `storage`.
    #[arg(long, value_name = "NAME", requires = "guideline")]
    pub target: Option<String>,
    /// The deployment and the accounts.
    #[command(flatten)]
    pub clouds: CloudArguments,
    /// What the vendor says of the product: a YAML file that the reports show.
    #[arg(long, value_name = "FILE")]
    pub product: Option<PathBuf>,
    /// The run's folder, which must be new or empty; `assay-runs/<time>-<cloud>` unless given.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Log in, look around, and say what would be run, skipped and created; change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Leave out tests whose id contains this.
    #[arg(long, value_name = "FILTER")]
    pub skip: Vec<String>,
    /// Filters are whole ids.
    #[arg(long)]
    pub exact: bool,
    /// Run one part of the selected tests, so that several machines share them: `hash:1/4` is the first of four parts. `assay
    /// score` takes the parts together.
    #[arg(long, value_name = "hash:K/N")]
    pub partition: Option<Partition>,
    /// How many tests run at the same time.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub test_threads: u16,
    /// After how many seconds a test is given up.
    #[arg(long, value_name = "SECONDS", default_value_t = 1200, value_parser = clap::value_parser!(u64).range(1..=86400))]
    pub timeout: u64,
    /// Print each test as the test runner of Rust does, instead of showing progress.
    #[arg(long, value_enum)]
    pub format: Option<FaceFormat>,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
    /// How the run is judged.
    #[command(flatten)]
    pub judging: JudgingArguments,
}

/// The formats of Rust's test runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FaceFormat {
    /// A line for each test.
    Pretty,
    /// A character for each test.
    Terse,
    /// A JSON object for each event.
    Json,
}

pub async fn run(arguments: RunArguments) -> Result<Code, Failure> {
    if arguments.profile.is_some() {
        return Err(Failure::usage("profiles have a command of their own: `assay profile run FILE --deployment FILE`"));
    }
    // Everything that can be wrong with the arguments is found before the deployment is touched.
    let guideline = arguments.guideline.as_deref().map(|id| arguments.guidelines.get(id)).transpose()?;
    let target = guideline.as_ref().map(|loaded| target(loaded, arguments.target.as_deref())).transpose()?;
    let product = arguments.product.as_deref().map(product::read).transpose().map_err(Failure::usage)?;
    arguments.judging.read()?;
    let plan = plan(&arguments, guideline.as_ref(), target.as_deref())?;
    let chosen = arguments.clouds.choose().await?;
    if arguments.dry_run {
        return dry_run(&chosen, &plan).await;
    }

    let folder = new_folder(arguments.out.as_deref(), &chosen.name)?;
    let mut execution = Execution::prepare(&chosen, folder.clone(), plan.tests.clone()).await?;
    let description = &mut execution.description;
    description.guideline = guideline.as_ref().map(used);
    description.target.clone_from(&target);
    description.product = product;
    description.configuration.extend(configuration(&arguments));
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
    let manual = plan.manual.len();
    if manual > 0 && arguments.judging.attest.is_none() {
        say(&format!(
            "note: {manual} tests of the target are decided by people: give their statements with --attest FILE"
        ));
    }
    if let (Some(loaded), Some(name)) = (guideline, target) {
        of_images(arguments, &loaded.guideline, name);
    }
    Ok(plan)
}

/// Says where the specification of images is not what the guideline asks with, or has more than its tests ask for.
fn of_images(arguments: &RunArguments, guideline: &Guideline, target: &str) {
    let spec = arguments.clouds.image_spec.as_deref().and_then(|spec| ImageSpec::read(spec).ok());
    if let Some(spec) = spec {
        let unasked = spec.unasked();
        if !unasked.is_empty() {
            say(&format!("note: no test asks for these images of the specification: {}", unasked.join(", ")));
        }
        return;
    }
    let components = guideline.targets.get(target).into_iter().flat_map(|target| &target.components);
    let asked = components.filter_map(|name| guideline.components.get(name)?.parameters.get("image_spec"));
    for address in asked.collect::<BTreeSet<_>>() {
        if address.rsplit('/').next().and_then(ImageSpec::published).is_none() {
            say(&format!(
                "note: the guideline asks with the specification of images at {address}, which Assay does not know: get it, and give \
                 it with --image-spec FILE"
            ));
        }
    }
}

/// Scores the run, prints and writes its reports, and gives the exit status.
fn conclude(
    arguments: &RunArguments,
    folder: &RunFolder,
    guideline: Option<&Loaded>,
    target: Option<&str>,
    outcome: &Outcome,
) -> Result<Code, Failure> {
    seal(folder)?;
    let place = folder.path().display();
    let scored = guideline.zip(target).filter(|_| arguments.partition.is_none());
    let mut code = if let Some((loaded, target)) = scored {
        let runs = just_made(folder)?;
        let Judged { report, code } = arguments.judging.judge(&runs, loaded, target, None, &arguments.guidelines)?;
        assay_reports::write_all(folder, &report).map_err(|error| Failure::usage(chain(&error)))?;
        let summary = assay_reports::render_text(&report, style()).map_err(Failure::defect)?;
        print(arguments, &summary)?;
        say(&format!("report: {}", report_file(folder, Format::Html).display()));
        // What a folder names is not opened.
        if let Source::Path(file) = &loaded.source {
            say(&format!("to score it again, name the guideline: assay score {place} --guideline {}", file.display()));
        }
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
    without_secrets(recorder.redactor());
    let deployment = chosen.connect(&new_run_id(), &recorder).await?;
    let code = said(chosen, plan, &deployment, &recorder).await;
    log_out(&deployment, &recorder).await;
    code
}

/// Prints which tests would run, and why others would not.
async fn said(
    chosen: &Chosen,
    plan: &Plan,
    deployment: &Arc<Deployment>,
    recorder: &Arc<Recorder>,
) -> Result<Code, Failure> {
    reachable(deployment)?;
    warn(deployment, chosen, recorder).await;
    let guests = probe(deployment, recorder, &plan.tests).await;
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
    plan.manual.iter().for_each(|name| text.push_str(&format!("none  {name}: a person decides it\n")));
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
        ("domain-manager-cloud".to_owned(), name(&clouds.domain_manager_cloud)),
        ("alt-domain-manager-cloud".to_owned(), name(&clouds.alt_domain_manager_cloud)),
        (
            "guest".to_owned(),
            name(&clouds.guest.and_then(|guest| Some(guest.to_possible_value()?.get_name().to_owned()))),
        ),
        ("guest-user".to_owned(), name(&clouds.guest_user)),
        ("image-spec".to_owned(), name(&clouds.image_spec.as_deref().map(|spec| spec.display().to_string()))),
        ("insecure".to_owned(), clouds.connection.insecure.into()),
        ("allow-cleartext".to_owned(), clouds.connection.allow_cleartext.into()),
        ("test-threads".to_owned(), arguments.test_threads.into()),
        ("timeout".to_owned(), arguments.timeout.into()),
        ("request-timeout".to_owned(), clouds.connection.request_timeout.into()),
        ("cleanup-timeout".to_owned(), clouds.cleanup_timeout.into()),
        ("strict".to_owned(), arguments.judging.strict.into()),
    ])
}
