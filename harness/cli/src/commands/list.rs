//! `assay list`: the tests that a guideline and target select, and which of them Assay implements.

use std::collections::BTreeSet;

use assay_guidelines::model::State;
use assay_runner::plan::{Selected, selection};
use serde_json::json;

use super::registered;
use crate::args::{ListArguments, ListFormat, ListedState, YesNo};
use crate::exit::{Code, Failure};
use crate::output::{columns, data, say};

pub fn run(arguments: &ListArguments) -> Result<Code, Failure> {
    let registered = registered()?;
    let wanted = |texts: [&str; 2]| {
        let filter = &arguments.filter;
        filter.is_empty() || filter.iter().any(|part| texts.iter().any(|text| text.contains(part.as_str())))
    };
    let Some(id) = &arguments.guideline else {
        let tests: Vec<_> = registered.into_iter().filter(|test| wanted([test.id, test.covers])).collect();
        let text = match arguments.format {
            ListFormat::Text => {
                columns(&tests.iter().map(|test| vec![test.id.to_owned(), test.title()]).collect::<Vec<_>>())
            }
            ListFormat::Json => pretty(&json!(
                tests
                    .iter()
                    .map(|test| json!({
                        "id": test.id, "title": test.title(), "spec": test.spec, "uuid": test.covers,
                    }))
                    .collect::<Vec<_>>()
            )),
        };
        data(&text)?;
        return some(tests.len(), tests.len());
    };

    let loaded = arguments.guidelines.get(id)?;
    let guideline = &loaded.guideline;
    let names: Vec<String> = match &arguments.target {
        Some(name) => vec![name.clone()],
        None => guideline.targets.keys().cloned().collect(),
    };
    let mut seen = BTreeSet::new();
    let mut rows: Vec<Selected> = Vec::new();
    for name in &names {
        let target = guideline.target(name).map_err(Failure::usage)?;
        let selected = selection(guideline, target, &registered).map_err(Failure::usage)?.into_iter();
        rows.extend(selected.filter(|row| seen.insert(row.published.test.name.clone())));
    }
    rows.retain(|row| {
        let native = row.native.map_or("", |test| test.id);
        wanted([&row.published.test.name, native])
            && (arguments.status.is_empty() || arguments.status.iter().any(|status| is(*status, row.published.state)))
            && arguments.flagged.is_none_or(|flagged| (flagged == YesNo::Yes) == row.published.flag.is_some())
    });
    let text = match arguments.format {
        ListFormat::Text => columns(&rows.iter().map(cells).collect::<Vec<_>>()),
        ListFormat::Json => pretty(&json!(
            rows.iter()
                .map(|row| json!({
                    "name": row.published.test.name,
                    "uuid": row.published.test.uuid,
                    "aliases": row.published.test.aliases,
                    "capabilities": row.published.capabilities,
                    "status": row.published.state,
                    "flag": row.published.flag,
                    "native": row.native.map(|test| test.id),
                }))
                .collect::<Vec<_>>()
        )),
    };
    data(&text)?;
    some(rows.len(), rows.iter().filter(|row| row.native.is_some()).count())
}

fn cells(row: &Selected) -> Vec<String> {
    vec![
        state(row.published.state).to_owned(),
        row.published.flag.map_or("", |_| "flagged").to_owned(),
        row.native.map_or("(missing)", |test| test.id).to_owned(),
        row.published.test.name.clone(),
    ]
}

fn some(listed: usize, native: usize) -> Result<Code, Failure> {
    if listed == 0 {
        return Err(Failure::nothing("no test matches"));
    }
    say(&format!("{listed} tests, {native} with a native implementation"));
    Ok(Code::Done)
}

fn is(listed: ListedState, state: State) -> bool {
    matches!(
        (listed, state),
        (ListedState::Required, State::Required)
            | (ListedState::Advisory, State::Advisory)
            | (ListedState::Deprecated, State::Deprecated)
            | (ListedState::Removed, State::Removed)
    )
}

/// A state as people read it.
pub fn state(state: State) -> &'static str {
    match state {
        State::Required => "required",
        State::Advisory => "advisory",
        State::Deprecated => "deprecated",
        State::Removed => "removed",
    }
}

fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}
