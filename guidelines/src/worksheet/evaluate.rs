//! What a worksheet comes to: totals, the cutoff, and what would tip a capability over or under it.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Guideline, Scoring};

use super::compare::{self, Compared};
use super::model::{Answer, Row};
use super::read::Read;

/// The value of `schema` in the JSON of an evaluation.
pub const EVALUATION_SCHEMA: &str = "assay.worksheet-evaluation/1";

/// What a worksheet comes to.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Evaluation {
    /// The version of the format: `assay.worksheet-evaluation/1`.
    pub schema: String,
    /// The title of the worksheet.
    pub title: String,
    /// The guideline that it is made for, if it names one.
    pub guideline: Option<String>,
    /// The total from which a capability may be required, if there is one.
    pub cutoff: Option<u32>,
    /// The sum of all weights.
    pub most: u32,
    /// The criteria, in the order in which scores are given.
    pub criteria: Vec<Column>,
    /// How many capabilities stand where, groups left out.
    pub counts: Counts,
    /// The capabilities, sorted as the worksheet sorts them.
    pub sections: Vec<Part>,
    /// The worksheet held against a guideline.
    pub compared: Option<Compared>,
}

/// A criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Column {
    /// Its name, which `scores` use.
    pub name: String,
    /// The name that reports print.
    pub title: String,
    /// What meeting it adds to the total.
    pub weight: u32,
}

/// How many capabilities stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// At the cutoff or over it.
    pub over: usize,
    /// Under it.
    pub under: usize,
    /// Over or under it, as the open answers turn out.
    pub undecided: usize,
    /// Of those under it, the ones that need an administrator.
    pub vetoed: usize,
    /// Those with an open answer, whether it matters or not.
    pub open: usize,
}

/// A section of the worksheet.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its capabilities.
    pub capabilities: Vec<Evaluated>,
    /// What several of them make up together: such a group meets what each of its parts meets.
    pub groups: Vec<Evaluated>,
    /// What the committee noted.
    pub notes: Vec<String>,
    /// What the notes refer to.
    pub links: IndexMap<String, String>,
}

/// What one capability comes to.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Evaluated {
    /// Its name.
    pub name: String,
    /// The parts of a group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
    /// The answers, in the order of the criteria.
    pub scores: IndexMap<String, Answer>,
    /// Whether it can be used without an administrator.
    pub non_admin: Answer,
    /// The total if no open answer turns out well.
    pub minimum: u32,
    /// The total if every open answer does.
    pub maximum: u32,
    /// What it would have at most if no administrator were needed.
    pub without_veto: u32,
    /// Where it stands; nothing without a cutoff.
    pub standing: Option<Standing>,
    /// What would bring it over the cutoff for certain: each single criterion that can, or else one smallest set.
    pub lifts: Vec<Tip>,
    /// What would bring it under the cutoff for certain if it were not met: each single criterion that can, or else one
    /// smallest set. That an administrator is needed would do so too, always.
    pub sinks: Vec<Tip>,
    /// What the committee noted on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Where a capability stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// At the cutoff or over it, however the open answers turn out.
    Over,
    /// Under it, however they turn out.
    Under,
    /// As they turn out.
    Undecided,
    /// Under it because it needs an administrator.
    Vetoed,
}

impl Standing {
    /// Its name, such as `over`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::Under => "under",
            Self::Undecided => "undecided",
            Self::Vetoed => "vetoed",
        }
    }
}

/// Answers that tip a capability together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tip {
    /// The criteria, the heaviest first.
    pub criteria: Vec<String>,
    /// What they weigh together.
    pub weight: u32,
    /// Whether it must also turn out that no administrator is needed.
    pub non_admin: bool,
}

impl Evaluation {
    /// Evaluates a worksheet, and holds it against a guideline: this one, or the one that it names.
    #[must_use]
    pub fn of(read: &Read, against: Option<&Guideline>) -> Self {
        let Scoring { cutoff, criteria } = &read.scoring;
        let criteria: Vec<Column> = criteria
            .iter()
            .map(|(name, of)| Column { name: name.clone(), title: of.title.clone(), weight: of.weight })
            .collect();
        let scale = Scale { criteria: &criteria, cutoff: *cutoff };
        let parts: Vec<Part> = read
            .worksheet
            .sections
            .iter()
            .map(|(name, section)| Part {
                name: name.clone(),
                capabilities: section.capabilities.iter().map(|(name, row)| scale.row(name, row)).collect(),
                groups: Vec::new(),
                notes: section.notes.clone(),
                links: section.links.clone(),
            })
            .collect();
        let mut evaluation = Self {
            schema: EVALUATION_SCHEMA.to_owned(),
            title: read.worksheet.title.clone(),
            guideline: read.worksheet.guideline.clone(),
            cutoff: *cutoff,
            most: criteria.iter().fold(0, |sum, column| sum.saturating_add(column.weight)),
            counts: Counts::default(),
            sections: parts,
            compared: None,
            criteria: criteria.clone(),
        };
        for (section, name, parts) in read.worksheet.groups() {
            let group = scale.group(name, &parts);
            if let Some(part) = evaluation.sections.iter_mut().find(|part| part.name == section) {
                part.groups.push(group);
            }
        }
        evaluation.counts = counts(&evaluation.sections);
        let against = against.or(read.guideline.as_ref());
        evaluation.compared = against.map(|guideline| compare::compare(&evaluation, guideline));
        evaluation
    }

    /// Every capability, and then every group.
    pub fn all(&self) -> impl Iterator<Item = &Evaluated> {
        let groups = self.sections.iter().flat_map(|part| &part.groups);
        self.sections.iter().flat_map(|part| &part.capabilities).chain(groups)
    }
}

fn counts(sections: &[Part]) -> Counts {
    let mut counts = Counts::default();
    for of in sections.iter().flat_map(|part| &part.capabilities) {
        match of.standing {
            Some(Standing::Over) => counts.over += 1,
            Some(Standing::Under) => counts.under += 1,
            Some(Standing::Vetoed) => {
                counts.under += 1;
                counts.vetoed += 1;
            }
            Some(Standing::Undecided) => counts.undecided += 1,
            None => {}
        }
        if of.non_admin == Answer::Open || of.scores.values().any(|answer| *answer == Answer::Open) {
            counts.open += 1;
        }
    }
    counts
}

/// What capabilities are measured with.
struct Scale<'a> {
    criteria: &'a [Column],
    cutoff: Option<u32>,
}

impl Scale<'_> {
    /// A group meets what each of its parts meets.
    fn group(&self, name: &str, parts: &[(&str, &Row)]) -> Evaluated {
        let all = |answer: &dyn Fn(&Row) -> Answer| {
            let answers: Vec<Answer> = parts.iter().map(|(_, row)| answer(row)).collect();
            if answers.contains(&Answer::No) {
                Answer::No
            } else if answers.contains(&Answer::Open) {
                Answer::Open
            } else {
                Answer::Yes
            }
        };
        let scores = self.criteria.iter().map(|column| {
            let answer = all(&|row| row.scores.get(&column.name).copied().unwrap_or(Answer::Open));
            (column.name.clone(), answer)
        });
        let row = Row { scores: scores.collect(), non_admin: all(&|row| row.non_admin), note: None };
        let parts = parts.iter().map(|(name, _)| (*name).to_owned()).collect();
        Evaluated { parts, ..self.row(name, &row) }
    }

    fn row(&self, name: &str, row: &Row) -> Evaluated {
        // The order of the criteria, and not that in which somebody wrote them.
        let answer = |column: &Column| row.scores.get(&column.name).copied().unwrap_or(Answer::Open);
        let scores: IndexMap<String, Answer> =
            self.criteria.iter().map(|column| (column.name.clone(), answer(column))).collect();
        let sum = |counted: &dyn Fn(Answer) -> bool| {
            let met = self.criteria.iter().filter(|column| counted(answer(column)));
            met.fold(0u32, |sum, column| sum.saturating_add(column.weight))
        };
        let least = sum(&|answer| answer == Answer::Yes);
        let most = sum(&|answer| answer != Answer::No);
        let minimum = if row.non_admin == Answer::Yes { least } else { 0 };
        let maximum = if row.non_admin == Answer::No { 0 } else { most };
        let standing = self.cutoff.map(|cutoff| match row.non_admin {
            Answer::No => Standing::Vetoed,
            Answer::Yes if least >= cutoff => Standing::Over,
            _ if most < cutoff => Standing::Under,
            _ => Standing::Undecided,
        });
        let of = |wanted: &dyn Fn(Answer) -> bool| {
            self.criteria.iter().filter(|column| wanted(answer(column))).collect::<Vec<&Column>>()
        };
        let (mut lifts, mut sinks) = (Vec::new(), Vec::new());
        if let Some(cutoff) = self.cutoff {
            if standing != Some(Standing::Over) {
                let missing = u64::from(cutoff.saturating_sub(least));
                lifts = smallest(of(&|answer| answer != Answer::Yes), missing, row.non_admin != Answer::Yes);
            }
            if matches!(standing, Some(Standing::Over | Standing::Undecided)) {
                // To be under the cutoff, one more than what is above it must go.
                let spare = u64::from(most.saturating_sub(cutoff)) + 1;
                sinks = smallest(of(&|answer| answer != Answer::No), spare, false);
                if row.non_admin == Answer::Open {
                    sinks.insert(0, Tip { criteria: Vec::new(), weight: 0, non_admin: true });
                }
                // What cannot go under 0 cannot be tipped by its scores.
                if cutoff == 0 {
                    sinks.retain(|tip| tip.non_admin);
                }
            }
        }
        Evaluated {
            name: name.to_owned(),
            parts: Vec::new(),
            scores,
            non_admin: row.non_admin,
            minimum,
            maximum,
            without_veto: most,
            standing,
            lifts,
            sinks,
            note: row.note.clone(),
        }
    }
}

/// Each criterion that weighs enough alone; where none does, a smallest set that does; where all together do not, none.
fn smallest(mut criteria: Vec<&Column>, enough: u64, non_admin: bool) -> Vec<Tip> {
    if enough == 0 {
        return vec![Tip { criteria: Vec::new(), weight: 0, non_admin }];
    }
    // Heaviest first: so the first few that weigh enough are as few as can be. Equal ones keep their order.
    criteria.sort_by_key(|column| std::cmp::Reverse(column.weight));
    let single = criteria.iter().take_while(|column| u64::from(column.weight) >= enough);
    let singles: Vec<Tip> =
        single.map(|column| Tip { criteria: vec![column.name.clone()], weight: column.weight, non_admin }).collect();
    if !singles.is_empty() {
        return singles;
    }
    let (mut names, mut weight) = (Vec::new(), 0u64);
    for column in criteria {
        names.push(column.name.clone());
        weight += u64::from(column.weight);
        if weight >= enough {
            let weight = u32::try_from(weight).unwrap_or(u32::MAX);
            return vec![Tip { criteria: names, weight, non_admin }];
        }
    }
    Vec::new()
}
