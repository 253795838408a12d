//! What a worksheet comes to, for people.

use assay_guidelines::model::State;
use assay_guidelines::worksheet::{Answer, Compared, Difference, Evaluated, Evaluation, Part, Standing, Tip};

use super::document::{Document, Row, Section};
use super::ranges::Ranges;

pub fn document(evaluation: &Evaluation) -> Document {
    let counts = evaluation.counts;
    let columns = evaluation.criteria.iter().map(|column| format!("{} {}", column.name, column.weight));
    let mut lead = vec![match evaluation.cutoff {
        Some(cutoff) => format!(
            "The cutoff is {cutoff} of {}: {} capabilities reach it, {} do not ({} of them because they need an \
             administrator), and {} do or do not as open scores turn out.",
            evaluation.most, counts.over, counts.under, counts.vetoed, counts.undecided
        ),
        None => format!("There is no cutoff; all weights together are {}.", evaluation.most),
    }];
    lead.push(format!(
        "Scores are 1 or 0, or ? while they are open, in this order: {}.",
        columns.collect::<Vec<_>>().join(", ")
    ));
    lead.push(
        "A capability that needs an administrator has the total 0, whatever it scored. What would tip a capability does \
         so however open scores turn out."
            .to_owned(),
    );
    if let Some(guideline) = &evaluation.guideline {
        lead.push(format!("It is made for {guideline}."));
    }
    let mut sections: Vec<Section> = evaluation.sections.iter().filter_map(|part| section(evaluation, part)).collect();
    sections.extend(evaluation.compared.iter().flat_map(compared));
    sections.extend(notes(evaluation));
    Document { title: evaluation.title.clone(), lead, sections }
}

fn section(evaluation: &Evaluation, part: &Part) -> Option<Section> {
    let all: Vec<&Evaluated> = part.capabilities.iter().chain(&part.groups).collect();
    let rows: Vec<Row> = all.iter().map(|of| row(evaluation, of)).collect();
    let head = ["Stands", "Capability", "Scores", "Non-admin", "Total", "What would tip it"];
    let mut section = Section::new(format!("{} ({})", part.name, part.capabilities.len())).table(&head, rows);
    section.ranges = Some(Ranges::new(evaluation.cutoff, evaluation.most, &all));
    (!all.is_empty()).then_some(section)
}

fn row(evaluation: &Evaluation, of: &Evaluated) -> Row {
    let signs: Vec<char> = of.scores.values().map(|answer| answer.sign()).collect();
    let scores: Vec<String> = signs.chunks(3).map(|three| three.iter().collect()).collect();
    let name = match of.parts.len() {
        0 => of.name.clone(),
        count => format!("{} (a group of {count})", of.name),
    };
    let non_admin = match of.non_admin {
        Answer::Yes => "yes",
        Answer::No => "no",
        Answer::Open => "?",
    };
    let cells = [
        of.standing.map_or("-", Standing::name).to_owned(),
        name,
        scores.join(" "),
        non_admin.to_owned(),
        total(of.minimum, of.maximum),
        tips(evaluation, of),
    ];
    Row::new(of.standing.map_or("", class), cells)
}

/// The class of the style sheet for where a capability stands.
pub fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::Over => "pass",
        Standing::Under => "fail",
        Standing::Undecided => "skip",
        Standing::Vetoed => "missing",
    }
}

/// A number, or the two that it lies between.
pub fn total(minimum: u32, maximum: u32) -> String {
    if minimum == maximum { minimum.to_string() } else { format!("{minimum} to {maximum}") }
}

fn tips(evaluation: &Evaluation, of: &Evaluated) -> String {
    let Some(standing) = of.standing else { return "-".to_owned() };
    let weigh = |name: &String| {
        let weight = evaluation.criteria.iter().find(|column| column.name == *name).map_or(0, |column| column.weight);
        format!("{name} ({weight})")
    };
    let set = |tip: &Tip| tip.criteria.iter().map(weigh).collect::<Vec<_>>();
    // Either each tip is one criterion, or there is one set.
    let any = |tips: &[Tip]| {
        let named: Vec<&Tip> = tips.iter().filter(|tip| !tip.criteria.is_empty()).collect();
        match named.as_slice() {
            [] => None,
            [only] => Some(set(only).join(" and ")),
            [all @ .., last] => {
                let all: Vec<String> = all.iter().flat_map(|tip| set(tip)).collect();
                Some(format!("{} or {}", all.join(", "), set(last).join("")))
            }
        }
    };
    let mut said = Vec::new();
    if standing != Standing::Over {
        let needs = if of.non_admin == Answer::Yes { "" } else { "if it needs no administrator" };
        said.push(match (of.lifts.is_empty(), any(&of.lifts)) {
            (true, _) => "over: by nothing".to_owned(),
            (_, None) => format!("over: {needs}"),
            (_, Some(names)) if needs.is_empty() => format!("over: with {names}"),
            (_, Some(names)) => format!("over: with {names}, and {needs}"),
        });
    }
    if matches!(standing, Standing::Over | Standing::Undecided) {
        let needs = (of.non_admin == Answer::Open).then(|| "if it needs an administrator".to_owned());
        let names = any(&of.sinks).map(|names| format!("without {names}"));
        let ways: Vec<String> = needs.into_iter().chain(names).collect();
        said.push(if ways.is_empty() {
            "under: by nothing".to_owned()
        } else {
            format!("under: {}", ways.join(", or "))
        });
    }
    said.join("; ")
}

fn compared(compared: &Compared) -> Vec<Section> {
    let mut lead = vec![format!(
        "Both have {} capabilities (groups of the worksheet among them); {} meet the same criteria in both, {} do not, and {} \
         have the same total.",
        compared.both,
        compared.agree,
        compared.differences.len(),
        compared.same_total
    )];
    if let Some(same) = compared.same_side {
        lead.push(format!("{same} of them stand on the same side of the cutoff in both."));
    }
    lead.extend(compared.scoring.iter().map(|line| format!("Otherwise: {line}.")));
    let rows = compared.differences.iter().map(difference).collect();
    let head =
        ["Capability", "State", "Met on the worksheet only", "Met in the guideline only", "Total", "Score there"];
    let heading = format!("Held against {} ({})", compared.guideline, compared.differences.len());
    let mut sections = vec![Section::new(heading).table(&head, rows)];
    sections[0].lead = lead;
    for (heading, names) in [
        (format!("Not in {}", compared.guideline), &compared.only_worksheet),
        (format!("In {} and not scored", compared.guideline), &compared.only_guideline),
    ] {
        if !names.is_empty() {
            let rows = names.iter().map(|name| Row::new("", [name.clone()])).collect();
            sections.push(Section::new(format!("{heading} ({})", names.len())).table(&["Capability"], rows));
        }
    }
    sections
}

fn difference(of: &Difference) -> Row {
    let names = |names: &[String]| if names.is_empty() { "-".to_owned() } else { names.join(", ") };
    let cells = [
        of.capability.clone(),
        of.state.map_or("-", State::name).to_owned(),
        names(&of.only_worksheet),
        names(&of.only_guideline),
        total(of.minimum, of.maximum),
        of.score.to_string(),
    ];
    Row::new("", cells)
}

fn notes(evaluation: &Evaluation) -> Option<Section> {
    let rows: Vec<Row> = evaluation
        .sections
        .iter()
        .flat_map(|part| {
            let own = part.notes.iter().map(|note| [part.name.clone(), note.clone()]);
            let links = part.links.iter().map(|(name, address)| [part.name.clone(), format!("[{name}] {address}")]);
            let of = part.capabilities.iter().filter_map(|of| Some([of.name.clone(), of.note.clone()?]));
            own.chain(links).chain(of).map(|cells| Row::new("", cells)).collect::<Vec<_>>()
        })
        .collect();
    (!rows.is_empty()).then(|| Section::new("Notes").table(&["On", "Note"], rows))
}
