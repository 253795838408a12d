//! The deployment and the accounts that were chosen.

use std::sync::Arc;
use std::time::Duration;

use assay_kit::session::{Cloud, LoginError};
use assay_kit::{Deployment, Metal, Overrides, Recorder, Role};
use assay_reports::record::state::State;
use indexmap::IndexMap;

pub use crate::arguments::clouds::{CloudArguments, Guest, whole};
use crate::exit::Failure;
use crate::managers;
use crate::reference::Embedded;

/// A deployment that can be tested: its accounts, and the reference deployment when that is what it is.
#[derive(Debug)]
pub struct Chosen {
    /// The name of the member's cloud.
    pub name: String,
    /// The accounts, the member first; there is one at least.
    pub clouds: Vec<(Role, Cloud)>,
    /// The Redfish services, and the machines that tests may change.
    pub metal: Metal,
    /// The running reference deployment; it ends when this is dropped.
    pub reference: Option<Embedded>,
    /// What the user wants tests to use.
    pub overrides: Overrides,
    /// What the command line said of all that, by the names of the options: a later sweep takes the same accounts.
    pub options: IndexMap<String, String>,
    /// How much time there is for all of clean-up.
    pub cleanup: Duration,
}

impl Chosen {
    /// Logs every account in and looks for the services.
    pub async fn connect(&self, run_id: &str, recorder: &Arc<Recorder>) -> Result<Arc<Deployment>, Failure> {
        let (clouds, metal) = (self.clouds.clone(), self.metal.clone());
        let connected = Deployment::connect(run_id, clouds, metal, recorder, self.state()).await;
        let connected = connected
            .map(|deployment| Arc::new(deployment.overriding(self.overrides.clone()).cleaning_within(self.cleanup)))
            .map_err(|error| {
                let spare =
                    self.clouds.iter().find(|(role, _)| *role == Role::Spare).map(|(_, cloud)| cloud.name.as_str());
                let mut failure = no_login(&error);
                if matches!(&error, LoginError::Refused { cloud, .. } if Some(cloud.as_str()) == spare) {
                    failure
                        .message
                        .push_str("; if a run was killed, `assay sweep RUN` puts the spare account's password back");
                }
                failure
            })?;
        managers::are_fit(&connected, recorder, &self.clouds).await?;
        Ok(connected)
    }

    /// Where runs with the same accounts take turns. Nobody else has those of an embedded reference deployment.
    fn state(&self) -> Option<State> {
        if self.reference.is_some() { None } else { State::find() }
    }

    /// The same, to sweep up after a run that may have been killed while the spare account had another password.
    pub async fn connect_to_sweep(&self, run_id: &str, recorder: &Arc<Recorder>) -> Result<Arc<Deployment>, Failure> {
        let (clouds, metal) = (self.clouds.clone(), self.metal.clone());
        let connected = Deployment::connect_to_sweep(run_id, clouds, metal, recorder, self.state()).await;
        let connected = connected.map(|deployment| Arc::new(deployment.cleaning_within(self.cleanup)));
        connected.map_err(|error| no_login(&error))
    }
}

fn no_login(error: &LoginError) -> Failure {
    match error {
        LoginError::Transport(assay_kit::http::TransportError::Certificate { .. }) => Failure::usage(error),
        _ => Failure::unreachable(error),
    }
}
