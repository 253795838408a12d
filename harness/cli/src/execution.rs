//! What every run does, whatever shows it: log in, describe the deployment, run the tests, stop when asked to.

use std::path::Path;
use std::sync::Arc;

use assay_kit::deployment::Found;
use assay_kit::http::redact::Redactor;
use assay_kit::session::clouds::Scope;
use assay_kit::{ConformanceTest, Cx, Deployment, Need, Recorder, Role, Service};
use assay_reports::RunFolder;
use assay_reports::record::{self, Run};
use assay_runner::{Job, Outcome, Settings};
use chrono::Utc;
use indexmap::IndexMap;
use libtest_mimic::{Arguments, Conclusion};
use tokio::sync::watch;

use crate::accounts::Chosen;
use crate::exit::{Code, Failure};
use crate::face::Face;
use crate::output::say;
use crate::progress::Progress;

/// A run that can begin: logged in, with a folder, and described as far as the deployment goes.
pub struct Execution {
    deployment: Arc<Deployment>,
    recorder: Arc<Recorder>,
    folder: RunFolder,
    tests: Vec<&'static ConformanceTest>,
    /// What `run.json` will say.
    pub description: Run,
}

impl Execution {
    /// Logs in, and warns of what should not be so although tests can run.
    pub async fn prepare(
        chosen: &Chosen,
        folder: RunFolder,
        tests: Vec<&'static ConformanceTest>,
    ) -> Result<Self, Failure> {
        let redactor = Redactor::default();
        let recorder = Recorder::new(Some(folder.path()), redactor.clone()).map_err(|error| {
            Failure::usage(format!("cannot write {}: {error}; name another folder with --out", folder.path().display()))
        })?;
        let run_id = new_run_id();
        let deployment = chosen.connect(&run_id, &recorder).await?;
        reachable(&deployment)?;
        warn(&deployment, chosen, &recorder).await;
        let mut description = describe(chosen, &deployment, &recorder, &run_id).await?;
        description.argv = std::env::args().map(|argument| redactor.text(&argument)).collect();
        description.selected = tests.iter().map(|test| test.id.to_owned()).collect();
        Ok(Self { deployment, recorder, folder, tests, description })
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
    pub async fn watched(self, settings: Settings) -> Result<Outcome, Failure> {
        let mut progress = Progress::new(self.tests.len());
        let outcome = assay_runner::run(self.job(settings), self.description.clone(), &mut progress).await;
        progress.end();
        let outcome = outcome?;
        self.note_guests()?;
        Ok(outcome)
    }

    /// Runs the tests behind the face of Rust's test runner, which comes to a conclusion of its own; of the tests that it
    /// knows, `arguments` must select those of the run.
    pub async fn faced(
        self,
        settings: Settings,
        known: &[&'static ConformanceTest],
        arguments: Arguments,
    ) -> Result<(Outcome, Conclusion), Failure> {
        let (mut face, shown) = Face::show(known, arguments);
        let outcome = assay_runner::run(self.job(settings), self.description.clone(), &mut face).await;
        // Trials that still wait learn that nothing comes.
        drop(face);
        let shown = tokio::task::spawn_blocking(move || shown.join()).await.map_err(Failure::defect)?;
        let outcome = outcome?;
        self.note_guests()?;
        Ok((outcome, shown.unwrap_or_else(|_| closed())))
    }

    /// Says how servers were logged in to, or why not, and puts it into `run.json`: it shows only while tests run.
    fn note_guests(&self) -> Result<(), Failure> {
        let Some(how) = self.deployment.guests() else { return Ok(()) };
        say(&format!("logging in to servers: {how}"));
        let (mut run, _, _) = self.folder.load().map_err(Failure::defect)?;
        run.configuration.insert("guest".to_owned(), how.into());
        Ok(assay_runner::write_run(&self.folder, &run)?)
    }

    fn job(&self, settings: Settings) -> Job<'_> {
        Job {
            deployment: &self.deployment,
            recorder: &self.recorder,
            folder: &self.folder,
            tests: &self.tests,
            settings,
            stopping: stop_on_signals(self.folder.path()),
        }
    }
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
pub async fn outlook(
    deployment: &Arc<Deployment>,
    recorder: &Arc<Recorder>,
    tests: &[&'static ConformanceTest],
) -> Option<String> {
    if !tests.iter().any(|test| test.needs.contains(&Need::Guest)) {
        return None;
    }
    let cx = Cx::new(deployment.clone(), recorder.log("start"));
    Some(match deployment.outlook(&cx).await {
        Ok(outlook) => outlook.to_string(),
        Err(stop) => format!("unknown: {stop}"),
    })
}

/// Ends a run of which no test could tell anything.
pub fn reachable(deployment: &Deployment) -> Result<(), Failure> {
    deployment.unreachable().map_or(Ok(()), |reason| Err(Failure::unreachable(reason)))
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
        if login.project_id.is_none() && !operates && !cloud.credentials.standalone() {
            say(&format!("warning: the token of `{}` has no project; name one in clouds.yaml", cloud.name));
        }
        if cloud.tls.insecure {
            say(&format!("warning: the certificates of `{}` are not verified", cloud.name));
        }
    }
}

/// The description of a run, without what its arguments add.
async fn describe(
    chosen: &Chosen,
    deployment: &Arc<Deployment>,
    recorder: &Arc<Recorder>,
    run_id: &str,
) -> Result<Run, Failure> {
    let first = &chosen.clouds[0].1;
    let (mut endpoints, mut versions) = (IndexMap::new(), IndexMap::new());
    for service in Service::ALL {
        if let Found::Ready { api, version, .. } = deployment.service(service) {
            endpoints.insert(service.to_string(), api.clone());
            if !version.is_empty() {
                versions.insert(service.to_string(), version.clone());
            }
        }
    }
    let services = deployment.redfish_services();
    for service in services {
        if let Found::Ready { api, version, .. } = &service.found {
            let name =
                if services.len() == 1 { "redfish".to_owned() } else { format!("redfish {}", service.wish.name) };
            endpoints.insert(name.clone(), api.clone());
            versions.insert(name, version.clone());
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
    let region = login.and_then(|login| {
        let found = login.catalog.find(Service::Identity, &first.interface, None).ok();
        first.region.clone().or_else(|| found.map(|endpoint| endpoint.region.clone()))
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
            tls_verified: chosen.clouds.iter().all(|(_, cloud)| !cloud.tls.insecure),
        },
        product: None,
        accounts: accounts.collect(),
        configuration: IndexMap::new(),
        argv: Vec::new(),
        selected: Vec::new(),
    })
}

/// Stops the run on ctrl-C or a request to end; at the second time the process ends at once.
pub fn stop_on_signals(folder: &Path) -> watch::Receiver<bool> {
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
