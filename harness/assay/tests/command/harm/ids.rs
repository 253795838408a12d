//! Services whose creations answer with ids that are others', paths, or nothing.

use std::sync::{Arc, Mutex};

use assay_hostile::{Answer, Request};
use assay_kit::Kind;
use serde_json::{Value, json};

use super::creators::creators;
use super::world::World;

/// The members that tell an id, or an address that ends with one.
const KEYS: [&str; 4] = ["id", "uuid", "@odata.id", "secret_ref"];

/// Replaces the id in the answer to a creation.
fn lie(answer: &mut Answer, id: &Value) {
    if !(200..300).contains(&answer.status) {
        return;
    }
    let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else { return };
    let is_wrapped = KEYS.iter().all(|key| body[key].is_null());
    let mut lied = false;
    let mut replace = |thing: &mut Value| {
        for key in KEYS {
            if thing.get(key).is_some() {
                thing[key] = match id.as_str() {
                    // It tells its address.
                    Some(id) if key == "secret_ref" => json!(format!("http://127.0.0.1:1/v1/secrets/{id}")),
                    _ => id.clone(),
                };
                lied = true;
            }
        }
    };
    if is_wrapped {
        body.as_object_mut().into_iter().flat_map(|body| body.values_mut()).for_each(&mut replace);
    } else {
        replace(&mut body);
    }
    if lied {
        answer.body = body.to_string().into();
        answer.headers.retain(|(name, _)| name != "location");
    }
}

fn is_creation(request: &Request) -> bool {
    request.method == "POST" && !request.path.ends_with("/auth/tokens") && !request.path.ends_with("/action")
}

/// The collection in whose path something of a kind is created; none where what is created has no id of its own.
fn collection(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::ApplicationCredential => "/application_credentials",
        Kind::User => "/v3/users",
        Kind::Group => "/v3/groups",
        Kind::Project => "/v3/projects",
        Kind::Server => "/servers",
        Kind::Backup => "/backups",
        Kind::Snapshot => "/snapshots",
        Kind::Volume => "/volumes",
        Kind::Secret => "/secrets",
        Kind::Image => "/images",
        Kind::FloatingIp => "/floatingips",
        Kind::Router => "/routers",
        Kind::Port => "/ports",
        Kind::Subnet => "/subnets",
        Kind::Network => "/networks",
        Kind::SubnetPool => "/subnetpools",
        Kind::SecurityGroup => "/security-groups",
        Kind::Allocation => "/allocations",
        Kind::Node => "/nodes",
        Kind::RedfishSession => "/SessionService/Sessions",
        Kind::RedfishAccount => "/AccountService/Accounts",
        Kind::RedfishSubscription => "/EventService/Subscriptions",
        // Found by their names, or settings of what is there.
        Kind::Keypair
        | Kind::Ec2Credential
        | Kind::IdentityRole
        | Kind::Domain
        | Kind::Container
        | Kind::Object
        | Kind::SparePassword
        | Kind::AccountQuota
        | Kind::TempUrlKey
        | Kind::AccountMetadata
        | Kind::Indicator
        | Kind::VirtualMedia
        | Kind::Machine
        | Kind::RedfishSystem => return None,
    })
}

/// What can be created only where something else was is lied about in a later run.
fn turn(kind: Kind) -> usize {
    match kind {
        Kind::FloatingIp => 2,
        Kind::Backup | Kind::Snapshot | Kind::Port | Kind::Subnet => 1,
        _ => 0,
    }
}

/// A creation is answered with the id of something of the same kind that somebody else has.
async fn ids_of_others(world: World) {
    for now in 0..3 {
        let mut others = Vec::new();
        for kind in Kind::ALL.into_iter().filter(|kind| turn(*kind) == now) {
            let of_others = world.decoys_of(kind).into_iter().find_map(|(_, id)| id);
            others.extend(collection(kind).zip(of_others));
        }
        if !others.is_empty() {
            ids_of(&world, &others).await;
        }
        let _ = std::fs::remove_dir_all(world.place.path("run"));
        world.fronts().for_each(assay_hostile::Front::forget);
    }
}

async fn ids_of(world: &World, others: &[(&'static str, String)]) {
    let lied = Arc::new(Mutex::new(Vec::new()));
    for front in world.fronts() {
        let (others, lied) = (others.to_vec(), lied.clone());
        front.after(move |request, answer| {
            let path = request.path.trim_end_matches('/');
            let Some((what, id)) = others.iter().find(|(what, _)| path.ends_with(what)) else { return };
            if is_creation(request) {
                lie(answer, &json!(id));
                lied.lock().unwrap().push(*what);
            }
        });
    }
    let tests = creators(world.ironic.is_some());
    let ended = world.run(&[tests.as_slice(), &["--timeout", "20"]].concat()).await;
    assert!(matches!(ended.code, Some(1 | 5)), "{ended:#?}");
    let lied = lied.lock().unwrap().clone();
    for (what, _) in others.iter().filter(|(what, _)| !NEVER_CREATED.contains(what)) {
        assert!(lied.contains(what), "nothing was created in {what}: {lied:?}");
    }
    world.is_unharmed(&ended).await;
    // What the journal says now is as wrong.
    let ended = world.sweep(&["run"]).await;
    assert!(matches!(ended.code, Some(0 | 5)), "{ended:#?}");
    world.is_unharmed(&ended).await;
}

/// What no test creates by itself.
const NEVER_CREATED: [&str; 5] =
    ["/deploy_templates", "/runbooks", "/inspection_rules", "/chassis", "/AccountService/Accounts"];

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_that_is_answered_with_an_id_of_others_harms_nothing_of_theirs() {
    ids_of_others(World::cloud().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_in_a_metal_service_that_is_answered_with_an_id_of_others_harms_nothing_of_theirs() {
    ids_of_others(World::metal().await).await;
}

/// Ids that are no ids: none of them leaves the collection that it belongs to, or is asked for at all.
#[tokio::test(flavor = "multi_thread")]
async fn ids_that_are_no_ids_are_not_sent() {
    let world = World::cloud().await;
    let (_, network) = world.decoys_of(Kind::Network).remove(0);
    let up = format!("../../../network/v2.0/networks/{}", network.unwrap());
    let escaped = up.replace('/', "%2f");
    let odd = [&up, &escaped, "..", ".", "", "a/b", "a?b=c", "a#b", "a\nDELETE /x", "\u{0}", "\\..\\..", "..;/"];
    let mut odd: Vec<Value> = odd.iter().map(|id| json!(id)).collect();
    odd.extend([json!("x".repeat(100_000)), json!(7), Value::Null, json!({"a": 1})]);
    // They take turns, so that one run shows them all in one place or another.
    let turn = Arc::new(Mutex::new(odd.into_iter().cycle()));
    world.front.after(move |request, answer| {
        if is_creation(request) {
            let id = turn.lock().unwrap().next().unwrap();
            lie(answer, &id);
        }
    });
    for round in 0..3 {
        let _ = std::fs::remove_dir_all(world.place.path("run"));
        let ended = world.run(&[creators(false).as_slice(), &["--timeout", "10"]].concat()).await;
        assert!(matches!(ended.code, Some(1 | 5)), "{round}: {ended:#?}");
        let missing = world.decoys.missing().await;
        assert!(missing.is_empty(), "decoys suffered:\n{}\n{ended:#?}", missing.join("\n"));
        world.is_unharmed(&ended).await;
        let ended = world.sweep(&["run"]).await;
        assert!(matches!(ended.code, Some(0 | 5)), "{round}: {ended:#?}");
        world.is_unharmed(&ended).await;
        world.fronts().for_each(assay_hostile::Front::forget);
    }
}
