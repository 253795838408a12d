//! Each machine and each service is tried: what one lacks hides nothing of another.

use assay_hostile::{Answer, Bmc, Habit, Request, Turn};
use assay_reports::record::{LackKind, TestRecord, Verdict};
use serde_json::Value;

use crate::harm::world::World;
use crate::support::Place;

const RAID: &str = "baremetal.raid.target";
const TAG: &str = "redfish.systems.asset-tag";
const ON_OFF: &str = "redfish.reset.on-off";

/// Changes an answer that is JSON.
fn edit(answer: &mut Answer, change: impl Fn(&mut Value)) {
    if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
        change(&mut body);
        answer.body = body.to_string().into_bytes();
    }
}

/// The machines of these names have no RAID.
fn without_raid(world: &World, names: &'static [&'static str]) {
    world.ironic.as_ref().unwrap().after(move |_, answer| {
        edit(answer, |node| {
            if names.iter().any(|name| node["name"] == **name) {
                node["raid_interface"] = "no-raid".into();
            }
        });
    });
}

async fn record(world: &World, test: &str) -> TestRecord {
    let ended = world.run(&[test]).await;
    world.is_unharmed(&ended).await;
    world.place.records("run").pop().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_one_machine_cannot_take_is_run_with_the_next() {
    let world = World::metal().await;
    without_raid(&world, &["reference-1"]);
    let record = record(&world, RAID).await;
    assert_eq!((record.verdict, record.lacks), (Verdict::Pass, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_failure_of_the_next_machine_counts() {
    let world = World::metal().await;
    without_raid(&world, &["reference-1"]);
    world.ironic.as_ref().unwrap().before(|request| {
        if request.path.ends_with("/states/raid") { Turn::Answer(Answer::json(500, "{}")) } else { Turn::Pass }
    });
    let record = record(&world, RAID).await;
    assert_eq!(record.verdict, Verdict::Fail, "{record:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_machine_has_is_lacking() {
    let world = World::metal().await;
    without_raid(&world, &["reference-1", "reference-2"]);
    let record = record(&world, RAID).await;
    assert_eq!(record.verdict, Verdict::Skip, "{record:#?}");
    let lacks = record.lacks.unwrap();
    assert_eq!((lacks.kind, lacks.name.as_deref()), (LackKind::Feature, Some("raid")));
    assert_eq!(lacks.service.as_deref(), Some("baremetal"));
}

/// One system has no asset tag, and the other does not take one.
#[tokio::test(flavor = "multi_thread")]
async fn the_skip_of_one_system_does_not_hide_the_failure_of_the_next() {
    let world = World::metal().await;
    let file = world.place.read("metal.yaml");
    world.place.write("metal.yaml", &file.replace("machines: [reference-1]", "machines: [reference-1, reference-2]"));
    let of = |request: &Request, name: &str| request.path.ends_with(&format!("/Systems/{name}"));
    world.front.after(move |request, answer| {
        if of(request, "reference-1") {
            edit(answer, |system| drop(system.as_object_mut().unwrap().remove("AssetTag")));
        }
    });
    world.front.before(move |request| {
        if request.method == "PATCH" && of(request, "reference-2") {
            Turn::Answer(Answer::json(500, "{}"))
        } else {
            Turn::Pass
        }
    });
    let ended = world.run(&[TAG]).await;
    let missing = world.decoys.missing().await;
    assert!(missing.is_empty(), "decoys suffered:\n{}\n{ended:#?}", missing.join("\n"));
    // The second one is listed here, and refuses.
    assert!(world.strays().iter().all(|stray| stray.ends_with("/Systems/reference-2")), "{:#?}", world.strays());
    assert_eq!(world.strays_done(), Vec::<String>::new());
    let record = world.place.records("run").pop().unwrap();
    assert_eq!(record.verdict, Verdict::Fail, "{record:#?}");
    assert!(format!("{record:?}").contains("reference-2"), "{record:#?}");
}

/// No machine of the first service may be changed, and the second one is broken.
#[tokio::test(flavor = "multi_thread")]
async fn the_skip_of_one_service_does_not_hide_the_failure_of_the_next() {
    let (good, broken) = (Bmc::start(Habit::Good).await.unwrap(), Bmc::start(Habit::Circle).await.unwrap());
    let place = Place::new();
    place.write(
        "metal.yaml",
        &format!(
            "schema: assay.deployment/1\nname: rack\nredfish:\n  - {{name: one, endpoint: '{}'}}\n  - {{name: two, endpoint: \
             '{}', machines: [one]}}\n",
            good.url(),
            broken.url()
        ),
    );
    place.run(&["run", "--deployment", "metal.yaml", "--out", "run", ON_OFF]).await.says(1, &["fail"]);
    let record = place.records("run").pop().unwrap();
    assert_eq!(record.verdict, Verdict::Fail, "{record:#?}");
    let reads = |request: &String| request.starts_with("GET ") || request.starts_with("HEAD ");
    assert!(good.requests().iter().all(reads), "{:?}", good.requests());
    assert_eq!([good.changes_of_the_other(), broken.changes_of_the_other()], [Vec::<String>::new(), Vec::new()]);
}
