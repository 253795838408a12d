//! Each rule of lint for worksheets: what breaks it, and what does not.

use assay_guidelines::lint::lint_worksheet;
use assay_guidelines::{Guideline, parse};

use super::{GOOD, changed, good};

/// A guideline that agrees with the small worksheet.
fn guideline() -> String {
    include_str!("../../good.yaml")
        .replace("admin: true", "admin: false")
        .replace("flavors-list", "servers-create")
        .replace("achievements: [atomic]", "achievements: [deployed, doc]")
        .replace("cutoff: 6", "cutoff: 10")
        .replace(
            "    atomic: {title: Atomic, weight: 6, summary: One.}\n",
            "    deployed: {title: D, weight: 8, summary: D.}\n    doc: {title: D, weight: 5, summary: D.}\n    \
             atomic: {title: A, weight: 2, summary: A.}\n",
        )
        .replace("        - images-list\n", "      advisory: [images-list]\n")
        .replace("summary: List the images.", "summary: List the images.\n    achievements: [doc]")
}

fn model(text: &str) -> Guideline {
    parse("guideline.yaml", text).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

/// The small worksheet with nothing open.
fn decided() -> String {
    GOOD.replace("\"?\"", "0")
}

fn codes(sheet: &str, guideline: Option<&str>) -> Vec<&'static str> {
    let guideline = guideline.map(model);
    let report = lint_worksheet(&good(sheet), guideline.as_ref()).unwrap();
    report.findings.iter().map(|finding| finding.rule.code).collect()
}

#[test]
fn nothing_is_found_where_both_agree() {
    assert!(codes(&decided(), Some(&guideline())).is_empty());
    assert_eq!(codes(&decided(), None), ["AG600"]);
}

#[test]
fn criteria_weights_and_cutoff_are_those_of_the_guideline() {
    assert_eq!(codes(&decided(), Some(&changed(&guideline(), "weight: 8", "weight: 9"))), ["AG601"]);
    assert_eq!(codes(&decided(), Some(&changed(&guideline(), "cutoff: 10", "cutoff: 11"))), ["AG601"]);
    let without = changed(&guideline(), "    atomic: {title: A, weight: 2, summary: A.}\n", "");
    assert_eq!(codes(&decided(), Some(&without)), ["AG601"]);
}

#[test]
fn the_cutoff_can_be_reached() {
    let high = decided().replace("cutoff: 10", "cutoff: 16");
    assert_eq!(codes(&high, None), ["AG600", "AG602"]);
    assert_eq!(codes(&decided().replace("cutoff: 10", "cutoff: 15"), None), ["AG600"]);
}

#[test]
fn what_is_required_is_over_the_cutoff_decided_and_free_of_administrators() {
    let row = "      servers-create:\n        scores: {deployed: 1, doc: 1, atomic: 0}\n        non_admin: 1\n";
    let with = |scores: &str, admin: &str| {
        let new = row
            .replace("deployed: 1, doc: 1, atomic: 0", scores)
            .replace("non_admin: 1", &format!("non_admin: {admin}"));
        codes(&changed(&decided(), row, &new), Some(&guideline()))
    };
    assert_eq!(with("deployed: 1, doc: 0, atomic: 0", "1"), ["AG603", "AG607"]);
    assert_eq!(with("deployed: 1, doc: 1, atomic: 0", "0"), ["AG604"]);
    assert_eq!(with("deployed: 1, doc: \"?\", atomic: 0", "1"), ["AG605", "AG606"]);
    assert_eq!(with("deployed: 1, doc: 1, atomic: \"?\"", "1"), ["AG606"], "it is over either way");
    assert_eq!(with("deployed: 1, doc: 1, atomic: 1", "1"), ["AG607"]);
}

#[test]
fn open_scores_are_no_fault_in_a_draft() {
    let draft = changed(&guideline(), "status: approved", "status: draft");
    assert!(codes(GOOD, Some(&draft)).is_empty());
    assert_eq!(codes(GOOD, Some(&guideline())), ["AG606", "AG606"]);
}

#[test]
fn what_is_required_or_advisory_is_scored() {
    let renamed = changed(&guideline(), "images-list:", "images-show:").replace("[images-list]", "[images-show]");
    assert_eq!(codes(&decided(), Some(&renamed)), ["AG608"]);
    let removed = changed(&renamed, "      advisory: [images-show]", "      deprecated: [images-show]");
    assert!(codes(&decided(), Some(&removed)).is_empty());
}

#[test]
fn findings_are_drawn_where_they_are() {
    let sheet = changed(&decided(), "non_admin: 1", "non_admin: 0");
    let report = lint_worksheet(&good(&sheet), Some(&model(&guideline()))).unwrap();
    let drawn = report.render(false);
    for part in ["error[AG604]", "--> small.yaml:12:7", "^^^^^^^^^^^^^^", "= help: "] {
        assert!(drawn.contains(part), "{part} is not in:\n{drawn}");
    }
    assert_eq!((report.id.as_str(), report.against.as_deref()), ("A small one", Some("openstack-small/2020.06")));
}
