//! `assay compare`: products × guidelines.

use std::path::PathBuf;

use assay_guidelines::Guideline;
use assay_guidelines::model::TargetKind;
use assay_reports::compare::what_if::WhatIf;
use assay_reports::compare::{Column, Comparer};
use assay_reports::{ComparisonFormat, InputFormat, RunFolder, intake, product, render_comparison};
use clap::Args;

use crate::arguments::guideline::GuidelineArguments;
use crate::exit::{Code, Failure, chain};
use crate::inputs::vouched;
use crate::output::{data, json_text, say, style};

/// `assay compare`.
#[derive(Debug, Args)]
pub struct CompareArguments {
    /// The folders of runs, and files of other tools' results; one for each product.
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// The form of the inputs, where it is not to be found from their content.
    #[arg(long, value_enum, value_name = "FORM")]
    pub input_format: Option<InputFormat>,
    /// The guidelines: `family/version`, `family/latest`, or a file.
    #[arg(long, value_name = "ID", required = true, num_args = 1..)]
    pub guideline: Vec<String>,
    /// The targets; those of each guideline unless given.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub target: Vec<String>,
    /// Suppose something: `lift-flag=TEST` (a test is excused no more) or `require=CAPABILITY` (a capability is required).
    #[arg(long, value_name = "SUPPOSITION")]
    pub what_if: Vec<WhatIf>,
    /// The products' names, in the order of the inputs, in place of those that the runs say.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub name: Vec<String>,
    /// What the vendors say of the products: YAML files in the order of the inputs, in place of what the runs say.
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    pub product: Vec<PathBuf>,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
    /// Count a deviation from the documentation as a failure.
    #[arg(long)]
    pub strict: bool,
    /// Print in this format.
    #[arg(long, value_enum, default_value_t = ComparisonFormat::Text)]
    pub format: ComparisonFormat,
}

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
    let mut comparer = Comparer::new(columns, &arguments.what_if, arguments.guidelines.day(), arguments.strict);
    for (at, input) in arguments.inputs.iter().enumerate() {
        let mut read = intake::read(input, arguments.input_format).map_err(|error| Failure::usage(chain(&error)))?;
        let doubts = match read.format {
            InputFormat::Assay => vouched(&RunFolder::at(input), &read)?,
            _ => Vec::new(),
        };
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
        comparer.add_doubted(&read.run, &read.records, &doubts).map_err(Failure::usage)?;
    }
    let text = render_comparison(arguments.format, &comparer.finish(), style()).map_err(Failure::defect)?;
    if arguments.format == ComparisonFormat::Json {
        json_text(&text)?;
    } else {
        data(&text)?;
    }
    Ok(Code::Done)
}

/// The guidelines that are named; folders among them add to those there are.
fn guidelines(arguments: &CompareArguments) -> Result<Vec<Guideline>, Failure> {
    let known = arguments.guidelines.catalogue()?;
    let day = arguments.guidelines.day();
    let found = arguments.guideline.iter().map(|id| known.get(id, day).map(|loaded| loaded.guideline));
    found.collect::<Result<_, _>>().map_err(Failure::usage)
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
