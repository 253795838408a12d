//! What worksheets come to.

use std::collections::BTreeSet;

use assay_guidelines::Catalogue;
use assay_guidelines::worksheet::{Answer, Evaluated, Evaluation, Standing, embedded};
use proptest::prelude::*;

use super::{DAY, GOOD, changed, good};

fn one(text: &str, name: &str) -> Evaluated {
    let evaluation = Evaluation::of(&good(text), None);
    evaluation.all().find(|of| of.name == name).unwrap().clone()
}

/// The sets of criteria, each with what it says of the administrator.
fn tips(tips: &[assay_guidelines::worksheet::Tip]) -> Vec<(String, bool)> {
    tips.iter().map(|tip| (tip.criteria.join("+"), tip.non_admin)).collect()
}

#[test]
fn totals_are_ranges_while_scores_are_open() {
    let create = one(GOOD, "servers-create");
    assert_eq!((create.minimum, create.maximum, create.standing), (13, 13, Some(Standing::Over)));
    assert_eq!(
        (tips(&create.lifts), tips(&create.sinks)),
        (vec![], vec![("deployed".into(), false), ("doc".into(), false)])
    );
    let list = one(GOOD, "servers-list");
    assert_eq!((list.minimum, list.maximum, list.standing), (8, 13, Some(Standing::Undecided)));
    assert_eq!(tips(&list.lifts), [("doc".into(), false), ("atomic".into(), false)]);
    let images = one(GOOD, "images-list");
    assert_eq!((images.minimum, images.maximum, images.standing), (5, 7, Some(Standing::Under)));
    assert_eq!(tips(&images.lifts), [("deployed".into(), false)]);
    assert_eq!(Evaluation::of(&good(GOOD), None).counts.open, 2);
}

/// Holds off a capability that takes an administrator and is over the cutoff, whatever the cutoff.
#[test]
fn what_needs_an_administrator_has_nothing() {
    let migrate = one(GOOD, "servers-migrate");
    assert_eq!((migrate.minimum, migrate.maximum, migrate.without_veto), (0, 0, 15));
    assert_eq!(migrate.standing, Some(Standing::Vetoed));
    assert_eq!(tips(&migrate.lifts), [(String::new(), true)], "only that it needs none");
    let free = one(&changed(GOOD, "cutoff: 10", "cutoff: 0"), "servers-migrate");
    assert_eq!(free.standing, Some(Standing::Vetoed));
    let low =
        one(&changed(GOOD, "{deployed: 1, doc: 1, atomic: 1}", "{deployed: 0, doc: 1, atomic: 1}"), "servers-migrate");
    assert_eq!(tips(&low.lifts), [("deployed".into(), true)]);
    let open = one(&changed(GOOD, "non_admin: 0", "non_admin: \"?\""), "servers-migrate");
    assert_eq!((open.minimum, open.maximum, open.standing), (0, 15, Some(Standing::Undecided)));
    assert_eq!(tips(&open.lifts), [(String::new(), true)]);
    assert_eq!(tips(&open.sinks)[0], (String::new(), true));
    let never = one(
        &changed(GOOD, "deployed: 1, doc: 1, atomic: 1", "deployed: 0, doc: 0, atomic: \"?\"")
            .replace("non_admin: 0", "non_admin: \"?\""),
        "servers-migrate",
    );
    assert_eq!(never.standing, Some(Standing::Under), "even if it needs none");
}

#[test]
fn without_a_cutoff_nothing_is_over_or_under() {
    let evaluation = Evaluation::of(&good(&changed(GOOD, "  cutoff: 10\n", "")), None);
    assert!(evaluation.all().all(|of| of.standing.is_none() && of.lifts.is_empty() && of.sinks.is_empty()));
    assert_eq!(evaluation.counts.over + evaluation.counts.under + evaluation.counts.undecided, 0);
    // A cutoff that nothing can reach: nothing would tip anything.
    let high = Evaluation::of(&good(&changed(GOOD, "cutoff: 10", "cutoff: 16")), None);
    assert!(high.all().all(|of| of.lifts.is_empty() && of.standing != Some(Standing::Over)));
}

/// Holds off weights whose sum overflows.
#[test]
fn heavy_weights_do_no_harm() {
    let text = GOOD.replace("weight: 8", "weight: 4294967295").replace("weight: 5", "weight: 4294967295");
    let create = one(&text, "servers-create");
    assert_eq!((create.minimum, create.standing), (u32::MAX, Some(Standing::Over)));
}

/// A group meets what each of its parts meets, and is open where one of them is.
#[test]
fn a_group_meets_what_all_its_parts_meet() {
    let group = one(GOOD, "servers");
    assert_eq!(group.scores.values().map(|answer| answer.sign()).collect::<String>(), "1?0");
    assert_eq!((group.parts.len(), group.minimum, group.maximum), (2, 8, 13));
}

/// Holds off a shipped worksheet that comes to anything but what was published.
#[test]
fn the_shipped_worksheet_comes_to_what_was_published() {
    let read = good(embedded("openstack-powered/worksheet").unwrap());
    let evaluation = Evaluation::of(&read, None);
    let counts = evaluation.counts;
    assert_eq!((counts.over, counts.under, counts.undecided, counts.vetoed, counts.open), (103, 37, 0, 4, 0));
    let of = |name: &str| evaluation.all().find(|of| of.name == name).unwrap();
    assert_eq!(
        (of("compute-images-create").minimum, of("compute-images-create").standing),
        (72, Some(Standing::Under))
    );
    let lifts: Vec<_> = of("compute-images-create").lifts.iter().flat_map(|tip| &tip.criteria).collect();
    assert_eq!(lifts, ["future", "foundation", "deployed"], "each of them weighs the 2 that are missing");
    assert_eq!(of("network-extensions-provider-add").standing, Some(Standing::Vetoed));
    assert_eq!(of("networks-l2-CRUD").minimum, 91);
    // The groups are why the capabilities of networking are found in the guideline.
    let compared = evaluation.compared.as_ref().unwrap();
    assert_eq!((compared.both, compared.agree, compared.same_side), (92, 46, Some(74)));
    assert_eq!(compared.only_guideline, ["images-v2-index"]);
    assert_eq!(compared.agree + compared.differences.len(), compared.both);
    assert!(!compared.only_worksheet.iter().any(|name| name == "network-l2-create"), "it is a part of a group");
}

#[test]
fn a_guideline_with_other_weights_or_none_is_said_to_have_them() {
    let read = good(embedded("openstack-powered/worksheet").unwrap());
    let against = |id: &str| {
        let guideline = Catalogue::embedded().get(id, DAY).unwrap().guideline;
        Evaluation::of(&read, Some(&guideline)).compared.unwrap()
    };
    let old = against("openstack-powered/2016.01");
    assert!(old.scoring.iter().any(|line| line == "`atomic` weighs 6 on the worksheet, 8 there"), "{:?}", old.scoring);
    let older = against("openstack-powered/2015.07");
    assert!(older.scoring[0].contains("the cutoff is 74 on the worksheet, none there"));
    assert_eq!(older.same_side, None);
    assert_eq!(against("scs/0128-v1").scoring, ["the guideline has no criteria"]);
}

/// The total for one way in which the answers may turn out; none if an administrator is needed.
fn total(of: &Evaluated, weights: &[u32], met: impl Fn(usize, Answer) -> bool) -> u32 {
    of.scores
        .values()
        .zip(weights)
        .enumerate()
        .filter(|(at, (answer, _))| met(*at, **answer))
        .map(|(_, (_, weight))| weight)
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Holds off a tip that tips nothing, one that is not among the smallest, and one that is not told.
    #[test]
    fn tips_are_the_smallest_that_there_are(
        columns in prop::collection::vec((0..12u32, prop::sample::select(vec!["0", "1", "\"?\""])), 1..7),
        cutoff in 0..40u32,
    ) {
        let criteria: String = columns.iter().enumerate()
            .map(|(at, (weight, _))| format!("    c{at}: {{title: C, weight: {weight}, summary: S.}}\n")).collect();
        let scores: Vec<String> = columns.iter().enumerate().map(|(at, (_, score))| format!("c{at}: {score}")).collect();
        let text = format!(
            "schema: assay.worksheet/1\ntitle: T\nscoring:\n  cutoff: {cutoff}\n  criteria:\n{criteria}sections:\n  S:\n    \
             capabilities:\n      x:\n        scores: {{{}}}\n        non_admin: 1\n", scores.join(", "));
        let of = one(&text, "x");
        let weights: Vec<u32> = columns.iter().map(|(weight, _)| *weight).collect();
        let least = total(&of, &weights, |_, answer| answer == Answer::Yes);
        let most = total(&of, &weights, |_, answer| answer != Answer::No);
        prop_assert_eq!((of.minimum, of.maximum), (least, most));
        // Every set of criteria, tried: those that lift and those that sink, for certain.
        let names: Vec<&String> = of.scores.keys().collect();
        let (mut lifting, mut sinking) = (Vec::new(), Vec::new());
        for set in 1..(1usize << columns.len()) {
            let has = |at: usize| set & (1 << at) != 0;
            let members: BTreeSet<&String> = names.iter().enumerate().filter(|(at, _)| has(*at)).map(|(_, name)| *name).collect();
            let answers = || of.scores.values().enumerate().filter(|(at, _)| has(*at)).map(|(_, answer)| *answer);
            if answers().all(|answer| answer != Answer::Yes)
                && total(&of, &weights, |at, answer| answer == Answer::Yes || has(at)) >= cutoff {
                lifting.push(members.clone());
            }
            if answers().all(|answer| answer != Answer::No)
                && total(&of, &weights, |at, answer| answer != Answer::No && !has(at)) < cutoff {
                sinking.push(members);
            }
        }
        let over = least >= cutoff;
        let under = most < cutoff;
        for (told, tried, wanted) in [(&of.lifts, &lifting, !over), (&of.sinks, &sinking, !under)] {
            if !wanted {
                prop_assert!(told.is_empty());
                continue;
            }
            let smallest = tried.iter().map(BTreeSet::len).min();
            let told: Vec<BTreeSet<&String>> = told.iter().map(|tip| tip.criteria.iter().collect()).collect();
            prop_assert!(told.iter().all(|set| tried.contains(set) && Some(set.len()) == smallest), "{told:?} {tried:?}");
            prop_assert_eq!(told.is_empty(), tried.is_empty());
            if smallest == Some(1) {
                prop_assert_eq!(told.len(), tried.iter().filter(|set| set.len() == 1).count());
            }
        }
    }
}
