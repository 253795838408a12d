//! `assay guideline worksheet`: how capabilities were scored, and what that comes to.

use std::path::{Path, PathBuf};

use assay_guidelines::worksheet::import::import_file;
use assay_guidelines::worksheet::{Evaluation, Read, embedded, parse, read};
use assay_guidelines::{Catalogue, Errors};
use assay_reports::{GuidelineFormat, render_worksheet};
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::json;

use super::convert::{count, write};
use crate::arguments::formats::TextOrJson;
use crate::arguments::guideline::GuidelineArguments;
use crate::exit::{Code, Failure};
use crate::output::{data, json as print, say, style};

/// `assay guideline worksheet`.
#[derive(Debug, Subcommand)]
pub enum WorksheetCommand {
    /// Show what a worksheet comes to: totals, the cutoff, and what would tip each capability over or under it.
    ///
    /// Its guideline's achievements are held against it. The one that was published is `openstack-powered/worksheet`:
    ///
    ///   assay guideline worksheet show openstack-powered/worksheet
    ///   assay guideline worksheet show mine.yaml --against openstack-powered/2020.06 --format html > page.html
    #[command(verbatim_doc_comment)]
    Show(ShowArguments),
    /// Read a worksheet in the text form that it was published in, and print it as YAML.
    ///
    /// What could not be taken over as it was is listed on standard error with its place. Example:
    ///
    ///   assay guideline worksheet import scoring.txt --out worksheet.yaml
    #[command(verbatim_doc_comment)]
    Import(ImportArguments),
}

/// `assay guideline worksheet show`.
#[derive(Debug, Args)]
pub struct ShowArguments {
    /// The file, or `family/worksheet` for one that is part of Assay. `assay guideline lint` checks it.
    #[arg(value_name = "FILE")]
    pub file: String,
    /// The guideline to hold it against, in place of the one that it is made for: an id or a file.
    #[arg(long, value_name = "ID")]
    pub against: Option<String>,
    /// Print in this format.
    #[arg(long, value_enum, default_value_t = GuidelineFormat::Text)]
    pub format: GuidelineFormat,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
}

/// `assay guideline worksheet import`.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The published worksheet.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The guideline that it is made for, whose criteria it has.
    #[arg(long, value_name = "ID", default_value = "openstack-powered/2018.11")]
    pub guideline: String,
    /// Write the worksheet to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write even if the file to write is there already.
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Print in this format; JSON has the worksheet and the repairs.
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub format: TextOrJson,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
}

pub fn run(command: WorksheetCommand) -> Result<Code, Failure> {
    match command {
        WorksheetCommand::Show(arguments) => show(&arguments),
        WorksheetCommand::Import(arguments) => import(&arguments),
    }
}

/// A worksheet from a file; or, if the file is missing, the one that is part of the program under this name.
pub fn load(file: &str, catalogue: &Catalogue, day: NaiveDate) -> Result<Read, Errors> {
    match embedded(file) {
        Some(text) if !Path::new(file).is_file() => parse(&format!("{file}.yaml"), text, catalogue, day),
        _ => read(file, catalogue, day),
    }
}

fn show(arguments: &ShowArguments) -> Result<Code, Failure> {
    let catalogue = arguments.guidelines.catalogue()?;
    let sheet = load(&arguments.file, &catalogue, arguments.guidelines.day()).map_err(Failure::usage)?;
    let against = arguments.against.as_ref().map(|id| arguments.guidelines.get(id)).transpose()?;
    let evaluation = Evaluation::of(&sheet, against.as_ref().map(|loaded| &loaded.guideline));
    data(&render_worksheet(arguments.format, &evaluation, style()).map_err(Failure::defect)?)?;
    Ok(Code::Done)
}

fn import(arguments: &ImportArguments) -> Result<Code, Failure> {
    let guideline = arguments.guidelines.get(&arguments.guideline)?.guideline;
    let imported = import_file(&arguments.file, &guideline).map_err(Failure::usage)?;
    let yaml = imported.worksheet.yaml();
    if let Some(out) = &arguments.out {
        write(out, &yaml, arguments.force)?;
    }
    match arguments.format {
        TextOrJson::Json => {
            let value = json!({"worksheet": imported.worksheet, "repairs": imported.repairs});
            print(&value)?;
        }
        TextOrJson::Text if arguments.out.is_none() => data(&yaml)?,
        TextOrJson::Text => {}
    }
    let name = arguments.file.display();
    for repair in &imported.repairs {
        say(&format!("{name}:{repair}"));
    }
    let rows = imported.worksheet.rows().count();
    say(&format!("{name}: {rows} capabilities, scored for {}, {}", guideline.id, count(imported.repairs.len())));
    Ok(Code::Done)
}
