//! The quota of an object-storage account, which a reseller sets:
//! <https://docs.openstack.org/swift/latest/middleware.html#account-quotas>.

use super::{Kind, Resource, Standing};
use crate::http::client::Client;
use crate::need::Service;
use crate::outcome::{Outcome, Stop};
use crate::session::Role;

const QUOTA: &str = "x-account-meta-quota-bytes";

impl Resource {
    /// The quota of the member's account, as a test is about to set it: to so many bytes, or one more, where it was
    /// `previous`. Its id is the number of bytes.
    #[must_use]
    pub fn account_quota(name: &str, bytes: u64, previous: Option<u64>) -> Self {
        Self {
            id: Some(bytes.to_string()),
            previous: previous.map(|bytes| bytes.to_string()),
            ..Self::new(Kind::AccountQuota, name).of(Role::Reseller)
        }
    }
}

/// What the journal says of a quota, and what is found.
struct Seen {
    address: String,
    ours: bool,
    is_set: bool,
}

async fn look(reseller: &Client, quota: &Resource) -> Outcome<Seen> {
    let number = |text: &Option<String>| text.as_ref().map(|text| text.parse::<u64>().ok());
    let (Some(Some(set)), None | Some(Some(_))) = (number(&quota.id), number(&quota.previous)) else {
        return Err(Stop::Error(format!("{quota}: the journal does not say which quota was set, or which there was")));
    };
    // Tests limit the member's account and no other.
    let Some(address) = reseller.guard.api(Role::Member, Service::ObjectStorage) else {
        return Err(Stop::Error(format!("{quota}: the member's account is unknown; name its cloud with --cloud")));
    };
    let account = reseller.request_to("HEAD", address.clone()).require([200, 204]).await?;
    let current = account.header(QUOTA).filter(|bytes| !bytes.is_empty());
    // That it seems to be gone is no reason to do nothing: what is seen may be older than what was set.
    let ours = current.is_none_or(|bytes| bytes.parse().is_ok_and(|bytes: u64| bytes == set || bytes == set + 1));
    Ok(Seen { address, ours, is_set: current.is_some() })
}

/// Whether the quota may be one that the run set.
pub(super) async fn standing(reseller: &Client, quota: &Resource) -> Outcome<Standing> {
    if !reseller.guard.is_ours(Kind::AccountQuota, &quota.name) {
        return Ok(Standing::Doubtful(format!("`{}` is no name of this run", quota.name)));
    }
    let seen = look(reseller, quota).await?;
    if seen.ours && seen.is_set && reseller.guard.is_unsure() {
        return Ok(Standing::Doubtful(
            "whether there was a quota before is known to the run alone, and this machine has no key of that run: look at it, and \
             set it by hand"
                .into(),
        ));
    }
    Ok(if seen.ours { Standing::Ours } else { Standing::Gone })
}

/// Gives the account the quota that it had. A quota that tests do not set is somebody else's by now, and stays.
pub(super) async fn put_back(reseller: &Client, quota: &Resource) -> Outcome {
    let Seen { address, ours, .. } = look(reseller, quota).await?;
    if !ours {
        return Ok(());
    }
    reseller.guard.announce(Kind::AccountQuota, &quota.name);
    let change = reseller.request_to("POST", address);
    let change = match &quota.previous {
        Some(bytes) => change.header(QUOTA, bytes),
        None => change.header("x-remove-account-meta-quota-bytes", "x"),
    };
    change.require([200, 202, 204]).await?;
    Ok(())
}
