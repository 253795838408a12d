//! Objects that expire.

use std::time::{Duration, Instant};

use assay_kit::prelude::*;
use chrono::{DateTime, Utc};

use super::headers::{self, Target};
use super::steps;

/// After how many seconds the object expires. The first is enough for a deployment that answers at once; where the answers
/// that must come before took longer than that, they say nothing, and the next is tried. So it is where the object is gone
/// too early after the first: the clocks of the machines of a service may be a few seconds apart. The second is the published
/// one.
const AFTER: [u64; 3] = [3, 10, 60];
/// How long after its time the object may still be there, in seconds.
const GRACE: u64 = 62;

/// An object that is told to expire says when, can be read until then, and is gone after that.
///
/// It should not be gone before its time, and should hold until then what was uploaded.
#[conformance(
    id = "object-storage.objects.expire",
    spec = "swift-object-expiration#object-expiration",
    covers = "fb024a42-37f3-4ba5-9684-4f40a7910b41",
    needs = [ObjectStorage],
    seconds = 12,
)]
async fn expire(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    let content = steps::content(cx);
    let path = steps::path(&container, "object");
    let mut after = AFTER.into_iter();
    let (mut seconds, mut shown, mut object);
    loop {
        seconds = after.next().ok_or_else(|| Stop::Error(format!("answers take longer than {} s", AFTER[2])))?;
        steps::upload(cx, &container, "object", &content).await?;
        steps::download(cx, &container, "object").await?;
        let begun = Instant::now();
        cx.object_storage()?.post(&path).header("X-Delete-After", seconds).require(202).await?;
        shown = cx.object_storage()?.head(&path).send().await?;
        object = cx.object_storage()?.get(&path).send().await?;
        // The services count whole seconds.
        if begun.elapsed() < Duration::from_secs(seconds - 1) {
            let early = seconds < AFTER[1] && [&shown, &object].iter().any(|answer| answer.status() == 404);
            expect!(object, !early, "an object that expires after {seconds} s should not be gone before that");
            if !early {
                break;
            }
        }
    }
    shown.require_status(200)?;
    headers::check(cx, &shown, Target::Object)?;
    let due = shown.require_header("x-delete-at")?.to_owned();
    require!(shown, due.parse::<i64>().is_ok(), "X-Delete-At must be a number of seconds since 1970");
    object.require_status([200, 206])?;
    headers::check(cx, &object, Target::Object)?;
    require!(object, object.header("x-delete-at").is_some(), "an object that will expire must say when");
    expect_eq!(object, object.header("x-delete-at"), Some(due.as_str()), "the time of expiry should stay the same");
    expect!(object, object.bytes() == &content, "an object should hold what was uploaded until it expires");

    let get = cx.object_storage()?.get(&path);
    let within = Duration::from_secs(seconds + GRACE);
    let gone = steps::settled(cx, &get, within, |response| response.status() == 404).await?;
    require_eq!(gone, gone.status(), 404, "an object must be gone after its time");
    if let (Ok(due), Some(seen)) = (due.parse::<i64>(), date(&gone)) {
        expect!(gone, seen.timestamp() >= due, "an object should not be gone before its time, {due} s after 1970");
    }
    Ok(())
}

/// The service's own clock, as a response tells it.
fn date(response: &Response) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(response.header("date")?).ok().map(|time| time.to_utc())
}
