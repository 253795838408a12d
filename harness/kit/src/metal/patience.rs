//! Controllers that are busy with a machine refuse a change of it for a while: it is asked for again, within bounds.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::budget::hurried;
use crate::http::Transport;
use crate::http::response::{Response, without_mark};
use crate::outcome::Outcome;

/// How long a controller may be busy with a machine.
const BUSY: Duration = Duration::from_secs(60);
/// The same while things are cleaned up.
const HURRIED: Duration = Duration::from_secs(15);
/// The messages that say so: of the Base registry (DSP2065), of an iDRAC and of an iLO. sushy asks again after the last two.
const MESSAGES: [&str; 6] = [
    "ResourceInUse",
    "ResourceInStandby",
    "ServiceInUnknownState",
    "ServiceTemporarilyUnavailable",
    "SYS518",
    "InvalidOperationForSystemState",
];

/// By what a controller is known to be busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// A conflict (409) is enough: what is asked for is right.
    Conflict,
    /// It says so, for what is asked for may be refused for good.
    Words,
}

/// Asks for a change of what is at a path until the controller is not busy any more, or the time is up; gives the last answer.
/// Who stays busy is waited for once, and not by each request again.
pub(super) async fn until_free<F>(
    transport: &Transport,
    path: &str,
    sign: Sign,
    ask: impl Fn() -> F,
) -> Outcome<Response>
where
    F: Future<Output = Outcome<Response>>,
{
    let (begun, mut pause) = (Instant::now(), Duration::from_millis(500));
    let longest = match (hurried(), transport.is_stuck(path)) {
        // What is to be put back is waited for all the same.
        (true, _) => HURRIED,
        (false, true) => Duration::ZERO,
        (false, false) => BUSY,
    };
    loop {
        let answer = ask().await?;
        if !is_busy(sign, answer.status(), answer.bytes()) {
            transport.note_stuck(path, false);
            return Ok(answer);
        }
        if begun.elapsed() + pause > longest {
            // What may be refused for good says nothing about other changes.
            if sign == Sign::Conflict {
                transport.note_stuck(path, true);
            }
            return Ok(answer);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_secs(5));
    }
}

/// Whether an answer says that nothing was done and that it may be done later: by its status, or in its messages. Who is only
/// unavailable for a while says so with 503 (DSP0266, "Status codes").
fn is_busy(sign: Sign, status: u16, body: &[u8]) -> bool {
    let says = || {
        let it: Value = serde_json::from_slice(without_mark(body)).unwrap_or_default();
        let messages = it["error"]["@Message.ExtendedInfo"].as_array().cloned().unwrap_or_default();
        let ids = messages.iter().map(|message| &message["MessageId"]).chain([&it["error"]["code"]]);
        ids.filter_map(Value::as_str).any(|id| MESSAGES.contains(&id.rsplit('.').next().unwrap_or_default()))
    };
    status == 503 || (status == 409 && sign == Sign::Conflict) || (matches!(status, 400 | 409 | 500) && says())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use bytes::Bytes;

    use super::*;
    use crate::Recorder;
    use crate::http::redact::Redactor;
    use crate::http::{RawResponse, Tls};

    #[test]
    fn who_is_busy_says_so() {
        let body =
            |id: &str| format!(r#"{{"error": {{"code": "x", "@Message.ExtendedInfo": [{{"MessageId": "{id}"}}]}}}}"#);
        let busy = |status: u16, body: &str| is_busy(Sign::Conflict, status, body.as_bytes());
        assert!(busy(409, ""));
        assert!(busy(503, ""));
        assert!(busy(400, &body("Base.1.16.ResourceInUse")));
        assert!(!busy(400, &body("Base.1.16.PropertyValueNotInList")));
        assert!(!busy(400, "") && !busy(204, "") && !busy(404, &body("Base.1.16.ResourceInUse")));
        let says = |status: u16, body: &str| is_busy(Sign::Words, status, body.as_bytes());
        assert!(!says(409, "") && says(503, "") && says(409, &body("Base.1.0.ResourceInUse")));
    }

    /// Asks what is busy so many times; how often it was asked, for how long, and with what status it ended.
    async fn asked(transport: &Transport, busy: u32) -> (u32, Duration, u16) {
        let log = Recorder::new(None, Redactor::default()).unwrap().log("test");
        let (count, begun) = (AtomicU32::new(0), Instant::now());
        let ask = || async {
            let status = if count.fetch_add(1, Ordering::Relaxed) < busy { 409 } else { 204 };
            let raw = RawResponse { status, headers: Vec::new(), body: Bytes::new(), exchange: 0 };
            Ok(Response::new(raw, "PATCH".to_owned(), "http://h/x".to_owned(), log.clone()))
        };
        let answer = until_free(transport, "/x", Sign::Conflict, ask).await.unwrap();
        (count.load(Ordering::Relaxed), begun.elapsed(), answer.status())
    }

    #[tokio::test(start_paused = true)]
    async fn who_stays_busy_is_waited_for_once() {
        let transport = Transport::new(&Tls::default(), None).unwrap();
        let (count, took, status) = asked(&transport, 1).await;
        assert_eq!((count, status), (2, 204));
        assert!(took < Duration::from_secs(1), "{took:?}");
        let (_, took, status) = asked(&transport, 10).await;
        assert_eq!(status, 204);
        assert!(took > Duration::from_secs(30) && took < BUSY, "{took:?}");
        let (_, took, status) = asked(&transport, u32::MAX).await;
        assert_eq!(status, 409);
        assert!(took + Duration::from_secs(6) > BUSY && took <= BUSY, "{took:?}");
        assert_eq!(asked(&transport, u32::MAX).await, (1, Duration::ZERO, 409), "it is asked once");
        // Once it has taken a change, it is waited for again.
        assert_eq!(asked(&transport, 0).await.2, 204);
        assert_eq!(asked(&transport, 1).await.2, 204);
    }
}
