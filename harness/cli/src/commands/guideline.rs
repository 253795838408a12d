//! `assay guideline`: check, show and list guideline files.

use std::io;
use std::path::Path;

use assay_guidelines::{Catalogue, Loaded, read};

use super::list::state;
use crate::args::{GuidelineArguments, GuidelineCommand};
use crate::exit::{Code, Failure};
use crate::output::{colour, columns, data, say};

pub fn run(command: GuidelineCommand) -> Result<Code, Failure> {
    match command {
        GuidelineCommand::Lint { files } => lint(&files),
        GuidelineCommand::Show { id, guidelines } => show(&guidelines.get(&id)?),
        GuidelineCommand::List { guidelines } => list(&guidelines),
        GuidelineCommand::Schema => {
            data(&assay_guidelines::schema::schema())?;
            Ok(Code::Done)
        }
    }
}

fn lint(files: &[String]) -> Result<Code, Failure> {
    let mut wrong = 0;
    for file in files {
        // What names no file may be the id of an embedded guideline.
        let embedded = (!Path::new(file).exists())
            .then(|| Catalogue::embedded().get(file, chrono::Local::now().date_naive()))
            .and_then(Result::ok);
        if embedded.is_some() {
            say(&format!("{file}: no problem"));
            continue;
        }
        match read(file) {
            Ok(_) => say(&format!("{file}: no problem")),
            Err(errors) => {
                wrong += errors.problems().len();
                data(&errors.render(colour(&io::stdout())))?;
            }
        }
    }
    if wrong == 0 { Ok(Code::Done) } else { Err(Failure::usage(format!("{wrong} problems were found"))) }
}

fn list(arguments: &GuidelineArguments) -> Result<Code, Failure> {
    let catalogue = arguments.catalogue()?;
    let mut rows = Vec::new();
    for id in catalogue.ids() {
        let guideline = catalogue.get(id, arguments.day()).map_err(Failure::usage)?.guideline;
        let targets: Vec<_> = guideline.targets.keys().map(String::as_str).collect();
        let status = serde_json::to_value(guideline.status).map_err(Failure::defect)?;
        rows.push(vec![
            id.to_owned(),
            status.as_str().unwrap_or_default().to_owned(),
            guideline.approved.map_or_else(String::new, |day| day.to_string()),
            targets.join(", "),
        ]);
    }
    data(&columns(&rows))?;
    Ok(Code::Done)
}

fn show(loaded: &Loaded) -> Result<Code, Failure> {
    let guideline = &loaded.guideline;
    let mut text =
        format!("{}: {}\nsource {}, SHA-256 {}\n", guideline.id, guideline.title, loaded.source, loaded.sha256);
    if let Some(provenance) = &guideline.provenance {
        text.push_str(&format!("{provenance}\n"));
    }
    for (name, target) in &guideline.targets {
        let tests = guideline.tests_of(target).map_err(Failure::usage)?;
        let flagged = tests.iter().filter(|test| test.flag.is_some()).count();
        text.push_str(&format!("\n{name}: {}, {} tests, {flagged} flagged\n", target.title, tests.len()));
        let rows: Vec<_> = guideline
            .capabilities_of(target)
            .map_err(Failure::usage)?
            .iter()
            .map(|listed| {
                vec![
                    format!("  {}", state(listed.state)),
                    listed.name.to_owned(),
                    format!("{} tests", listed.capability.tests.len()),
                    listed.capability.summary.clone(),
                ]
            })
            .collect();
        text.push_str(&columns(&rows));
    }
    data(&text)?;
    Ok(Code::Done)
}
