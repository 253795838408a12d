//! What can be certified against, and until when a mark lasts.

use assay_guidelines::Catalogue;
use assay_guidelines::family::Family;
use assay_guidelines::family::Validity::{self, Deprecated, Draft, Effective, Warn};
use chrono::NaiveDate;
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn half_yearly() -> Vec<(String, Option<NaiveDate>)> {
    let days = ["2015-07-01", "2016-01-01", "2016-07-01", "2017-01-01", "2017-07-01"];
    days.iter().map(|text| ((*text).to_owned(), Some(day(text)))).collect()
}

/// The reckoning of 2015: whoever takes the licence just before 2016.01 is superseded carries the mark for a year more.
#[test]
fn a_mark_taken_just_before_2016_01_is_superseded_lasts_until_january_2018() {
    let timeline = Family::named("made up").timeline(&half_yearly(), day("2016-12-31"));
    let span = &timeline.guidelines[1];
    assert_eq!(span.state, Some(Validity::Effective), "it can still be taken");
    assert_eq!(span.superseded, Some(day("2017-01-01")));
    assert_eq!(span.marks_until, Some(day("2018-01-01")));
    assert_eq!(timeline.mark_taken_now_until, Some(day("2017-12-31")));
    let after = Family::named("made up").timeline(&half_yearly(), day("2017-01-01"));
    assert_eq!(after.guidelines[1].state, Some(Validity::Deprecated));
}

#[test]
fn the_states_that_scs_publishes_fit_the_same_model() {
    let family = Catalogue::embedded().family("scs").unwrap();
    let states = |text: &str| {
        let timeline = family.timeline(&[], day(text));
        let state = |id: &str| timeline.guidelines.iter().find(|span| span.id == id).unwrap().state;
        (state("v4"), state("v5.1"), state("v3"))
    };
    let next =
        |text: &str| family.timeline(&[], day(text)).guidelines.iter().find(|span| span.id == "next").unwrap().state;
    assert_eq!((next("2025-09-08"), next("2025-09-09")), (None, Some(Draft)), "it was not there before");
    assert_eq!(states("2024-12-18"), (None, None, None), "before what is published");
    assert_eq!(states("2025-01-31"), (Some(Effective), Some(Effective), Some(Deprecated)));
    assert_eq!(states("2025-02-01"), (Some(Warn), Some(Effective), Some(Deprecated)));
    assert_eq!(states("2026-07-01"), (Some(Deprecated), Some(Effective), Some(Deprecated)));
    let v4 = family.timeline(&[], day("2026-07-01")).guidelines.into_iter().find(|span| span.id == "v4").unwrap();
    assert_eq!((v4.superseded, v4.marks_until), (Some(day("2025-07-01")), Some(day("2026-07-01"))));
}

#[test]
fn the_chart_shows_bars() {
    let family = Catalogue::embedded().family("openstack-powered").unwrap();
    let chart = family.timeline(&half_yearly(), day("2016-12-31")).chart();
    assert!(chart.contains("2016-01-01 effective   ") && chart.contains("████████████░░░░░░░░░░░░"), "{chart}");
    assert!(chart.contains("marks to 2018-01-01"), "{chart}");
    let answer = "On 2016-12-31 a product can certify against 2016-01-01, 2016-07-01; a mark that it takes then lasts until 2017-12-31.\n";
    assert!(chart.ends_with(answer), "{chart}");
}

proptest! {
    /// On every day from the second approval on, as many can be certified against as the family says.
    #[test]
    fn as_many_are_usable_as_the_family_says(days in prop::collection::btree_set(0u64..5_000, 1..20), usable in 1u32..5, at in 0u64..5_000) {
        let start = day("2015-01-01");
        let date = |days: u64| start.checked_add_days(chrono::Days::new(days)).unwrap();
        let guidelines: Vec<_> = days.iter().map(|days| (format!("v{days}"), Some(date(*days)))).collect();
        let family = Family { usable, ..Family::named("made up") };
        let timeline = family.timeline(&guidelines, date(at));
        let found = timeline.guidelines.iter().filter(|span| span.state.is_some_and(Validity::is_usable)).count();
        let approved = days.iter().filter(|days| **days <= at).count();
        prop_assert_eq!(found, approved.min(usable as usize));
        for span in &timeline.guidelines {
            prop_assert_eq!(span.marks_until, span.superseded.and_then(|end| family.mark_until(end)));
        }
        prop_assert!(timeline.chart().lines().count() == guidelines.len() + 3);
    }
}
