//! Deployments whose lists, deletions, refusals and tokens have no end: a run has one all the same, and says what is left.

use std::time::{Duration, Instant};

use assay_hostile::{Answer, Front, Turn};
use assay_reference::Reference;
use assay_reports::record::{TestRecord, Verdict};

use crate::support::{Ended, Place, clouds, reference};

/// A deployment behind a front, and a folder to run the command in.
struct Behind {
    front: Front,
    place: Place,
    _reference: Reference,
}

impl Behind {
    async fn start() -> Self {
        let reference = reference().await;
        let front = Front::start(reference.url()).await.unwrap();
        let place = Place::new();
        place.write("clouds.yaml", &front.before_it(&clouds(&reference)));
        Self { front, place, _reference: reference }
    }

    /// Runs one test, for 10 s at most and 2 s of clean-up beyond the grace; all must be over within this time.
    async fn run(&self, test: &str, within: Duration) -> (Ended, TestRecord) {
        self.run_for(test, "10", within).await
    }

    /// The same, for so many seconds at most.
    async fn run_for(&self, test: &str, seconds: &str, within: Duration) -> (Ended, TestRecord) {
        let begun = Instant::now();
        let limits = ["--timeout", seconds, "--cleanup-timeout", "2"];
        let run = ["run", "--cloud", "member", "--out", "run", "--exact", test];
        let ended = self.place.run(&[run.as_slice(), &limits].concat()).await;
        assert!(begun.elapsed() < within, "it took {:?}: {ended:#?}", begun.elapsed());
        let [record] = self.place.records("run").try_into().unwrap();
        (ended, record)
    }
}

/// The time of a test, the grace of a clean-up, and some more for a machine that is busy with other things.
const BOUNDED: Duration = Duration::from_secs(10 + 30 + 2 + 25);
/// What ends by itself.
const PROMPT: Duration = Duration::from_secs(25);

fn reason(record: &TestRecord) -> &str {
    record.reason.as_deref().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_leads_back_to_itself_is_a_fail() {
    let behind = Behind::start().await;
    behind.front.before(|request| {
        let listing = request.method == "GET" && request.path.ends_with("/v2/images");
        let page = r#"{"images": [], "next": "/v2/images?marker=x"}"#;
        if listing { Turn::Answer(Answer::json(200, page)) } else { Turn::Pass }
    });
    let (ended, record) = behind.run("image.images.list", PROMPT).await;
    assert_eq!(record.verdict, Verdict::Fail, "{ended:#?}");
    assert!(reason(&record).contains("come to an end") && reason(&record).contains("read before"), "{record:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_ever_new_pages_ends_with_the_test() {
    let behind = Behind::start().await;
    let count = std::sync::atomic::AtomicUsize::new(0);
    behind.front.before(move |request| {
        let listing = request.method == "GET" && request.path.ends_with("/v2/images");
        let at = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let page = format!(r#"{{"images": [{{"id": "{at}"}}], "next": "/v2/images?marker={at}"}}"#);
        if listing { Turn::Answer(Answer::json(200, page)) } else { Turn::Pass }
    });
    let (ended, record) = behind.run("image.images.list", BOUNDED).await;
    assert!(matches!(record.verdict, Verdict::Fail | Verdict::Timeout), "{ended:#?}");
}

/// A creation that may have succeeded is looked for in a list: that one has no end.
#[tokio::test(flavor = "multi_thread")]
async fn a_clean_up_with_a_list_without_end_ends_and_names_what_may_be_left() {
    let behind = Behind::start().await;
    let url = behind.front.url().to_owned();
    behind.front.before(move |request| {
        let networks = request.path.ends_with("/v2.0/networks");
        match request.method.as_str() {
            "POST" if networks => Turn::Answer(Answer::json(500, "{}")),
            "GET" if networks && request.query.is_some() => {
                let next = format!("{url}/network/v2.0/networks?marker=x");
                let page = format!(r#"{{"networks": [], "networks_links": [{{"rel": "next", "href": "{next}"}}]}}"#);
                Turn::Answer(Answer::json(200, page))
            }
            _ => Turn::Pass,
        }
    });
    let (ended, _) = behind.run("network.networks.create-update-delete", BOUNDED).await;
    ended.says(5, &["left behind", "network `assay-", "assay sweep"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_never_completes_is_given_up_and_named() {
    let behind = Behind::start().await;
    behind.front.before(|request| {
        let server = request.method == "DELETE" && request.path.contains("/servers/");
        if server { Turn::Answer(Answer::status(204)) } else { Turn::Pass }
    });
    let (ended, record) = behind.run("compute.servers.delete-active", BOUNDED).await;
    ended.says(5, &["left behind", "server `assay-", "assay sweep"]);
    assert!(matches!(record.verdict, Verdict::Fail | Verdict::Timeout), "{record:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_asks_for_years_of_patience_gets_seconds() {
    // Being busy is no fault of the product; not being available, without a word on when it will be, is one.
    let cases = [
        (429, "1000000000", Verdict::Error),
        (503, "1e9", Verdict::Fail),
        (503, "1", Verdict::Error),
        (429, "-1", Verdict::Error),
        (498, "Wed, 21 Oct 2099 07:28:00 GMT", Verdict::Error),
    ];
    futures::future::join_all(cases.map(|(status, after, verdict)| async move {
        let behind = Behind::start().await;
        behind.front.before(move |request| {
            let image = request.path.ends_with("/v2/images");
            let answer = Answer::json(status, "{}").with("retry-after", after);
            if image { Turn::Answer(answer) } else { Turn::Pass }
        });
        let (ended, record) = behind.run_for("image.images.delete", "60", BOUNDED).await;
        assert_eq!(record.verdict, verdict, "{status} {after}: {ended:#?}");
        assert!(record.duration_ms < 45_000, "{after}: {record:#?}");
    }))
    .await;
}

/// What a busy service asks for is waited for where it is sensible, and then it is served.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_busy_for_a_moment_is_asked_again() {
    let behind = Behind::start().await;
    let count = std::sync::atomic::AtomicUsize::new(0);
    behind.front.before(move |request| {
        let creation = request.method == "POST" && request.path.ends_with("/v2/images");
        let first = creation && count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
        if first { Turn::Answer(Answer::json(413, "{}").with("retry-after", "1")) } else { Turn::Pass }
    });
    let (ended, record) = behind.run("image.images.delete", PROMPT).await;
    assert_eq!(record.verdict, Verdict::Pass, "{ended:#?}");
}

/// How often the front was asked for a token.
fn logins(front: &Front) -> usize {
    front
        .seen()
        .iter()
        .filter(|seen| seen.request.method == "POST" && seen.request.path.ends_with("/auth/tokens"))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_are_refused_for_ever_are_not_renewed_for_ever() {
    let behind = Behind::start().await;
    behind.front.before(|request| {
        if request.path.contains("/v2/images") { Turn::Answer(Answer::json(401, "{}")) } else { Turn::Pass }
    });
    let (ended, record) = behind.run("image.images.delete", BOUNDED).await;
    assert_eq!(record.verdict, Verdict::Fail, "{ended:#?}");
    assert!(logins(&behind.front) < 70, "{} logins", logins(&behind.front));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_has_expired_when_it_comes_is_used_until_it_is_refused() {
    let behind = Behind::start().await;
    behind.front.after(|request, answer| {
        if request.method == "POST" && request.path.ends_with("/auth/tokens") && answer.status == 201 {
            let mut token: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            token["token"]["expires_at"] = "2001-01-01T00:00:00.000000Z".into();
            answer.body = token.to_string().into();
        }
    });
    let (ended, record) = behind.run("image.images.delete", PROMPT).await;
    assert_eq!(record.verdict, Verdict::Pass, "{ended:#?}");
    assert!(logins(&behind.front) <= 3, "{} logins", logins(&behind.front));
}
