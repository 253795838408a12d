//! What a product can certify against on a day, and until when it may carry the mark.
//!
//! In a family with `usable: 2`, a guideline can be certified against from its approval until the second one after it is
//! approved. A mark that was taken on the last of these days lasts for the licence term. A family may instead publish the
//! states of its versions day by day, as the Sovereign Cloud Stack does.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::family::{Family, Period, Validity};

/// The value of `schema` in the JSON of a timeline.
pub const SCHEMA: &str = "assay.timeline/1";

/// What can be certified against on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    /// The version of the format: `assay.timeline/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The name of the programme.
    pub title: String,
    /// The day.
    pub date: NaiveDate,
    /// Until when a mark lasts that is taken on the day.
    pub mark_taken_now_until: Option<NaiveDate>,
    /// The guidelines, the earliest first; those without a day come last.
    pub guidelines: Vec<Span>,
}

/// The life of one guideline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Its id, or the name of the version.
    pub id: String,
    /// Its state on the day; none where that is not known.
    pub state: Option<Validity>,
    /// The first day on which a product can certify against it.
    pub usable_from: Option<NaiveDate>,
    /// The day from which none can any more; none if that is not known yet.
    pub superseded: Option<NaiveDate>,
    /// The day on which the last of its marks ends; none if that is not known yet.
    pub marks_until: Option<NaiveDate>,
}

impl Family {
    /// When a mark ends that was taken on this day.
    #[must_use]
    pub fn mark_until(&self, taken: NaiveDate) -> Option<NaiveDate> {
        taken.checked_add_months(Months::new(self.licence_months))
    }

    /// What is published of the versions for a day; nothing before the first entry.
    #[must_use]
    pub fn period(&self, day: NaiveDate) -> Option<&Period> {
        self.timeline.iter().filter(|period| period.date <= day).max_by_key(|period| period.date)
    }

    /// The timeline of guidelines, given as (id, day of approval), on a day.
    #[must_use]
    pub fn timeline(&self, guidelines: &[(String, Option<NaiveDate>)], day: NaiveDate) -> Timeline {
        let mut spans = if self.timeline.is_empty() { self.by_approval(guidelines, day) } else { self.by_period(day) };
        spans.sort_by_key(|span| span.usable_from.unwrap_or(NaiveDate::MAX));
        Timeline {
            schema: SCHEMA.to_owned(),
            title: self.title.clone(),
            date: day,
            mark_taken_now_until: self.mark_until(day),
            guidelines: spans,
        }
    }

    fn by_approval(&self, guidelines: &[(String, Option<NaiveDate>)], day: NaiveDate) -> Vec<Span> {
        let mut days: Vec<(NaiveDate, &str)> =
            guidelines.iter().filter_map(|(id, approved)| Some((((*approved)?), id.as_str()))).collect();
        days.sort_unstable();
        let dated = days.iter().enumerate().map(|(at, (from, id))| {
            let usable = usize::try_from(self.usable.max(1)).unwrap_or(usize::MAX);
            let superseded = days.get(at.saturating_add(usable)).map(|(day, _)| *day);
            let state = match superseded {
                _ if day < *from => Validity::Draft,
                Some(end) if day >= end => Validity::Deprecated,
                _ => Validity::Effective,
            };
            self.span(id, Some(state), Some(*from), superseded)
        });
        let undated = guidelines.iter().filter(|(_, approved)| approved.is_none());
        dated.chain(undated.map(|(id, _)| self.span(id, Some(Validity::Draft), None, None))).collect()
    }

    fn by_period(&self, day: NaiveDate) -> Vec<Span> {
        let mut periods: Vec<&Period> = self.timeline.iter().collect();
        periods.sort_by_key(|period| period.date);
        let names: BTreeSet<&String> = periods.iter().flat_map(|period| period.versions.keys()).collect();
        let spans = names.into_iter().map(|name| {
            // Before an entry names it for the first time, nothing is known of it; after that, it is deprecated where none does.
            let named = periods.iter().position(|period| period.versions.contains_key(name)).unwrap_or_default();
            let state = |period: &Period| period.versions.get(name).copied().unwrap_or(Validity::Deprecated);
            let now = periods[named..].iter().rev().find(|period| period.date <= day).map(|period| state(period));
            let first = periods.iter().position(|period| state(period).is_usable());
            let from = first.map(|at| periods[at].date);
            let last = periods.iter().rposition(|period| state(period).is_usable());
            let superseded = last.and_then(|at| periods.get(at + 1)).map(|period| period.date);
            self.span(name, now, from, superseded)
        });
        spans.collect()
    }

    fn span(
        &self,
        id: &str,
        state: Option<Validity>,
        usable_from: Option<NaiveDate>,
        superseded: Option<NaiveDate>,
    ) -> Span {
        let marks_until = superseded.and_then(|end| self.mark_until(end));
        Span { id: id.to_owned(), state, usable_from, superseded, marks_until }
    }
}

/// The most characters that a bar has.
const WIDEST: i32 = 60;

impl Timeline {
    /// A chart with a row for each guideline: `█` where it can be certified against, `░` where its marks go on.
    /// Each character stands for as many months as the whole needs to fit.
    #[must_use]
    pub fn chart(&self) -> String {
        let days = self.guidelines.iter().flat_map(|span| [span.usable_from, span.marks_until]).flatten();
        let months: Vec<i32> = days.chain([self.date]).map(month).collect();
        let first = months.iter().copied().min().unwrap_or_default();
        let last = months.iter().copied().max().unwrap_or_default();
        let step = ((last - first) / WIDEST + 1).max(1);
        let cells = (last - first) / step + 1;
        let width = self.guidelines.iter().map(|span| span.id.chars().count()).max().unwrap_or_default();
        let today = (month(self.date) - first) / step;
        let months = if step == 1 { "a month".to_owned() } else { format!("{step} months") };
        let mut text = format!("{} on {}; a character is {months}, from {}\n", self.title, self.date, year(first));
        let indent = width + 13 + usize::try_from(today).unwrap_or_default();
        text.push_str(&format!("{:indent$}v {}\n", "", self.date));
        for span in &self.guidelines {
            let bar: String = (0..cells).map(|cell| span.cell(first + cell * step, step)).collect();
            let state = span.state.map_or("not known", Validity::name);
            let line = format!("{:width$} {state:<11} {bar}", span.id);
            let end = |what: &str, day: Option<NaiveDate>| day.map_or_else(String::new, |day| format!(" {what} {day}"));
            text.push_str(&format!(
                "{}{}{}{}\n",
                line.trim_end(),
                end(" from", span.usable_from),
                end("to", span.superseded),
                end("marks to", span.marks_until)
            ));
        }
        text.push_str(&self.answer());
        text
    }

    /// What can be certified against on the day, and until when the mark lasts, in one line.
    fn answer(&self) -> String {
        let usable = self.guidelines.iter().filter(|span| span.state.is_some_and(Validity::is_usable));
        let names: Vec<&str> = usable.map(|span| span.id.as_str()).collect();
        match (names.as_slice(), self.mark_taken_now_until) {
            ([], _) => format!("On {} a product can certify against none of these.\n", self.date),
            (names, Some(end)) => format!(
                "On {} a product can certify against {}; a mark that it takes then lasts until {end}.\n",
                self.date,
                names.join(", ")
            ),
            (names, None) => format!("On {} a product can certify against {}.\n", self.date, names.join(", ")),
        }
    }
}

impl Span {
    /// What stands for `step` months from `start` on.
    fn cell(&self, start: i32, step: i32) -> char {
        let Some(from) = self.usable_from.map(month) else { return ' ' };
        let before = |end: Option<NaiveDate>| end.is_none_or(|end| start < month(end));
        match () {
            () if from >= start + step => ' ',
            () if before(self.superseded) => '█',
            () if before(self.marks_until) => '░',
            () => ' ',
        }
    }
}

/// The months since the year 0.
fn month(day: NaiveDate) -> i32 {
    use chrono::Datelike;
    let of_year = i32::try_from(day.month0()).unwrap_or_default();
    day.year() * 12 + of_year
}

fn year(month: i32) -> String {
    format!("{}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1)
}
