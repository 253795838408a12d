//! `assay sweep`: remove what a run left, and touch nothing else.
//!
//! The run's folder may come from a stranger: it tells where to look, and nothing in it takes effect. The deployment and the
//! accounts are those that the command line names, or those that this user's own run was given, as the user's state folder
//! tells. Where that folder has no key of the run, what would go is shown first.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use assay_kit::http::redact::Redactor;
use assay_kit::journal::{self, Announced, Entry, Journal, JournalError, State, Trust};
use assay_kit::{Cx, Deployment, Kind, Recorder, Resource, Role};
use assay_reports::RunFolder;
use assay_reports::record::Run;
use assay_reports::record::naming;
use assay_reports::record::state::{RunState, State as StateFolder, renew};
use assay_runner::sweep::{self, Findings};
use clap::Args;
use indexmap::IndexMap;

use crate::accounts::Chosen;
use crate::arguments::clouds::CloudArguments;
use crate::execution::log_out;
use crate::exit::{Code, Failure, chain};
use crate::output::{data, say, without_secrets};
use crate::signals::{Order, Stopping};
use crate::whose_clouds;

/// `assay sweep`.
#[derive(Debug, Args)]
pub struct SweepArguments {
    /// The run's folder, or the name that its resources begin with, such as `assay-0a1b2c3d`.
    #[arg(value_name = "RUN")]
    pub run: String,
    /// The deployment and the accounts; those that this user gave the run, unless given.
    #[command(flatten)]
    pub clouds: CloudArguments,
    /// Say what would be removed, and remove nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Remove what is shown without asking, where this machine has no key of the run: it was made elsewhere, or its folder was
    /// changed.
    #[arg(long)]
    pub yes: bool,
}

/// How long after a first look another one is taken for what a killed run had asked for in its last moment.
const LATE: Duration = Duration::from_secs(3);

/// How long what is in hand may take once the user has stopped a sweep.
const IN_HAND: Duration = Duration::from_secs(5);

/// The run that is swept.
struct Swept {
    id: String,
    folder: Option<RunFolder>,
    run: Option<Run>,
    /// What the user's state folder has of it.
    state: Option<RunState>,
    /// Nobody else sweeps it, and it is not under way, as long as this is open.
    lock: Option<File>,
}

pub async fn run(mut arguments: SweepArguments) -> Result<Code, Failure> {
    let mut swept = Swept::find(&arguments.run)?;
    if swept.state.as_ref().is_some_and(|state| state.reference) {
        say("the run was made against the reference deployment, which ended with it: nothing can be left");
        return Ok(Code::Done);
    }
    let clouds = &mut arguments.clouds;
    if clouds.cloud.is_none()
        && clouds.deployment.is_none()
        && let Some(state) = &swept.state
    {
        clouds.take(&state.options);
    }
    let Announced { entries, trust } = swept.announced()?;
    if !arguments.dry_run {
        swept.at_rest()?;
    }
    let chosen = arguments.clouds.choose().await?;
    let recorder = Recorder::new(None, Redactor::default()).map_err(Failure::defect)?;
    without_secrets(recorder.redactor());
    whose_clouds::are_the_user_s(&chosen, swept.folder.as_ref().map(RunFolder::path), swept.state.as_ref())?;
    swept.is_of(&chosen)?;
    let deployment = chosen.connect_to_sweep(&swept.id, &recorder).await?;
    let code = sweep_up(&arguments, &mut swept, &chosen, (entries, trust), &deployment, &recorder).await;
    log_out(&deployment, &recorder).await;
    code
}

/// Looks for what is left of a run, and removes it.
async fn sweep_up(
    arguments: &SweepArguments,
    swept: &mut Swept,
    chosen: &Chosen,
    (entries, trust): (Vec<Entry>, Trust),
    deployment: &Arc<Deployment>,
    recorder: &Arc<Recorder>,
) -> Result<Code, Failure> {
    // What this user's state folder has of the run is believed before what its own folder says.
    let (of_state, of_folder) = (swept.state.as_ref(), swept.run.as_ref());
    let projects = of_state.map(|state| &state.projects).filter(|projects| !projects.is_empty());
    if let Some(projects) = projects.or(of_folder.map(|run| &run.deployment.projects)) {
        same_projects(projects, deployment, chosen)?;
    }
    let told = of_folder.map(|run| run.deployment.began.unwrap_or(run.started));
    if let Some(began) = of_state.and_then(|state| state.began).or(told) {
        deployment.began(began);
    }
    if let Some(last) = entries.iter().map(|entry| entry.at).max() {
        deployment.sweeps((trust == Trust::Own).then_some(last), arguments.yes);
    }
    let mut announced: Vec<Resource> = entries.into_iter().map(|entry| entry.resource).collect();
    let sure = trust == Trust::Own;
    if let Trust::Forged(line) = trust {
        say(&format!(
            "warning: line {line} of {}, or one before it, was not written by the run: what would go is shown first",
            journal::FILE
        ));
    }
    if !sure {
        announced.iter_mut().for_each(Resource::distrust);
    }
    let looking = Stopping::at_once(&format!("nothing was removed; `assay sweep {}` goes on", arguments.run));
    let cx = sweep::context(deployment.clone(), recorder, &announced, sure);
    let findings = sweep::look(&cx, &announced).await;
    say_of(&findings, &Findings::default());
    if arguments.dry_run {
        show(&findings, "would remove")?;
        return Ok(end(&findings, findings.doubtful.len() + findings.unknown.len()));
    }
    if !sure && !findings.resources.is_empty() && !arguments.yes {
        show(&findings, "would remove")?;
        if !agreed(findings.resources.len())? {
            return Ok(Code::LeftBehind);
        }
    }
    drop(looking);
    // Nothing in the folder is written before there is leave.
    let notes = swept.notes()?;
    let stopping = orderly(deployment, &arguments.run);
    let was_at_work = swept.was_at_work();
    let mut left = remove(&cx, &findings, notes.as_ref(), &stopping).await?;
    // What was put back is not looked at again: others may have changed it since. A change of a password may come late.
    announced.retain(|resource| !resource.kind.is_setting() || resource.kind == Kind::SparePassword);
    let settings = left.iter().filter(|left| left.is_setting).count();
    let mut nothing = findings.is_empty();
    if was_at_work && !stopping.is_stopped() {
        let look = async {
            tokio::time::sleep(LATE).await;
            sweep::look(&cx, &announced).await
        };
        let again = tokio::select! {
            again = look => again,
            () = stopping.stopped() => {
                say("stopped before it was looked for what came late");
                return Ok(Code::Interrupted);
            }
        };
        say_of(&again, &findings);
        nothing &= again.is_empty();
        left = remove(&cx, &again, notes.as_ref(), &stopping).await?;
        left.retain(|left| !left.is_setting);
        left.extend(std::iter::repeat_n(Left { is_setting: true }, settings));
    }
    if stopping.is_stopped() {
        return Ok(Code::Interrupted);
    }
    if nothing {
        say("nothing of the run is left");
    }
    swept.note_end(notes.as_ref());
    Ok(if left.is_empty() { Code::Done } else { Code::LeftBehind })
}

/// Something that stays.
#[derive(Clone, Copy)]
struct Left {
    /// Whether it is a setting that was to be put back, or may be one.
    is_setting: bool,
}

/// Says what stays, and was not said before.
fn say_of(findings: &Findings, before: &Findings) {
    fn told((resource, why): &(Resource, String)) -> (Kind, Role, &str, Option<&str>, &str) {
        (resource.kind, resource.role, &resource.name, resource.id.as_deref(), why)
    }
    let unknown: HashSet<&String> = before.unknown.iter().collect();
    for unknown in findings.unknown.iter().filter(|now| !unknown.contains(now)) {
        say(&format!("not looked at: {unknown}"));
    }
    let doubtful: HashSet<_> = before.doubtful.iter().map(told).collect();
    for (resource, why) in findings.doubtful.iter().filter(|now| !doubtful.contains(&told(now))) {
        say(&format!("left alone: {resource}: {why}"));
    }
}

fn show(findings: &Findings, what: &str) -> Result<(), Failure> {
    findings.resources.iter().try_for_each(|resource| data(&format!("{what} {resource}\n")))
}

fn end(findings: &Findings, left: usize) -> Code {
    if findings.is_empty() {
        say("nothing of the run is left");
    }
    if left == 0 { Code::Done } else { Code::LeftBehind }
}

/// Whether the user agrees that so many things go. Where nobody can be asked, the option is needed.
fn agreed(count: usize) -> Result<bool, Failure> {
    let things = if count == 1 { "this one thing".to_owned() } else { format!("these {count} things") };
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(format!(
            "this machine has no key of that run, so nobody can tell that its folder is as the run left it; nothing was \
             removed: look at {things}, and give --yes to remove what is shown"
        )));
    }
    // What was typed before is no answer to a question that nobody had seen.
    #[cfg(unix)]
    rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush).map_err(Failure::usage)?;
    say(&format!("this machine has no key of that run. Remove {things}? Type yes to do so:"));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(Failure::usage)?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}

/// Removes what was found; gives what stays.
async fn remove(
    cx: &Cx,
    findings: &Findings,
    notes: Option<&Journal>,
    stopping: &Stopping,
) -> Result<Vec<Left>, Failure> {
    let unknown = findings.unknown.iter().map(|_| Left { is_setting: false });
    let doubtful = findings.doubtful.iter().map(|(doubtful, _)| Left { is_setting: doubtful.kind.is_setting() });
    let mut left: Vec<Left> = unknown.chain(doubtful).collect();
    for (at, resource) in findings.resources.iter().enumerate() {
        if stopping.is_stopped() {
            stopped(findings.resources[at..].iter());
            break;
        }
        match sweep::remove(cx, resource).await {
            Ok(()) => {
                // Without this line, another sweep finds it gone.
                let _ = notes.map(|notes| notes.write("sweep", resource, State::Removed, None));
                data(&format!("{} {resource}\n", if resource.kind.is_setting() { "put back" } else { "removed" }))?;
            }
            Err(reason) => {
                left.push(Left { is_setting: resource.kind.is_setting() });
                say(&format!("cannot remove {resource}: {reason}"));
            }
        }
    }
    Ok(left)
}

/// How a sweep ends in order: the thing in hand is brought to its end, for a few seconds.
fn orderly(deployment: &Arc<Deployment>, run: &str) -> Stopping {
    let budget = deployment.cleanup().clone();
    let order = Order::plain(
        "stopping: what is in hand is brought to its end; once more ends at once",
        &format!("ended; `assay sweep {run}` goes on"),
    );
    Stopping::orderly(Order { stop: Box::new(move || budget.end_within(IN_HAND)), within: IN_HAND, ..order })
}

/// Says what is left by a sweep that was stopped.
fn stopped<'a>(left: impl Iterator<Item = &'a Resource>) -> Code {
    say("stopped; these are left:");
    left.for_each(|resource| say(&format!("  {resource}")));
    Code::Interrupted
}

impl Swept {
    /// Finds a run by its folder or its name, and makes sure that it is not under way.
    fn find(named: &str) -> Result<Self, Failure> {
        let path = Path::new(named);
        let states = StateFolder::find();
        let kept = |id: &str| match &states {
            Some(states) => states.run(id).map_err(|error| {
                Failure::usage(format!("cannot read what {} has of the run: {error}", states.path().display()))
            }),
            None => Ok(None),
        };
        let (id, state, folder) = if naming::is_run(named) && !path.exists() {
            let state = kept(named)?;
            let folder = state.as_ref().and_then(|state| RunFolder::open(&state.folder).ok());
            (named.to_owned(), state, folder)
        } else {
            let folder = RunFolder::open(path).map_err(|error| Failure::usage(chain(&error)))?;
            let run = read(&folder)?;
            let state = kept(&run.id)?;
            (run.id, state, Some(folder))
        };
        let run = folder.as_ref().map(read).transpose()?;
        if run.as_ref().is_some_and(|run| run.id != id) {
            return Err(Failure::usage(format!("the folder that is kept for the run `{id}` holds another run")));
        }
        let mut lock = None;
        if let (Some(states), Some(_)) = (&states, &state) {
            lock = states.lock_run(&id).map_err(Failure::usage)?;
            if lock.is_none() {
                return Err(Failure::usage(format!(
                    "the run `{id}`, or a sweep of it, is still under way; wait for its end"
                )));
            }
        }
        Ok(Self { id, folder, run, state, lock })
    }

    fn journal(&self) -> Option<&Path> {
        self.folder.as_ref().map(RunFolder::path).filter(|path| path.join(journal::FILE).exists())
    }

    /// What the journal says is still there. What it does not tell is found by its name, and shown first.
    fn announced(&self) -> Result<Announced, Failure> {
        match self.journal() {
            Some(folder) => Journal::announced(folder, self.state.as_ref()).map_err(Failure::usage),
            None if self.state.is_some() => Ok(Announced { entries: Vec::new(), trust: Trust::Own }),
            None => Ok(Announced { entries: Vec::new(), trust: Trust::Unknown }),
        }
    }

    /// Refuses a folder that is in use.
    fn at_rest(&self) -> Result<(), Failure> {
        self.journal().map_or(Ok(()), Journal::at_rest).map_err(Failure::usage)
    }

    /// The journal, to note in it what is gone. A folder that cannot be written, such as someone else's, can be swept all
    /// the same; one that is in use cannot.
    fn notes(&self) -> Result<Option<Journal>, Failure> {
        let Some(folder) = self.journal() else { return Ok(None) };
        match Journal::open(Some(folder), self.state.as_ref()) {
            Ok(journal) => Ok(Some(journal)),
            Err(JournalError::InUse(path)) => Err(Failure::usage(JournalError::InUse(path))),
            Err(JournalError::Write { .. }) => Ok(None),
        }
    }

    /// Keeps where the journal ends now.
    fn note_end(&mut self, notes: Option<&Journal>) {
        if let (Some(state), Some(lock), Some(notes)) = (&mut self.state, &mut self.lock, notes) {
            state.end = notes.end();
            // Without it, the next sweep shows what it would remove.
            let _ = renew(lock, state);
        }
    }

    /// Refuses a deployment that is not the run's. What this user's state folder has of the run is believed before what its
    /// own folder says.
    fn is_of(&self, chosen: &Chosen) -> Result<(), Failure> {
        // Which Redfish service is which account depends on the deployment file, which may have changed.
        let accounts = chosen.clouds.iter().enumerate();
        for (at, (role, cloud)) in accounts.filter(|(at, (role, _))| *at == 0 || !matches!(role, Role::Redfish(_))) {
            let kept = self.state.as_ref().and_then(|state| state.auth_urls.get(&role.to_string()));
            let told = self.run.as_ref().filter(|_| at == 0).map(|run| &run.deployment.auth_url);
            let options = if at == 0 { "--cloud or --deployment" } else { role.option() };
            let name = if at == 0 { &chosen.name } else { &cloud.name };
            if let Some(recorded) = kept.or(told)
                && unversioned(recorded) != unversioned(&cloud.auth_url)
            {
                return Err(Failure::usage(format!(
                    "the run was made against {recorded}, but `{name}` is {}; name the deployment of that run with {options}",
                    cloud.auth_url
                )));
            }
            let recorded = self.state.as_ref().and_then(|state| state.overrides.as_ref()?.get(&role.to_string()));
            if let Some((service, url)) = recorded.and_then(|recorded| whose_clouds::other(recorded, &cloud.overrides))
            {
                let had = recorded.and_then(|recorded| recorded.get(service)).map_or("the catalog's", String::as_str);
                return Err(Failure::usage(format!(
                    "`{name}` names the endpoint {url} for {service}, and the run was made with {had}: nothing is sent there; name \
                     the run's own entry with {options}, or leave that endpoint out"
                )));
            }
        }
        Ok(())
    }

    /// Whether the run was at work within the last minute.
    fn was_at_work(&self) -> bool {
        let written = self.journal().map(|folder| std::fs::metadata(folder.join(journal::FILE)));
        let written = written.and_then(|journal| journal.and_then(|journal| journal.modified()).ok());
        written.is_some_and(|time| time.elapsed().is_ok_and(|age| age < Duration::from_secs(60)))
    }
}

/// The address of an identity service without its version.
fn unversioned(url: &str) -> &str {
    let url = url.trim_end_matches('/');
    url.strip_suffix("/v3").or(url.strip_suffix("/v2.0")).unwrap_or(url)
}

fn read(folder: &RunFolder) -> Result<Run, Failure> {
    let (run, _, _) = folder.load().map_err(|error| Failure::usage(chain(&error)))?;
    if !naming::is_run(&run.id) {
        let file = folder.run_json();
        return Err(Failure::usage(format!("{}: `id` is `{}`, an invalid name of a run", file.display(), run.id)));
    }
    Ok(run)
}

/// Refuses accounts that are in other projects than those of the run.
fn same_projects(projects: &IndexMap<String, String>, deployment: &Deployment, chosen: &Chosen) -> Result<(), Failure> {
    for (account, recorded) in projects {
        let Ok(role) = account.parse::<Role>() else { continue };
        if !deployment.roles().any(|given| given == role) {
            continue;
        }
        // A spare account whose password the run had changed cannot tell its project now.
        match deployment.project(role) {
            Some(now) if now == recorded => {}
            None if role == Role::Spare => {}
            now => {
                let name =
                    chosen.clouds.iter().find(|(of, _)| *of == role).map_or("", |(_, cloud)| cloud.name.as_str());
                return Err(Failure::usage(format!(
                    "the {role} account of the run is in the project {recorded}, but `{name}` is in {}; name the run's own \
                     cloud with {}",
                    now.unwrap_or("none"),
                    role.option()
                )));
            }
        }
    }
    Ok(())
}
