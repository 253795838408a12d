//! What others do with things near the run's while it goes on, or before it is swept: that stays as they left it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use assay_hostile::{Request, Turn};
use assay_kit::Kind;
use serde_json::{Value, json};

use super::creators::creator;
use super::world::{IMAGE, World};
use crate::support::end;

const MACHINE: &str = "/v1/nodes/reference-1";
const ON_OFF: &str = "baremetal.power.on-off";

/// Kills a run as soon as it asks for a change of a machine's power: no change has come by then.
async fn killed_at_a_machine(world: &World) {
    let power = |request: &Request| request.method == "PUT" && request.path.ends_with("/states/power");
    let ironic = world.ironic.as_ref().unwrap();
    ironic.before(move |request| if power(request) { Turn::Silence } else { Turn::Pass });
    let mut child = world.start(&[ON_OFF]);
    while !ironic.changes().iter().any(power) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(child.try_wait().unwrap().is_none(), "the run waits for the power");
    }
    child.start_kill().unwrap();
    child.wait().await.unwrap();
    ironic.behave();
    ironic.forget();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_somebody_has_deployed_since_is_not_swept() {
    for is_known in [true, false] {
        let world = World::metal().await;
        killed_at_a_machine(&world).await;
        world.operator().deploy(MACHINE, None).await;
        if !is_known {
            world.forget_the_run();
        }
        world.leaves_deployed(MACHINE).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_somebody_deploys_under_a_test_is_not_put_back() {
    let instances = [None, Some("5b8a7c1e-0000-4000-8000-00000000beef")];
    for instance in instances {
        let world = Arc::new(World::metal().await);
        let (held, deployed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (hold, done) = (held.clone(), deployed.clone());
        world.ironic.as_ref().unwrap().before(move |request| {
            let power = request.method == "PUT" && request.path.ends_with("/states/power");
            if power && !done.load(Ordering::Relaxed) {
                hold.store(true, Ordering::Relaxed);
                return Turn::Close;
            }
            // The test waits for this while somebody is at work.
            if hold.load(Ordering::Relaxed) && !done.load(Ordering::Relaxed) { Turn::Silence } else { Turn::Pass }
        });
        let child = world.start(&[ON_OFF, "--timeout", "6"]);
        while !held.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        world.operator().deploy(MACHINE, instance).await;
        deployed.store(true, Ordering::Relaxed);
        world.ironic.as_ref().unwrap().forget();
        let ended = end(child).await;
        ended.says(5, &["reference-1", "left alone"]);
        let node = world.operator().state(MACHINE, "active").await;
        assert_eq!(node["instance_info"]["image_source"], IMAGE, "{ended:#?}");
        let changes = world.ironic.as_ref().unwrap().changes();
        assert!(!changes.iter().any(|change| change.text().contains("deleted")), "{changes:#?}");
        world.is_unharmed(&ended).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_somebody_has_marked_since_is_not_swept() {
    let add = |path: &str, value: Value| json!([{"op": "add", "path": path, "value": value}]);
    let marks = [
        ("PATCH", "", add("/lessee", json!("team-a"))),
        ("PATCH", "", add("/owner", json!("team-a"))),
        ("PATCH", "", add("/description", json!("in use"))),
        ("PATCH", "", add("/extra", json!({"in_use_by": "team-a"}))),
        ("PUT", "/maintenance", json!({})),
        ("PUT", "/maintenance", json!({"reason": "the fan is broken"})),
    ];
    for (method, place, mark) in marks {
        let world = World::metal().await;
        killed_at_a_machine(&world).await;
        let (status, _) = world.operate(method, &format!("{MACHINE}{place}"), &mark).await;
        assert!((200..300).contains(&status), "{mark}: {status}");
        let (_, before) = world.operate("GET", MACHINE, &Value::Null).await;
        let ended = world.sweep(&["run"]).await;
        ended.says(5, &["reference-1", "left alone"]);
        world.is_unharmed(&ended).await;
        let (_, after) = world.operate("GET", MACHINE, &Value::Null).await;
        assert_eq!(before, after, "{mark}");
        assert_eq!(world.ironic.as_ref().unwrap().changes(), [], "{mark}");
    }
}

/// The answer to a creation names a machine that the deployment file lists, or a port of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_listed_machine_whose_id_a_creation_gives_keeps_its_record() {
    for (collection, tests) in [
        ("/v1/nodes", ["baremetal.nodes.create", "baremetal.nodes.update", "baremetal.nodes.maintenance"].as_slice()),
        ("/v1/ports", &["baremetal.ports.create", "baremetal.ports.delete"]),
    ] {
        let world = World::metal().await;
        let (_, before) = world.operate("GET", MACHINE, &Value::Null).await;
        let id = before["uuid"].as_str().unwrap().to_owned();
        let port = json!({"node_uuid": id, "address": "52:54:00:aa:bb:01"});
        let (_, port) = world.operate("POST", "/v1/ports", &port).await;
        let lie = if collection == "/v1/nodes" { id } else { port["uuid"].as_str().unwrap().to_owned() };
        let (_, before) = world.operate("GET", MACHINE, &Value::Null).await;
        let ironic = world.ironic.as_ref().unwrap();
        let given = lie.clone();
        ironic.after(move |request, answer| {
            if request.method == "POST" && request.path.trim_end_matches('/') == collection && answer.status == 201 {
                let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
                body["uuid"] = json!(given);
                answer.body = body.to_string().into();
            }
        });
        let ended = world.run(&[tests, &["--timeout", "20"]].concat()).await;
        assert!(matches!(ended.code, Some(1 | 5)), "{ended:#?}");
        let changes = ironic.changes();
        assert!(!changes.iter().any(|change| change.path.contains(&lie)), "{changes:#?}");
        assert_eq!(world.operate("GET", MACHINE, &Value::Null).await.1, before);
        let port = format!("/v1/ports/{}", port["uuid"].as_str().unwrap());
        assert_eq!(world.operate("GET", &port, &Value::Null).await.0, 200);
        world.is_unharmed(&ended).await;
    }
}

/// Compute lists the default security group of another project in place of the project's own.
#[tokio::test(flavor = "multi_thread")]
async fn the_default_group_of_another_project_is_not_asked_to_be_deleted() {
    let world = World::cloud().await;
    let default = |groups: &Value| {
        let groups = groups["security_groups"].as_array().unwrap();
        groups.iter().find(|group| group["name"] == "default").unwrap()["id"].as_str().unwrap().to_owned()
    };
    let path = "/network/v2.0/security-groups";
    let own = default(&world.member("GET", path, &Value::Null).await.1);
    let theirs = default(&world.as_user("reference-alt", "GET", path, &Value::Null).await.1);
    let lie = theirs.clone();
    world.front.after(move |request, answer| {
        if request.method == "GET" && request.path.ends_with("/os-security-groups") {
            answer.body = String::from_utf8_lossy(&answer.body).replace(&own, &lie).into_bytes();
        }
    });
    // It shows that group, too, as its owner sees it.
    let token = crate::support::login(&world.reference.clouds_yaml(), "reference-alt").await.token;
    let group = theirs.clone();
    world.front.before(move |request| {
        if request.method != "GET" || !request.path.ends_with(&group) {
            return Turn::Pass;
        }
        let mut leaked = request.clone();
        leaked
            .headers
            .iter_mut()
            .filter(|(name, _)| name == "x-auth-token")
            .for_each(|(_, value)| value.clone_from(&token));
        Turn::Rewrite(leaked)
    });
    let ended = world.run(&["compute.security-groups.delete-default"]).await;
    ended.prints(&["1 skipped"]);
    let changes = world.front.changes();
    assert!(!changes.iter().any(|change| change.path.contains(&theirs)), "{ended:#?} {changes:#?}");
    assert_eq!(world.as_user("reference-alt", "GET", &format!("{path}/{theirs}"), &Value::Null).await.0, 200);
    world.is_unharmed(&ended).await;
}

/// A port of somebody's is attached to a router of the run's.
#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_somebody_attached_to_a_router_of_the_run_s_stays() {
    let world = World::cloud().await;
    let network = json!({"network": {"name": "production"}});
    let (_, network) = world.member("POST", "/network/v2.0/networks", &network).await;
    let network = network["network"]["id"].clone();
    let subnet =
        json!({"subnet": {"network_id": network, "ip_version": 4, "cidr": "10.98.0.0/24", "gateway_ip": null}});
    assert_eq!(world.member("POST", "/network/v2.0/subnets", &subnet).await.0, 201);
    let port = json!({"port": {"name": "production", "network_id": network}});
    let (_, port) = world.member("POST", "/network/v2.0/ports", &port).await;
    let port = port["port"]["id"].clone();
    let routers = Arc::new(Mutex::new(Vec::new()));
    let seen = routers.clone();
    world.front.after(move |request, answer| {
        if request.method == "POST" && request.path.ends_with("/v2.0/routers") && answer.status == 201 {
            let body: Value = serde_json::from_slice(&answer.body).unwrap();
            seen.lock().unwrap().push(body["router"]["id"].as_str().unwrap().to_owned());
        }
    });
    // Deletions wait until the port is attached.
    let attached = Arc::new(AtomicBool::new(false));
    let is_attached = attached.clone();
    world.front.before(move |request| {
        let waits = request.method == "DELETE" && request.path.contains("/routers/");
        if waits && !is_attached.load(Ordering::Relaxed) { Turn::Close } else { Turn::Pass }
    });
    let child = world.start(&[creator(Kind::Router).unwrap()]);
    let router = loop {
        tokio::time::sleep(Duration::from_millis(10)).await;
        if let Some(router) = routers.lock().unwrap().first() {
            break router.clone();
        }
    };
    let path = format!("/network/v2.0/routers/{router}/add_router_interface");
    assert_eq!(world.member("PUT", &path, &json!({"port_id": port})).await.0, 200);
    attached.store(true, Ordering::Relaxed);
    let ended = end(child).await;
    let path = format!("/network/v2.0/ports/{}", port.as_str().unwrap());
    assert_eq!(world.member("GET", &path, &Value::Null).await.0, 200, "{ended:#?}");
    let changes = world.front.changes();
    assert!(!changes.iter().any(|change| change.text().contains(port.as_str().unwrap())), "{changes:#?}");
    world.is_unharmed(&ended).await;
}

/// The id of what the run has deleted is given to something of the user's.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_has_become_somebody_else_s_is_not_deleted_again() {
    let world = World::cloud().await;
    let (_, theirs) = world.decoys_of(Kind::Image).remove(0);
    let (theirs, gone) = (theirs.unwrap(), Arc::new(Mutex::new(String::new())));
    let (id, seen) = (theirs.clone(), gone.clone());
    world.front.before(move |request| {
        let own = seen.lock().unwrap().clone();
        if own.is_empty() || !request.path.contains(&own) {
            return Turn::Pass;
        }
        Turn::Rewrite(Request { path: request.path.replace(&own, &id), ..request.clone() })
    });
    let seen = gone.clone();
    world.front.after(move |request, answer| {
        let mut own = seen.lock().unwrap();
        if request.method == "DELETE" && request.path.contains("/v2/images/") && answer.status == 204 && own.is_empty()
        {
            *own = request.path.rsplit('/').next().unwrap().to_owned();
        } else if !own.is_empty() {
            answer.body = String::from_utf8_lossy(&answer.body).replace(&theirs, &own).into_bytes();
        }
    });
    let ended = world.run(&[creator(Kind::Image).unwrap(), "--timeout", "20"]).await;
    assert!(!gone.lock().unwrap().is_empty(), "{ended:#?}");
    world.is_unharmed(&ended).await;
}

/// Times of creation in forms that services write: whatever is older than the run is not the run's, and what cannot be read is
/// no proof.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_the_run_is_not_swept_in_whatever_form_its_time_is_written() {
    for told in [
        json!("2019-01-01T00:00:00Z"),
        json!("2019-01-01 00:00:00"),
        json!("2019-01-01T00:00:00+0000"),
        json!("2019-01-01 00:00:00 UTC"),
        json!("Tue, 01 Jan 2019 00:00:00 GMT"),
        json!("2019-01-01"),
        json!(1_546_300_800),
        json!("1546300800"),
    ] {
        let world = World::cloud().await;
        world.killed_in(&[creator(Kind::Image).unwrap()]).await;
        let time = told.clone();
        world.front.after(move |request, answer| {
            if request.method == "GET" && request.path.contains("/v2/images/") {
                let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                if body["created_at"].is_string() {
                    body["created_at"] = time.clone();
                    answer.body = body.to_string().into();
                }
            }
        });
        let ended = world.sweep(&["run"]).await;
        ended.says(5, &["left alone: image"]);
        world.is_unharmed(&ended).await;
    }
}

/// An identity service whose clock is ahead of the others'.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_ahead_of_the_others_leaves_nothing_behind() {
    for ahead in [chrono::TimeDelta::minutes(3), chrono::TimeDelta::days(400), chrono::TimeDelta::days(-400)] {
        let world = World::cloud().await;
        world.front.after(move |request, answer| {
            if request.path.starts_with("/identity") {
                answer.headers.retain(|(name, _)| name != "date");
                let date = (chrono::Utc::now() + ahead).format("%a, %d %b %Y %H:%M:%S GMT");
                answer.headers.push(("date".to_owned(), date.to_string()));
            }
        });
        let tests = [Kind::Network, Kind::Image, Kind::Volume, Kind::Server].map(|kind| creator(kind).unwrap());
        let ended = world.run(&tests).await;
        ended.says(0, &[]).prints(&["4 passed"]);
        world.is_unharmed(&ended).await;
        world.is_swept(&ended).await;
    }
}

/// The quota that the user has set, where the run's own word for it is missing.
#[tokio::test(flavor = "multi_thread")]
async fn a_quota_of_the_user_s_stays_when_a_stranger_s_run_is_swept() {
    let world = World::cloud().await;
    world.run(&[creator(Kind::AccountQuota).unwrap()]).await.says(0, &[]);
    let resource = world.journal().into_iter().find(|line| line["resource"]["kind"] == "account-quota").unwrap();
    let bytes = resource["resource"]["id"].as_str().unwrap().to_owned();
    let member = crate::support::login(&world.reference.clouds_yaml(), "reference").await.project_id.unwrap();
    let path = format!("/object-store/v1/AUTH_{member}");
    world.quota(&path, Some(&bytes)).await;
    world.add_line(&resource["resource"], "created");
    world.forget_the_run();
    let ended = world.sweep(&["run", "--yes"]).await;
    ended.says(5, &["left alone: account quota"]);
    assert_eq!(world.quota(&path, None).await.as_deref(), Some(bytes.as_str()));
    world.is_unharmed(&ended).await;
}
