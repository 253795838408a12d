//! Which clock counts: the deployment's. A tester's clock may be off by a day, which must not change a verdict.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Datelike as _, NaiveDateTime, TimeDelta, Utc};
use reqwest::Url;

/// By how many seconds this process takes its own clock to be ahead of what the system says.
static AHEAD: AtomicI64 = AtomicI64::new(0);

/// What this machine takes the time to be. It is good for records; what a service is to understand goes by [`Client::now`](crate::Client::now).
#[must_use]
pub fn here() -> DateTime<Utc> {
    let ahead = TimeDelta::try_seconds(AHEAD.load(Ordering::Relaxed)).unwrap_or_default();
    let now = Utc::now();
    now.checked_add_signed(ahead).unwrap_or(now)
}

/// Makes the clock of this process wrong, to try what follows from that.
#[doc(hidden)]
pub fn set_wrong_by(ahead: TimeDelta) {
    AHEAD.store(ahead.num_seconds(), Ordering::Relaxed);
}

/// How far the clocks of services are ahead of this machine's, by what their answers said last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clocks(Arc<Mutex<HashMap<String, TimeDelta>>>);

impl Clocks {
    /// Notes the `Date` of an answer to a request that was sent at this time and took so long.
    pub(crate) fn note(&self, url: &Url, headers: &[(String, String)], sent: DateTime<Utc>, took: Duration) {
        let Some(ahead) = date(headers).and_then(|date| ahead(date, sent, took)) else { return };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(places(url).map(|place| (place, ahead)));
    }

    /// What time it is there; here, as long as it has not said.
    pub(crate) fn now(&self, url: &str) -> DateTime<Utc> {
        let here = here();
        let Ok(url) = Url::parse(url) else { return here };
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ahead = places(&url).iter().find_map(|place| known.get(place)).copied();
        here.checked_add_signed(ahead.unwrap_or_default()).unwrap_or(here)
    }
}

/// Whose clock an address goes by: that of the first part of its path, for one host may stand before several services; else
/// that of the host.
fn places(url: &Url) -> [String; 2] {
    let origin = url.origin().ascii_serialization();
    let service = url.path_segments().and_then(|mut segments| segments.next()).unwrap_or_default();
    [format!("{origin}/{service}"), origin]
}

/// The time that an answer was made, by its `Date` (RFC 9110, section 6.6.1).
pub(crate) fn date(headers: &[(String, String)]) -> Option<DateTime<Utc>> {
    let (_, date) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("date"))?;
    // A year has four digits (RFC 9110, section 5.6.7): a later one is invalid.
    let date = DateTime::parse_from_rfc2822(date).ok()?.to_utc();
    (0..=9999).contains(&date.year()).then_some(date)
}

/// How far a clock is ahead that said `date`, in whole seconds, in answer to a request; nothing where that lies within what
/// cannot be told apart.
fn ahead(date: DateTime<Utc>, sent: DateTime<Utc>, took: Duration) -> Option<TimeDelta> {
    /// What takes longer says too little of when within it the answer was made.
    const SLOW: Duration = Duration::from_secs(20);
    if took > SLOW {
        return None;
    }
    let half = TimeDelta::from_std(took / 2).ok()?;
    let ahead = date - (sent + half);
    let unsure = half + TimeDelta::seconds(2);
    Some(if ahead.abs() <= unsure { TimeDelta::zero() } else { ahead })
}

/// A time as services write it: with a zone, or without one in UTC.
pub(crate) fn time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let zoned =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    let plain =
        |form| NaiveDateTime::parse_from_str(text.trim_end_matches(" UTC"), form).ok().map(|time| time.and_utc());
    let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
    zoned.ok().map(|time| time.to_utc()).or_else(|| forms.into_iter().find_map(plain))
}

/// How far the times of one service may be apart.
pub(crate) const APART: TimeDelta = TimeDelta::seconds(5);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn a_clock_that_is_off_is_told_from_one_that_is_asked_late() {
        let (sent, took) = (at("2026-11-29T06:00:00.5Z"), Duration::from_millis(400));
        let ahead = |date: &str, took| ahead(at(date), sent, took).map(|ahead| ahead.num_seconds());
        assert_eq!(ahead("2026-11-29T06:00:00Z", took), Some(0));
        assert_eq!(ahead("2026-11-29T06:00:02Z", took), Some(0));
        assert_eq!(ahead("2026-11-30T06:00:01Z", took), Some(86_400));
        assert_eq!(ahead("2026-11-28T06:00:01Z", took), Some(-86_399));
        assert_eq!(ahead("2026-11-29T06:00:10Z", Duration::from_secs(18)), Some(0));
        assert_eq!(ahead("2026-11-30T06:00:00Z", Duration::from_secs(60)), None);
    }

    #[test]
    fn services_behind_one_host_have_clocks_of_their_own() {
        let clocks = Clocks::default();
        let ahead = |seconds| vec![("date".to_owned(), (here() + TimeDelta::seconds(seconds)).to_rfc2822())];
        clocks.note(&Url::parse("http://one/identity/v3").unwrap(), &ahead(600), here(), Duration::ZERO);
        clocks.note(&Url::parse("http://one/image/v2/images").unwrap(), &ahead(0), here(), Duration::ZERO);
        let apart = clocks.now("http://one/identity") - clocks.now("http://one/image/v2");
        assert!((apart - TimeDelta::seconds(600)).abs() < TimeDelta::seconds(5), "{apart}");
    }

    #[test]
    fn each_service_has_a_clock_and_absurd_ones_do_no_harm() {
        let clocks = Clocks::default();
        let (one, other) = ("http://one:80/v3", "https://one/v3");
        let headers = |date: &str| vec![("Date".to_owned(), date.to_owned())];
        let url = Url::parse(one).unwrap();
        clocks.note(&url, &headers("Fri, 31 Dec 9999 23:59:59 GMT"), here(), Duration::ZERO);
        assert!(clocks.now("http://one/").format("%Y").to_string().as_str() >= "9999");
        assert!((clocks.now(other) - here()).abs() < TimeDelta::seconds(5));
        clocks.note(&url, &headers("yesterday"), here(), Duration::ZERO);
        clocks.note(&url, &headers("Thu, 01 Jan 1970 00:00:00 GMT"), here(), Duration::ZERO);
        assert!(clocks.now(one).timestamp() < 60);
        clocks.now("no address");
    }

    #[test]
    fn times_are_read_in_the_forms_that_services_write() {
        let forms = ["2026-11-29T06:00:00Z", "2026-11-29T06:00:00.000000", "2026-11-29T07:00:00+0100"];
        for form in
            forms.into_iter().chain(["2026-11-29T07:00:00+01:00", "2026-11-29 06:00:00", "2026-11-29 06:00:00 UTC"])
        {
            assert_eq!(time(form).unwrap().timestamp(), 1_795_932_000, "{form}");
        }
        for other in ["", "1764396000", "2026-11-29", "yesterday", "Sun, 29 Nov 2026 06:00:00 GMT"] {
            assert_eq!(time(other), None, "{other}");
        }
    }
}
