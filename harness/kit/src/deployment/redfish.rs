//! Looks for Redfish services.

use std::sync::Arc;

use serde_json::Value;
use url::Url;

use super::Deployment;
use crate::found::Found;
use crate::http::address::join;
use crate::http::response::without_mark;
use crate::metal::{RedfishService, RedfishSettings};
use crate::recorder::TestLog;
use crate::session::{LoginError, ROOT, Role};

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
        let root: Value = serde_json::from_slice(without_mark(&answer.body)).unwrap_or_default();
        if answer.status != 200 || !root.is_object() {
            return unreachable(format!("{url} is no service root: it answered {}", answer.status));
        }
        // The root is open to all (DSP0266, "Authentication requirements"); the systems are not.
        let systems = root["Systems"]["@odata.id"].as_str().and_then(|link| within(&url, link));
        if let Some(url) = systems {
            if session.has_session() {
                session.proof_header(&url, log).await?;
            }
            match self.let_in(role, &url, log).await {
                // Where passwords are not taken in each request, they may be taken once.
                Err(LoginError::Refused { status: 401 | 403, .. }) if session.try_session(log).await => {
                    self.let_in(role, &url, log).await?;
                }
                outcome => outcome?,
            }
        }
        let version = root["RedfishVersion"].as_str().unwrap_or_default().to_owned();
        Ok(Found::Ready { root: endpoint.clone(), api: endpoint, version, microversions: None })
    }
}

/// Where a link leads that stands at an address, within its origin.
fn within(from: &str, link: &str) -> Option<String> {
    let from = Url::parse(from).ok()?;
    let url = from.join(link).ok().filter(|url| url.origin() == from.origin())?;
    Some(url.into())
}
