//! What every run does, whatever shows it: log in, describe the deployment, run the tests, stop when asked to.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use assay_kit::deployment::Found;
use assay_kit::http::redact::Redactor;
use assay_kit::journal::Journal;
use assay_kit::session::Scope;
use assay_kit::session::shown;
use assay_kit::{ConformanceTest, Cx, Deployment, Kind, Need, Recorder, Role, Service};
use assay_reports::RunFolder;
use assay_reports::record::state::{self, RunState, State};
use assay_reports::record::{self, Run};
use assay_runner::{Job, Outcome, Settings};
use chrono::Utc;
use indexmap::IndexMap;
use libtest_mimic::{Arguments, Conclusion};

use crate::accounts::Chosen;
use crate::exit::Failure;
use crate::face::Face;
use crate::output::{say, without_secrets};
use crate::progress::Progress;
use crate::signals::{self, Order, Stopping};
use crate::whose_clouds;

/// How much of what a deployment says of itself is kept, in bytes.
const SAID: usize = 4 * 1024;

/// A run that can begin: logged in, with a folder, and described as far as the deployment goes.
pub struct Execution {
    deployment: Arc<Deployment>,
    recorder: Arc<Recorder>,
    folder: RunFolder,
    tests: Vec<&'static ConformanceTest>,
    /// What `run.json` will say.
    pub description: Run,
    /// The run's file in the user's state folder, locked: nobody sweeps up after it while it is under way.
    kept: Option<File>,
    state: RunState,
}

impl Execution {
    /// Logs in, and warns of what should not be so although tests can run.
    pub async fn prepare(
        chosen: &Chosen,
        folder: RunFolder,
        tests: Vec<&'static ConformanceTest>,
    ) -> Result<Self, Failure> {
        let redactor = Redactor::default();
        let run_id = new_run_id();
        let mut state = RunState::new(&run_id, folder.path(), chosen.options.clone());
        let services = chosen.clouds.iter().map(|(role, cloud)| (role.to_string(), cloud.auth_url.clone()));
        state.auth_urls = services.collect();
        state.overrides = Some(whose_clouds::overrides(chosen));
        state.files = Some(whose_clouds::files(chosen));
        let mut kept = keep(&state);
        let known = kept.as_ref().map(|_| &state);
        let recorder = Recorder::of_run(Some(folder.path()), redactor.clone(), known).map_err(|error| {
            Failure::usage(format!("cannot write {}: {error}; name another folder with --out", folder.path().display()))
        })?;
        without_secrets(&redactor);
        let deployment = chosen.connect(&run_id, &recorder).await?;
        if let Err(failure) = reachable(&deployment) {
            log_out(&deployment, &recorder).await;
            return Err(failure);
        }
        warn(&deployment, chosen, &recorder).await;
        let mut description = describe(chosen, &deployment, &recorder, &run_id).await?;
        description.argv = std::env::args().map(|argument| redactor.text(&argument)).collect();
        description.selected = tests.iter().map(|test| test.id.to_owned()).collect();
        (state.reference, state.began) = (description.deployment.reference, description.deployment.began);
        state.projects.clone_from(&description.deployment.projects);
        renew(&mut kept, &state);
        Ok(Self { deployment, recorder, folder, tests, description, kept, state })
    }

    /// The deployment that was logged in to.
    pub fn deployment(&self) -> &Arc<Deployment> {
        &self.deployment
    }

    /// Where the evidence goes.
    pub fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// Runs the tests and shows a person how far it is.
    pub async fn watched(mut self, settings: Settings) -> Result<Outcome, Failure> {
        let mut progress = Progress::new(self.tests.len());
        let stopping = orderly(&self.deployment, self.folder.path());
        let outcome =
            Box::pin(assay_runner::run(self.job(settings, &stopping), self.description.clone(), &mut progress)).await;
        drop(stopping);
        progress.end();
        log_out(&self.deployment, &self.recorder).await;
        let outcome = outcome?;
        self.note_end();
        self.note_guests()?;
        Ok(outcome)
    }

    /// Runs the tests behind the face of Rust's test runner, which comes to a conclusion of its own; of the tests that it
    /// knows, `arguments` must select those of the run.
    pub async fn faced(
        mut self,
        settings: Settings,
        known: &[&'static ConformanceTest],
        arguments: Arguments,
    ) -> Result<(Outcome, Conclusion), Failure> {
        let (mut face, shown) = Face::show(known, arguments);
        let stopping = orderly(&self.deployment, self.folder.path());
        let outcome =
            Box::pin(assay_runner::run(self.job(settings, &stopping), self.description.clone(), &mut face)).await;
        drop(stopping);
        // Trials that still wait learn that nothing comes.
        drop(face);
        log_out(&self.deployment, &self.recorder).await;
        let shown = tokio::task::spawn_blocking(move || shown.join()).await.map_err(Failure::defect)?;
        let outcome = outcome?;
        self.note_end();
        self.note_guests()?;
        Ok((outcome, shown.unwrap_or_else(|_| closed())))
    }

    /// Says how servers were logged in to, or why not, and puts it into `run.json`: it shows only while tests run.
    fn note_guests(&self) -> Result<(), Failure> {
        let Some(how) = self.deployment.guests() else { return Ok(()) };
        say(&format!("logging in to servers: {how}"));
        let (mut run, _, _) = self.folder.load().map_err(Failure::defect)?;
        run.configuration.insert("guest".to_owned(), self.recorder.redactor().text(how).into());
        Ok(assay_runner::write_run(&self.folder, &run)?)
    }

    /// Keeps where the journal ends: a sweep can tell then whether it is whole.
    fn note_end(&mut self) {
        self.state.end = self.recorder.journal().end();
        renew(&mut self.kept, &self.state);
    }

    fn job(&self, settings: Settings, stopping: &Stopping) -> Job<'_> {
        Job {
            deployment: &self.deployment,
            recorder: &self.recorder,
            folder: &self.folder,
            tests: &self.tests,
            settings,
            stopping: stopping.receiver(),
        }
    }
}

/// Keeps what is known of a run by now; one that has no key has nothing to be kept.
fn renew(kept: &mut Option<File>, run: &RunState) {
    if let Some(Err(error)) = kept.as_mut().map(|kept| state::renew(kept, run)) {
        say(&format!("note: what is known of the run cannot be kept ({error})"));
    }
}

/// Keeps the key of a run in the user's state folder. Without one a run can go on, and a sweep of it asks first.
fn keep(run: &RunState) -> Option<File> {
    let why = match State::find().map(|state| state.keep(run)) {
        Some(Ok(kept)) => return Some(kept),
        Some(Err(error)) => error.to_string(),
        None => "there is no home folder".to_owned(),
    };
    say(&format!("note: the run's key cannot be kept ({why}): `assay sweep` will show what it would remove and ask"));
    None
}

/// The conclusion of a face that could not go on, for nobody reads what it prints.
fn closed() -> Conclusion {
    Conclusion { num_filtered_out: 0, num_passed: 0, num_failed: 0, num_ignored: 0, num_measured: 0 }
}

/// A short name that nothing else has: what a run creates begins with it.
pub fn new_run_id() -> String {
    format!("assay-{}", &uuid::Uuid::new_v4().simple().to_string()[..8])
}

/// Whether servers are worth a try to log in to, when a test asks for it; who asks [`Deployment::lacks`] then learns it too.
pub async fn probe(
    deployment: &Arc<Deployment>,
    recorder: &Arc<Recorder>,
    tests: &[&'static ConformanceTest],
) -> Option<String> {
    if !tests.iter().any(|test| test.needs.contains(&Need::Guest)) {
        return None;
    }
    let cx = Cx::new(deployment.clone(), recorder.log("start"));
    Some(match cx.probe().await {
        Ok(probe) => probe.to_string(),
        Err(stop) => format!("unknown: {stop}"),
    })
}

/// Ends a run of which no test could tell anything.
pub fn reachable(deployment: &Deployment) -> Result<(), Failure> {
    deployment.unreachable().map_or(Ok(()), |reason| Err(Failure::unreachable(reason)))
}

/// Ends what was logged in to and keeps few logins; says what could not be ended.
pub async fn log_out(deployment: &Deployment, recorder: &Arc<Recorder>) {
    for left in deployment.log_out(recorder).await {
        say(&format!("note: {}", recorder.redactor().text(&left)));
    }
}

/// Says what should not be so although tests can run.
pub async fn warn(deployment: &Arc<Deployment>, chosen: &Chosen, recorder: &Arc<Recorder>) {
    let log = recorder.log("start");
    for (role, cloud) in &chosen.clouds {
        let Ok(session) = deployment.session(*role) else { continue };
        let Ok(login) = session.login(&log).await else { continue };
        // Who operates bare metal is one, and is in no project.
        let operates = cloud.scope == Scope::System;
        if *role == Role::Member && !operates && login.roles.iter().any(|name| name == "admin") {
            say(&format!("warning: `{}` is an administrator; a plain member is what guidelines are about", cloud.name));
        }
        if login.project_id.is_none() && !role.manages() && !operates && !cloud.credentials.standalone() {
            say(&format!("warning: the token of `{}` has no project; name one in clouds.yaml", cloud.name));
        }
        if cloud.tls.insecure {
            say(&format!("warning: the certificates of `{}` are not verified", cloud.name));
        }
    }
    for warning in surroundings(deployment) {
        say(&format!("warning: {warning}"));
    }
}

/// What should not be so on the way to the deployment.
pub fn surroundings(deployment: &Deployment) -> Vec<String> {
    let clear = deployment.in_clear();
    let mut warnings: Vec<String> = deployment.refusing_basic().map(with_session).collect();
    if !clear.is_empty() {
        warnings
            .push(format!("tokens and passwords go in clear text to {}: whoever listens has them", clear.join(", ")));
    }
    if let Some(proxy) = proxies().into_iter().find(|(name, _)| name.eq_ignore_ascii_case("http_proxy"))
        && deployment.any_without_tls()
    {
        warnings.push(format!("what goes in clear text passes the proxy that {} names: {}", proxy.0, proxy.1));
    }
    warnings
}

/// What is said of a controller that is logged in to although nobody asked for that.
fn with_session(name: &str) -> String {
    format!(
        "`{name}` refuses the user and the password in requests (HTTP Basic), and takes them for a session, which is used"
    )
}

/// The proxies that the environment names, without what is secret in them.
pub fn proxies() -> Vec<(String, String)> {
    let named = |name: &str| [name.to_owned(), name.to_ascii_uppercase()];
    let names = ["http_proxy", "https_proxy", "all_proxy"].iter().flat_map(|name| named(name));
    let set = names.filter_map(|name| {
        let value = std::env::var(&name).ok().filter(|value| !value.is_empty())?;
        Some((name, shown(&value)))
    });
    set.collect()
}

/// The description of a run, without what its arguments add.
async fn describe(
    chosen: &Chosen,
    deployment: &Arc<Deployment>,
    recorder: &Arc<Recorder>,
    run_id: &str,
) -> Result<Run, Failure> {
    let first = &chosen.clouds[0].1;
    // A deployment may say anything, also what it was told.
    let said = |text: &str| {
        let (said, whole) = recorder.redactor().beginning(text, SAID);
        if whole { said } else { said + "…" }
    };
    let (mut endpoints, mut versions) = (IndexMap::new(), IndexMap::new());
    for service in Service::ALL {
        if let Found::Ready { api, version, .. } = deployment.service(service) {
            endpoints.insert(service.to_string(), said(api));
            if !version.is_empty() {
                versions.insert(service.to_string(), said(version));
            }
        }
    }
    let services = deployment.redfish_services();
    for service in services {
        if let Found::Ready { api, version, .. } = &service.found {
            let name =
                if services.len() == 1 { "redfish".to_owned() } else { format!("redfish {}", service.settings.name) };
            endpoints.insert(name.clone(), said(api));
            versions.insert(name, said(version));
        }
    }
    let alone = chosen.clouds.iter().all(|(_, cloud)| cloud.credentials.standalone());
    let accounts = Role::ALL.into_iter().skip(1).filter(|_| !alone).map(|role| {
        let given = deployment.roles().any(|there| there == role);
        (role.option().trim_start_matches("--").to_owned(), given)
    });
    // The login is remembered: this asks nobody.
    let login = match deployment.session(Role::Member) {
        Ok(session) => session.login(&recorder.log("start")).await.ok(),
        Err(_) => None,
    };
    let projects = deployment.roles().filter_map(|role| Some((role.to_string(), said(deployment.project(role)?))));
    let region = login.as_ref().and_then(|login| {
        let found = login.catalog.find(Service::Identity, &first.interface, None).ok();
        first.region.clone().or_else(|| found.map(|endpoint| said(&endpoint.region)))
    });
    Ok(Run {
        source: None,
        schema: record::SCHEMA.to_owned(),
        id: run_id.to_owned(),
        started: Utc::now(),
        finished: None,
        assay: env!("CARGO_PKG_VERSION").to_owned(),
        guideline: None,
        target: None,
        deployment: record::Deployment {
            name: chosen.name.clone(),
            reference: chosen.reference.is_some(),
            auth_url: first.auth_url.clone(),
            region,
            endpoints,
            versions,
            began: deployment.start(),
            projects: projects.collect(),
            tls_verified: chosen.clouds.iter().all(|(_, cloud)| !cloud.tls.insecure)
                && deployment.in_clear().is_empty(),
            other_hosts: deployment.other_hosts().iter().map(|host| said(host)).collect(),
            cleartext: deployment.in_clear().iter().map(|host| said(host)).collect(),
        },
        product: None,
        accounts: accounts.collect(),
        configuration: sessions(deployment),
        argv: Vec::new(),
        selected: Vec::new(),
    })
}

/// Which controllers were asked by a session although nobody asked for that.
fn sessions(deployment: &Deployment) -> IndexMap<String, serde_json::Value> {
    let names: Vec<&str> = deployment.refusing_basic().collect();
    let told = (!names.is_empty()).then(|| ("session instead of HTTP Basic".to_owned(), names.into()));
    told.into_iter().collect()
}

/// How a run ends in order: tests are broken off and cleaned up. What its journal still names is left otherwise.
fn orderly(deployment: &Arc<Deployment>, folder: &Path) -> Stopping {
    let (budget, folder) = (deployment.cleanup().clone(), folder.to_owned());
    let seconds = signals::CLEANUP.as_secs();
    Stopping::orderly(Order {
        stopping: format!(
            "stopping: tests under way are broken off and cleaned up, for {seconds} s at most; once more ends at once"
        ),
        stop: Box::new(move || budget.end_within(signals::CLEANUP)),
        within: signals::CLEANUP,
        left: Arc::new(move || left(&folder)),
    })
}

/// What a run that ends without order leaves, as far as its journal tells.
fn left(folder: &Path) -> String {
    /// How many are named.
    const NAMED: usize = 20;
    let shown = folder.display();
    let mut text = format!("ended without cleaning up; `assay sweep {shown}` removes what is left");
    let Ok(mut entries) = Journal::remaining(folder) else { return text };
    entries.retain(|entry| entry.resource.kind != Kind::Object);
    if entries.is_empty() {
        return format!(
            "ended; nothing is left that the run had announced (`assay sweep {shown} --dry-run` looks again)"
        );
    }
    text.push_str(&format!(", up to {}:", entries.len()));
    for entry in entries.iter().take(NAMED) {
        text.push_str(&format!("\n  {}", entry.resource));
    }
    if entries.len() > NAMED {
        text.push_str(&format!("\n  and {} more", entries.len() - NAMED));
    }
    text
}
