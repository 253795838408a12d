//! `assay compare`: products × guidelines.

use std::path::{Path, PathBuf};

use assay_guidelines::Guideline;
use assay_guidelines::model::TargetKind;
use assay_reports::compare::what_if::WhatIf;
use assay_reports::compare::{Column, Comparer};
use assay_reports::{ComparisonFormat, InputFormat, intake, product, render_comparison};

use crate::args::{CompareArguments, GuidelineArguments, TableFormat};
use crate::exit::{Code, Failure, chain};
use crate::output::{data, say, style};

pub fn run(arguments: &CompareArguments) -> Result<Code, Failure> {
    let guidelines = guidelines(arguments)?;
    let columns = columns(arguments, guidelines)?;
    for supposition in &arguments.what_if {
        check(supposition, &columns)?;
    }
    for (option, given) in [("name", arguments.name.len()), ("product", arguments.product.len())] {
        if given > 0 && given != arguments.inputs.len() {
            return Err(Failure::usage(format!(
                "--{option} is given {given} times for {} inputs; give it once for each, in their order",
                arguments.inputs.len()
            )));
        }
    }
    let date = arguments.date.unwrap_or_else(|| chrono::Local::now().date_naive());
    let mut comparer = Comparer::new(columns, &arguments.what_if, date, arguments.strict);
    let format = arguments.input_format.map(InputFormat::from);
    for (at, input) in arguments.inputs.iter().enumerate() {
        let mut read = intake::read(input, format).map_err(|error| Failure::usage(chain(&error)))?;
        if let Some(file) = arguments.product.get(at) {
            read.run.product = Some(product::read(file).map_err(Failure::usage)?);
        }
        if let Some(name) = arguments.name.get(at) {
            match &mut read.run.product {
                Some(product) => product.name.clone_from(name),
                None => read.run.deployment.name.clone_from(name),
            }
        }
        for warning in &read.warnings {
            say(&format!("warning: {}: {warning}", input.display()));
        }
        comparer.add(&read.run, &read.records).map_err(Failure::usage)?;
    }
    let format = match arguments.format {
        TableFormat::Text => ComparisonFormat::Text,
        TableFormat::Json => ComparisonFormat::Json,
        TableFormat::Csv => ComparisonFormat::Csv,
        TableFormat::Markdown => ComparisonFormat::Markdown,
        TableFormat::Html => ComparisonFormat::Html,
    };
    data(&render_comparison(format, &comparer.finish(), style()).map_err(Failure::defect)?)?;
    Ok(Code::Done)
}

/// The guidelines that are named; folders among them add to those there are.
fn guidelines(arguments: &CompareArguments) -> Result<Vec<Guideline>, Failure> {
    let (folders, ids): (Vec<&String>, Vec<&String>) =
        arguments.guidelines.iter().partition(|named| Path::new(named.as_str()).is_dir());
    let known = GuidelineArguments { guidelines: folders.iter().map(PathBuf::from).collect(), date: arguments.date };
    let found: Result<Vec<_>, _> = ids.iter().map(|id| known.get(id).map(|loaded| loaded.guideline)).collect();
    match found {
        Ok(found) if found.is_empty() => Err(Failure::usage("name the guidelines to compare under, with --guidelines")),
        found => found,
    }
}

/// The targets of the guidelines: those that are named, or else all of each that stand on their own.
fn columns(arguments: &CompareArguments, guidelines: Vec<Guideline>) -> Result<Vec<Column>, Failure> {
    let mut columns = Vec::new();
    for guideline in guidelines {
        let named = |name: &String| arguments.target.is_empty() || arguments.target.contains(name);
        let programs = guideline.targets.values().any(|target| target.kind == TargetKind::Program);
        let chosen: Vec<String> = guideline
            .targets
            .iter()
            .filter(|(name, target)| {
                named(name) && (!arguments.target.is_empty() || !programs || target.kind == TargetKind::Program)
            })
            .map(|(name, _)| name.clone())
            .collect();
        if chosen.is_empty() {
            // What is said names those that there are.
            for name in &arguments.target {
                guideline.target(name).map_err(Failure::usage)?;
            }
        }
        for target in chosen {
            columns.push(Column::new(guideline.clone(), &target, &arguments.what_if).map_err(Failure::usage)?);
        }
    }
    Ok(columns)
}

/// Refuses a supposition that changes nothing: its name may be misspelt.
fn check(supposition: &WhatIf, columns: &[Column]) -> Result<(), Failure> {
    let text = supposition.to_string();
    if columns.iter().any(|column| column.applied().contains(&text)) {
        return Ok(());
    }
    Err(Failure::usage(match supposition {
        WhatIf::LiftFlag(test) => {
            format!("no target of these guidelines has a flag of {test}; `assay list --flagged yes` lists them")
        }
        WhatIf::Require(capability) => {
            format!(
                "none of these guidelines has a capability {capability} that its target does not require yet; `assay guideline show` lists them"
            )
        }
    }))
}
