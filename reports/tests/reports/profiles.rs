//! Redfish profiles: what each construct comes to, and services whose links do not end.

use std::collections::BTreeMap;

use assay_guidelines::profile::{ProfileSet, parse};
use assay_reports::profile::Verdict::{Fail, NotTested, Pass, Skipped, Warn};
use assay_reports::profile::{
    Cause, Collected, Crawl, Fetched, Limits, NoteKind, Place, ProfileReport, ProfileVerdict, Role, ServiceDescription,
    Verdict, evaluate, records,
};
use assay_reports::record::Verdict as Outcome;
use serde_json::{Value, json};

/// A service that answers from a function.
fn crawl_with(limits: Limits, mut answer: impl FnMut(&str) -> Fetched) -> Collected {
    let service = ServiceDescription { name: "bmc".into(), endpoint: "https://bmc.example".into() };
    let mut crawl = Crawl::new(service, limits);
    let mut requests = 0;
    while let Some(uri) = crawl.next_address() {
        requests += 1;
        assert!(requests < 20_000, "the crawl does not end");
        crawl.take(answer(&uri));
    }
    crawl.finish()
}

fn ok(json: Value) -> Fetched {
    Fetched { status: Some(200), json: Some(json), ..Fetched::default() }
}

/// A service with these resources and no others.
fn service(resources: &[(&str, Value)]) -> Collected {
    let resources: BTreeMap<_, _> = resources.iter().cloned().collect();
    crawl_with(Limits::default(), |uri| match resources.get(uri) {
        Some(body) => ok(body.clone()),
        None => Fetched { status: Some(404), ..Fetched::default() },
    })
}

/// A service whose root links to one resource of a type, with this body.
fn with(type_name: &str, mut body: Value) -> Collected {
    body["@odata.type"] = format!("#{type_name}.v1_4_2.{type_name}").into();
    service(&[("/redfish/v1/", root()), ("/redfish/v1/It", body)])
}

fn root() -> Value {
    json!({
        "@odata.type": "#ServiceRoot.v1_5_0.ServiceRoot",
        "RedfishVersion": "1.6.0",
        "It": {"@odata.id": "/redfish/v1/It"},
        "ProtocolFeaturesSupported": {
            "ExpandQuery": {"Levels": false, "Links": true},
            "FilterQuery": false,
            "OnlyMemberQuery": true,
            "DeepOperations": {"DeepPATCH": false},
        },
    })
}

fn profile(asked: Value) -> ProfileSet {
    let mut file = json!({"ProfileName": "P", "ProfileVersion": "1.0.0"});
    file.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
    let text = serde_json::to_string_pretty(&file).unwrap();
    ProfileSet { profiles: vec![parse("p.json", &text).unwrap_or_else(|errors| panic!("{errors}"))] }
}

/// A profile that asks this of the properties of `It`.
fn properties(asked: Value) -> ProfileSet {
    profile(json!({"Resources": {"It": {"PropertyRequirements": asked}}}))
}

fn place<'a>(report: &'a ProfileReport, aspect: &str, path: &str) -> Option<&'a Place> {
    let ends = format!(".{aspect}");
    let mut found = report.places.iter().filter(|place| place.requirement.ends_with(&ends) && place.path == path);
    let place = found.next();
    assert!(found.next().is_none(), "several places {aspect} {path}");
    place
}

/// The verdict and cause of an aspect of a property of `It`.
fn verdict(asked: Value, body: Value, aspect: &str, path: &str) -> Option<(Verdict, Cause)> {
    let report = evaluate(&properties(asked), &[with("It", body)]);
    place(&report, aspect, path).map(|place| (place.verdict, place.cause))
}

const PASS: Option<(Verdict, Cause)> = Some((Verdict::Pass, Cause::Kept));
const LACKS: Option<(Verdict, Cause)> = Some((Verdict::Fail, Cause::Missing));
const WRONG: Option<(Verdict, Cause)> = Some((Verdict::Fail, Cause::Wrong));
const SKIPPED: Option<(Verdict, Cause)> = Some((Verdict::Skipped, Cause::Missing));
const NOT_APPLICABLE: Option<(Verdict, Cause)> = Some((Verdict::Skipped, Cause::NotApplicable));
const NOT_SAID: Option<(Verdict, Cause)> = Some((Verdict::NotTested, Cause::NotSaid));

#[test]
fn whether_a_property_must_be_there_depends_on_the_word() {
    for (word, there, not_there) in [
        ("Mandatory", PASS, LACKS),
        ("Supported", PASS, LACKS),
        ("Recommended", PASS, SKIPPED),
        ("IfImplemented", PASS, SKIPPED),
        ("IfPopulated", PASS, LACKS),
        ("Conditional", NOT_APPLICABLE, NOT_APPLICABLE),
        ("None", NOT_APPLICABLE, NOT_APPLICABLE),
        ("Excluded", WRONG, PASS),
    ] {
        let asked = json!({"A": {"ReadRequirement": word}});
        assert_eq!(verdict(asked.clone(), json!({"A": null}), "read", "/A"), there, "{word}");
        assert_eq!(verdict(asked, json!({}), "read", "/A"), not_there, "{word}");
    }
    let absent = json!({"Status": {"State": "Absent"}});
    assert_eq!(verdict(json!({"A": {"ReadRequirement": "IfPopulated"}}), absent, "read", "/A"), NOT_APPLICABLE);
}

#[test]
fn what_is_asked_within_an_object_is_asked_only_where_it_is() {
    let asked = json!({"L": {"ReadRequirement": "Recommended", "PropertyRequirements": {"A": {"PropertyRequirements": {"B": {}}}}}});
    let body = json!({"L": [{"A": {"B": 1}}, null, {"A": {}}, {}]});
    let report = evaluate(&properties(asked.clone()), &[with("It", body)]);
    let reads: Vec<_> = report
        .places
        .iter()
        .filter(|place| place.requirement.rsplit('.').next() == Some("read"))
        .map(|place| (place.path.as_str(), place.verdict))
        .collect();
    assert_eq!(
        reads,
        [
            ("/L", Verdict::Pass),
            ("/L/0/A", Verdict::Pass),
            ("/L/0/A/B", Verdict::Pass),
            ("/L/2/A", Verdict::Pass),
            ("/L/2/A/B", Verdict::Fail),
            ("/L/3/A", Verdict::Fail),
        ]
    );
    // Of the requirement, the worst place counts; what had no place is not tested, and not missing.
    let report = evaluate(&properties(asked), &[with("It", json!({}))]);
    let inner = report.requirements.iter().find(|requirement| requirement.path == "L/A").unwrap();
    assert_eq!((inner.verdict, inner.cause, inner.counts.fail), (Verdict::NotTested, Cause::NotRead, 0));
}

#[test]
fn writing_is_judged_by_what_the_service_says_of_it() {
    let asked = |word: &str| json!({"A": {"WriteRequirement": word}});
    let listed = json!({"A": 1, "@Redfish.WriteableProperties": ["A"]});
    let others = json!({"A": 1, "@Redfish.WriteableProperties": ["B"]});
    for (word, not) in [("Mandatory", LACKS), ("Recommended", SKIPPED), ("Supported", LACKS)] {
        assert_eq!(verdict(asked(word), listed.clone(), "write", "/A"), PASS, "{word}");
        assert_eq!(verdict(asked(word), others.clone(), "write", "/A"), not, "{word}");
        assert_eq!(verdict(asked(word), json!({"A": 1}), "write", "/A"), NOT_SAID, "{word}");
    }
    assert_eq!(verdict(asked("None"), listed, "write", "/A"), None);
    // The header Allow speaks for all of the resource.
    let read_only = crawl_with(Limits::default(), |uri| match uri {
        "/redfish/v1/" => ok(root()),
        _ => Fetched { allow: Some("GET, HEAD".into()), ..ok(json!({"@odata.type": "#It.v1_0_0.It", "A": 1})) },
    });
    let report = evaluate(&properties(asked("Mandatory")), &[read_only]);
    assert_eq!(place(&report, "write", "/A").map(|place| (place.verdict, place.cause)), LACKS);
}

#[test]
fn counts_values_and_supported_values_are_compared() {
    let count = json!({"A": {"MinCount": 2}});
    assert_eq!(verdict(count.clone(), json!({"A": [1, null, 2]}), "count", "/A"), PASS);
    assert_eq!(verdict(count.clone(), json!({"A": [1, null]}), "count", "/A"), LACKS);
    assert_eq!(verdict(count, json!({"A": 7}), "count", "/A"), Some((Verdict::Warn, Cause::Wrong)));

    let support = json!({"A": {"MinSupportValues": ["x", "y"]}});
    let body = |values: Value| json!({"A": "x", "A@Redfish.AllowableValues": values});
    assert_eq!(verdict(support.clone(), body(json!(["y", "x", "z"])), "supported-values", "/A"), PASS);
    assert_eq!(verdict(support.clone(), body(json!(["x"])), "supported-values", "/A"), LACKS);
    assert_eq!(verdict(support, json!({"A": "x"}), "supported-values", "/A"), NOT_SAID);

    let link = json!({"A": {"Comparison": "LinkToResource", "Values": ["ServiceRoot"]}});
    assert_eq!(verdict(link.clone(), json!({"A": {"@odata.id": "/redfish/v1"}}), "values", "/A"), PASS);
    assert_eq!(verdict(link.clone(), json!({"A": {"@odata.id": "/redfish/v1/It"}}), "values", "/A"), WRONG);
    assert_eq!(verdict(link.clone(), json!({"A": {"@odata.id": "/redfish/v1/gone"}}), "values", "/A"), WRONG);
    assert_eq!(verdict(link, json!({"A": {"@odata.id": "https://other.example/redfish/v1"}}), "values", "/A"), WRONG);
}

/// Two resources of one type, which have values together.
fn two(first: Value, second: Value) -> Collected {
    let mut root = root();
    root["Other"] = json!({"@odata.id": "/redfish/v1/Other"});
    let typed = |mut body: Value| {
        body["@odata.type"] = "#It.v1_0_0.It".into();
        body
    };
    service(&[("/redfish/v1/", root), ("/redfish/v1/It", typed(first)), ("/redfish/v1/Other", typed(second))])
}

#[test]
fn what_all_instances_must_have_together_is_held_against_each() {
    let all = properties(json!({"A": {"Comparison": "AllOf", "Values": ["x", "y"]}}));
    let worst = |set: &ProfileSet, collected| {
        let report = evaluate(set, &[collected]);
        report.requirements.last().unwrap().clone()
    };
    let kept = worst(&all, two(json!({"A": "x"}), json!({"A": ["y", "z"]})));
    assert_eq!((kept.verdict, kept.counts.pass), (Verdict::Pass, 2));
    let broken = worst(&all, two(json!({"A": "x"}), json!({"A": "z"})));
    assert_eq!((broken.verdict, broken.counts.fail), (Verdict::Fail, 2));
    assert!(broken.seen.contains("\"y\" is not found in any instance"), "{}", broken.seen);

    let supported = properties(json!({"A": {"ReadRequirement": "Supported"}}));
    let one = worst(&supported, two(json!({"A": 1}), json!({})));
    assert_eq!((one.verdict, one.counts.pass, one.counts.skipped), (Verdict::Pass, 1, 1));
    let none = worst(&supported, two(json!({}), json!({})));
    assert_eq!((none.verdict, none.cause, none.counts.fail), (Verdict::Fail, Cause::Missing, 2));
}

#[test]
fn a_condition_asks_for_more_where_it_holds() {
    let asked = |condition: Value| json!({"O": {"PropertyRequirements": {"A": {"ReadRequirement": "Recommended", "ConditionalRequirements": [condition]}}}});
    // The property is looked for from the object upwards, the comparison of any value among them.
    let kind = asked(json!({"CompareProperty": "Kind", "CompareType": "AnyOf", "CompareValues": ["x", "y"]}));
    assert_eq!(verdict(kind.clone(), json!({"Kind": "y", "O": {}}), "read", "/O/A"), LACKS);
    assert_eq!(verdict(kind.clone(), json!({"Kind": "y", "O": {"Kind": "z"}}), "read", "/O/A"), SKIPPED);
    assert_eq!(verdict(kind, json!({"Kind": "z", "O": {}}), "read", "/O/A"), SKIPPED);
    let lacking = asked(json!({"CompareProperty": "B", "CompareType": "Absent"}));
    assert_eq!(verdict(lacking.clone(), json!({"O": {}}), "read", "/O/A"), LACKS);
    assert_eq!(verdict(lacking, json!({"O": {"B": 1}}), "read", "/O/A"), SKIPPED);
    let elsewhere = asked(json!({"URIs": ["/redfish/v1/Systems/{Id}"]}));
    assert_eq!(verdict(elsewhere, json!({"O": {}}), "read", "/O/A"), SKIPPED);
}

#[test]
fn a_condition_may_be_about_the_resources_above() {
    let set = properties(json!({"A": {
        "ReadRequirement": "None",
        "ConditionalRequirements": [{"SubordinateToResource": ["Manager", "ItCollection"]}],
    }}));
    let service = |manager: &str| {
        let linked = |uri: &str| json!({"@odata.id": uri});
        service(&[
            ("/redfish/v1/", json!({"@odata.type": "#ServiceRoot.v1_5_0.ServiceRoot", "M": linked("/redfish/v1/M/1")})),
            (
                "/redfish/v1/M/1",
                json!({"@odata.type": format!("#{manager}.v1_0_0.{manager}"), "I": linked("/redfish/v1/M/1/I")}),
            ),
            (
                "/redfish/v1/M/1/I",
                json!({"@odata.type": "#ItCollection.ItCollection", "Members": [linked("/redfish/v1/M/1/I/2")]}),
            ),
            ("/redfish/v1/M/1/I/2", json!({"@odata.type": "#It.v1_0_0.It"})),
        ])
    };
    let report = evaluate(&set, &[service("Manager")]);
    let found = place(&report, "read", "/A").unwrap();
    assert_eq!((found.verdict, found.condition.is_some()), (Verdict::Fail, true));
    assert_eq!(found.way, ["/redfish/v1/", "/redfish/v1/M/1", "/redfish/v1/M/1/I", "/redfish/v1/M/1/I/2"]);
    let report = evaluate(&set, &[service("Chassis")]);
    assert_eq!(place(&report, "read", "/A").unwrap().verdict, Verdict::Skipped);
}

#[test]
fn a_property_may_stand_for_an_older_one() {
    let asked = json!({
        "New": {"ReplacesProperty": "Old"},
        "Old": {"ReplacedByProperty": "New", "PropertyRequirements": {"X": {}}},
    });
    assert_eq!(verdict(asked.clone(), json!({"New": 1}), "read", "/Old"), NOT_APPLICABLE);
    assert_eq!(verdict(asked.clone(), json!({"Old": {"X": 1}}), "read", "/New"), Some((Verdict::Warn, Cause::Missing)));
    assert_eq!(verdict(asked.clone(), json!({"Old": {"X": 1}}), "read", "/Old"), PASS);
    assert_eq!(verdict(asked.clone(), json!({}), "read", "/New"), LACKS);
    assert_eq!(verdict(asked, json!({}), "read", "/Old"), LACKS);
}

#[test]
fn use_cases_are_about_the_resources_that_they_say() {
    let set = profile(json!({"Resources": {"It": {"UseCases": [
        {"UseCaseTitle": "a", "UseCaseKeyProperty": "Kind", "UseCaseComparison": "Equal", "UseCaseKeyValues": ["a", "b"],
         "PropertyRequirements": {"A": {}}},
        {"UseCaseTitle": "c", "UseCaseKeyProperty": "Kind", "UseCaseComparison": "Equal", "UseCaseKeyValues": ["c"],
         "ReadRequirement": "IfImplemented", "PropertyRequirements": {"C": {}}},
        {"UseCaseTitle": "gone", "UseCaseType": "AbsentResource", "ReadRequirement": "Excluded"},
    ]}}}));
    let verdicts = |body: Value| -> Vec<_> {
        let report = evaluate(&set, &[with("It", body)]);
        report.requirements.iter().map(|requirement| requirement.verdict).collect()
    };
    assert_eq!(verdicts(json!({"Kind": "b", "A": 1})), [Pass, Pass, Skipped, NotTested, Pass]);
    assert_eq!(verdicts(json!({"Kind": "c"})), [Fail, NotTested, Pass, Fail, Pass]);
    assert_eq!(
        verdicts(json!({"Kind": "c", "C": 1, "Status": {"State": "Absent"}})),
        [Fail, NotTested, Pass, Pass, Fail]
    );
}

#[test]
fn resources_must_be_there_be_new_enough_and_take_what_is_asked() {
    let set = |read: &str, version: &str| {
        profile(
            json!({"Resources": {"It": {"ReadRequirement": read, "MinVersion": version}, "Nowhere": {"ReadRequirement": read}}}),
        )
    };
    let report = evaluate(&set("Mandatory", "1.4.2"), &[with("It", json!({}))]);
    let verdicts: Vec<_> = report.requirements.iter().map(|of| (of.verdict, of.cause)).collect();
    assert_eq!(verdicts, [(Verdict::Pass, Cause::Kept), (Verdict::Pass, Cause::Kept), (Verdict::Fail, Cause::Missing)]);
    assert_eq!(report.verdict, ProfileVerdict::Broken);
    let report = evaluate(&set("Recommended", "1.4.3"), &[with("It", json!({}))]);
    let verdicts: Vec<_> = report.requirements.iter().map(|of| (of.verdict, of.cause)).collect();
    assert_eq!(
        verdicts,
        [(Verdict::Pass, Cause::Kept), (Verdict::Fail, Cause::Wrong), (Verdict::Skipped, Cause::Missing)]
    );
}

#[test]
fn what_members_allow_is_what_headers_say() {
    let set = profile(json!({"Resources": {"ItCollection": {
        "CreateResource": true, "DeleteResource": true, "UpdateResource": true,
    }}}));
    let service = |collection: Option<&str>, member: Option<&str>| {
        crawl_with(Limits::default(), |uri| match uri {
            "/redfish/v1/" => ok(root()),
            "/redfish/v1/It" => Fetched {
                allow: collection.map(str::to_owned),
                ..ok(
                    json!({"@odata.type": "#ItCollection.ItCollection", "Members": [{"@odata.id": "/redfish/v1/It/1"}]}),
                )
            },
            _ => Fetched { allow: member.map(str::to_owned), ..ok(json!({"@odata.type": "#It.v1_0_0.It"})) },
        })
    };
    let verdicts = |collected| -> Vec<_> {
        let report = evaluate(&set, &[collected]);
        report.requirements.iter().skip(1).map(|of| of.verdict).collect()
    };
    assert_eq!(verdicts(service(Some("GET, post"), Some("DELETE,PUT"))), [Pass, Pass, Pass]);
    assert_eq!(verdicts(service(Some("GET"), Some("GET, PATCH"))), [Fail, Fail, Pass]);
    assert_eq!(verdicts(service(None, None)), [Warn, Warn, Warn]);
}

#[test]
fn actions_and_parameters_are_judged_by_what_the_service_lists() {
    let asked = json!({"Resources": {"It": {"ActionRequirements": {"Go": {
        "ActionInfo": "Recommended",
        "Parameters": {"How": {"ParameterValues": ["a", "b"], "RecommendedValues": ["c"]}, "Other": {"ReadRequirement": "Recommended"}},
    }}}}});
    let set = profile(asked);
    let found = |action: Option<Value>, info: Value| -> BTreeMap<String, Verdict> {
        let mut body = json!({"@odata.type": "#It.v1_0_0.It"});
        if let Some(action) = action {
            body["Actions"] = json!({"#It.Go": action});
        }
        let collected = service(&[("/redfish/v1/", root()), ("/redfish/v1/It", body), ("/redfish/v1/Info", info)]);
        let report = evaluate(&set, &[collected]);
        let tail = |id: &str| id.rsplit("Go.").next().unwrap_or_default().to_owned();
        report.requirements.iter().skip(1).map(|of| (tail(&of.id), of.verdict)).collect()
    };
    let expect = |verdicts: [Verdict; 6]| -> BTreeMap<String, Verdict> {
        let names = [
            "action",
            "action-info",
            "How.parameter",
            "How.parameter-values",
            "How.recommended-values",
            "Other.parameter",
        ];
        names.into_iter().map(str::to_owned).zip(verdicts).collect()
    };
    let info = json!({"Parameters": [{"Name": "How", "AllowableValues": ["a", "b"]}]});
    let described = json!({"@Redfish.ActionInfo": "/redfish/v1/Info"});
    assert_eq!(found(Some(described.clone()), info), expect([Pass, Pass, Pass, Pass, Skipped, Skipped]));
    let other = json!({"Parameters": [{"Name": "Other"}]});
    assert_eq!(found(Some(described), other), expect([Pass, Pass, Fail, Fail, Skipped, Pass]));
    let annotated = json!({"How@Redfish.AllowableValues": ["a", "c"]});
    assert_eq!(found(Some(annotated), json!({})), expect([Pass, Skipped, Pass, Fail, Pass, NotTested]));
    assert_eq!(found(Some(json!({})), json!({})), expect([Pass, Skipped, NotTested, NotTested, NotTested, NotTested]));
    assert_eq!(found(None, json!({})), expect([Fail, NotTested, NotTested, NotTested, NotTested, NotTested]));
}

#[test]
fn the_protocol_is_judged_by_what_the_service_root_says() {
    let set = profile(json!({"Protocol": {
        "MinVersion": "1.6.1", "ExpandQuery": "Mandatory", "FilterQuery": "Mandatory", "OnlyQuery": "Mandatory",
        "DeepPATCH": "Recommended", "SelectQuery": "Mandatory", "Discovery": "Mandatory", "ExcerptQuery": "None",
    }}));
    let report = evaluate(&set, &[with("It", json!({}))]);
    let found: BTreeMap<_, _> = report.requirements.iter().map(|of| (of.path.as_str(), of.verdict)).collect();
    assert_eq!(
        found,
        BTreeMap::from([
            ("MinVersion", Fail),
            ("ExpandQuery", Pass),
            ("FilterQuery", Fail),
            ("OnlyQuery", Pass),
            ("DeepPATCH", Skipped),
            ("SelectQuery", NotTested),
            ("Discovery", NotTested),
            ("ExcerptQuery", Skipped),
        ])
    );
}

#[test]
fn registries_are_found_and_their_messages_looked_up_where_their_text_is() {
    let set = profile(json!({"Registries": {
        "Base": {"MinVersion": "1.8", "Messages": {"Success": {}, "Odd": {}, "Nice": {"ReadRequirement": "Recommended"}}},
        "Other": {"ReadRequirement": "Recommended"},
    }}));
    let verdicts =
        |collected| -> Vec<_> { evaluate(&set, &[collected]).requirements.iter().map(|of| of.verdict).collect() };
    let listed = json!({"@odata.type": "#MessageRegistryFile.v1_1_0.MessageRegistryFile", "Registry": "Base.1.8", "Location": [{"Uri": "/redfish/v1/Base.json"}]});
    let text = json!({"RegistryPrefix": "Base", "RegistryVersion": "1.8.1", "Messages": {"Success": {}}});
    let with_text =
        service(&[("/redfish/v1/", root()), ("/redfish/v1/It", listed.clone()), ("/redfish/v1/Base.json", text)]);
    assert_eq!(verdicts(with_text), [Pass, Pass, Pass, Fail, Skipped, Skipped]);
    let without = service(&[("/redfish/v1/", root()), ("/redfish/v1/It", listed)]);
    assert_eq!(verdicts(without), [Pass, Pass, NotTested, NotTested, NotTested, Skipped]);
    assert_eq!(verdicts(with("It", json!({}))), [Fail, NotTested, NotTested, NotTested, NotTested, Skipped]);
}

/// Holds off a settings resource that is judged as if it were the resource whose settings it takes.
#[test]
fn what_takes_settings_is_read_and_not_judged() {
    let settings = json!({"@odata.type": "#It.v1_0_0.It"});
    let body = json!({"A": 1, "@Redfish.Settings": {"SettingsObject": {"@odata.id": "/redfish/v1/It/Settings"}}, "@odata.type": "#It.v1_0_0.It"});
    let collected =
        service(&[("/redfish/v1/", root()), ("/redfish/v1/It", body), ("/redfish/v1/It/Settings", settings)]);
    assert_eq!(collected.resources["/redfish/v1/It/Settings"].role, Role::Settings);
    let report = evaluate(&properties(json!({"A": {}})), &[collected]);
    assert_eq!(report.verdict, ProfileVerdict::Fulfilled);
}

/// A collection whose pages the function gives; every member answers.
fn pages(limits: Limits, next: impl Fn(usize) -> Option<String>) -> Collected {
    crawl_with(limits, |uri| match uri {
        "/redfish/v1/" => ok(root()),
        uri if uri.starts_with("/redfish/v1/It") && !uri.contains("/m") => {
            let number: usize = uri.rsplit('=').next().and_then(|number| number.parse().ok()).unwrap_or(0);
            let mut body = json!({
                "@odata.type": "#ItCollection.ItCollection",
                "Members": [{"@odata.id": format!("/redfish/v1/It/m{number}")}],
            });
            if let Some(next) = next(number) {
                body["Members@odata.nextLink"] = next.into();
            }
            ok(body)
        }
        _ => ok(json!({"@odata.type": "#It.v1_0_0.It"})),
    })
}

fn kinds(collected: &Collected) -> Vec<NoteKind> {
    collected.notes.iter().map(|note| note.kind).collect()
}

#[test]
fn pages_count_as_one_collection_and_loops_of_them_end() {
    let set = profile(json!({"Resources": {"ItCollection": {"PropertyRequirements": {"Members": {"MinCount": 3}}}}}));
    let link = |number: usize| Some(format!("/redfish/v1/It?$skip={number}"));
    let three = pages(Limits::default(), |number| if number < 2 { link(number + 1) } else { None });
    assert!(three.complete && three.notes.is_empty(), "{:?}", three.notes);
    let report = evaluate(&set, &[three]);
    assert_eq!(place(&report, "count", "/Members").unwrap().seen, "3 items");

    let round = pages(Limits::default(), |number| link((number + 1) % 2));
    assert_eq!(kinds(&round), [NoteKind::PageLoop]);
    assert!(round.complete);
    let itself = pages(Limits::default(), |_| Some("/redfish/v1/It".to_owned()));
    assert_eq!(kinds(&itself), [NoteKind::PageLoop]);
    // Each page has another address, and none is the last.
    let endless = pages(Limits { pages: 5, ..Limits::default() }, |number| link(number + 1));
    assert_eq!(kinds(&endless), [NoteKind::Bound]);
    assert!(!endless.complete);
}

#[test]
fn links_that_go_on_for_ever_or_lead_out_end_in_a_note() {
    let deep = crawl_with(Limits { depth: 10, ..Limits::default() }, |uri| {
        ok(json!({"Next": {"@odata.id": format!("{}/x", uri.trim_end_matches('/'))}}))
    });
    assert_eq!((deep.resources.len(), kinds(&deep)), (11, vec![NoteKind::Bound]));
    let mut number = 0;
    let wide = crawl_with(Limits { resources: 50, ..Limits::default() }, |_| {
        number += 2;
        ok(json!([{"@odata.id": format!("/redfish/v1/{number}")}])
            .as_array()
            .map(|links| json!({"L": links, "M": {"@odata.id": format!("/redfish/v1/{}", number + 1)}}))
            .unwrap())
    });
    assert_eq!((wide.resources.len(), wide.complete), (50, false));
    assert_eq!(kinds(&wide), [NoteKind::Bound]);
    let out = service(&[(
        "/redfish/v1/",
        json!({"A": {"@odata.id": "https://other.example/redfish/v1"}, "B": {"@odata.id": "/etc/passwd"}, "C": {"@odata.id": "/redfish/v1/"}}),
    )]);
    assert_eq!(kinds(&out), [NoteKind::OffService, NoteKind::BadLink]);
    assert_eq!(out.resources.len(), 1);
    let many =
        json!({"L": (0..500).map(|number| json!({"@odata.id": format!("http://x/{number}")})).collect::<Vec<_>>()});
    let many = service(&[("/redfish/v1/", many)]);
    assert_eq!(many.notes.len(), 21);
    assert!(many.notes.last().unwrap().message.starts_with("480 more"), "{:?}", many.notes.last());
}

#[test]
fn of_a_log_the_first_entries_are_read() {
    let entries: Vec<_> = (0..30).map(|number| json!({"@odata.id": format!("/redfish/v1/It/{number}")})).collect();
    let log = json!({"@odata.type": "#LogEntryCollection.LogEntryCollection", "Members": entries, "Members@odata.count": 900, "Members@odata.nextLink": "/redfish/v1/It?2"});
    let collected = service(&[("/redfish/v1/", root()), ("/redfish/v1/It", log)]);
    assert_eq!(collected.resources.len(), 22);
    assert_eq!(collected.notes[0].message, "the first 20 of 900 members are read");
    assert!(collected.complete, "it is by choice");
}

/// Holds off a resource that is called missing although the reading was broken off.
#[test]
fn what_was_not_read_is_not_called_missing() {
    let set = profile(json!({"Resources": {"Nowhere": {}}}));
    let mut crawl = Crawl::new(ServiceDescription::default(), Limits::default());
    crawl.next_address();
    crawl.take(ok(root()));
    crawl.stop("the time was up");
    assert_eq!(crawl.next_address(), None);
    let report = evaluate(&set, &[crawl.finish()]);
    assert_eq!((report.requirements[0].verdict, report.requirements[0].cause), (Verdict::NotTested, Cause::NotRead));
    assert_eq!(report.verdict, ProfileVerdict::Unknown);
    let dead =
        crawl_with(Limits::default(), |_| Fetched { error: Some("connection refused".into()), ..Fetched::default() });
    let report = evaluate(&set, &[dead]);
    assert_eq!(report.services[0].unread[0].reason, "connection refused");
    assert_eq!((report.verdict, report.requirements[0].verdict), (ProfileVerdict::Unknown, Verdict::NotTested));
    let locked = crawl_with(Limits::default(), |uri| match uri {
        "/redfish/v1/" => ok(root()),
        _ => Fetched { status: Some(401), ..Fetched::default() },
    });
    assert_eq!(evaluate(&set, &[locked]).requirements[0].verdict, Verdict::NotTested);
}

#[test]
fn records_say_what_the_report_says() {
    let set = profile(json!({"Resources": {"It": {"PropertyRequirements": {
        "A": {}, "B": {}, "C": {"ReadRequirement": "Recommended"}, "D": {"ReadRequirement": "None"}, "N": {"ReplacesProperty": "O"},
    }}}}));
    let report = evaluate(&set, &[with("It", json!({"A": 1, "O": 2}))]);
    let records = records(&report, None);
    let found: Vec<_> =
        records.iter().map(|record| (record.id.rsplit("It.").next().unwrap(), record.verdict)).collect();
    assert_eq!(
        found,
        [
            ("resource", Outcome::Pass),
            ("A.read", Outcome::Pass),
            ("B.read", Outcome::Fail),
            ("C.read", Outcome::Skip),
            ("N.read", Outcome::Pass)
        ]
    );
    let broken = &records[2];
    assert_eq!(broken.failure.as_ref().unwrap().actual.as_deref(), Some("bmc /redfish/v1/It at /B: it is not there"));
    assert!(broken.reason.as_deref().unwrap().contains("It: B is there"), "{:?}", broken.reason);
    assert_eq!(records[4].deviations.len(), 1);
}
