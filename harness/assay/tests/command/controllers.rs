//! Controllers as they are built: each does one thing in a way of its own. A sound one that does so has the verdicts of a sound
//! one, and each test tells at most what is one thing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use assay_hostile::{Answer, Front, Request, Turn};
use assay_reference::{Options, Reference};
use assay_reports::record::Verdict;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::support::{Ended, Place};

/// What a run of the tests of Redfish came to: the verdict of each test, and what it told beside it.
type Told = BTreeMap<String, (Verdict, BTreeSet<String>)>;

/// A sound controller behind a front.
struct Controller {
    reference: Reference,
    front: Front,
    place: Place,
}

impl Controller {
    async fn start() -> Self {
        let options = Options { machine_step: Duration::from_millis(20), ..Options::default() };
        let reference = assay_reference::start(options).await.unwrap();
        let front = Front::start(reference.redfish_url()).await.unwrap();
        let place = Place::new();
        let controller = Self { reference, front, place };
        controller.by("http_basic", controller.reference.redfish_password());
        controller
    }

    /// Writes the deployment file, with this method of authentication and this password.
    fn by(&self, method: &str, password: &str) {
        let (url, user) = (self.front.url(), self.reference.redfish_user());
        let text = format!(
            "schema: assay.deployment/1\nname: rack\nredfish:\n  - name: bmc\n    endpoint: {url}\n    auth: {{method: {method}, \
             username: {user}, password: {password}}}\n    machines: [reference-1]\n"
        );
        self.place.write("metal.yaml", &text);
    }

    async fn run(&self, tests: &[&str]) -> Ended {
        let run = ["run", "--deployment", "metal.yaml", "--out", "run", "--test-threads", "8"];
        self.place.run(&[&run, tests].concat()).await
    }

    fn told(&self) -> Told {
        let records = self.place.records("run");
        for record in &records {
            assert_eq!(record.left_behind, Vec::<String>::new(), "{record:#?}");
        }
        let told = |deviations: &[assay_reports::record::Finding]| {
            deviations.iter().map(|finding| finding.requirement.clone()).collect()
        };
        records.into_iter().map(|it| (it.id.clone(), (it.verdict, told(&it.deviations)))).collect()
    }

    /// Runs all tests of Redfish and requires the verdicts of the sound controller. Gives what is told beside these.
    async fn has_the_verdicts_of_a_sound_one(&self) -> BTreeSet<String> {
        static SOUND: OnceCell<Told> = OnceCell::const_new();
        let sound = SOUND.get_or_init(|| async {
            let sound = Controller::start().await;
            sound.run(&["redfish."]).await;
            sound.told()
        });
        let sound = sound.await;
        assert!(sound.len() > 50, "{sound:#?}");
        let ended = self.run(&["redfish."]).await;
        let (told, mut more) = (self.told(), BTreeSet::new());
        let mut others = Vec::new();
        for (id, (verdict, deviations)) in &told {
            let (expected, known) = &sound[id];
            if verdict != expected {
                others.push(format!("{id} is {verdict:?}, and not {expected:?}"));
            }
            more.extend(deviations.difference(known).cloned());
        }
        let records = self.place.records("run");
        let findings: Vec<String> =
            records.iter().filter_map(|it| Some(format!("{}: {:?}", it.id, it.failure.as_ref()?))).collect();
        assert_eq!(others, Vec::<String>::new(), "{findings:#?} {}", ended.stderr);
        assert_eq!(told.len(), sound.len());
        more
    }

    /// The sessions that were made, and those that were ended, by path.
    fn sessions(&self) -> (usize, usize) {
        let seen = self.front.seen();
        let of = |method: &str, wanted: fn(&str) -> bool| {
            let ok = |it: &&assay_hostile::Exchange| it.answer.as_ref().is_some_and(|answer| answer.status < 300);
            seen.iter().filter(ok).filter(|it| it.request.method == method && wanted(&it.request.path)).count()
        };
        (of("POST", |path| path == SESSIONS), of("DELETE", |path| path.starts_with(SESSIONS)))
    }
}

const SESSIONS: &str = "/redfish/v1/SessionService/Sessions";

/// Whether somebody who is not logged in may ask for this.
fn is_open(request: &Request) -> bool {
    matches!(request.path.trim_end_matches('/'), "/redfish" | "/redfish/v1")
        || request.method == "POST" && request.path.trim_end_matches('/') == SESSIONS
}

/// A controller that takes no user and password with a request.
fn without_basic(request: &Request) -> Turn {
    if is_open(request) || request.header("x-auth-token").is_some() {
        return Turn::Pass;
    }
    let error = json!({"error": {"code": "Base.1.12.NoValidSession", "message": "There is no valid session."}});
    Turn::Answer(Answer::json(401, error.to_string()).with("www-authenticate", "Basic").with("odata-version", "4.0"))
}

#[tokio::test(flavor = "multi_thread")]
async fn without_basic_authentication_a_session_is_used_and_ended() {
    let controller = Controller::start().await;
    controller.front.before(without_basic);
    let doctor = ["doctor", "--deployment", "metal.yaml", "--guideline", "metal/2026.11", "--target", "redfish-server"];
    let ended = controller.place.run(&doctor).await;
    ended.says(0, &[]).prints(&["session", "`bmc` refuses the user and the password in requests"]);
    assert_eq!(controller.sessions(), (1, 1));
    controller.front.forget();
    assert_eq!(controller.has_the_verdicts_of_a_sound_one().await, BTreeSet::new());
    let (made, over) = controller.sessions();
    assert_eq!(made, over, "each session is ended");
    assert!(controller.place.read("run/run.json").contains("session instead of HTTP Basic"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_used_where_it_is_asked_for() {
    let controller = Controller::start().await;
    controller.by("session", controller.reference.redfish_password());
    controller.run(&["redfish.systems.show"]).await.says(0, &[]);
    assert_eq!(controller.sessions(), (1, 1));
    let basic = |it: &assay_hostile::Exchange| it.request.header("authorization").is_some();
    assert!(!controller.front.seen().iter().any(basic), "no password goes with a request");
    // Nobody is let in with a wrong password, and it is said who was refused.
    controller.by("session", "wrong");
    controller
        .place
        .run(&["doctor", "--deployment", "metal.yaml"])
        .await
        .says(3, &["`bmc`", "refused the login with 401"]);
}

/// A session that has expired in mid-run is made anew, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_expires_is_made_anew() {
    let controller = Controller::start().await;
    controller.by("session", controller.reference.redfish_password());
    let asked = Arc::new(Mutex::new((0, HashMap::<String, usize>::new())));
    controller.front.before(move |request| {
        let Some(token) = request.header("x-auth-token").filter(|_| request.reads()) else { return Turn::Pass };
        let (_, tokens) = &mut *asked.lock().unwrap();
        let order = tokens.len();
        let first = *tokens.entry(token.to_owned()).or_insert(order) == 0;
        if first && request.path.contains("/Systems/") {
            return Turn::Answer(Answer::json(401, "{}"));
        }
        Turn::Pass
    });
    controller.run(&["redfish.systems.show", "redfish.systems.power-state"]).await.says(0, &[]);
    assert_eq!(controller.sessions(), (2, 2));
}

/// All links of an answer, but what a resource calls itself.
fn each_link(value: &mut Value, top: bool, change: &dyn Fn(&str) -> String) {
    match value {
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                match member {
                    Value::String(link) if key == "@odata.id" && !top && link.starts_with('/') => *link = change(link),
                    other => each_link(other, false, change),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| each_link(element, false, change)),
        _ => {}
    }
}

fn changes_links(controller: &Controller, change: impl Fn(&str) -> String + Send + Sync + 'static) {
    controller.front.after(move |_, answer| {
        if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
            each_link(&mut body, true, &change);
            answer.body = body.to_string().into_bytes();
        }
    });
}

const PATHS: &str = "a link should be a path of this service";

#[tokio::test(flavor = "multi_thread")]
async fn absolute_links_are_one_finding() {
    let controller = Controller::start().await;
    let url = controller.front.url().to_owned();
    changes_links(&controller, move |link| format!("{url}{link}"));
    assert_eq!(controller.has_the_verdicts_of_a_sound_one().await, BTreeSet::from([PATHS.to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_without_their_first_slash_are_one_finding() {
    let controller = Controller::start().await;
    changes_links(&controller, |link| link[1..].to_owned());
    assert_eq!(controller.has_the_verdicts_of_a_sound_one().await, BTreeSet::from([PATHS.to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_with_a_slash_at_the_end_are_none() {
    let controller = Controller::start().await;
    changes_links(&controller, |link| if link.contains('#') { link.to_owned() } else { format!("{link}/") });
    controller.front.before(|request| {
        let path = request.path.trim_end_matches('/').to_owned();
        if path == "/redfish/v1" { Turn::Pass } else { Turn::Rewrite(Request { path, ..request.clone() }) }
    });
    assert_eq!(controller.has_the_verdicts_of_a_sound_one().await, BTreeSet::new());
}

/// A controller that leads from each path to the one with a slash at its end.
fn leads_on(controller: &Controller, reads: u16, changes: u16) {
    controller.front.before(move |request| {
        let path = request.path.trim_end_matches('/');
        if path == "/redfish/v1" || path == "/redfish" {
            return Turn::Pass;
        }
        if request.path.ends_with('/') {
            return Turn::Rewrite(Request { path: path.to_owned(), ..request.clone() });
        }
        let status = if request.reads() { reads } else { changes };
        let query = request.query.as_ref().map_or_else(String::new, |query| format!("?{query}"));
        if status == 0 {
            Turn::Pass
        } else {
            Turn::Answer(Answer::status(status).with("location", &format!("{path}/{query}")))
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn redirections_of_reads_are_followed() {
    let controller = Controller::start().await;
    leads_on(&controller, 301, 0);
    assert_eq!(controller.has_the_verdicts_of_a_sound_one().await, BTreeSet::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn redirections_of_changes_are_followed() {
    let controller = Controller::start().await;
    leads_on(&controller, 307, 308);
    assert_eq!(controller.has_the_verdicts_of_a_sound_one().await, BTreeSet::new());
    let machines = |it: &Request| it.path.contains("/Systems/") && !it.path.contains("/Systems/reference-1");
    assert!(!controller.front.changes().iter().any(machines), "a machine that is not listed is asked for no change");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_by_another_name_and_with_a_mark_before_it_is_told_and_read() {
    let controller = Controller::start().await;
    controller.front.after(|_, answer| {
        if let Some((_, kind)) = answer.headers.iter_mut().find(|(name, _)| name == "content-type")
            && kind.starts_with("application/json")
        {
            *kind = "application/hal+json".to_owned();
            answer.body.splice(0..0, *b"\xef\xbb\xbf");
        }
    });
    let told = controller.has_the_verdicts_of_a_sound_one().await;
    assert!(told.contains("JSON should have no byte order mark before it"), "{told:#?}");
    let kinds = |it: &&String| it.contains("should be application/json");
    assert_eq!(told.len(), 1 + told.iter().filter(kinds).count(), "{told:#?}");
}

/// Whether a request changes a machine.
fn changes_a_machine(request: &Request) -> bool {
    matches!(request.method.as_str(), "PATCH") && request.path.starts_with("/redfish/v1/Systems/reference-1")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_shows_late_is_waited_for() {
    const LATE: Duration = Duration::from_secs(8);
    let controller = Controller::start().await;
    // What each path answered before it was changed, and until when that is what it says.
    let seen = Arc::new(Mutex::new(HashMap::<String, Answer>::new()));
    let until = Arc::new(Mutex::new(HashMap::<String, (Instant, Answer)>::new()));
    let (known, old) = (seen.clone(), until.clone());
    controller.front.before(move |request| {
        let mut old = old.lock().unwrap();
        old.retain(|_, (until, _)| *until > Instant::now());
        if request.method == "GET"
            && let Some((_, answer)) = old.get(&request.target())
        {
            return Turn::Answer(answer.clone());
        }
        Turn::Pass
    });
    controller.front.after(move |request, answer| {
        let target = request.target();
        if request.method == "GET" && answer.status == 200 {
            known.lock().unwrap().insert(target, answer.clone());
        } else if changes_a_machine(request)
            && answer.status < 300
            && let Some(before) = seen.lock().unwrap().get(&target)
        {
            answer.status = 204;
            answer.body.clear();
            until.lock().unwrap().insert(target, (Instant::now() + LATE, before.clone()));
        }
    });
    controller.run(&["redfish.boot.once", "redfish.boot.continuous", "redfish.systems.asset-tag"]).await.says(0, &[]);
    controller.told();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_state_that_is_unknown_for_a_while_is_waited_for() {
    for state in [Value::Null, json!("Unknown"), json!("")] {
        let controller = Controller::start().await;
        let reset = Arc::new(Mutex::new(None::<Instant>));
        controller.front.after(move |request, answer| {
            let mut reset = reset.lock().unwrap();
            if request.path.ends_with("ComputerSystem.Reset") {
                *reset = Some(Instant::now());
            }
            let lately = reset.is_some_and(|at| at.elapsed() < Duration::from_secs(2));
            if lately
                && let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body)
                && body.get("PowerState").is_some()
            {
                body["PowerState"] = state.clone();
                answer.body = body.to_string().into_bytes();
            }
        });
        controller.run(&["redfish.reset.on-off", "redfish.reset.force-restart"]).await.says(0, &[]);
        controller.told();
    }
}
