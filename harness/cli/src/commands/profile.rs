//! `assay run --profile` and `assay score --profile`: Redfish services held against interoperability profiles.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use assay_guidelines::Errors;
use assay_guidelines::profile::{self, ProfileSet};
use assay_kit::deployment::Found;
use assay_kit::metal::Redfish;
use assay_kit::{Recorder, Role};
use assay_reports::profile::{
    Collected, Crawl, Fetched, Limits, ProfileReport, ProfileVerdict, ServiceDescription, evaluate, keep, kept, records,
};
use assay_reports::record::TestRecord;
use assay_reports::record::writing;
use assay_reports::{Format, InputFormat, RunFolder, Weight, intake, profile_file_name, render_profile, write_profile};
use chrono::Utc;

use crate::arguments::clouds::CloudArguments;
use crate::arguments::formats::ReportFormat;
use crate::execution::Execution;
use crate::exit::{Code, Failure, chain};
use crate::folder::{new_folder, own_folder, seal};
use crate::inputs::vouched;
use crate::output::{data, json_text, say, style};
use crate::signals::{Order, Stopping};

/// After so many requests in a row without an answer, a service is not asked any more.
const SILENT: usize = 3;

/// Reads every resource of the Redfish services of a deployment, and holds them against a profile.
pub async fn run(file: &Path, clouds: &CloudArguments, out: Option<&Path>, timeout: u64) -> Result<Code, Failure> {
    let set = load(file)?;
    let mut chosen = clouds.choose().await?;
    if chosen.metal.redfish.is_empty() {
        return Err(Failure::usage(
            "a profile is about Redfish services, and the deployment file names no Redfish service: list one under `redfish`",
        ));
    }
    // Nothing else is asked, and nothing is changed.
    chosen.clouds.retain(|(role, _)| matches!(role, Role::Redfish(_)));
    chosen.metal.machines.clear();

    let folder = new_folder(out, &chosen.name)?;
    let mut execution = Execution::prepare(&chosen, folder.clone(), Vec::new()).await?;
    let (deployment, recorder) = (execution.deployment().clone(), execution.recorder().clone());
    reachable(deployment.redfish_services().iter().map(|service| &service.found))?;
    let stopping = Stopping::orderly(Order::plain(
        "stopping: what was read so far is evaluated; once more ends at once",
        "ended without a report; nothing was changed",
    ));
    let patience = Duration::from_secs(timeout);
    let mut services = Vec::new();
    let log = recorder.log("profile");
    let opened = deployment.redfish(&log).map_err(Failure::defect)?;
    for (redfish, (_, cloud)) in opened.iter().zip(&chosen.clouds) {
        let began = Instant::now();
        let service = ServiceDescription { name: redfish.name().to_owned(), endpoint: cloud.auth_url.clone() };
        let collected = read(redfish, service, &recorder, patience, &stopping).await;
        say(&format!(
            "{}: {} resources read in {:.1} s",
            redfish.name(),
            collected.resources.len(),
            began.elapsed().as_secs_f32()
        ));
        services.push(collected);
    }
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
pub fn score(file: &Path, inputs: &[PathBuf], format: ReportFormat, out: Option<&Path>) -> Result<Code, Failure> {
    let set = load(file)?;
    let [input] = inputs else {
        return Err(Failure::usage("a profile is held against one run: name one folder"));
    };
    let folder = RunFolder::open(input).map_err(Failure::usage)?;
    let services = kept(&folder).map_err(|error| Failure::usage(chain(&error)))?;
    if services.is_empty() {
        return Err(Failure::usage(format!(
            "{} holds no resources of Redfish services; `assay run --profile` keeps them",
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
    let text = render_profile(format.into(), &report, style()).map_err(|error| Failure::usage(chain(&error)))?;
    if format == ReportFormat::Json {
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
async fn read(
    redfish: &Redfish,
    service: ServiceDescription,
    recorder: &Arc<Recorder>,
    patience: Duration,
    stopping: &Stopping,
) -> Collected {
    let mut crawl = Crawl::new(service, Limits::default());
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
    crawl.finish()
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
