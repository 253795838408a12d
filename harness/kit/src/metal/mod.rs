//! Bare metal: which machines tests may change, and the Redfish services that are tested.
//!
//! Nothing but what the user lists is ever changed. What is not listed receives reads alone.

mod drive;
mod etag;
mod links;
mod machines;
mod medium;
mod patience;
pub(crate) mod redfish;

pub use drive::{is_loaded, take_out};
pub(crate) use machines::Listed;
pub use machines::{Borrowed, Machines};
pub use medium::Medium;
pub use redfish::{Redfish, RedfishService};

use assay_record::Lack;

use crate::need::{Need, Service};
use crate::outcome::{Stop, Worst};

/// What the user says of a bare-metal deployment beside its accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metal {
    /// Whether the member operates a bare-metal service, which is tested then. A cloud's own is not even looked at: a plain
    /// member may do nothing there.
    pub ironic: bool,
    /// The nodes of the bare-metal service that tests may change, by name or UUID.
    pub machines: Vec<String>,
    /// The Redfish services; the account of the first is [`Role::Redfish(0)`](crate::Role::Redfish).
    pub redfish: Vec<RedfishSettings>,
}

/// What the user says of a Redfish service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RedfishSettings {
    /// What it is called.
    pub name: String,
    /// The systems that are tested, by `Id` or `Name`; all unless there are any here.
    pub systems: Vec<String>,
    /// Of these, the ones that tests may change.
    pub machines: Vec<String>,
    /// The address of a disc that the machines can fetch; one is served from here unless given.
    pub medium: Option<String>,
    /// The attribute of the BIOS that tests may set to another value, and put back before any restart.
    pub bios_attribute: Option<String>,
    /// Whether tests may change its only system, whatever that is called.
    pub sole: bool,
}

/// Why the bare-metal service of a cloud is not tested.
pub(crate) const NO_OPERATOR: &str = "needs an operator of the bare-metal service: name the service under `ironic` in a deployment \
                                      file (--deployment)";

/// Why a test that needs this cannot pass on every Redfish service: the worst reason.
pub(crate) fn lacks_redfish(services: &[RedfishService], need: Need) -> Option<Stop> {
    if services.is_empty() {
        let reason = "needs a Redfish service: name one under `redfish` in the deployment file (--deployment)";
        return Some(Stop::skip(Lack::service(Service::Redfish), reason));
    }
    let mut worst = Worst::default();
    for stop in services.iter().filter_map(|service| service.lacks(need)) {
        worst.add(Err(stop));
    }
    worst.outcome().err()
}
