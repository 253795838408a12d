//! `assay run`: run the tests of a target, record them, clean up, and score them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use assay_guidelines::Loaded;
use assay_kit::deployment::Found;
use assay_kit::http::redact::Redactor;
use assay_kit::{ConformanceTest, Deployment, Recorder, Role, Service};
use assay_reports::product::Product;
use assay_reports::record::{self, GuidelineUsed, Run, TestRecord, Verdict};
use assay_reports::{Format, RunFolder, waiver};
use assay_runner::{Filter, Job, Observer, Outcome, Plan, Settings};
use chrono::Utc;
use indexmap::IndexMap;
use tokio::sync::watch;

use super::score::{Judged, judge};
use super::{new_run_id, registered, target};
use crate::accounts::{Chosen, REFERENCE};
use crate::args::{FaceFormat, RunArguments};
use crate::exit::{Code, Failure};
use crate::face::Face;
use crate::output::{data, say};
use crate::progress::Progress;

pub async fn run(arguments: RunArguments) -> Result<Code, Failure> {
    // Everything that can be wrong with the arguments is found before the deployment is touched.
    let guideline = arguments.guideline.as_deref().map(|id| arguments.guidelines.get(id)).transpose()?;
    let target = guideline.as_ref().map(|loaded| target(loaded, arguments.target.as_deref())).transpose()?;
    let product = arguments.product.as_deref().map(Product::read).transpose().map_err(Failure::usage)?;
    if let Some(waivers) = &arguments.judging.waivers {
        waiver::read(waivers).map_err(Failure::usage)?;
    }
    let plan = plan(&arguments, guideline.as_ref(), target.as_deref())?;
    let chosen = arguments.clouds.choose().await?;
    let run_id = new_run_id();
    if arguments.dry_run {
        return dry_run(&chosen, &run_id, &plan).await;
    }

    let folder = new_folder(&arguments, &chosen.name)?;
    let redactor = Redactor::default();
    let recorder = Recorder::new(Some(folder.path()), redactor.clone()).map_err(|error| {
        Failure::usage(format!("cannot write {}: {error}; name another folder with --out", folder.path().display()))
    })?;
    let deployment = chosen.connect(&run_id, &recorder).await?;
    warn(&deployment, &chosen, &recorder).await;
    let mut description = describe(&chosen, &deployment, &recorder, &run_id).await?;
    description.guideline = guideline.as_ref().map(used);
    description.target.clone_from(&target);
    description.product = product;
    description.configuration = configuration(&arguments);
    description.argv = std::env::args().map(|argument| redactor.text(&argument)).collect();
    description.selected = plan.tests.iter().map(|test| test.id.to_owned()).collect();

    let stopping = stop_on_signals(folder.path());
    let job = Job {
        deployment: &deployment,
        recorder: &recorder,
        folder: &folder,
        tests: &plan.tests,
        settings: Settings {
            concurrency: usize::from(arguments.test_threads),
            timeout: Duration::from_secs(arguments.timeout),
        },
        stopping,
    };
    let outcome = go(job, description, &plan.tests, arguments.format).await?;
    conclude(&arguments, &folder, guideline.as_ref(), target.as_deref(), &outcome)
}

fn plan(arguments: &RunArguments, guideline: Option<&Loaded>, target: Option<&str>) -> Result<Plan, Failure> {
    let filter = Filter { wanted: arguments.filter.clone(), skip: arguments.skip.clone(), exact: arguments.exact };
    let registered = registered()?;
    let plan = match (guideline, target) {
        (Some(loaded), Some(name)) => {
            let target = loaded.guideline.target(name).map_err(Failure::usage)?;
            Plan::of(&loaded.guideline, target, &registered, &filter)
        }
        _ => Plan::all(&registered, &filter),
    };
    if plan.tests.is_empty() {
        let of = target.map_or_else(String::new, |target| format!(" of target `{target}`"));
        return Err(Failure::nothing(format!("no test{of} matches; `assay list` shows their ids")));
    }
    if !plan.missing.is_empty() {
        let count = plan.missing.len();
        say(&format!(
            "note: {count} tests of the target have no native implementation yet and will be reported as missing"
        ));
    }
    Ok(plan)
}

/// Runs the tests behind the chosen face.
async fn go(
    job: Job<'_>,
    description: Run,
    tests: &[&'static ConformanceTest],
    format: Option<FaceFormat>,
) -> Result<Outcome, Failure> {
    let Some(format) = format else {
        let mut progress = Progress::new(tests.len());
        let outcome = assay_runner::run(job, description, &mut progress).await;
        progress.end();
        return Ok(outcome?);
    };
    let arguments = libtest_mimic::Arguments {
        format: Some(match format {
            FaceFormat::Pretty => libtest_mimic::FormatSetting::Pretty,
            FaceFormat::Terse => libtest_mimic::FormatSetting::Terse,
            FaceFormat::Json => libtest_mimic::FormatSetting::Json,
        }),
        ..libtest_mimic::Arguments::default()
    };
    let (mut face, shown) = Face::show(tests, arguments);
    let outcome = assay_runner::run(job, description, &mut face as &mut dyn Observer).await;
    // Trials that still wait learn that nothing comes.
    drop(face);
    // Its own conclusion is not what counts.
    let _ = tokio::task::spawn_blocking(move || shown.join()).await;
    Ok(outcome?)
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
    let mut code = if let (Some(loaded), Some(target)) = (guideline, target) {
        let Judged { report, code } = judge(folder, loaded, target, None, &arguments.judging, &arguments.guidelines)?;
        assay_reports::write_all(folder, &report).map_err(|error| Failure::usage(crate::exit::chain(&error)))?;
        let summary = assay_reports::render_text(&report, crate::output::style()).map_err(Failure::defect)?;
        print(arguments, &summary)?;
        say(&format!("report: {}", folder.report(Format::Html).display()));
        code
    } else {
        let summary = format!("{}; nothing was scored, for want of --guideline\n", counts(&outcome.records));
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
    format!("{} tests: {}, {deviating} with deviations", records.len(), counted.join(", "))
}

/// Says what a run would do.
async fn dry_run(chosen: &Chosen, run_id: &str, plan: &Plan) -> Result<Code, Failure> {
    let recorder = Recorder::new(None, Redactor::default()).map_err(Failure::defect)?;
    let deployment = chosen.connect(run_id, &recorder).await?;
    warn(&deployment, chosen, &recorder).await;
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
    say(&format!(
        "would run {} tests against `{}` and skip {skipped}; what they create has a name that begins with the run's \
         (`assay-` and eight digits) and is removed after each test; nothing was changed",
        plan.tests.len() - skipped,
        chosen.name
    ));
    Ok(Code::Done)
}

/// The run's folder, which must not hold anything yet.
fn new_folder(arguments: &RunArguments, cloud: &str) -> Result<RunFolder, Failure> {
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

/// Says what should not be so although tests can run.
async fn warn(deployment: &Arc<Deployment>, chosen: &Chosen, recorder: &Arc<Recorder>) {
    let log = recorder.log("start");
    for (role, cloud) in &chosen.clouds {
        let Ok(session) = deployment.session(*role) else { continue };
        let Ok(login) = session.login(&log).await else { continue };
        if *role == Role::Member && login.roles.iter().any(|name| name == "admin") {
            say(&format!("warning: `{}` is an administrator; a plain member is what guidelines are about", cloud.name));
        }
        if login.project_id.is_none() {
            say(&format!("warning: the token of `{}` has no project; name one in clouds.yaml", cloud.name));
        }
        if cloud.tls.insecure {
            say(&format!("warning: the certificates of `{}` are not verified", cloud.name));
        }
    }
}

fn used(loaded: &Loaded) -> GuidelineUsed {
    GuidelineUsed { id: loaded.guideline.id.clone(), sha256: loaded.sha256.clone() }
}

/// The description of a run, without what its arguments add.
async fn describe(
    chosen: &Chosen,
    deployment: &Arc<Deployment>,
    recorder: &Arc<Recorder>,
    run_id: &str,
) -> Result<Run, Failure> {
    let member = &chosen.clouds[0].1;
    let (mut endpoints, mut versions) = (IndexMap::new(), IndexMap::new());
    for service in Service::ALL {
        if let Found::Ready { api, version, .. } = deployment.service(service) {
            endpoints.insert(service.to_string(), api.clone());
            if !version.is_empty() {
                versions.insert(service.to_string(), version.clone());
            }
        }
    }
    let accounts = Role::ALL.into_iter().skip(1).map(|role| {
        let given = deployment.roles().any(|there| there == role);
        (role.option().trim_start_matches("--").to_owned(), given)
    });
    // The login is remembered: this asks nobody.
    let session = deployment.session(Role::Member).map_err(Failure::defect)?;
    let region = session.login(&recorder.log("start")).await.ok().and_then(|login| {
        let found = login.catalog.find(Service::Identity, &member.interface, None).ok();
        member.region.clone().or_else(|| found.map(|endpoint| endpoint.region.clone()))
    });
    Ok(Run {
        schema: record::SCHEMA.to_owned(),
        id: run_id.to_owned(),
        started: Utc::now(),
        finished: None,
        assay: env!("CARGO_PKG_VERSION").to_owned(),
        guideline: None,
        target: None,
        deployment: record::Deployment {
            name: chosen.name.clone(),
            reference: chosen.name == REFERENCE,
            auth_url: member.auth_url.clone(),
            region,
            endpoints,
            versions,
            tls_verified: chosen.clouds.iter().all(|(_, cloud)| !cloud.tls.insecure),
        },
        product: None,
        accounts: accounts.collect(),
        configuration: IndexMap::new(),
        argv: Vec::new(),
        selected: Vec::new(),
    })
}

fn configuration(arguments: &RunArguments) -> IndexMap<String, serde_json::Value> {
    let clouds = &arguments.clouds;
    let name = |name: &Option<String>| serde_json::Value::from(name.clone());
    IndexMap::from([
        ("cloud".to_owned(), name(&clouds.cloud)),
        ("alt-cloud".to_owned(), name(&clouds.alt_cloud)),
        ("reseller-cloud".to_owned(), name(&clouds.reseller_cloud)),
        ("spare-cloud".to_owned(), name(&clouds.spare_cloud)),
        ("insecure".to_owned(), clouds.insecure.into()),
        ("test-threads".to_owned(), arguments.test_threads.into()),
        ("timeout".to_owned(), arguments.timeout.into()),
        ("strict".to_owned(), arguments.judging.strict.into()),
    ])
}

/// Stops the run on ctrl-C or a request to end; at the second time the process ends at once.
fn stop_on_signals(folder: &Path) -> watch::Receiver<bool> {
    let (send, receive) = watch::channel(false);
    let folder = folder.display().to_string();
    tokio::spawn(async move {
        signal().await;
        say("stopping: tests under way are broken off and cleaned up; once more ends at once");
        let _ = send.send(true);
        signal().await;
        say(&format!("ended without cleaning up; `assay sweep {folder}` removes what is left"));
        #[expect(clippy::exit, reason = "the user does not want to wait for anything any more")]
        std::process::exit(Code::Interrupted as i32);
    });
    receive
}

/// Waits for ctrl-C or a request to end.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// The UUIDs of the tests that Assay implements.
pub fn native() -> Result<BTreeSet<String>, Failure> {
    Ok(registered()?.into_iter().map(|test| test.covers.to_owned()).collect())
}
