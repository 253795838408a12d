//! Services that have too much to do: when they are asked again, and when no more.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::budget::hurried;
use crate::clock;

/// How often a request is sent when the service says that it has too much to do.
const ATTEMPTS: u32 = 6;
/// How often it is sent when the service is not available, and does not say when it will be.
const UNAVAILABLE: u32 = 5;
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
    /// That of a request, which waits no longer than this at a time, and no longer than twice that in all.
    pub(super) fn new(longest: Duration) -> Self {
        let (wait, waits) = if hurried() { HURRIED } else { (WAIT, WAITS) };
        Self { longest: wait.min(longest), left: waits.min(longest.saturating_mul(2)) }
    }

    /// How long to wait before a request is sent again that was answered so; none when it is not, or no more.
    pub(super) fn wait(
        &mut self,
        status: u16,
        headers: &[(String, String)],
        body: &[u8],
        attempt: u32,
    ) -> Option<Duration> {
        let asked = asked(headers).filter(|asked| *asked <= ABSURD);
        let attempts = if status == 503 && asked.is_none() { UNAVAILABLE } else { ATTEMPTS };
        if attempt >= attempts || self.left.is_zero() || !(is_busy(status) || is_limited(status, headers, body)) {
            return None;
        }
        // As long as it says (RFC 9110, section 10.2.3), and twice as long each time at least: a time has no parts of a second, and
        // its last one is 0.
        let own = Duration::from_millis(250) * 2_u32.pow(attempt.min(8));
        let wait = asked.unwrap_or(own).max(own).min(self.longest).min(self.left);
        self.left -= wait;
        Some(wait)
    }
}

/// Whether a status says that nothing was done, and to come again: any request can be sent again then. 498 is how Object
/// Storage once limited rates.
pub(crate) fn is_busy(status: u16) -> bool {
    matches!(status, 429 | 498 | 503)
}

/// Whether the last answer to a request still says that the service is busy. A busy service is not wrong. One that answers 503
/// must say when to come again: else it is not available, and not busy.
pub(crate) fn is_still_busy(status: u16, headers: &[(String, String)], body: &[u8]) -> bool {
    let has_time = || asked(headers).is_some_and(|asked| asked <= ABSURD);
    matches!(status, 429 | 498) || (status == 503 && has_time()) || is_limited(status, headers, body)
}

/// Whether an answer says the same with 413, as Compute once did: it tells when to come again, in a header or in its body, or that
/// requests are limited by rate. That the quota is used up is said with 413 as well.
pub(crate) fn is_limited(status: u16, headers: &[(String, String)], body: &[u8]) -> bool {
    if status != 413 {
        return false;
    }
    let text = String::from_utf8_lossy(&body[..body.len().min(4096)]).to_ascii_lowercase();
    let has_time = || asked(headers).is_some_and(|asked| !asked.is_zero());
    let is_of_rates = || {
        let told: Value = serde_json::from_str(&text).unwrap_or_default();
        let after = &told["overlimit"]["retryafter"];
        let seconds = after.as_f64().or_else(|| after.as_str()?.trim().parse().ok());
        seconds.is_some_and(|seconds| seconds > 0.0) || text.contains("rate-limit") || text.contains("rate limit")
    };
    !(text.contains("quota") || text.contains("exceeds allowed")) && (has_time() || is_of_rates())
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
    // The form of today, the two older ones, and that with another zone (RFC 9110, section 5.6.7).
    let then = httpdate::parse_http_date(text).map(DateTime::<Utc>::from);
    let then = then.or_else(|_| DateTime::parse_from_rfc2822(text).map(|time| time.to_utc())).ok()?;
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

    fn waits_of_a_first_look() -> Vec<u64> {
        let mut patience = Patience::new(Duration::from_secs(3));
        let wait =
            |attempt| Some(u64::try_from(patience.wait(429, &headers("30"), b"", attempt)?.as_millis()).unwrap());
        (1..9).map_while(wait).collect()
    }

    #[test]
    fn what_is_asked_for_is_kept_to_within_bounds() {
        let own = [500, 1000, 2000, 4000, 8000];
        assert_eq!(waits(429, "2", ""), [2000, 2000, 2000, 4000, 8000]);
        assert_eq!(waits(429, "0", ""), own, "nobody is asked four times in a moment");
        assert_eq!(waits(503, "0.25", ""), own);
        assert_eq!(waits(503, "soon", ""), own[..4]);
        assert_eq!(waits(498, "90", ""), [30_000, 30_000]);
        for then in ["Sun, 29 Nov 2026 06:00:10 GMT", "Sunday, 29-Nov-26 06:00:10 GMT", "Sun Nov 29 06:00:10 2026"] {
            assert_eq!(waits(429, then, ""), [10_000; 5], "{then}");
        }
        assert_eq!(waits(429, "Sat, 28 Nov 2026 06:00:10 GMT", ""), own);
        let none = ["-1", "", "soon", "NaN", "1000000000", "1e9", "1e400", "99999999999999999999999", "inf"];
        for absurd in none.into_iter().chain(["Wed, 21 Oct 2099 07:28:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"]) {
            assert_eq!(waits(429, absurd, ""), own, "{absurd}");
        }
    }

    #[test]
    fn a_used_up_quota_is_no_busy_service() {
        let limited = r#"{"overLimit": {"message": "This request was rate-limited.", "retryAfter": "1"}}"#;
        for (after, body) in
            [("1", "{}"), ("-1", limited), ("soon", limited), ("0", r#"{"overLimit": {"retryAfter": 3}}"#)]
        {
            assert_eq!(waits(413, after, body).len(), 5, "{after} {body}");
            assert!(is_still_busy(413, &headers(after), body.as_bytes()), "{after} {body}");
        }
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
        assert_eq!(waits_of_a_first_look(), [3000, 3000]);
    }
}
