//! What a product can certify against on a day, and until when it may carry the mark.
//!
//! In a family with `usable: 2`, a guideline can be certified against from its approval until the second one after it is
//! approved. A mark that was taken on the last of these days lasts for the licence term. A family may instead publish the
//! states of its versions day by day, as the Sovereign Cloud Stack does.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The value of `schema` in the file of a family.
pub const FAMILY_SCHEMA: &str = "assay.family/1";
/// The value of `schema` in the JSON of a timeline.
pub const SCHEMA: &str = "assay.timeline/1";

/// What holds for all guidelines of a family: its `family.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// The version of the file format: `assay.family/1`.
    pub schema: String,
    /// The name of the programme.
    pub title: String,
    /// How many of the guidelines that were approved last can be certified against; at least one.
    #[serde(default = "two")]
    pub usable: usize,
    /// How long a mark lasts, in months.
    #[serde(default = "twelve")]
    pub licence_months: u32,
    /// The states of the versions, where the family publishes them: each entry holds from its day to the next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<Period>,
}

fn two() -> usize {
    2
}

fn twelve() -> u32 {
    12
}

/// The states of versions from a day on; a version that is not named is deprecated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first day.
    pub date: NaiveDate,
    /// The state of each version.
    pub versions: IndexMap<String, Validity>,
}

/// Whether a guideline can be certified against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Validity {
    /// Not yet.
    Draft,
    /// It can.
    Effective,
    /// It can, and not for long.
    Warn,
    /// No longer.
    Deprecated,
}

impl Validity {
    /// Whether a product can certify against it.
    #[must_use]
    pub fn is_usable(self) -> bool {
        matches!(self, Self::Effective | Self::Warn)
    }

    /// Its name, such as `effective`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Effective => "effective",
            Self::Warn => "warn",
            Self::Deprecated => "deprecated",
        }
    }
}

/// What can be certified against on a day.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Timeline {
    /// The version of the format: `assay.timeline/1`.
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
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
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

/// The files of families that are part of the program, as (family, text).
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/families.rs"));

impl Family {
    /// The family that is part of the program under this name.
    #[must_use]
    pub fn embedded(name: &str) -> Option<Self> {
        let (_, text) = EMBEDDED.iter().find(|(family, _)| *family == name)?;
        serde_yaml::from_str(text).ok()
    }

    /// A family without a file of its own.
    #[must_use]
    pub fn named(title: &str) -> Self {
        let (usable, licence_months) = (two(), twelve());
        Self { schema: FAMILY_SCHEMA.to_owned(), title: title.to_owned(), usable, licence_months, timeline: Vec::new() }
    }

    /// When a mark ends that was taken on this day.
    #[must_use]
    pub fn mark_until(&self, taken: NaiveDate) -> Option<NaiveDate> {
        taken.checked_add_months(Months::new(self.licence_months))
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
            let superseded = days.get(at.saturating_add(self.usable.max(1))).map(|(day, _)| *day);
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
            let state = |period: &Period| period.versions.get(name).copied().unwrap_or(Validity::Deprecated);
            let now = periods.iter().rev().find(|period| period.date <= day).map(|period| state(period));
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
        let mut text = format!("{} on {}; a character is {step} months, from {}\n", self.title, self.date, year(first));
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
        text
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
