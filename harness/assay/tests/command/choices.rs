//! Sound deployments that offer more than the tests can use: each choice must fall on what can be used together.

use std::collections::HashSet;
use std::sync::Mutex;

use assay_hostile::{Answer, Request, Turn};
use assay_reports::record::{TestRecord, Verdict};
use serde_json::{Value, json};

use crate::shapes::Shape;

fn body(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

/// Copies of a thing, each with an id and a name of its own and with these members.
fn odd_ones(sound: &Value, odd: &[Value]) -> Vec<Value> {
    let copies = odd.iter().enumerate().map(|(number, members)| {
        let mut copy = sound.clone();
        copy["id"] = json!(format!("deadbeef-0000-4000-8000-00000000000{number}"));
        copy["name"] = json!(format!("odd-{number}"));
        copy.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        copy
    });
    copies.collect()
}

/// Lets the servers whose creation is so come to nothing: no host is found for them.
fn without_host(shape: &Shape, is_so: impl Fn(&Value) -> bool + Send + Sync + 'static) {
    let unhosted = Mutex::new(HashSet::new());
    shape.front.after(move |request, answer| {
        let mut shown = body(&answer.body);
        let Some(id) = shown["server"]["id"].as_str().map(str::to_owned) else { return };
        let mut unhosted = unhosted.lock().unwrap();
        if request.method == "POST" && is_so(&body(&request.body)["server"]) {
            unhosted.insert(id);
        } else if request.method == "GET" && unhosted.contains(&id) {
            shown["server"]["status"] = json!("ERROR");
            let message = "No valid host was found. There are not enough hosts available.";
            shown["server"]["fault"] = json!({"code": 500, "created": "2026-01-01T00:00:00Z", "message": message});
            answer.body = shown.to_string().into_bytes();
        }
    });
}

/// The members of the servers that were asked for.
fn servers(shape: &Shape, key: &str) -> Vec<String> {
    let is_creation = |request: &Request| request.method == "POST" && request.path == "/compute/v2.1/servers";
    let asked = shape.front.changes().into_iter().filter(is_creation);
    asked.filter_map(|request| Some(body(&request.body)["server"][key].as_str()?.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flavor_without_a_host_gives_way_to_another() {
    let shape = Shape::new().await;
    without_host(&shape, |server| server["flavorRef"] == "1");
    shape.passes(&["compute.servers.create", "compute.servers.show", "compute.server-actions.reboot"]).await;
    assert!(servers(&shape, "flavorRef").contains(&"2".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_for_other_machines_gives_way_to_another() {
    let shape = Shape::new().await;
    let first = Mutex::new(None);
    // Whichever image is tried first, is for machines that are not here.
    without_host(&shape, move |server| {
        let mut first = first.lock().unwrap();
        let image = server["imageRef"].clone();
        *first.get_or_insert_with(|| image.clone()) == image
    });
    shape.passes(&["compute.servers.create", "compute.servers.show"]).await;
    let images: HashSet<String> = servers(&shape, "imageRef").into_iter().collect();
    assert_eq!(images.len(), 2, "{images:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn images_that_no_server_can_be_made_of_are_passed_over() {
    let shape = Shape::new().await;
    // Each stands before the sound ones and is smaller: what is wrong with it is all that tells.
    let odd = [
        json!({"status": "deactivated"}),
        json!({"size": 0, "bdm_v2": "True", "block_device_mapping": "[{\"source_type\": \"snapshot\"}]"}),
        json!({"image_type": "snapshot"}),
        json!({"visibility": "shared", "owner": "0123456789abcdef0123456789abcdef"}),
        json!({"visibility": "community", "owner": "0123456789abcdef0123456789abcdef"}),
        json!({"disk_format": "iso"}),
        json!({"disk_format": "ari", "container_format": "ari"}),
        json!({"os_hidden": true}),
    ];
    shape.front.after(move |request, answer| {
        let mut listed = body(&answer.body);
        let is_list = request.method == "GET" && request.path == "/image/v2/images" && answer.status == 200;
        let Some(images) = listed["images"].as_array_mut().filter(|images| is_list && !images.is_empty()) else {
            return;
        };
        let mut small = images[0].clone();
        small["size"] = json!(1);
        images.splice(0..0, odd_ones(&small, &odd));
        answer.body = listed.to_string().into_bytes();
    });
    let ended = shape.doctor().await;
    assert!(!ended.says(0, &[]).stdout.contains("deadbeef"), "{ended:#?}");
    shape.passes(&["compute.servers.create", "compute.server-actions.rebuild"]).await;
    let images = servers(&shape, "imageRef");
    assert!(!images.is_empty() && images.iter().all(|id| !id.starts_with("deadbeef")), "{images:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_networks_one_of_the_project_is_used_that_is_up_and_has_a_subnet() {
    let shape = Shape::new().await;
    let odd = [
        json!({"status": "ERROR"}),
        json!({"admin_state_up": false, "status": "DOWN"}),
        json!({"subnets": []}),
        json!({"project_id": "0123456789abcdef0123456789abcdef", "tenant_id": "0123456789abcdef0123456789abcdef", "shared": false}),
        json!({"project_id": "0123456789abcdef0123456789abcdef", "tenant_id": "0123456789abcdef0123456789abcdef", "shared": true}),
    ];
    shape.front.after(move |request, answer| {
        let mut listed = body(&answer.body);
        let is_list = request.method == "GET" && request.path == "/network/v2.0/networks" && request.query.is_none();
        let Some(networks) = listed["networks"].as_array_mut().filter(|_| is_list) else { return };
        let Some(own) = networks.iter().find(|network| network["router:external"] == false).cloned() else { return };
        networks.splice(0..0, odd_ones(&own, &odd));
        answer.body = listed.to_string().into_bytes();
    });
    let ended = shape.doctor().await;
    assert!(!ended.says(0, &[]).stdout.contains("deadbeef"), "{ended:#?}");
    shape.passes(&["compute.servers.create"]).await;
    let asked = shape.front.changes().into_iter().filter(|request| request.path == "/compute/v2.1/servers");
    for request in asked {
        assert!(!request.text().contains("deadbeef"), "{}", request.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_volume_of_the_default_type_can_be_made_another_type_is_used() {
    let shape = Shape::new().await;
    shape.front.before(|request| {
        let mut wanted = body(&request.body);
        if request.method != "POST" || !request.path.ends_with("/volumes") {
            return Turn::Pass;
        }
        if wanted["volume"]["volume_type"] == "works" {
            wanted["volume"].as_object_mut().unwrap().remove("volume_type");
            return Turn::Rewrite(Request { body: wanted.to_string().into_bytes(), ..request.clone() });
        }
        // The default type is used where neither a type nor a source is named.
        if ["volume_type", "snapshot_id", "source_volid"].iter().any(|key| !wanted["volume"][*key].is_null()) {
            return Turn::Pass;
        }
        let message = "Invalid volume_type: the default type can not be found.";
        Turn::Answer(Answer::json(400, json!({"badRequest": {"code": 400, "message": message}}).to_string()))
    });
    shape.front.after(|request, answer| {
        let mut listed = body(&answer.body);
        let Some(types) = listed["volume_types"].as_array_mut().filter(|_| request.path.ends_with("/types")) else {
            return;
        };
        let mut other = types[0].clone();
        (other["id"], other["name"]) = (json!("deadbeef-0000-4000-8000-000000000000"), json!("works"));
        types.push(other);
        answer.body = listed.to_string().into_bytes();
    });
    shape.passes(&["block-storage.volumes.create", "block-storage.volume-metadata"]).await;
}

/// How many addresses networks have is the operator's to say.
#[tokio::test(flavor = "multi_thread")]
async fn a_network_without_an_address_left_gives_way_to_another() {
    const FULL: [&str; 2] = ["deadbeef-0000-4000-8000-000000000000", "deadbeef-0000-4000-8000-000000000001"];
    let shape = Shape::new().await;
    shape.front.before(|request| {
        let full = FULL.iter().find(|id| request.method == "POST" && request.text().contains(**id));
        let Some(full) = full else { return Turn::Pass };
        let message = format!("No more IP addresses available on network {full}.");
        let error = json!({"NeutronError": {"type": "IpAddressGenerationFailure", "message": message, "detail": ""}});
        match request.path.as_str() {
            "/network/v2.0/floatingips" | "/network/v2.0/routers" | "/network/v2.0/ports" => {
                Turn::Answer(Answer::json(409, error.to_string()))
            }
            "/compute/v2.1/servers" => {
                Turn::Answer(Answer::json(400, json!({"badRequest": {"code": 400, "message": message}}).to_string()))
            }
            _ => Turn::Pass,
        }
    });
    shape.front.after(|request, answer| {
        let mut listed = body(&answer.body);
        let is_list = request.method == "GET" && request.path == "/network/v2.0/networks" && request.query.is_none();
        let Some(networks) = listed["networks"].as_array_mut().filter(|_| is_list) else { return };
        for (external, full) in [true, false].into_iter().zip(FULL) {
            // Other tests make networks at the same time.
            let own = |one: &&Value| !one["name"].as_str().is_some_and(|name| name.starts_with("assay-"));
            let mut those = networks.iter().filter(own);
            let Some(mut copy) = those.find(|one| one["router:external"] == external).cloned() else { return };
            (copy["id"], copy["name"]) = (json!(full), json!("full"));
            networks.insert(0, copy);
        }
        answer.body = listed.to_string().into_bytes();
    });
    shape.passes(&["network.floating-ips", "network.routers", "compute.servers.create"]).await;
    let asked = shape.front.changes();
    // Which of them a test meets depends on what the others have made by then; none is tried a second time.
    let tried = FULL.map(|full| asked.iter().filter(|request| request.text().contains(full)).count());
    assert!(tried.contains(&1) && tried.iter().all(|times| *times <= 1), "{tried:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_no_flavor_holds_gives_way_to_another() {
    let shape = Shape::new().await;
    shape.front.after(|request, answer| {
        let mut listed = body(&answer.body);
        let is_list = request.method == "GET" && request.path == "/image/v2/images";
        let Some(images) = listed["images"].as_array_mut().filter(|_| is_list) else { return };
        let Some(mut large) = images.first().cloned() else { return };
        (large["id"], large["name"]) = (json!("deadbeef-0000-4000-8000-000000000000"), json!("large"));
        (large["size"], large["min_disk"]) = (json!(1), json!(500));
        images.insert(0, large);
        answer.body = listed.to_string().into_bytes();
    });
    shape.passes(&["compute.servers.create", "compute.server-actions.rebuild"]).await;
    assert!(servers(&shape, "imageRef").iter().all(|id| !id.starts_with("deadbeef")));
}

/// One test with a list of rules that is answered 404 so many times.
async fn with_a_list_that_is_gone(times: u32) -> TestRecord {
    let shape = Shape::new().await;
    let left = Mutex::new(times);
    shape.front.after(move |request, answer| {
        let is_list = request.method == "GET" && request.path == "/network/v2.0/security-group-rules";
        let mut left = left.lock().unwrap();
        if is_list && *left > 0 {
            *left -= 1;
            answer.status = 404;
            answer.body = json!({"NeutronError": {"type": "SecurityGroupNotFound", "message": "", "detail": ""}})
                .to_string()
                .into();
        }
    });
    shape.run(&["network.security-group-rules.create-show-delete"]).await;
    shape.place.records("run").remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_something_vanishes_from_is_asked_again_and_told() {
    let record = with_a_list_that_is_gone(2).await;
    let told = record.deviations.iter().filter(|told| told.requirement.contains("whatever is deleted")).count();
    assert_eq!((record.verdict, told), (Verdict::Pass, 2), "{record:#?}");
    // One that stays away is no busy moment.
    let record = with_a_list_that_is_gone(u32::MAX).await;
    assert_eq!(record.verdict, Verdict::Fail, "{record:#?}");
}
