//! Looks for the nodes that tests may change.

use std::sync::Arc;

use serde_json::Value;

use super::Deployment;
use crate::found::Found;
use crate::http::address::encode;
use crate::metal::{Listed, Machines};
use crate::need::Service;
use crate::recorder::TestLog;
use crate::session::{LoginError, Role};

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
            if let Ok(id) = &id {
                self.guard().lend_node(id);
            }
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
                let body = &answer.body[..answer.body.len().min(64 * 1024)];
                let (text, _) = log.redactor().beginning(&String::from_utf8_lossy(body), 800);
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
                let id = node["uuid"].as_str().filter(|id| crate::guard::is_id(id));
                let id = id.ok_or_else(|| wrong("its description has no `uuid`".into()))?;
                // A service that answers with another node must not have that one changed.
                if id != name && node["name"] != *name {
                    return Err(wrong(format!("the service answers with the node `{id}`, which is called otherwise")));
                }
                Ok(id.to_owned())
            }
            404 => Err(wrong("the bare-metal service has no such node".into())),
            status => Err(wrong(format!("{answer} answered {status}"))),
        }
    }
}
