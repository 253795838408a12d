//! Looks for Redfish services.

use std::sync::Arc;

use serde_json::Value;

use super::Deployment;
use crate::found::Found;
use crate::http::address::join;
use crate::metal::redfish::ROOT;
use crate::metal::{RedfishService, RedfishSettings};
use crate::recorder::TestLog;
use crate::session::{LoginError, Role};

impl Deployment {
    /// Looks for each Redfish service.
    pub(crate) async fn look_for_redfish(
        &self,
        services: Vec<RedfishSettings>,
        log: &Arc<TestLog>,
    ) -> Result<Vec<RedfishService>, LoginError> {
        let services = services.into_iter().enumerate().map(|(at, settings)| async move {
            let role = Role::Redfish(u16::try_from(at).unwrap_or(u16::MAX));
            let found = self.look_at_redfish(role, &settings.name, log).await?;
            Ok(RedfishService { role, settings, found })
        });
        futures::future::try_join_all(services).await
    }

    async fn look_at_redfish(&self, role: Role, name: &str, log: &Arc<TestLog>) -> Result<Found, LoginError> {
        let Ok(session) = self.session(role) else {
            return Ok(Found::Absent(format!("Redfish service `{name}` has no account")));
        };
        let endpoint = session.cloud().auth_url.clone();
        let url = join(&endpoint, ROOT);
        let unreachable = |reason: String| Ok(Found::Unreachable(format!("Redfish service `{name}`: {reason}")));
        let answer = match self.ask_as(role, "GET", &url, false, log).await {
            Ok(answer) => answer,
            Err(error) => return unreachable(error.to_string()),
        };
        let root: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status != 200 || !root.is_object() {
            return unreachable(format!("{url} is no service root: it answered {}", answer.status));
        }
        // The root is open to all (DSP0266, "Authentication requirements"); the systems are not.
        if let Some(systems) = root["Systems"]["@odata.id"].as_str() {
            self.let_in(role, &join(&endpoint, systems), log).await?;
        }
        let version = root["RedfishVersion"].as_str().unwrap_or_default().to_owned();
        Ok(Found::Ready { root: endpoint.clone(), api: endpoint, version, microversions: None })
    }
}
