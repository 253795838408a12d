//! Products × guidelines: what the table says, its renderings, and what is supposed.

use assay_guidelines::Guideline;
use assay_guidelines::model::Status;
use assay_reports::compare::what_if::WhatIf;
use assay_reports::compare::{Column, Comparer, Comparison, FindingKind};
use assay_reports::record::{Run, TestRecord, Verdict};
use assay_reports::report::TargetVerdict;
use assay_reports::{ComparisonFormat, TextStyle, render_comparison};

use crate::runs::{TARGET, all_pass, day, guideline, mixed, record, run};

/// The guideline, and the draft of the next one: a flag is lifted, and an advisory capability is required.
fn guidelines() -> [Guideline; 2] {
    let mut next = guideline();
    next.id = "example/next".into();
    next.title = "Example Powered next".into();
    next.status = Status::Draft;
    for test in &mut next.capabilities["containers-list"].tests {
        test.flag = None;
    }
    let states = &mut next.components["objects"].capabilities;
    states.required.append(&mut states.advisory);
    [guideline(), next]
}

fn named(name: &str) -> Run {
    let mut run = run();
    let product = run.product.as_mut().unwrap();
    product.name = name.into();
    run
}

fn compared(products: &[(&str, Vec<TestRecord>)], what_if: &[&str]) -> Comparison {
    let what_if: Vec<WhatIf> = what_if.iter().map(|text| text.parse().unwrap()).collect();
    let columns = guidelines().map(|guideline| Column::new(guideline, TARGET, &what_if).unwrap());
    let mut comparer = Comparer::new(columns.into(), &what_if, day("2026-11-03"), false);
    for (name, records) in products {
        comparer.add(&named(name), records).unwrap();
    }
    comparer.finish()
}

/// One that passes everything but the flagged test, one with a bit of everything, and one that was hardly run.
fn three() -> Vec<(&'static str, Vec<TestRecord>)> {
    let mut flagged = all_pass();
    flagged[3] = record(4, Verdict::Fail);
    vec![("Nimbus", flagged), ("Stratus", mixed()), ("Cirrus", vec![record(99, Verdict::Pass)])]
}

fn verdicts(comparison: &Comparison) -> Vec<Vec<TargetVerdict>> {
    comparison.products.iter().map(|product| product.cells.iter().map(|cell| cell.verdict).collect()).collect()
}

#[test]
fn each_product_is_judged_under_each_guideline() {
    use TargetVerdict::{Conformant, NotConformant, Unknown};
    let comparison = compared(&three(), &[]);
    let expected = [[Conformant, NotConformant], [NotConformant, NotConformant], [Unknown, Unknown]];
    assert_eq!(verdicts(&comparison), expected.map(Vec::from));
    let nimbus = &comparison.products[0];
    assert_eq!(nimbus.cells[0].gaps, []);
    assert_eq!(
        nimbus.cells[1].gaps.iter().map(|gap| (gap.capability.as_str(), gap.tests)).collect::<Vec<_>>(),
        [("containers-list", 1)]
    );
    let next = nimbus.next.as_ref().unwrap();
    assert_eq!((next.column, next.obstacles), (1, 1));
    assert_eq!(next.first[0].test.as_deref(), Some("tests.containers.flagged"));
}

#[test]
fn the_next_mark_is_the_one_with_the_least_in_the_way() {
    let comparison = compared(&three(), &[]);
    let stratus = comparison.products[1].next.as_ref().unwrap();
    assert_eq!(stratus.column, 0);
    let all = compared(&[("Nimbus", all_pass())], &[]);
    assert_eq!(all.products[0].next, None);
}

#[test]
fn a_mark_that_nobody_can_get_any_more_is_not_the_next() {
    let [mut old, new] = guidelines();
    old.status = Status::Superseded;
    let columns = [old, new].map(|guideline| Column::new(guideline, TARGET, &[]).unwrap());
    let mut comparer = Comparer::new(columns.into(), &[], day("2026-11-03"), false);
    comparer.add(&named("Cirrus"), &[]).unwrap();
    let cirrus = &comparer.finish().products[0];
    assert_eq!(cirrus.next.as_ref().unwrap().column, 1);
    assert!(cirrus.cells[0].obstacles < cirrus.cells[1].obstacles);
}

#[test]
fn a_test_of_two_capabilities_stands_in_the_way_once() {
    let mut guideline = guideline();
    let again = guideline.capabilities["containers-list"].tests[0].clone();
    guideline.capabilities["tokens-create"].tests.push(again);
    let mut records = all_pass();
    records[1] = record(2, Verdict::Fail);
    let column = Column::new(guideline, TARGET, &[]).unwrap();
    let mut comparer = Comparer::new(vec![column], &[], day("2026-11-03"), false);
    comparer.add(&named("Nimbus"), &records).unwrap();
    let nimbus = &comparer.finish().products[0];
    assert_eq!((nimbus.cells[0].obstacles, nimbus.next.as_ref().unwrap().first.len()), (1, 1));
    assert_eq!(nimbus.cells[0].gaps.len(), 2);
}

#[test]
fn a_lifted_flag_shows_whom_it_hits() {
    let comparison = compared(&three(), &["lift-flag=tests.containers.flagged"]);
    let cell = &comparison.products[0].cells[0];
    assert_eq!((cell.verdict, cell.before), (TargetVerdict::NotConformant, Some(TargetVerdict::Conformant)));
    assert_eq!(comparison.columns[0].what_if, ["lift-flag=tests.containers.flagged"]);
    assert_eq!(comparison.columns[0].flagged, 0);
    // The draft has no such flag, and nothing changes there.
    assert_eq!(comparison.columns[1].what_if, Vec::<String>::new());
    assert!(comparison.products.iter().all(|product| product.cells[1].before.is_none()));
}

#[test]
fn a_flag_is_lifted_by_the_uuid_and_by_an_alias_too() {
    let by_uuid = compared(&three(), &["lift-flag=id-00000000-0000-4000-8000-000000000004"]);
    assert_eq!(by_uuid.columns[0].flagged, 0);
    assert_eq!(compared(&three(), &["lift-flag=tests.old.list"]).columns[0].what_if, Vec::<String>::new());
}

#[test]
fn a_capability_made_required_shows_whom_it_hits() {
    let mut records = all_pass();
    records[7] = record(8, Verdict::Skip);
    let comparison = compared(&[("Nimbus", records)], &["require=objects-advice"]);
    let cell = &comparison.products[0].cells[0];
    assert_eq!((cell.verdict, cell.before), (TargetVerdict::NotConformant, Some(TargetVerdict::Conformant)));
    assert_eq!(cell.gaps[0].capability, "objects-advice");
    // In the draft, it is required already.
    assert_eq!(comparison.columns[1].what_if, Vec::<String>::new());
}

#[test]
fn what_supposes_nothing_is_refused() {
    for text in ["", "lift-flag", "lift-flag=", "drop=x", "require="] {
        assert!(text.parse::<WhatIf>().unwrap_err().to_string().contains("lift-flag=TEST"), "{text}");
    }
}

#[test]
fn the_results_say_which_flags_and_states_are_out_of_date() {
    let found = |comparison: &Comparison, kind| {
        let findings = comparison.findings.iter().filter(|finding| finding.kind == kind && finding.column == 0);
        findings.map(|finding| (finding.subject.clone(), finding.products, finding.of)).collect::<Vec<_>>()
    };
    let some = compared(&three(), &[]);
    assert_eq!(found(&some, FindingKind::FlagNotNeeded), []);
    // Cirrus has no result of a required test, and is no witness. Stratus and Nimbus have the advice.
    assert_eq!(found(&some, FindingKind::AdvisoryMetByAll), [("objects-advice".to_owned(), 2, 2)]);
    let few: Vec<_> =
        some.findings.iter().filter(|f| f.kind == FindingKind::RequiredMetByFew && f.column == 0).collect();
    assert!(few.iter().all(|finding| finding.only.as_deref() == Some("Nimbus")), "{few:#?}");
    assert!(few.iter().any(|finding| finding.subject == "containers-list"), "{few:#?}");
    assert!(few.iter().all(|finding| finding.subject != "tokens-create"), "{few:#?}");

    let all = compared(&[("Nimbus", all_pass()), ("Stratus", all_pass())], &[]);
    assert_eq!(found(&all, FindingKind::FlagNotNeeded), [("tests.containers.flagged".to_owned(), 2, 2)]);
    assert_eq!(found(&all, FindingKind::RequiredMetByFew), []);
    assert_eq!(compared(&[], &[]).findings, []);
}

#[test]
fn every_rendering_is_as_it_was_found_good() {
    let comparison = compared(&three(), &["lift-flag=tests.containers.flagged"]);
    for (format, name) in [
        (ComparisonFormat::Text, "comparison.txt"),
        (ComparisonFormat::Json, "comparison.json"),
        (ComparisonFormat::Csv, "comparison.csv"),
        (ComparisonFormat::Markdown, "comparison.md"),
        (ComparisonFormat::Html, "comparison.html"),
    ] {
        let text = render_comparison(format, &comparison, TextStyle::default()).unwrap();
        let text = if format == ComparisonFormat::Html { crate::golden::without_style(&text) } else { text };
        crate::golden::check(name, &text);
    }
}

#[test]
fn names_stay_text_in_every_rendering() {
    const NAME: &str = "=MARK</script><script>alert(1)</script>|\"'`\n# head\u{1b}[31m\u{202e}";
    let comparison = compared(&[(NAME, mixed())], &[]);
    for format in ComparisonFormat::ALL {
        let text = render_comparison(format, &comparison, TextStyle::default()).unwrap();
        assert!(text.contains("MARK"), "{format:?}");
        assert!(!text.contains('\u{1b}'), "{format:?}");
        // What is for other programs keeps every letter.
        assert!(format == ComparisonFormat::Json || !text.contains('\u{202e}'), "{format:?}");
        match format {
            ComparisonFormat::Html => assert_eq!(text.matches("<script>").count(), 1),
            ComparisonFormat::Csv => {
                assert!(text.lines().skip(1).all(|line| line.starts_with("\"'=MARK")), "{text}");
                assert_eq!(text.lines().count(), 3);
            }
            ComparisonFormat::Markdown => assert!(!text.contains("\n# head") && !text.contains("<script>"), "{text}"),
            ComparisonFormat::Text => assert!(!text.contains("\n# head"), "{text}"),
            ComparisonFormat::Json => {}
        }
    }
}

#[test]
fn a_page_of_200_products_and_15_guidelines_is_rendered() {
    let mut comparison = compared(&three(), &[]);
    let column = comparison.columns[0].clone();
    comparison.columns = vec![column; 15];
    let mut product = comparison.products[1].clone();
    let cell = product.cells[0].clone();
    product.cells = vec![cell; 15];
    comparison.products = vec![product; 200];
    let page = render_comparison(ComparisonFormat::Html, &comparison, TextStyle::default()).unwrap();
    assert_eq!((page.matches("<tr data-name=").count(), page.matches("<td ").count()), (200, 3_000));
    assert!(page.len() < 4_000_000, "{} bytes", page.len());
}
