//! How a controller lets somebody in: by sessions alone, and with 403 where others answer 401.

use std::collections::BTreeSet;
use std::sync::Mutex;

use assay_hostile::{Exchange, Request, Turn};

use super::{Controller, error, is_open, texts};

/// A controller that takes no user and password with a request, and answers so.
fn without_basic(status: u16) -> impl Fn(&Request) -> Turn + Send + Sync + 'static {
    move |request| {
        if is_open(request) || request.header("x-auth-token").is_some() {
            return Turn::Pass;
        }
        let refused = error(status, "NoValidSession", "There is no valid session.");
        Turn::Answer(refused.with("www-authenticate", "Basic"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_basic_authentication_a_session_is_used_and_ended() {
    let controller = Controller::start().await;
    controller.front.before(without_basic(401));
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
async fn who_refuses_passwords_with_403_is_tried_with_a_session_too() {
    let controller = Controller::start().await;
    controller.front.before(without_basic(403));
    let told = controller.is_sound_in(&["redfish.systems", "redfish.auth"]).await;
    assert_eq!(told, texts(&["who has no valid credentials should be answered with 401"]));
    assert_eq!(controller.sessions(), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_used_where_it_is_asked_for() {
    let controller = Controller::start().await;
    controller.by("session", controller.reference.redfish_password());
    controller.run(&["redfish.systems.show"]).await.says(0, &[]);
    assert_eq!(controller.sessions(), (1, 1));
    let basic = |it: &Exchange| it.request.header("authorization").is_some();
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
    for status in [401, 403] {
        let controller = Controller::start().await;
        controller.by("session", controller.reference.redfish_password());
        let first = Mutex::new(None::<String>);
        controller.front.before(move |request| {
            let Some(token) = request.header("x-auth-token").filter(|_| request.reads()) else { return Turn::Pass };
            let is_first = first.lock().unwrap().get_or_insert_with(|| token.to_owned()).as_str() == token;
            if is_first && request.path.contains("/Systems/") {
                return Turn::Answer(error(status, "NoValidSession", "The session is over."));
            }
            Turn::Pass
        });
        controller.run(&["redfish.systems.show", "redfish.systems.power-state"]).await.says(0, &[]);
        assert_eq!(controller.sessions(), (2, 2), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_with_403_is_told() {
    let controller = Controller::start().await;
    controller.front.after(|_, answer| {
        if answer.status == 401 {
            answer.status = 403;
        }
    });
    let told = controller.is_sound_in(&["redfish.auth", "redfish.sessions", "redfish.systems.show"]).await;
    let wrong = "a wrong password should be answered with 401 or 400, not 403";
    assert_eq!(told, texts(&["who has no valid credentials should be answered with 401", wrong]));
}
