//! The nodes of the bare-metal service that tests may change, each lent to one test at a time.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::deployment::{Deployment, Found};
use crate::http::client::encode;
use crate::need::Service;
use crate::outcome::{Outcome, Stop};
use crate::recorder::TestLog;
use crate::session::{LoginError, Role};

/// The nodes that the user lists.
#[derive(Debug, Default)]
pub struct Machines {
    listed: Vec<Listed>,
    /// The places in `listed` of those that no test has.
    free: Arc<Mutex<Vec<usize>>>,
}

#[derive(Debug)]
struct Listed {
    name: String,
    id: Result<String, String>,
}

/// A node that a test has for itself, until this is dropped.
#[derive(Debug)]
pub struct Borrowed {
    name: String,
    id: String,
    at: usize,
    free: Arc<Mutex<Vec<usize>>>,
}

impl Borrowed {
    /// The name that it is listed under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its UUID.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(self.at);
    }
}

impl Machines {
    fn new(listed: Vec<Listed>) -> Self {
        let free = (0..listed.len()).rev().collect();
        Self { listed, free: Arc::new(Mutex::new(free)) }
    }

    /// Each with its UUID, or why it has none.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, Result<&str, &str>)> {
        self.listed.iter().map(|one| (one.name.as_str(), one.id.as_deref().map_err(String::as_str)))
    }

    /// Why a test that changes one cannot run.
    pub(crate) fn lack(&self) -> Option<Stop> {
        if self.listed.is_empty() {
            let reason = "needs a machine that tests may change: list a node under `ironic: machines` in the deployment file \
                          (--deployment)";
            return Some(Stop::Skip(reason.into()));
        }
        self.listed.iter().find_map(|one| one.id.as_ref().err()).map(|reason| Stop::Error(reason.clone()))
    }

    /// One of these, by UUID, that no other test has.
    pub(crate) fn borrow_one_of(&self, ids: &[String]) -> Option<Borrowed> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = |at: &usize| self.listed[*at].id.as_ref().is_ok_and(|id| ids.contains(id));
        let place = free.iter().position(wanted)?;
        let at = free.swap_remove(place);
        let Listed { name, id } = &self.listed[at];
        let id = id.clone().unwrap_or_default();
        Some(Borrowed { name: name.clone(), id, at, free: self.free.clone() })
    }

    /// One that no other test has.
    pub(crate) fn borrow(&self) -> Outcome<Borrowed> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let at = free.ok_or_else(|| {
            Stop::Error("a defect of Assay: a test takes a machine without naming it in `needs` and `holds`".into())
        })?;
        let Listed { name, id } = &self.listed[at];
        match id {
            Ok(id) => Ok(Borrowed { name: name.clone(), id: id.clone(), at, free: self.free.clone() }),
            Err(reason) => {
                self.free.lock().unwrap_or_else(PoisonError::into_inner).push(at);
                Err(Stop::Error(reason.clone()))
            }
        }
    }
}

impl Deployment {
    /// Finds the nodes that are listed; nothing of them is changed.
    pub(crate) async fn look_for_machines(
        &self,
        names: Vec<String>,
        log: &Arc<TestLog>,
    ) -> Result<Machines, LoginError> {
        let Found::Ready { api, .. } = self.service(Service::BareMetal) else {
            let reason = "there is no bare-metal service that it could belong to";
            let listed = names.into_iter().map(|name| Listed { id: Err(format!("machine `{name}`: {reason}")), name });
            return Ok(Machines::new(listed.collect()));
        };
        self.let_in(Role::Member, &format!("{api}/nodes?limit=1"), log).await?;
        let mut listed: Vec<Listed> = Vec::new();
        for name in names {
            let id = self.node(api, &name, log).await;
            // Listed by its name and by its UUID, it is one machine all the same.
            if id.is_err() || !listed.iter().any(|other| other.id == id) {
                listed.push(Listed { name, id });
            }
        }
        Ok(Machines::new(listed))
    }

    /// Whether a service that stands alone takes its user: there is no login that would tell.
    pub(crate) async fn let_in(&self, role: Role, url: &str, log: &Arc<TestLog>) -> Result<(), LoginError> {
        let Ok(session) = self.session(role) else { return Ok(()) };
        let cloud = session.cloud();
        if !cloud.credentials.standalone() {
            return Ok(());
        }
        match self.ask_as(role, "GET", url, true, log).await {
            Ok(answer) if matches!(answer.status, 401 | 403) => {
                let text = log.redactor().body(&String::from_utf8_lossy(&answer.body));
                let message = text.chars().take(200).collect();
                let check = cloud.credentials.check();
                let (cloud, status) = (cloud.name.clone(), answer.status);
                Err(LoginError::Refused { cloud, url: url.to_owned(), status, message, check })
            }
            // What it answers otherwise is for the tests to judge.
            _ => Ok(()),
        }
    }

    async fn node(&self, api: &str, name: &str, log: &Arc<TestLog>) -> Result<String, String> {
        let wrong =
            |reason: String| format!("machine `{name}`: {reason}; correct `ironic: machines` in the deployment file");
        let url = format!("{api}/nodes/{}", encode(name));
        // Names of nodes came with this microversion.
        let client = self.client(Role::Member, Service::BareMetal, log).map_err(|stop| stop.to_string())?;
        let client = client.microversion(Service::BareMetal, "1.5");
        let answer = client.request_to("GET", url).send().await.map_err(|stop| stop.to_string())?;
        match answer.status() {
            200 => {
                let node: Value = serde_json::from_slice(answer.bytes()).unwrap_or_default();
                node["uuid"].as_str().map(str::to_owned).ok_or_else(|| wrong("its description has no `uuid`".into()))
            }
            404 => Err(wrong("the bare-metal service has no such node".into())),
            status => Err(wrong(format!("{answer} answered {status}"))),
        }
    }
}
