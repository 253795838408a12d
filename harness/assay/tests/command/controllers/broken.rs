//! Controllers of which one thing is broken: a link that leads nowhere, a member of a collection, a value of null. One test fails
//! for it, and the others go on, or are skipped where that very thing is theirs.

use std::collections::BTreeSet;

use assay_hostile::Turn;
use assay_reports::record::Verdict;
use serde_json::Value;

use super::{Controller, SYSTEM, error, rewrites};

/// What only reads, and some of what changes.
const TESTS: [&str; 21] = [
    "redfish.accounts",
    "redfish.bios",
    "redfish.boot.once",
    "redfish.errors",
    "redfish.ethernet",
    "redfish.events",
    "redfish.firmware",
    "redfish.logs",
    "redfish.managers",
    "redfish.power",
    "redfish.processors",
    "redfish.protocol",
    "redfish.secure-boot",
    "redfish.service-root",
    "redfish.sessions",
    "redfish.storage",
    "redfish.systems",
    "redfish.thermal",
    "redfish.update",
    "redfish.vmedia",
    "redfish.volumes",
];

/// Requires that this one test fails, and that no other does more than to be skipped.
async fn fails_one(controller: &Controller, what: &str, fails: &str) {
    let (mut others, _) = controller.compared(&TESTS).await;
    let reasons = controller.reasons();
    assert_eq!(others.remove(fails), Some(Verdict::Fail), "{what}: {reasons:#?}");
    assert!(others.values().all(|verdict| *verdict == Verdict::Skip), "{what}: {others:#?} {reasons:#?}");
}

/// Four at a time: each is a run of its own.
async fn each_fails_one<T: Copy>(cases: &[(T, &str)], start: impl AsyncFn(T) -> (Controller, String)) {
    for some in cases.chunks(4) {
        let some = some.iter().map(|(case, fails)| {
            let started = start(*case);
            async move {
                let (controller, what) = started.await;
                fails_one(&controller, &what, fails).await;
            }
        });
        futures::future::join_all(some).await;
    }
}

async fn without(path: &'static str) -> (Controller, String) {
    let controller = Controller::start().await;
    controller.front.before(move |request| {
        if request.path.trim_end_matches('/') == path {
            return Turn::Answer(error(404, "ResourceMissingAtURI", "There is no such resource."));
        }
        Turn::Pass
    });
    (controller, path.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_a_system_that_leads_nowhere_is_one_failure() {
    let links = "redfish.systems.links";
    let cases = [
        ("/redfish/v1/Systems/reference-1/Bios", links),
        ("/redfish/v1/Systems/reference-1/SecureBoot", links),
        ("/redfish/v1/Systems/reference-1/Processors", links),
        ("/redfish/v1/Systems/reference-1/Processors/CPU2", links),
        ("/redfish/v1/Systems/reference-1/EthernetInterfaces", links),
        ("/redfish/v1/Systems/reference-1/VirtualMedia", links),
        ("/redfish/v1/Systems/reference-1/VirtualMedia/Usb", links),
        ("/redfish/v1/Chassis/reference-1", links),
        ("/redfish/v1/Systems/reference-1/LogServices", links),
        ("/redfish/v1/Systems/reference-1/Bios/Settings", "redfish.bios.read"),
        ("/redfish/v1/Systems/reference-3", "redfish.systems.show"),
    ];
    each_fails_one(&cases, without).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_link_that_leads_nowhere_is_one_failure() {
    let root = "redfish.service-root.links";
    let cases = [
        ("/redfish/v1/SessionService", root),
        ("/redfish/v1/AccountService", root),
        ("/redfish/v1/EventService", root),
        ("/redfish/v1/UpdateService", root),
        ("/redfish/v1/Registries", root),
        ("/redfish/v1/AccountService/Roles", "redfish.accounts.list"),
        ("/redfish/v1/Managers/reference-1/NetworkProtocol", "redfish.managers.read"),
        ("/redfish/v1/Managers/reference-1/LogServices", "redfish.logs.services"),
        ("/redfish/v1/Chassis/reference-1/Thermal", "redfish.thermal.temperatures"),
        ("/redfish/v1/Chassis/reference-1/Power", "redfish.power.readings"),
    ];
    each_fails_one(&cases, without).await;
}

/// A controller with null at one place of what a path shows.
async fn with_null((path, place): (&'static str, &'static str)) -> (Controller, String) {
    let controller = Controller::start().await;
    rewrites(&controller, move |request, body| {
        if request.path == path
            && let Some(value) = body.pointer_mut(place)
        {
            *value = Value::Null;
        }
    });
    (controller, format!("{path}#{place}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_is_null_is_one_failure() {
    let links = "redfish.systems.links";
    let cases = [
        (("/redfish/v1/Systems/reference-1/Processors", "/Members/0"), links),
        (("/redfish/v1/Systems/reference-1/VirtualMedia", "/Members/1"), links),
        (("/redfish/v1/Systems", "/Members/2"), "redfish.systems.show"),
        (("/redfish/v1/Chassis/reference-1/Thermal", "/Temperatures/0"), "redfish.thermal.temperatures"),
        ((SYSTEM, "/MemorySummary"), "redfish.systems.summaries"),
        ((SYSTEM, "/Links/ManagedBy"), "redfish.managers.read"),
    ];
    each_fails_one(&cases, with_null).await;
}

/// A link that is null is not offered: its tests must be skipped.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_null_skips_its_tests() {
    let skipped = |ids: &[&'static str]| ids.iter().map(|id| (*id, Verdict::Skip)).collect::<Vec<_>>();
    for (place, tests) in [
        ("/Bios", skipped(&["redfish.bios.read", "redfish.bios.change", "redfish.bios.refused"])),
        ("/Links/Chassis", skipped(&["redfish.thermal.temperatures", "redfish.power.readings"])),
        ("/VirtualMedia", skipped(&["redfish.vmedia.list", "redfish.vmedia.insert", "redfish.vmedia.refused"])),
    ] {
        let (controller, what) = with_null((SYSTEM, place)).await;
        assert_eq!(controller.differs(&TESTS, &tests).await, BTreeSet::new(), "{what}");
    }
}
