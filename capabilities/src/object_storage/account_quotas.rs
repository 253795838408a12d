//! The quota of an account, which a reseller sets.
//!
//! A test sets one only where there is none, and leaves so much room that nobody else meets it.

use std::time::Duration;

use assay_kit::prelude::*;

use super::features;
use super::headers::{self, Target};
use super::steps::{self, SETTLING};

/// What `/info` calls it.
const FEATURE: &str = "account_quotas";
const QUOTA: &str = "X-Account-Meta-Quota-Bytes";
const REMOVE_QUOTA: &str = "X-Remove-Account-Meta-Quota-Bytes";
/// What the quota leaves free, in bytes: far more than all tests upload together that may run beside one with a quota.
const ROOM: u64 = 1024 * 1024;
/// More than the quota leaves free, in bytes.
const BEYOND: usize = 2 * 1024 * 1024;

/// How long a quota may be seen after it was taken away, by this run or another.
const VANISHING: Duration = Duration::from_secs(60);
/// How long an object that was not refused may take to be found.
const APPEARING: Duration = Duration::from_secs(10);

/// The member's account, with a quota.
struct Limited {
    bytes: u64,
    /// Whether the test has set it.
    is_own: bool,
}

impl Limited {
    /// Sets a quota where the account has none.
    async fn set(cx: &Cx) -> Outcome<Self> {
        let reseller = cx.client(Role::Reseller, Service::ObjectStorage)?;
        let address = cx.object_storage()?.url("");
        // A quota such as the tests set may be one that the test before has taken away again: then it vanishes.
        let look = reseller.request_to("HEAD", address.clone());
        let account = steps::settled(cx, &look, VANISHING, |account| !is_of_a_run(account)).await?;
        account.require_status(204)?;
        let previous = number(&account, QUOTA);
        // To put it back later would keep for ever what its run is about to take away.
        if let Some(bytes) = previous.filter(|_| is_of_a_run(&account)) {
            return Err(Stop::Error(format!(
                "the account has a quota such as these tests set ({bytes} bytes), and still had it after {} s: let the other \
                 run end, or, where none is under way, `assay sweep` what left it",
                VANISHING.as_secs()
            )));
        }
        let bytes = previous.unwrap_or_else(|| used(&account) + ROOM);
        cx.will_create(Resource::account_quota(&cx.name("quota"), bytes, previous))?;
        if previous.is_none() {
            let answer = reseller.request_to("POST", address).header(QUOTA, bytes).send().await?;
            if answer.status() >= 400 && !features::is_announced(cx, FEATURE) {
                features::tried(cx, FEATURE, &answer, false)?;
            }
            answer.require_status(200..=399)?;
        }
        let account = Self::show(cx, bytes).await?;
        expect_eq!(account, number(&account, QUOTA), Some(bytes), "the quota that a reseller set should be shown");
        let limited = Self { bytes, is_own: previous.is_none() };
        limited.goes_on(cx).await?;
        Ok(limited)
    }

    /// Goes on where the account's quota is heeded: the service announces that it is, or refuses an object that is
    /// too large.
    async fn goes_on(&self, cx: &Cx) -> Outcome {
        if features::is_announced(cx, FEATURE) {
            return Ok(());
        }
        if !self.is_own {
            return Err(cx.skip(
                Lack::feature(Service::ObjectStorage, FEATURE),
                "/info does not announce `account_quotas`, and no test tries them where somebody else has set one",
            ));
        }
        let container = steps::container(cx).await?;
        let path = steps::path(&container, "beyond");
        // A service may close the connection when it refuses what it has not read: whether the object is there tells
        // as well.
        let _ = cx.object_storage()?.put(&path).bytes(vec![0xff; BEYOND]).send().await;
        let head = cx.object_storage()?.head(&path);
        let object = steps::settled(cx, &head, APPEARING, |object| object.status() != 404).await?;
        features::tried(cx, FEATURE, &object, object.status() == 404)
    }

    /// Takes the quota away, where it is the test's own and the account shows no other by now.
    async fn lift(&self, cx: &Cx) -> Outcome {
        let account = cx.object_storage()?.head("").send().await?;
        if self.is_own && number(&account, QUOTA).is_none_or(|bytes| bytes == self.bytes) {
            let reseller = cx.client(Role::Reseller, Service::ObjectStorage)?;
            let address = cx.object_storage()?.url("");
            reseller.request_to("POST", address).header(REMOVE_QUOTA, "x").require(200..=399).await?;
        }
        Ok(())
    }

    /// The account's headers, once they have this quota or the time is up.
    async fn show(cx: &Cx, bytes: u64) -> Outcome<Response> {
        let head = cx.object_storage()?.head("");
        steps::settled(cx, &head, SETTLING, |account| number(account, QUOTA) == Some(bytes)).await
    }
}

/// Whether an account has a quota such as these tests set.
fn is_of_a_run(account: &Response) -> bool {
    number(account, QUOTA).is_some_and(|bytes| bytes.abs_diff(used(account) + ROOM) <= ROOM / 2)
}

/// What a test with a quota came to. Where the account has one by now that no test sets, a failed check says nothing.
async fn undisturbed(cx: &Cx, bytes: u64, outcome: Outcome) -> Outcome {
    if !matches!(outcome, Err(Stop::Fail(_))) {
        return outcome;
    }
    let account = cx.object_storage()?.head("").send().await?;
    match number(&account, QUOTA) {
        // A member who may change it, which is what a test forbids, makes it one more, or takes it away.
        Some(seen) if seen != bytes && seen != bytes + 1 => Err(Stop::Error(format!(
            "somebody else set the account's quota to {seen} bytes while a test had set it to {bytes}: let nobody do so"
        ))),
        _ => outcome,
    }
}

fn number(account: &Response, header: &str) -> Option<u64> {
    account.header(header)?.parse().ok()
}

fn used(account: &Response) -> u64 {
    number(account, "X-Account-Bytes-Used").unwrap_or(0)
}

/// An object that fits into the account's quota is uploaded.
///
/// The quota should be shown. An object that is larger than what is left should be refused with 413, and should not
/// be there.
#[conformance(
    id = "object-storage.account-quotas.upload-within",
    spec = "swift-middleware#account-quotas",
    covers = "a22ef352-a342-4587-8f47-3bbdb5b039c4",
    needs = [ObjectStorage, ResellerAccount],
    holds = [AccountMetadata],
)]
async fn upload_within(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    let limited = Limited::set(cx).await?;
    undisturbed(cx, limited.bytes, uploaded(cx, &container, &limited).await).await?;
    limited.lift(cx).await
}

async fn uploaded(cx: &Cx, container: &str, limited: &Limited) -> Outcome {
    let content = steps::content(cx);
    let account = cx.object_storage()?.head("").send().await?;
    if used(&account) + content.len() as u64 > limited.bytes {
        return Err(cx.skip(
            Lack::resource(Service::ObjectStorage, "room in the account's quota"),
            "the account's own quota leaves no room for an object of 300 bytes",
        ));
    }
    let response = steps::upload(cx, container, "within", &content).await?;
    headers::check(cx, &response, Target::Object)?;
    let stored = steps::asked_for(cx, container, "within").await?;
    expect!(stored, stored.bytes() == &content, "an uploaded object should hold what was sent");

    let Some(left) = limited.bytes.checked_sub(used(&account)).filter(|left| *left <= ROOM) else { return Ok(()) };
    let Ok(size) = usize::try_from(left + ROOM) else { return Ok(()) };
    let put = cx.object_storage()?.put(&steps::path(container, "beyond"));
    // A service may close the connection when it refuses what it has not read: then the answer is lost.
    if let Ok(refused) = put.bytes(vec![0xff; size]).send().await {
        expect_eq!(
            refused,
            refused.status(),
            413,
            "an object that the account's quota has no room for should be refused"
        );
    }
    steps::expect_gone(cx, container, "beyond").await
}

/// A member may neither remove nor change the quota of the account: both must be refused with 403.
///
/// The quota should be shown, and should stay as it was.
#[conformance(
    id = "object-storage.account-quotas.change-as-member",
    spec = "swift-middleware#account-quotas",
    covers = "d1dc5076-555e-4e6d-9697-28f1fe976324",
    needs = [ObjectStorage, ResellerAccount],
    holds = [AccountMetadata],
)]
async fn change_as_member(cx: &Cx) -> Outcome {
    let limited = Limited::set(cx).await?;
    if !limited.is_own {
        // A service that lets the member change it would change what somebody has set.
        return Err(cx.skip(
            Lack::resource(Service::ObjectStorage, "an account without a quota"),
            "the account has a quota already, which no test tries to change",
        ));
    }
    undisturbed(cx, limited.bytes, refused(cx, &limited).await).await?;
    limited.lift(cx).await
}

async fn refused(cx: &Cx, limited: &Limited) -> Outcome {
    let member = cx.object_storage()?;
    member.post("").header(QUOTA, "").require(403).await?;
    member.post("").header(QUOTA, limited.bytes + 1).require(403).await?;
    let account = member.head("").send().await?;
    expect_eq!(
        account,
        number(&account, QUOTA),
        Some(limited.bytes),
        "a refused change should leave the quota as it was"
    );
    Ok(())
}
