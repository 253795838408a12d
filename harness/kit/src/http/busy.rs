//! Services that have too much to do: when they are asked again, and when no more.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::budget::hurried;
use crate::clock;

/// How often a request is sent when the service says that it has too much to do.
const ATTEMPTS: u32 = 5;
/// The longest wait before such a request is sent again, whatever the service asks for.
const WAIT: Duration = Duration::from_secs(30);
/// How long one request waits at most, over all its attempts.
const WAITS: Duration = Duration::from_secs(60);
/// The same while things are cleaned up.
const HURRIED: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(15));
/// Whoever asks for more has not said when to come again.
const ABSURD: Duration = Duration::from_secs(3600);

/// How patient a request is with a busy service.
#[derive(Debug)]
pub(super) struct Patience {
    longest: Duration,
    left: Duration,
}

impl Patience {
    /// That of a request, which waits no longer than this at a time.
    pub(super) fn new(longest: Duration) -> Self {
        let (wait, waits) = if hurried() { HURRIED } else { (WAIT, WAITS) };
        Self { longest: wait.min(longest), left: waits }
    }

    /// How long to wait before a request is sent again that was answered so; none when it is not, or no more.
    pub(super) fn wait(
        &mut self,
        status: u16,
        headers: &[(String, String)],
        body: &[u8],
        attempt: u32,
    ) -> Option<Duration> {
        let asked = asked(headers);
        if attempt >= ATTEMPTS || self.left.is_zero() || !(is_busy(status) || is_limited(status, asked, body)) {
            return None;
        }
        // As long as it says (RFC 9110, section 10.2.3), or twice as long each time.
        let own = Duration::from_millis(250) * 2_u32.pow(attempt.min(8));
        let wait = asked.filter(|asked| *asked <= ABSURD).unwrap_or(own).min(self.longest).min(self.left);
        self.left -= wait;
        Some(wait)
    }
}

/// Whether a status says that nothing was done, and to come again: any request can be sent again then. 498 is how Object
/// Storage once limited rates.
pub(super) fn is_busy(status: u16) -> bool {
    matches!(status, 429 | 498 | 503)
}

/// Whether the last answer to a request still says that the service is busy. A busy service is not wrong. One that answers 503
/// must say when to come again: else it is not available, and not busy.
pub(super) fn is_still_busy(status: u16, headers: &[(String, String)], body: &[u8]) -> bool {
    let asked = asked(headers).filter(|asked| *asked <= ABSURD);
    matches!(status, 429 | 498) || (status == 503 && asked.is_some()) || is_limited(status, asked, body)
}

/// Whether an answer says the same with 413, as Compute once did: it tells when to come again. That the quota is used up is
/// said so as well, with no time to wait.
fn is_limited(status: u16, asked: Option<Duration>, body: &[u8]) -> bool {
    let quota = || {
        let text = String::from_utf8_lossy(&body[..body.len().min(4096)]).to_ascii_lowercase();
        text.contains("quota") || text.contains("exceeds allowed")
    };
    status == 413 && asked.is_some_and(|asked| !asked.is_zero()) && !quota()
}

/// What `Retry-After` asks for: seconds, perhaps with a fraction, or a time; nothing where it is neither, or lies behind.
fn asked(headers: &[(String, String)]) -> Option<Duration> {
    let (_, text) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?;
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return if seconds > ABSURD.as_secs_f64() {
            // Too large for a duration, perhaps.
            Some(Duration::MAX)
        } else {
            // Negative, or no number.
            Duration::try_from_secs_f64(seconds).ok()
        };
    }
    let then = DateTime::parse_from_rfc2822(text).ok()?.to_utc();
    let now: DateTime<Utc> = clock::date(headers).unwrap_or_else(clock::here);
    Some((then - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(after: &str) -> Vec<(String, String)> {
        vec![
            ("date".to_owned(), "Sun, 29 Nov 2026 06:00:00 GMT".to_owned()),
            ("retry-after".to_owned(), after.to_owned()),
        ]
    }

    fn waits(status: u16, after: &str, body: &str) -> Vec<u64> {
        let mut patience = Patience::new(WAIT);
        let mut waits = Vec::new();
        for attempt in 1..100 {
            match patience.wait(status, &headers(after), body.as_bytes(), attempt) {
                Some(wait) => waits.push(u64::try_from(wait.as_millis()).unwrap()),
                None => break,
            }
        }
        waits
    }

    #[test]
    fn what_is_asked_for_is_kept_to_within_bounds() {
        let own = [500, 1000, 2000, 4000];
        assert_eq!(waits(429, "2", ""), [2000; 4]);
        assert_eq!(waits(429, "0", ""), [0; 4]);
        assert_eq!(waits(503, "0.25", ""), [250; 4]);
        assert_eq!(waits(498, "90", ""), [30_000, 30_000]);
        assert_eq!(waits(429, "Sun, 29 Nov 2026 06:00:10 GMT", ""), [10_000; 4]);
        assert_eq!(waits(429, "Sat, 28 Nov 2026 06:00:10 GMT", ""), [0; 4]);
        let none = ["-1", "", "soon", "NaN", "1000000000", "1e9", "1e400", "99999999999999999999999", "inf"];
        for absurd in none.into_iter().chain(["Wed, 21 Oct 2099 07:28:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"]) {
            assert_eq!(waits(429, absurd, ""), own, "{absurd}");
        }
    }

    #[test]
    fn a_used_up_quota_is_no_busy_service() {
        assert_eq!(waits(413, "1", r#"{"overLimit": {"message": "This request was rate-limited."}}"#), [1000; 4]);
        assert_eq!(waits(413, "0", r#"{"overLimit": {"message": "VolumeLimitExceeded"}}"#), [0; 0]);
        assert_eq!(waits(413, "5", r#"{"overLimit": {"message": "Quota exceeded"}}"#), [0; 0]);
        for status in [200, 401, 403, 409, 500] {
            assert_eq!(waits(status, "1", ""), [0; 0]);
        }
    }

    #[test]
    fn a_service_that_is_not_there_is_not_busy() {
        for (status, after) in [(429, "soon"), (498, "-1"), (503, "3"), (413, "1"), (429, "1e9")] {
            assert!(is_still_busy(status, &headers(after), b""), "{status} {after}");
        }
        for (status, after) in [(503, "soon"), (503, "1e9"), (413, "0"), (500, "3"), (403, "3")] {
            assert!(!is_still_busy(status, &headers(after), b""), "{status} {after}");
        }
    }

    #[tokio::test]
    async fn a_clean_up_waits_less() {
        let budget = crate::Budget::new(Duration::from_secs(1));
        let waits = budget.run(async { waits(429, "30", "") }).await.unwrap();
        assert_eq!(waits, [5000; 3]);
    }
}
