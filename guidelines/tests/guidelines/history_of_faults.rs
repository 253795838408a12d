//! The rules of lint, replayed over everything that was published: they find what is known of its history.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use assay_guidelines::lint::{Options, Report, lint};
use assay_guidelines::{Catalogue, Guideline};
use chrono::NaiveDate;

const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day of the calendar");

/// The report on a guideline, held against the one that it replaces, if that is there.
fn replay(id: &str) -> Report {
    let catalogue = Catalogue::embedded();
    let loaded = catalogue.get(id, DAY).unwrap();
    let earlier = loaded.guideline.replaces.as_ref().and_then(|id| catalogue.get(id, DAY).ok());
    let against = earlier.as_ref().map(|earlier| &earlier.guideline);
    lint(&loaded, &Options { day: DAY, against, tests: None }).unwrap()
}

/// The reports on all that was published; each file is read once.
static REPORTS: LazyLock<BTreeMap<String, Report>> =
    LazyLock::new(|| Catalogue::embedded().ids().map(|id| (id.to_owned(), replay(id))).collect());

/// In which guidelines a rule was broken, and how often.
fn history(code: &str) -> Vec<(String, usize)> {
    let counts = REPORTS.iter().map(|(id, report)| (id.clone(), report.count(code)));
    counts.filter(|(_, count)| *count > 0).collect()
}

fn is(history: &[(String, usize)], expected: &[(&str, usize)]) {
    let found: Vec<(&str, usize)> = history.iter().map(|(id, count)| (id.as_str(), *count)).collect();
    assert_eq!(found, expected);
}

#[test]
fn capabilities_were_required_without_having_been_advisory() {
    is(
        &history("AG101"),
        &[("openstack-powered/2015.05", 1), ("openstack-powered/2015.07", 48), ("openstack-powered/2017.01", 2)],
    );
}

/// The draft `next` of 2018 would have removed 14 more; it was never approved.
#[test]
fn capabilities_were_removed_without_having_been_deprecated() {
    is(
        &history("AG102"),
        &[("openstack-powered/2015.07", 11), ("openstack-powered/2017.01", 2), ("openstack-powered/next", 14)],
    );
}

#[test]
fn weights_changed_from_one_guideline_to_the_next() {
    is(&history("AG106"), &[("openstack-powered/2016.08", 1)]);
}

#[test]
fn required_capabilities_stayed_below_the_cutoff() {
    for (id, count) in [("openstack-powered/2018.02", 17), ("openstack-powered/2020.06", 17)] {
        assert_eq!(REPORTS[id].count("AG201"), count, "{id}");
    }
}

/// Of two capabilities, 2020.06 misspells the key `achievements` and, in it, the criterion `discover`. With both words
/// read as they were meant, 16 capabilities are below the cutoff; with the key alone, 17; with neither, 18.
#[test]
fn what_is_misspelt_decides_how_many_are_below_the_cutoff() {
    let loaded = Catalogue::embedded().get("openstack-powered/2020.06", DAY).unwrap();
    let below = |change: &dyn Fn(&mut Guideline)| {
        let mut changed = loaded.clone();
        change(&mut changed.guideline);
        changed.text = assay_guidelines::import::yaml(&changed.guideline);
        lint(&changed, &Options { day: DAY, against: None, tests: None }).unwrap().count("AG201")
    };
    let misspelt = |guideline: &mut Guideline, key: bool| {
        let mut found = 0;
        for capability in guideline.capabilities.values_mut().filter(|capability| !capability.misspelt.is_empty()) {
            found += 1;
            capability.misspelt.clear();
            if !key {
                capability.achievements.clear();
            }
        }
        assert_eq!(found, 2);
    };
    assert_eq!(below(&|guideline| misspelt(guideline, true)), 16, "both read");
    assert_eq!(below(&|_| {}), 17, "the key read");
    assert_eq!(below(&|guideline| misspelt(guideline, false)), 18, "neither read");
}

#[test]
fn reasons_of_flags_broke_the_pattern_of_the_published_schema() {
    let report = &REPORTS["openstack-powered/2020.06"];
    assert_eq!(report.count("AG308"), 9);
    assert_eq!(report.count("AG301"), 4, "four of them have no code at all; the others have it in brackets");
    // The schema of 2015.04 had no reasons, and so no pattern.
    assert_eq!(REPORTS["openstack-powered/2015.04"].count("AG308"), 0);
}

/// Holds off a rule that reports the same places twice, or none.
#[test]
fn every_finding_has_a_place_of_its_own_and_an_explanation() {
    for (id, report) in REPORTS.iter() {
        assert_eq!(report.left_off(), 0, "{id}");
        for pair in report.findings.windows(2) {
            let key = |at: usize| (pair[at].line, pair[at].column, pair[at].rule.code, &pair[at].message);
            assert_ne!(key(0), key(1), "{id}");
        }
        for finding in &report.findings {
            assert!(finding.line > 0 && !finding.help.is_empty(), "{id}: {finding:?}");
        }
    }
}
