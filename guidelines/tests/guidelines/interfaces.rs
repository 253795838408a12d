//! Components that ask through some interfaces only: what then counts, and for whom.

use assay_guidelines::census::Census;
use assay_guidelines::diff::{Area, Diff};
use assay_guidelines::model::{Interface, State};
use assay_guidelines::{Guideline, parse};

const TEXT: &str = r#"
schema: assay.guideline/1
id: small/1
title: Small
status: draft
targets:
  ironic: {title: Ironic, summary: One., components: [ironic]}
  redfish: {title: Redfish, summary: Other., components: [redfish]}
  both: {title: Both, summary: Two components., components: [ironic, redfish]}
  all: {title: All, summary: No interfaces., components: [all]}
components:
  ironic:
    interfaces: [ironic]
    capabilities: {required: [power, ports]}
  redfish:
    interfaces: [redfish]
    capabilities: {required: [power], advisory: [ports]}
  all:
    capabilities: {advisory: [power, logs]}
capabilities:
  power:
    project: metal
    summary: Switch on and off.
    operations: {ironic: [PUT /power], redfish: ["POST #Reset"]}
    sources: ["A profile 1.0: Reset"]
    tests:
      - {name: i.power, uuid: 00000000-0000-0000-0000-000000000001, interface: ironic}
      - {name: r.power, uuid: 00000000-0000-0000-0000-000000000002, interface: redfish}
      - {name: n.power, uuid: 00000000-0000-0000-0000-000000000003}
  ports:
    project: metal
    summary: List ports.
    tests:
      - {name: i.ports, uuid: 00000000-0000-0000-0000-000000000004, interface: ironic}
      - {name: r.ports, uuid: 00000000-0000-0000-0000-000000000005, interface: redfish}
  logs:
    project: metal
    summary: Read logs.
    untested: Nobody wrote one.
"#;

fn guideline() -> Guideline {
    parse("small.yaml", TEXT).unwrap()
}

/// The capabilities of a target, each with its state and the tests that count.
fn asked(target: &str) -> Vec<(String, State, Vec<String>)> {
    let guideline = guideline();
    let listed = guideline.capabilities_of(guideline.target(target).unwrap()).unwrap();
    let names = |tests: &[&assay_guidelines::model::Test]| tests.iter().map(|test| test.name.clone()).collect();
    listed.iter().map(|listed| (listed.name.to_owned(), listed.state, names(&listed.tests))).collect()
}

fn row(name: &str, state: State, tests: &[&str]) -> (String, State, Vec<String>) {
    (name.to_owned(), state, tests.iter().map(|test| (*test).to_owned()).collect())
}

#[test]
fn a_component_asks_for_the_tests_that_go_through_its_interfaces() {
    let (required, advisory) = (State::Required, State::Advisory);
    assert_eq!(asked("ironic"), [row("power", required, &["i.power"]), row("ports", required, &["i.ports"])]);
    assert_eq!(asked("redfish"), [row("power", required, &["r.power"]), row("ports", advisory, &["r.ports"])]);
    assert_eq!(
        asked("all"),
        [row("power", advisory, &["i.power", "r.power", "n.power"]), row("logs", advisory, &[])],
        "one without interfaces asks for all"
    );
}

/// Of ports, only one of the two components requires anything: the other's test must not become required by that.
#[test]
fn components_of_one_state_ask_together_and_a_weaker_one_adds_nothing() {
    let required = State::Required;
    assert_eq!(asked("both"), [row("power", required, &["i.power", "r.power"]), row("ports", required, &["i.ports"])]);
    let guideline = guideline();
    let tests = guideline.tests_of(guideline.target("both").unwrap()).unwrap();
    let names: Vec<&str> = tests.iter().map(|test| test.test.name.as_str()).collect();
    assert_eq!(names, ["i.power", "r.power", "i.ports"]);
}

#[test]
fn a_test_counts_with_the_state_of_those_that_ask_for_it() {
    let guideline = guideline();
    let state = |capability: &str, at: usize| {
        guideline.state_of_test(capability, &guideline.capabilities[capability].tests[at])
    };
    assert_eq!(state("power", 2), Some(State::Advisory), "it goes through no interface that is required");
    assert_eq!((state("ports", 0), state("ports", 1)), (Some(State::Required), Some(State::Advisory)));
    let census = Census::of(&guideline);
    assert_eq!((census.capabilities, census.tests), (2, 3));
}

#[test]
fn a_difference_tells_of_interfaces_operations_and_sources() {
    let (old, mut new) = (guideline(), guideline());
    new.components["redfish"].interfaces.push(Interface::Ironic);
    let power = &mut new.capabilities["power"];
    power.operations.redfish.clear();
    power.sources.push("B".into());
    power.tests[2].interface = Some(Interface::Redfish);
    let changes = Diff::between(&old, &new).changes;
    let told: Vec<_> = changes.iter().map(|c| (c.area, c.subject.as_str(), c.fact.as_deref().unwrap())).collect();
    assert_eq!(
        told,
        [
            (Area::Component, "redfish", "interfaces"),
            (Area::Capability, "power", "operations of Redfish"),
            (Area::Capability, "power", "sources"),
            (Area::Test, "n.power", "state"),
            (Area::Test, "n.power", "interface"),
        ]
    );
}
