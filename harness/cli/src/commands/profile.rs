//! `assay profile`: Redfish services held against interoperability profiles.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use assay_guidelines::Errors;
use assay_guidelines::profile::{self, ProfileSet};
use assay_kit::deployment::Found;
use assay_kit::metal::Redfish;
use assay_kit::{Recorder, Role};
use assay_reports::profile::{
    Crawl, Fetched, Limits, ProfileReport, ProfileVerdict, ServiceDescription, evaluate, keep, kept, records,
};
use assay_reports::record::TestRecord;
use assay_reports::record::writing;
use assay_reports::{Format, InputFormat, RunFolder, Weight, intake, profile_file_name, render_profile, write_profile};
use chrono::Utc;
use clap::{Args, Subcommand};

use crate::arguments::clouds::{CloudArguments, ConnectionArguments};
use crate::execution::{Execution, log_out};
use crate::exit::{Code, Failure, chain};
use crate::folder::{new_folder, own_folder, seal};
use crate::inputs::vouched;
use crate::output::{data, json_text, say, style};
use crate::runtime::wait;
use crate::signals::{Order, Stopping};

/// After so many requests in a row without an answer, a service is not asked any more.
const SILENT: usize = 3;

/// `assay profile`.
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// Hold the Redfish services of a deployment against a profile
    ///
    /// Everything that the services link to is read once; nothing is changed.
    ///
    ///   assay profile run `OpenStackIronicProfile.v1_2_0.json` --deployment rack-7.yaml
    #[command(verbatim_doc_comment)]
    Run(RunArguments),
    /// Hold what a run has read against a profile, the same one or another
    ///
    ///   assay profile score `OCPServerHardwareManagement.v1_1_0.json` assay-runs/20261129-1200-rack-7
    #[command(verbatim_doc_comment)]
    Score(ScoreArguments),
}

/// `assay profile run`.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// The profile (DSP0272): a JSON file, with the profiles that it requires beside it.
    #[arg(value_name = "PROFILE")]
    pub profile: PathBuf,
    /// The deployment: a YAML file that names its Redfish services (`assay schema deployment`); `reference` is the bare metal
    /// of the embedded reference deployment.
    #[arg(long, value_name = "FILE")]
    pub deployment: PathBuf,
    /// How the deployment is spoken to.
    #[command(flatten)]
    pub connection: ConnectionArguments,
    /// The run's folder, which must be new or empty; `assay-runs/<time>-<name>` unless given.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// After how many seconds a service is read no further: what was read by then is evaluated.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86400))]
    pub timeout: u64,
}

/// `assay profile score`.
#[derive(Debug, Args)]
pub struct ScoreArguments {
    /// The profile (DSP0272): a JSON file, with the profiles that it requires beside it.
    #[arg(value_name = "PROFILE")]
    pub profile: PathBuf,
    /// The folder of a run of `assay profile run`.
    #[arg(value_name = "RUN")]
    pub input: PathBuf,
    /// Print in this format.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Write the report in every format into this folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Does what is asked for.
pub fn run(command: ProfileCommand) -> Result<Code, Failure> {
    match command {
        ProfileCommand::Run(arguments) => wait(held(arguments)),
        ProfileCommand::Score(arguments) => score(&arguments),
    }
}

/// Reads every resource of the Redfish services of a deployment, and holds them against a profile.
async fn held(arguments: RunArguments) -> Result<Code, Failure> {
    let RunArguments { profile: file, deployment, connection, out, timeout } = arguments;
    let set = load(&file)?;
    let clouds = CloudArguments { deployment: Some(deployment), connection, ..CloudArguments::default() };
    let mut chosen = clouds.choose().await?;
    if chosen.metal.redfish.is_empty() {
        return Err(Failure::usage(
            "a profile is about Redfish services, and the deployment file names no Redfish service: list one under `redfish`",
        ));
    }
    // Nothing else is asked, and nothing is changed.
    chosen.clouds.retain(|(role, _)| matches!(role, Role::Redfish(_)));
    chosen.metal.machines.clear();

    let folder = new_folder(out.as_deref(), &chosen.name)?;
    let mut execution = Execution::prepare(&chosen, folder.clone(), Vec::new()).await?;
    let (deployment, recorder) = (execution.deployment().clone(), execution.recorder().clone());
    if let Err(failure) = reachable(deployment.redfish_services().iter().map(|service| &service.found)) {
        log_out(&deployment, &recorder).await;
        return Err(failure);
    }
    let stopping = Stopping::orderly(Order::plain(
        "stopping: what was read so far is evaluated; once more ends at once",
        "ended without a report; nothing was changed",
    ));
    let patience = Duration::from_secs(timeout);
    let mut services = Vec::new();
    let log = recorder.log("profile");
    let found = deployment.redfish_services().iter().zip(deployment.redfish(&log));
    for ((service, redfish), (_, cloud)) in found.zip(&chosen.clouds) {
        let (began, name) = (Instant::now(), &service.settings.name);
        let mut crawl =
            Crawl::new(ServiceDescription { name: name.clone(), endpoint: cloud.auth_url.clone() }, Limits::default());
        match redfish {
            Ok(redfish) => read(&redfish, &mut crawl, &recorder, patience, &stopping).await,
            Err(stop) => crawl.stop(&stop.to_string()),
        }
        let collected = crawl.finish();
        say(&format!("{name}: {} resources read in {:.1} s", collected.resources.len(), began.elapsed().as_secs_f32()));
        services.push(collected);
    }
    log_out(&deployment, &recorder).await;
    let cannot = |error: std::io::Error| {
        Failure::usage(format!("cannot write {}: {error}; name another folder with --out", folder.path().display()))
    };
    keep(&folder, &services).map_err(cannot)?;
    let report = evaluate(&set, &services);
    let records = records(&report, Some(execution.description.started));
    write_records(&folder, &records).map_err(cannot)?;
    let description = &mut execution.description;
    description.selected = records.iter().map(|record| record.id.clone()).collect();
    description.finished = Some(Utc::now());
    description.configuration.insert("profile".to_owned(), file.display().to_string().into());
    description.configuration.insert("timeout".to_owned(), timeout.into());
    assay_runner::write_run(&folder, description)?;
    seal(&folder)?;
    write_profile(&folder, &report).map_err(|error| Failure::usage(chain(&error)))?;
    data(&render_profile(Format::Text, &report, style()).map_err(Failure::defect)?)?;
    say(&format!("report: {}", folder.path().join(profile_file_name(Format::Html)).display()));
    Ok(if stopping.is_stopped() { Code::Interrupted } else { code(&report) })
}

/// Holds what a run read against a profile, the same one or another.
fn score(arguments: &ScoreArguments) -> Result<Code, Failure> {
    let ScoreArguments { profile, input, format, out } = arguments;
    let set = load(profile)?;
    let folder = RunFolder::open(input).map_err(Failure::usage)?;
    let services = kept(&folder).map_err(|error| Failure::usage(chain(&error)))?;
    if services.is_empty() {
        return Err(Failure::usage(format!(
            "{} holds no resources of Redfish services; `assay profile run` keeps them",
            input.display()
        )));
    }
    let read = intake::read(input, Some(InputFormat::Assay)).map_err(|error| Failure::usage(chain(&error)))?;
    let doubts = vouched(&folder, &read)?;
    let report = evaluate(&set, &services);
    if let Some(out) = out {
        let cannot = |error: std::io::Error| Failure::usage(format!("cannot write {}: {error}", out.display()));
        own_folder(out).map_err(cannot)?;
        write_profile(&RunFolder::at(out), &report).map_err(|error| Failure::usage(chain(&error)))?;
        say(&format!("report: {}", out.join(profile_file_name(Format::Html)).display()));
    }
    let text = render_profile(*format, &report, style()).map_err(|error| Failure::usage(chain(&error)))?;
    if *format == Format::Json {
        json_text(&text)?;
    } else {
        data(&text)?;
    }
    // What contradicts itself shows nothing.
    let contradicted = doubts.iter().any(|doubt| !doubt.of_tests && doubt.weight == Weight::Contradiction);
    Ok(if contradicted { Code::NotConformant } else { code(&report) })
}

/// Reads a profile, and says what in it is not evaluated.
pub fn load(file: &Path) -> Result<ProfileSet, Failure> {
    told(profile::load(file))
}

/// Says what in a profile that was read is not evaluated.
pub fn told(read: Result<ProfileSet, Errors>) -> Result<ProfileSet, Failure> {
    let set = read.map_err(Failure::usage)?;
    for profile in &set.profiles {
        for unknown in &profile.unknown {
            say(&format!(
                "warning: {}:{}:{}: {} ({})",
                profile.file, unknown.line, unknown.column, unknown.message, unknown.path
            ));
        }
    }
    Ok(set)
}

fn code(report: &ProfileReport) -> Code {
    match report.verdict {
        ProfileVerdict::Fulfilled => Code::Done,
        ProfileVerdict::Broken | ProfileVerdict::Unknown => Code::NotConformant,
    }
}

/// Whether any of the services answers; of none, the reasons.
fn reachable<'a>(found: impl Iterator<Item = &'a Found>) -> Result<(), Failure> {
    let mut reasons = Vec::new();
    for found in found {
        match found {
            Found::Ready { .. } => return Ok(()),
            Found::Absent(reason) | Found::Unreachable(reason) => reasons.push(reason.clone()),
        }
    }
    Err(Failure::unreachable(reasons.join("; ")))
}

/// Follows the links of a service, until there are no more, the time is up, it does not answer, or the user stops it.
async fn read(redfish: &Redfish, crawl: &mut Crawl, recorder: &Arc<Recorder>, patience: Duration, stopping: &Stopping) {
    let end = tokio::time::Instant::now() + patience;
    let mut silent = 0;
    while let Some(uri) = crawl.next_address() {
        let fetched = tokio::select! {
            fetched = fetch(redfish, &uri, recorder) => fetched,
            () = tokio::time::sleep_until(end) => {
                crawl.stop(&format!("the time was up after {} s (--timeout)", patience.as_secs()));
                break;
            }
            () = stopping.stopped() => {
                crawl.stop("the run was stopped");
                break;
            }
        };
        silent = if fetched.status.is_some() { 0 } else { silent + 1 };
        crawl.take(fetched);
        if silent == SILENT {
            crawl.stop(&format!("the service did not answer {SILENT} times in a row"));
        }
    }
}

async fn fetch(redfish: &Redfish, uri: &str, recorder: &Arc<Recorder>) -> Fetched {
    let response = match redfish.get(uri).send().await {
        Ok(response) => response,
        Err(stop) => return Fetched { error: Some(recorder.redactor().text(&stop.to_string())), ..Fetched::default() },
    };
    // What is kept holds no secret, and is the same that is evaluated: evaluated again, it gives the same.
    let body = recorder.redactor().body_apart(response.text()).await;
    let status = response.status();
    let (json, error) = match serde_json::from_str(&body) {
        Ok(json) => (Some(json), None),
        Err(error) if status == 200 => (None, Some(format!("the body is not JSON: {error}"))),
        Err(_) => (None, None),
    };
    let allow = response.header("Allow").map(|allow| recorder.redactor().text(allow));
    Fetched { status: Some(status), allow, json, error }
}

fn write_records(folder: &RunFolder, records: &[TestRecord]) -> std::io::Result<()> {
    let mut lines = Vec::new();
    for record in records {
        serde_json::to_writer(&mut lines, record)?;
        lines.push(b'\n');
    }
    let results = folder.results();
    writing::replace(folder.path(), Path::new(results.file_name().unwrap_or_default()), &lines)
}
