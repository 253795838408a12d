//! The quota of an object-storage account, which a reseller sets:
//! <https://docs.openstack.org/swift/latest/middleware.html#account-quotas>.

use super::{Kind, Resource};
use crate::http::client::Client;
use crate::outcome::{Outcome, Stop};
use crate::session::Role;

const QUOTA: &str = "x-account-meta-quota-bytes";

impl Resource {
    /// The quota of the account at this address, as a test is about to set it: to so many bytes, or one more, where it was
    /// `previous`. Its name ends with the number of bytes.
    #[must_use]
    pub fn account_quota(name: &str, address: &str, bytes: u64, previous: Option<u64>) -> Self {
        Self {
            id: Some(address.to_owned()),
            previous: previous.map(|bytes| bytes.to_string()),
            ..Self::new(Kind::AccountQuota, &format!("{name}-{bytes}")).of(Role::Reseller)
        }
    }
}

/// Gives the account the quota that it had. A quota that tests do not set is somebody else's by now, and stays.
pub(super) async fn put_back(reseller: &Client, quota: &Resource) -> Outcome {
    let set = quota.name.rsplit('-').next().and_then(|bytes| bytes.parse::<u64>().ok());
    let (Some(address), Some(set)) = (&quota.id, set) else {
        return Err(Stop::Error(format!("{quota}: the journal does not say whose quota it is, or which was set")));
    };
    let account = reseller.request_to("HEAD", address.clone()).require([200, 204]).await?;
    let current = account.header(QUOTA).filter(|bytes| !bytes.is_empty());
    let ours = current.is_none_or(|bytes| bytes.parse().is_ok_and(|bytes: u64| bytes == set || bytes == set + 1));
    // That it seems to be as it was is no reason to do nothing: what is seen may be older than what was set.
    if !ours {
        return Ok(());
    }
    let change = reseller.request_to("POST", address.clone());
    let change = match &quota.previous {
        Some(bytes) => change.header(QUOTA, bytes),
        None => change.header("x-remove-account-meta-quota-bytes", "x"),
    };
    change.require([200, 202, 204]).await?;
    Ok(())
}
