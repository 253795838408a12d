//! A worksheet held against its guideline: the same criteria, and no decision that its scores contradict.

use std::collections::HashMap;

use crate::kind::WORKSHEET;
use crate::model::{Guideline, State, Status};
use crate::nearest::quoted;
use crate::node::{self, Node, entries};
use crate::problem::{Collector, Errors};
use crate::worksheet::{Answer, Compared, Difference, Evaluated, Evaluation, Read, Standing, strongest};

use super::found::Found;
use super::report::Report;
use super::rule::{
    NOT_HELD, NOT_SCORED, OPEN_SCORE, OTHER_ACHIEVEMENTS, OTHER_SCORING, REQUIRED_OPEN, REQUIRED_UNDER,
    REQUIRED_VETOED, UNREACHABLE,
};

/// Checks a worksheet against a guideline: this one, or the one that it names. It can fail only if the text is not a worksheet.
pub fn lint_worksheet(read: &Read, against: Option<&Guideline>) -> Result<Report, Errors> {
    let mut broken = Collector::of(&WORKSHEET, &read.name, &read.text);
    let Some(root) = node::tree(&read.text, &mut broken) else {
        return Err(broken.into_errors());
    };
    let against = against.or(read.guideline.as_ref());
    let evaluation = Evaluation::of(read, against);
    let mut found = Found::default();
    reachable(&root, &evaluation, &mut found);
    if let (Some(guideline), Some(compared)) = (against, &evaluation.compared) {
        scoring(&root, compared, &mut found);
        let differences = compared.differences.iter().map(|difference| (difference.capability.as_str(), difference));
        let (states, places, differences) = (strongest(guideline), places(&root), differences.collect());
        let checker = Checker { guideline, compared, states, places, differences };
        for of in evaluation.all() {
            checker.check(of, &mut found);
        }
        checker.scored(&root, &mut found);
    } else {
        let help = "name it with `guideline:`, or with `--against`";
        found.add(&NOT_HELD, &root, "the worksheet names no guideline, so it is held against none".to_owned(), help);
    }
    Ok(Report::new(&read.name, &read.worksheet.title, against, found, &read.text))
}

fn reachable(root: &Node, evaluation: &Evaluation, found: &mut Found) {
    let Some(cutoff) = evaluation.cutoff.filter(|cutoff| *cutoff > evaluation.most) else { return };
    let at = root.get("scoring").and_then(|scoring| scoring.get("cutoff")).or_else(|| root.get("guideline"));
    let message = format!("the cutoff is {cutoff}, and all weights together are {}", evaluation.most);
    found.add(&UNREACHABLE, at.unwrap_or(root), message, "correct the cutoff or the weights");
}

fn scoring(root: &Node, compared: &Compared, found: &mut Found) {
    // Without `scoring`, what it names is another guideline than the one that it is held against.
    let at = root.get("scoring").or_else(|| root.get("guideline")).unwrap_or(root);
    for line in &compared.scoring {
        let message = format!("held against {}: {line}", quoted(&compared.guideline));
        let help = "leave `scoring:` out, so that the guideline's holds, or change the guideline's draft";
        found.add(&OTHER_SCORING, at, message, help);
    }
}

/// The keys of all capabilities and groups, by name.
fn places(root: &Node) -> HashMap<&str, &Node> {
    let sections = entries(root.get("sections")).map(|(_, _, section)| section);
    let rows = sections.flat_map(|section| entries(section.get("capabilities")).chain(entries(section.get("groups"))));
    rows.map(|(name, key, _)| (name, key)).collect()
}

struct Checker<'a> {
    guideline: &'a Guideline,
    compared: &'a Compared,
    states: HashMap<&'a str, State>,
    places: HashMap<&'a str, &'a Node>,
    differences: HashMap<&'a str, &'a Difference>,
}

impl Checker<'_> {
    fn check(&self, of: &Evaluated, found: &mut Found) {
        let Some(at) = self.places.get(of.name.as_str()).copied() else { return };
        let (name, id) = (quoted(&of.name), quoted(&self.guideline.id));
        if self.states.get(of.name.as_str()) == Some(&State::Required) {
            self.required(of, at, found);
        }
        let open =
            of.scores.iter().filter(|(_, answer)| **answer == Answer::Open).map(|(criterion, _)| criterion.as_str());
        let open: Vec<&str> = open.chain((of.non_admin == Answer::Open).then_some("non_admin")).collect();
        // What is open for a group is open for one of its parts.
        if !open.is_empty() && of.parts.is_empty() && self.guideline.status != Status::Draft {
            let message = format!("{name} is open in {}, and {id} is no draft any more", open.join(", "));
            found.add(&OPEN_SCORE, at, message, "decide: `1` or `0`");
        }
        if let Some(difference) = self.differences.get(of.name.as_str()) {
            let said = |names: &[String], place: &str| {
                (!names.is_empty()).then(|| format!("{} only {place}", names.join(", ")))
            };
            let parts =
                [said(&difference.only_worksheet, "here"), said(&difference.only_guideline, "in the guideline")];
            let parts = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
            let message = format!("{name} achieves other criteria in {id}: {parts}");
            found.add(&OTHER_ACHIEVEMENTS, at, message, "bring over what was decided last");
        }
    }

    fn required(&self, of: &Evaluated, at: &Node, found: &mut Found) {
        let (name, id) = (quoted(&of.name), quoted(&self.guideline.id));
        let cutoff = self.compared.cutoff.unwrap_or_default();
        match of.standing {
            Some(Standing::Vetoed) => {
                let message = format!("{id} requires {name}, which needs an administrator");
                found.add(&REQUIRED_VETOED, at, message, "find out whether it does, or require it no more");
            }
            Some(Standing::Under) => {
                let most = of.maximum;
                let message = format!("{id} requires {name}, which has {most} here; the cutoff is {cutoff}");
                found.add(&REQUIRED_UNDER, at, message, "score it again, or list it as advisory");
            }
            Some(Standing::Undecided) => {
                let (least, most) = (of.minimum, of.maximum);
                let message = format!("{id} requires {name}, which has {least} to {most} here; the cutoff is {cutoff}");
                let help = "decide on the scores that tip it; `assay guideline worksheet show` names them";
                found.add(&REQUIRED_OPEN, at, message, help);
            }
            Some(Standing::Over) | None => {}
        }
    }

    /// What the guideline requires or announces, and the worksheet does not have.
    fn scored(&self, root: &Node, found: &mut Found) {
        let Some(at) = root.get("guideline").or_else(|| root.get("sections")) else { return };
        for name in &self.compared.only_guideline {
            if let Some(state @ (State::Required | State::Advisory)) = self.states.get(name.as_str()).copied() {
                let message = format!(
                    "{} is {} in {}, and is not scored here",
                    quoted(name),
                    state.name(),
                    quoted(&self.guideline.id)
                );
                found.add(&NOT_SCORED, at, message, "add a row for it, or a group of the rows that it is made of");
            }
        }
    }
}
