//! Machines that nobody listed, and settings that nobody had.

use assay_hostile::Front;
use assay_kit::Kind;
use serde_json::{Value, json};

use super::creators::creator;
use super::world::World;
use crate::support::Ended;

/// What the last line about something of this kind says of it.
fn told(world: &World, kind: &str) -> Value {
    let journal = world.journal();
    let line = journal.iter().rev().find(|line| line["resource"]["kind"] == kind);
    line.unwrap_or_else(|| panic!("the run has none of {kind}: {journal:#?}"))["resource"].clone()
}

async fn unharmed(world: &World, ended: &Ended) {
    assert!(matches!(ended.code, Some(2 | 5)), "what is left is said: {ended:#?}");
    world.is_unharmed(ended).await;
}

/// A line names a machine that the deployment file does not list, with what it would be put back to.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_about_a_machine_that_is_not_listed_changes_nothing_there() {
    let world = World::metal().await;
    let tests = [creator(Kind::Machine).unwrap(), creator(Kind::RedfishSystem).unwrap()];
    world.run(&tests).await.says(0, &[]);
    let whole = world.place.read("run/resources.jsonl");
    let (name, id) = world.decoys_of(Kind::Machine).into_iter().find(|(name, _)| name == "reference-5").unwrap();
    let (_, path) = world.decoys_of(Kind::RedfishSystem).remove(0);
    let (id, path) = (id.unwrap(), path.unwrap());

    let mut machine = told(&world, "machine");
    let mut previous: Value = serde_json::from_str(machine["previous"].as_str().unwrap()).unwrap();
    previous["power_state"] = json!("power on");
    machine["previous"] = json!(previous.to_string());
    let mut system = told(&world, "redfish-system");
    let mut previous: Value = serde_json::from_str(system["previous"].as_str().unwrap()).unwrap();
    previous["power"] = json!("On");
    previous["properties"] = json!({"AssetTag": "OWNED"});
    system["previous"] = json!(previous.to_string());
    for (mut resource, name, id) in [
        (machine.clone(), &name, &id),
        // Under the name of one that is listed.
        (machine.clone(), &"reference-1".to_owned(), &id),
        (json!({"kind": "node", "role": "member"}), &name, &id),
        (
            json!({"kind": "indicator", "role": "member", "previous": "{\"indicator\": \"led\", \"state\": \"ON\"}"}),
            &name,
            &id,
        ),
        (json!({"kind": "virtual-media", "role": "member", "previous": "cdrom"}), &name, &id),
        (system.clone(), &path, &path),
        (system.clone(), &"/redfish/v1/Systems/reference-1".to_owned(), &path),
    ] {
        world.place.write("run/resources.jsonl", &whole);
        resource["name"] = json!(name);
        resource["id"] = json!(id);
        for is_known in [true, false] {
            if !is_known {
                world.forget_the_run();
            }
            world.add_line(&resource, "created");
            let ended = world.sweep(if is_known { &["run"] } else { &["run", "--yes"] }).await;
            unharmed(&world, &ended).await;
        }
    }
}

/// A line about a machine that is listed puts nothing there that no test changes.
#[tokio::test(flavor = "multi_thread")]
async fn settings_that_no_test_changes_are_not_put_back() {
    for is_known in [true, false] {
        settings(World::metal().await, is_known).await;
    }
}

async fn settings(world: World, is_known: bool) {
    let tests = [creator(Kind::Machine).unwrap(), creator(Kind::RedfishSystem).unwrap()];
    world.run(&tests).await.says(0, &[]);
    if !is_known {
        world.forget_the_run();
    }
    let mut machine = told(&world, "machine");
    let mut previous: Value = serde_json::from_str(machine["previous"].as_str().unwrap()).unwrap();
    for (key, value) in [
        ("driver_info", json!({"ipmi_address": "192.0.2.1"})),
        ("extra", json!({"x": "y".repeat(100_000)})),
        ("owner", json!("a stranger")),
        ("provision_state", json!("active")),
        ("power_state", json!("soft rebooting")),
        ("boot_device", json!({"boot_device": "../../nodes", "persistent": true})),
        ("traits", json!(["../x"])),
    ] {
        previous[key] = value;
    }
    machine["previous"] = json!(previous.to_string());
    world.add_line(&machine, "created");
    let mut system = told(&world, "redfish-system");
    let hostile = json!({
        "power": "PushPowerButton", "asked": {"power": "x", "at": "2026-01-01T00:00:00Z"},
        "boot": {"BootSourceOverrideTarget": "x", "HttpBootUri": "http://192.0.2.1/"},
        "properties": {"AssetTag": "OWNED", "HostName": "owned"},
        "secure_boot": {"path": "/redfish/v1/Systems/reference-3/SecureBoot", "enable": false},
        "bios": {"path": "/redfish/v1/Systems/reference-3/Bios/Settings", "attributes": {"x": "y"}},
        "media": {"/redfish/v1/AccountService/Accounts/1": false},
    });
    system["previous"] = json!(hostile.to_string());
    world.add_line(&system, "created");
    let before = world.fronts().map(|front| front.changes().len()).sum::<usize>();
    let ended = world.sweep(if is_known { &["run"] } else { &["run", "--yes"] }).await;
    unharmed(&world, &ended).await;
    let sent: Vec<String> =
        world.fronts().flat_map(Front::changes).skip(before).map(|it| it.text().to_owned()).collect();
    for word in ["192.0.2.1", "a stranger", "HostName", "OWNED\",\"HostName", "AccountService", "yyyyyyyyyy"] {
        assert!(!sent.iter().any(|body| body.contains(word)), "{word} was sent: {sent:#?}");
    }
    assert!(world.strays().is_empty());
}

/// A killed run leaves machines as it had changed them: a sweep puts back those that are listed, and those alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_after_a_kill_puts_back_the_listed_machines_alone() {
    let mut world = World::metal().await;
    world.killed().await;
    world.fill().await;
    let ended = world.sweep(&["run"]).await;
    ended.says(0, &[]);
    world.is_unharmed(&ended).await;
    world.is_swept(&ended).await;
}

/// The deployment file of the command decides, not the one that the run was made with.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_no_longer_listed_is_left_and_named() {
    let world = World::metal().await;
    let silent = |request: &assay_hostile::Request| request.method == "PUT" && request.path.ends_with("/states/power");
    let ironic = world.ironic.as_ref().unwrap();
    ironic
        .before(move |request| if silent(request) { assay_hostile::Turn::Silence } else { assay_hostile::Turn::Pass });
    let mut child = world.start(&[creator(Kind::Machine).unwrap()]);
    while !ironic.changes().iter().any(silent) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    child.start_kill().unwrap();
    child.wait().await.unwrap();
    world.behave();
    let file =
        world.place.read("metal.yaml").replace("machines: [reference-1, reference-2]", "machines: [reference-4]");
    world.place.write("metal.yaml", &file);
    let before = ironic.changes().len();
    let ended = world.sweep(&["run"]).await;
    ended.says(5, &["reference-"]);
    assert_eq!(ironic.changes().len(), before, "{ended:#?}");
    world.decoys.verify().await;
}
