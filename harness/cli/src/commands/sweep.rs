//! `assay sweep`: remove what a run left, and touch nothing else.

use std::path::{Path, PathBuf};
use std::time::Duration;

use assay_kit::http::redact::Redactor;
use assay_kit::journal::{self, Journal, State};
use assay_kit::{Cx, Recorder};
use assay_reports::RunFolder;
use assay_runner::sweep;

use crate::args::SweepArguments;
use crate::exit::{Code, Failure, chain};
use crate::output::{data, say};

pub async fn run(mut arguments: SweepArguments) -> Result<Code, Failure> {
    let path = Path::new(&arguments.run);
    let named = arguments.clouds.cloud.is_some() || arguments.clouds.deployment.is_some();
    let mut recorded_url = None;
    let (run_id, folder) = if is_run_id(&arguments.run) && !path.exists() {
        (arguments.run.clone(), None)
    } else {
        let folder = RunFolder::open(path).map_err(|error| Failure::usage(chain(&error)))?;
        let (run, _, _) = folder.load().map_err(|error| Failure::usage(chain(&error)))?;
        if run.deployment.reference {
            say("the run was made against the reference deployment, which ended with it: nothing can be left");
            return Ok(Code::Done);
        }
        // The accounts of the run, unless others are named.
        let recorded = |key: &str| run.configuration.get(key).and_then(|value| value.as_str()).map(str::to_owned);
        let clouds = &mut arguments.clouds;
        if !named {
            clouds.deployment = recorded("deployment").map(PathBuf::from);
        }
        if clouds.cloud.is_none() && clouds.deployment.is_none() {
            (clouds.listed, clouds.cloud) = (true, Some(run.deployment.name.clone()));
        }
        clouds.alt_cloud = clouds.alt_cloud.take().or_else(|| recorded("alt-cloud"));
        clouds.reseller_cloud = clouds.reseller_cloud.take().or_else(|| recorded("reseller-cloud"));
        clouds.spare_cloud = clouds.spare_cloud.take().or_else(|| recorded("spare-cloud"));
        if !is_run_id(&run.id) {
            let file = folder.run_json();
            return Err(Failure::usage(format!("{}: `id` is `{}`, which is no name of a run", file.display(), run.id)));
        }
        recorded_url = Some(run.deployment.auth_url.clone());
        (run.id, Some(folder))
    };

    let recorder = Recorder::new(None, Redactor::default()).map_err(Failure::defect)?;
    let chosen = arguments.clouds.choose().await?;
    // Another clouds.yaml may have another cloud of the same name.
    let url = &chosen.clouds[0].1.auth_url;
    if let Some(recorded) = recorded_url.filter(|recorded| !named && recorded != url) {
        return Err(Failure::usage(format!(
            "the run was made against {recorded}, but `{}` is {url} now; choose the clouds.yaml or deployment file of that \
             time, or name it with --cloud or --deployment if it is the same deployment",
            chosen.name
        )));
    }
    let deployment = chosen.connect_to_sweep(&run_id, &recorder).await?;
    let cx = sweep::context(deployment, &recorder);
    // The name alone would also begin those of a run whose name is longer.
    let prefix = format!("{run_id}-");
    let journal = folder.as_ref().map(RunFolder::path).filter(|path| path.join(journal::FILE).exists());
    // A folder that cannot be written, such as someone else's, can be swept all the same.
    let notes = journal.filter(|_| !arguments.dry_run).and_then(|folder| Journal::open(Some(folder)).ok());
    let again = !arguments.dry_run && journal.is_some_and(was_just_written);
    let (mut left, found) = round(&cx, journal, &prefix, arguments.dry_run, notes.as_ref()).await?;
    let mut nothing = found == 0;
    if again {
        tokio::time::sleep(LATE).await;
        let (late, found) = round(&cx, journal, &prefix, arguments.dry_run, notes.as_ref()).await?;
        left = late;
        nothing &= found == 0;
    }
    if nothing {
        say("nothing of the run is left");
    }
    if left == 0 { Ok(Code::Done) } else { Ok(Code::LeftBehind) }
}

/// How long after a first look another one is taken for what a killed run had asked for in its last moment.
const LATE: Duration = Duration::from_secs(3);

/// Whether a run was at work within the last minute.
fn was_just_written(folder: &Path) -> bool {
    let written = std::fs::metadata(folder.join(journal::FILE)).and_then(|journal| journal.modified());
    written.is_ok_and(|time| time.elapsed().is_ok_and(|age| age < Duration::from_secs(60)))
}

/// Looks for what is left and removes it; gives how much stays, and how much was found.
async fn round(
    cx: &Cx,
    journal: Option<&Path>,
    prefix: &str,
    dry_run: bool,
    notes: Option<&Journal>,
) -> Result<(usize, usize), Failure> {
    let findings = sweep::look(cx, journal, prefix).await.map_err(Failure::usage)?;
    let mut left = findings.unknown.len();
    for unknown in &findings.unknown {
        say(&format!("not looked at: {unknown}"));
    }
    for resource in &findings.resources {
        if dry_run {
            data(&format!("would remove {resource}\n"))?;
            continue;
        }
        match sweep::remove(cx, resource).await {
            Ok(()) => {
                // Without this line, another sweep finds it gone.
                let _ = notes.map(|notes| notes.write("sweep", resource, State::Removed, None));
                data(&format!("removed {resource}\n"))?;
            }
            Err(reason) => {
                left += 1;
                say(&format!("cannot remove {resource}: {reason}"));
            }
        }
    }
    Ok((left, findings.resources.len()))
}

/// Whether this is a run's name: anything shorter would begin the names of what is not ours.
fn is_run_id(text: &str) -> bool {
    text.strip_prefix("assay-").is_some_and(|rest| rest.len() == 8 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
