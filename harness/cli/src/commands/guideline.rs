//! `assay guideline`: check, show, list and convert guideline files.

mod convert;
pub mod diff;
pub mod history;
mod lint;
mod timeline;
pub mod worksheet;

use assay_guidelines::{Guideline, Loaded};

use super::list::state;
use crate::args::{GuidelineArguments, GuidelineCommand, TextOrJson};
use crate::exit::{Code, Failure};
use crate::output::{columns, data};

pub fn run(command: GuidelineCommand) -> Result<Code, Failure> {
    match command {
        GuidelineCommand::Diff(arguments) => diff::run(&arguments),
        GuidelineCommand::History(arguments) => history::run(&arguments),
        GuidelineCommand::Lint(arguments) => lint::run(&arguments),
        GuidelineCommand::Show { id, format, guidelines } => show(&guidelines.get(&id)?, format),
        GuidelineCommand::List { guidelines } => list(&guidelines),
        GuidelineCommand::Schema => {
            data(&assay_guidelines::schema::schema())?;
            Ok(Code::Done)
        }
        GuidelineCommand::Import(arguments) => convert::import(&arguments),
        GuidelineCommand::Export(arguments) => convert::export(&arguments),
        GuidelineCommand::Timeline(arguments) => timeline::run(&arguments),
        GuidelineCommand::Worksheet(command) => worksheet::run(command),
    }
}

fn list(arguments: &GuidelineArguments) -> Result<Code, Failure> {
    let catalogue = arguments.catalogue()?;
    let mut rows = Vec::new();
    for id in catalogue.ids() {
        let guideline = catalogue.get(id, arguments.day()).map_err(Failure::usage)?.guideline;
        let targets: Vec<_> = guideline.targets.keys().map(String::as_str).collect();
        rows.push(vec![
            id.to_owned(),
            guideline.status.name().to_owned(),
            guideline.approved.map_or_else(|| "-".to_owned(), |day| day.to_string()),
            guideline.rule.name().to_owned(),
            targets.join(", "),
        ]);
    }
    data(&columns(&rows))?;
    Ok(Code::Done)
}

fn show(loaded: &Loaded, format: TextOrJson) -> Result<Code, Failure> {
    let guideline = &loaded.guideline;
    if format == TextOrJson::Json {
        let value = serde_json::to_value(guideline).map_err(Failure::defect)?;
        data(&format!("{value:#}\n"))?;
        return Ok(Code::Done);
    }
    let mut text =
        format!("{}: {}\nsource {}, SHA-256 {}\n", guideline.id, guideline.title, loaded.source, loaded.sha256);
    let approved = guideline.approved.map_or_else(String::new, |day| format!(", approved on {day}"));
    let replaces = guideline.replaces.as_ref().map_or_else(String::new, |id| format!(", replaces {id}"));
    text.push_str(&format!("status {}{approved}{replaces}; rule {}\n", guideline.status.name(), guideline.rule.name()));
    if let Some(provenance) = &guideline.provenance {
        text.push_str(&format!("{provenance}\n"));
    }
    for (name, target) in &guideline.targets {
        let (tests, capabilities) = match (guideline.tests_of(target), guideline.capabilities_of(target)) {
            (Ok(tests), Ok(capabilities)) => (tests, capabilities),
            (Err(unresolved), _) | (_, Err(unresolved)) => {
                text.push_str(&format!("\n{name}: {}, which cannot be said: {unresolved}\n", target.title));
                continue;
            }
        };
        let flagged = tests.iter().filter(|test| test.flag.is_some()).count();
        text.push_str(&format!("\n{name}: {}, {} tests, {flagged} flagged\n", target.title, tests.len()));
        let rows: Vec<_> = capabilities
            .iter()
            .map(|listed| {
                vec![
                    format!("  {}", state(listed.state)),
                    listed.name.to_owned(),
                    format!("{} tests", listed.tests.len()),
                    listed.capability.summary.clone(),
                ]
            })
            .collect();
        text.push_str(&columns(&rows));
    }
    text.push_str(&origins(guideline));
    data(&text)?;
    Ok(Code::Done)
}

/// What shows each capability, and where it comes from; nothing of those that say neither.
fn origins(guideline: &Guideline) -> String {
    let mut text = String::new();
    for (name, capability) in &guideline.capabilities {
        let operations = capability.operations.lists().into_iter();
        let operations = operations.flat_map(|(interface, all)| all.iter().map(move |one| (interface.name(), one)));
        let rows: Vec<_> = operations
            .chain(capability.sources.iter().map(|source| ("source", source)))
            .map(|(what, value)| vec![format!("  {what}"), value.clone()])
            .collect();
        if !rows.is_empty() {
            text.push_str(&format!("\n{name}\n{}", columns(&rows)));
        }
    }
    text
}
