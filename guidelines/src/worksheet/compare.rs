//! A worksheet held against the achievements of a guideline.

use std::collections::{HashMap, HashSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Guideline, State};

use super::evaluate::{Evaluated, Evaluation, Standing};
use super::model::Answer;

/// Where a worksheet and a guideline say the same of a capability, and where not.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Compared {
    /// The guideline.
    pub guideline: String,
    /// The cutoff there.
    pub cutoff: Option<u32>,
    /// Criteria, weights or a cutoff that are others there, one line each.
    pub scoring: Vec<String>,
    /// How many capabilities both have; groups of the worksheet are among them.
    pub both: usize,
    /// Of these, how many meet the same criteria in both; what is open on the worksheet contradicts nothing.
    pub agree: usize,
    /// Of these, how many have the same total.
    pub same_total: usize,
    /// Of these, how many stand on the same side of the cutoff; not counted without one.
    pub same_side: Option<usize>,
    /// Those that do not agree.
    pub differences: Vec<Difference>,
    /// Capabilities that only the worksheet has, those that are parts of a group left out.
    pub only_worksheet: Vec<String>,
    /// Capabilities that only the guideline has.
    pub only_guideline: Vec<String>,
}

/// A capability that meets other criteria on the worksheet than in the guideline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    /// The capability.
    pub capability: String,
    /// Its state in the guideline: the strongest that a component gives it.
    pub state: Option<State>,
    /// Criteria that it meets on the worksheet only.
    pub only_worksheet: Vec<String>,
    /// Criteria that it meets in the guideline only.
    pub only_guideline: Vec<String>,
    /// Its total on the worksheet, at least.
    pub minimum: u32,
    /// Its total on the worksheet, at most.
    pub maximum: u32,
    /// Its score in the guideline.
    pub score: u32,
    /// Where it stands on the worksheet.
    pub standing: Option<Standing>,
    /// Whether it reaches the cutoff of the guideline there.
    pub reaches: Option<bool>,
}

pub(super) fn compare(evaluation: &Evaluation, guideline: &Guideline) -> Compared {
    let cutoff = guideline.scoring.as_ref().and_then(|scoring| scoring.cutoff);
    let states = strongest(guideline);
    let mut compared = Compared {
        guideline: guideline.id.clone(),
        cutoff,
        scoring: scoring(evaluation, guideline),
        both: 0,
        agree: 0,
        same_total: 0,
        same_side: (cutoff.is_some() && evaluation.cutoff.is_some()).then_some(0),
        differences: Vec::new(),
        only_worksheet: Vec::new(),
        only_guideline: Vec::new(),
    };
    let parts: HashSet<&String> = evaluation.all().flat_map(|of| &of.parts).collect();
    let mut named = HashSet::new();
    for of in evaluation.all() {
        named.insert(of.name.as_str());
        let Some(capability) = guideline.capabilities.get(&of.name) else {
            if !parts.contains(&of.name) {
                compared.only_worksheet.push(of.name.clone());
            }
            continue;
        };
        let score = guideline.score(capability);
        let reaches = cutoff.map(|cutoff| score >= cutoff);
        let achieves = |name: &String| capability.achievements.contains(name);
        let scored = |wanted: Answer, achieved: bool| -> Vec<String> {
            let names = of.scores.iter().filter(|(name, answer)| **answer == wanted && achieves(name) == achieved);
            names.map(|(name, _)| name.clone()).collect()
        };
        let (only_worksheet, mut only_guideline) = (scored(Answer::Yes, false), scored(Answer::No, true));
        only_guideline.extend(capability.achievements.iter().filter(|name| !of.scores.contains_key(*name)).cloned());
        compared.both += 1;
        compared.same_total += usize::from((of.minimum, of.maximum) == (score, score));
        if let (Some(same), Some(reaches)) = (&mut compared.same_side, reaches) {
            *same += usize::from(side(of) == Some(reaches));
        }
        if only_worksheet.is_empty() && only_guideline.is_empty() {
            compared.agree += 1;
            continue;
        }
        compared.differences.push(Difference {
            capability: of.name.clone(),
            state: states.get(of.name.as_str()).copied(),
            only_worksheet,
            only_guideline,
            minimum: of.minimum,
            maximum: of.maximum,
            score,
            standing: of.standing,
            reaches,
        });
    }
    let only = guideline.capabilities.keys().filter(|name| !named.contains(name.as_str()));
    compared.only_guideline = only.cloned().collect();
    compared
}

/// Whether it reaches the cutoff, where that is decided.
fn side(of: &Evaluated) -> Option<bool> {
    match of.standing? {
        Standing::Over => Some(true),
        Standing::Under | Standing::Vetoed => Some(false),
        Standing::Undecided => None,
    }
}

/// The strongest state that a component gives each capability.
pub(crate) fn strongest(guideline: &Guideline) -> HashMap<&str, State> {
    let mut states: HashMap<&str, State> = HashMap::new();
    for component in guideline.components.values() {
        for (state, names) in component.capabilities.lists() {
            for name in names {
                let strongest = states.entry(name).or_insert(state);
                *strongest = state.min(*strongest);
            }
        }
    }
    states
}

/// What is other in the criteria, the weights and the cutoff.
fn scoring(evaluation: &Evaluation, guideline: &Guideline) -> Vec<String> {
    let Some(theirs) = &guideline.scoring else {
        return vec!["the guideline has no criteria".to_owned()];
    };
    let mut lines = Vec::new();
    let said = |cutoff: Option<u32>| cutoff.map_or_else(|| "none".to_owned(), |cutoff| cutoff.to_string());
    if evaluation.cutoff != theirs.cutoff {
        lines.push(format!(
            "the cutoff is {} on the worksheet, {} there",
            said(evaluation.cutoff),
            said(theirs.cutoff)
        ));
    }
    for column in &evaluation.criteria {
        match theirs.criteria.get(&column.name) {
            None => lines.push(format!("`{}` is no criterion there", column.name)),
            Some(other) if other.weight != column.weight => lines
                .push(format!("`{}` weighs {} on the worksheet, {} there", column.name, column.weight, other.weight)),
            Some(_) => {}
        }
    }
    for name in theirs.criteria.keys().filter(|name| !evaluation.criteria.iter().any(|column| column.name == **name)) {
        lines.push(format!("`{name}` is a criterion there only"));
    }
    lines
}
