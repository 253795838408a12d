//! Controllers that are busy with a machine refuse a change of it for a while: it is asked for again, within bounds.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::budget::hurried;
use crate::http::response::{Response, without_mark};
use crate::outcome::Outcome;

/// How long a controller may be busy with a machine.
const BUSY: Duration = Duration::from_secs(60);
/// The same while things are cleaned up.
const HURRIED: Duration = Duration::from_secs(15);
/// The messages of the Base registry (DSP2065) that say so.
const MESSAGES: [&str; 4] =
    ["ResourceInUse", "ResourceInStandby", "ServiceInUnknownState", "ServiceTemporarilyUnavailable"];

/// Asks for a change until the controller is not busy any more, or the time is up; gives the last answer.
pub(super) async fn until_free<F>(ask: impl Fn() -> F) -> Outcome<Response>
where
    F: Future<Output = Outcome<Response>>,
{
    let (begun, mut pause) = (Instant::now(), Duration::from_millis(500));
    loop {
        let answer = ask().await?;
        let longest = if hurried() { HURRIED } else { BUSY };
        if !is_busy(answer.status(), answer.bytes()) || begun.elapsed() + pause > longest {
            return Ok(answer);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_secs(5));
    }
}

/// Whether an answer says that nothing was done and that it may be done later: by its status, or in its messages.
fn is_busy(status: u16, body: &[u8]) -> bool {
    let says = || {
        let it: Value = serde_json::from_slice(without_mark(body)).unwrap_or_default();
        let messages = it["error"]["@Message.ExtendedInfo"].as_array().cloned().unwrap_or_default();
        let ids = messages.iter().map(|message| &message["MessageId"]).chain([&it["error"]["code"]]);
        ids.filter_map(Value::as_str).any(|id| MESSAGES.contains(&id.rsplit('.').next().unwrap_or_default()))
    };
    status == 409 || matches!(status, 400 | 503) && says()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_busy_says_so() {
        let body =
            |id: &str| format!(r#"{{"error": {{"code": "x", "@Message.ExtendedInfo": [{{"MessageId": "{id}"}}]}}}}"#);
        assert!(is_busy(409, b""));
        assert!(is_busy(400, body("Base.1.16.ResourceInUse").as_bytes()));
        assert!(is_busy(503, body("Base.1.0.ServiceTemporarilyUnavailable").as_bytes()));
        assert!(!is_busy(400, body("Base.1.16.PropertyValueNotInList").as_bytes()));
        assert!(!is_busy(400, b"") && !is_busy(204, b"") && !is_busy(404, body("Base.1.16.ResourceInUse").as_bytes()));
    }
}
