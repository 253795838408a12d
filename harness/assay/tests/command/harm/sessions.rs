//! A Redfish service that takes a session of somebody else for the new one.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::world::World;

const SESSIONS: &str = "/redfish/v1/SessionService/Sessions";

/// The service names another session of the same user as the new one. It hides that from its list: always, never, or only until the
/// new one is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_somebody_else_is_not_ended() {
    for (is_hidden_before, is_hidden_after, why) in [
        (true, true, "must be in the list"),
        (false, false, "was there before"),
        (true, false, "before the run asked for one"),
    ] {
        let world = World::metal().await;
        let login = json!({"UserName": world.reference.redfish_user(), "Password": world.reference.redfish_password()});
        let (status, session) = world.control("POST", SESSIONS, &login).await;
        assert_eq!(status, 201);
        let theirs = session["@odata.id"].as_str().unwrap().to_owned();
        let (path, asked) = (theirs.clone(), AtomicBool::new(false));
        world.front.after(move |request, answer| {
            let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            if request.method == "POST" && request.path == SESSIONS {
                asked.store(true, Ordering::Relaxed);
                for (name, value) in &mut answer.headers {
                    if name == "location" {
                        *value = path.clone();
                    }
                }
            } else if request.path.trim_end_matches('/') == SESSIONS {
                let is_hidden = if asked.load(Ordering::Relaxed) { is_hidden_after } else { is_hidden_before };
                body["Members"].as_array_mut().unwrap().retain(|member| !is_hidden || member["@odata.id"] != *path);
                body["Members@odata.count"] = json!(body["Members"].as_array().unwrap().len());
                answer.body = body.to_string().into();
            } else if request.path == path && answer.status == 200 {
                body["CreatedTime"] = json!("2026-01-01T00:00:00Z");
                answer.body = body.to_string().into();
            }
        });
        let ended = world.run(&["redfish.sessions.use"]).await;
        assert_ne!(ended.code, Some(0), "{ended:#?}");
        assert!(world.place.read("run/results.jsonl").contains(why), "{why}: {ended:#?}");
        assert_eq!(world.control("GET", &theirs, &Value::Null).await.0, 200, "{ended:#?}");
        let changes = world.front.changes();
        assert!(!changes.iter().any(|change| change.path == theirs), "{changes:#?}");
        world.is_unharmed(&ended).await;
    }
}
