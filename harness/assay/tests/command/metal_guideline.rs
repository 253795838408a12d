//! The guideline for bare metal asks for exactly the tests that there are.

use std::collections::BTreeMap;

use assay_guidelines::Catalogue;
use assay_guidelines::model::Interface;
use assay_kit::{Need, Service};

#[test]
fn every_test_of_the_guideline_for_bare_metal_is_there_and_the_other_way_round() {
    assay_capabilities::link();
    let day = "2026-11-27".parse().unwrap();
    let loaded = Catalogue::embedded().get("metal/2026.11", day).unwrap();
    let capabilities = loaded.guideline.capabilities.values();
    let asked: BTreeMap<&str, (&str, Option<Interface>)> = capabilities
        .flat_map(|capability| &capability.tests)
        .map(|test| (test.name.as_str(), (test.uuid.as_deref().unwrap(), test.interface)))
        .collect();

    let metal = |need: &Need| matches!(need.service(), Some(Service::BareMetal | Service::Redfish));
    let tests = assay_kit::registered().unwrap();
    let there: BTreeMap<&str, (&str, Option<Interface>)> = tests
        .iter()
        .filter(|test| test.needs.iter().any(metal))
        .map(|test| {
            let through = |service| test.needs.iter().any(|need| need.service() == Some(service));
            let interface = match (through(Service::BareMetal), through(Service::Redfish)) {
                (true, false) => Some(Interface::Ironic),
                (false, true) => Some(Interface::Redfish),
                _ => None,
            };
            (test.id, (test.covers, interface))
        })
        .collect();
    let unasked: Vec<_> = there.keys().filter(|id| !asked.contains_key(*id)).collect();
    assert!(unasked.is_empty(), "guidelines/metal/2026.11.yaml must ask for {unasked:?}");
    let absent: Vec<_> = asked.keys().filter(|id| !there.contains_key(*id)).collect();
    assert!(absent.is_empty(), "guidelines/metal/2026.11.yaml asks for what is no test: {absent:?}");
    for (id, test) in &there {
        assert_eq!(
            asked[id], *test,
            "left is what guidelines/metal/2026.11.yaml says of {id}, right what the test says"
        );
    }
}
