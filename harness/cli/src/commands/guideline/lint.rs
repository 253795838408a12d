//! `assay guideline lint`: guidelines held against the rules by which they are made, and worksheets against guidelines.

use std::fs::File;
use std::path::{Path, PathBuf};

use assay_guidelines::catalogue::Error;
use assay_guidelines::family::{self, Family};
use assay_guidelines::lint::tempest::TestList;
use assay_guidelines::lint::{LintOutput, Options, Report, SCHEMA, lint, lint_worksheet};
use assay_guidelines::load::LARGEST;
use assay_guidelines::worksheet::{embedded, is_worksheet};
use assay_guidelines::{Catalogue, Errors, Guideline, Loaded, read};
use assay_text::files;
use assay_text::paint::adopt;
use chrono::NaiveDate;
use clap::Args;

use crate::arguments::formats::TextOrJson;
use crate::arguments::guideline::GuidelineArguments;
use crate::exit::{Code, Failure};
use crate::output::{data, json, say};

/// `assay guideline lint`.
#[derive(Debug, Args)]
pub struct LintArguments {
    /// The files of guidelines and worksheets, or ids of guidelines.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<String>,
    /// The guideline to hold them against, in place of the one that each says it replaces: an id or a file. An earlier
    /// state of the same guideline shows what must not have changed since its draft or its approval. A worksheet is held
    /// against it in place of the one that it is made for.
    #[arg(long, value_name = "ID")]
    pub against: Option<String>,
    /// The tests that Tempest has: what `tempest run --list-tests` prints.
    #[arg(long, value_name = "FILE")]
    pub tests: Option<PathBuf>,
    /// Print in this format.
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub format: TextOrJson,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
}

pub fn run(arguments: &LintArguments) -> Result<Code, Failure> {
    let catalogue = arguments.guidelines.catalogue()?;
    let day = arguments.guidelines.day();
    let tests = arguments.tests.as_deref().map(test_list).transpose()?;
    let given = arguments.against.as_ref().map(|id| catalogue.get(id, day)).transpose().map_err(Failure::usage)?;
    let linter = Linter { catalogue, day, given: given.map(|loaded| loaded.guideline), tests };
    let (mut reports, mut wrong) = (Vec::new(), 0);
    for file in &arguments.files {
        match linter.lint(file) {
            Ok(Some(report)) => reports.push(report),
            Ok(None) => say(&format!("{file}: no problem")),
            Err(Error::File(errors)) => {
                wrong += errors.problems().len();
                match arguments.format {
                    TextOrJson::Text => data(&format!("{}\n", adopt(&errors.render(true))))?,
                    TextOrJson::Json => say(&adopt(&errors.render(true))),
                }
            }
            Err(error) => return Err(Failure::usage(error)),
        }
    }
    let errors: usize = reports.iter().map(|report| report.errors).sum();
    if arguments.format == TextOrJson::Json {
        let guidelines = reports.iter().map(Report::data).collect();
        json(&LintOutput { schema: SCHEMA.to_owned(), date: day, guidelines })?;
    } else {
        for report in &reports {
            data(&adopt(&report.render(true)))?;
            summarize(report);
        }
    }
    match (wrong, errors) {
        (0, 0) => Ok(Code::Done),
        (0, _) => Ok(Code::NotConformant),
        _ => Err(Failure::usage(format!("{wrong} problems were found that keep a file from being read"))),
    }
}

/// What guidelines are checked with.
struct Linter {
    catalogue: Catalogue,
    day: NaiveDate,
    given: Option<Guideline>,
    tests: Option<TestList>,
}

impl Linter {
    /// What is found in a guideline or a worksheet. The file of a family has a form and breaks no rules: nothing is found in a
    /// right one.
    fn lint(&self, file: &str) -> Result<Option<Report>, Error> {
        if Path::new(file).ends_with(family::FILE) && Path::new(file).is_file() {
            Family::read(Path::new(file))?;
            return Ok(None);
        }
        if self.is_worksheet(file) {
            let sheet = super::worksheet::load(file, &self.catalogue, self.day)?;
            return Ok(Some(lint_worksheet(&sheet, self.given.as_ref())?));
        }
        let loaded = self.load(file)?;
        let replaced = match (&self.given, &loaded.guideline.replaces) {
            (None, Some(id)) => match self.catalogue.get(id, self.day) {
                Ok(loaded) => Some(loaded.guideline),
                // That there is no such guideline is among the findings.
                Err(Error::Unknown { .. }) => None,
                Err(error) => return Err(error),
            },
            _ => None,
        };
        let against = self.given.as_ref().or(replaced.as_ref());
        Ok(Some(lint(&loaded, &Options { day: self.day, against, tests: self.tests.as_ref() })?))
    }

    /// Whether a file says that it is a worksheet, or a worksheet of the program has this name.
    fn is_worksheet(&self, file: &str) -> bool {
        if !Path::new(file).is_file() {
            return embedded(file).is_some() && self.catalogue.ids().all(|id| id != file);
        }
        // One that cannot be read is told of by what reads it.
        files::read(file, LARGEST as u64).is_ok_and(|bytes| is_worksheet(&String::from_utf8_lossy(&bytes)))
    }

    /// A file where there is one, and otherwise the guideline with this id.
    fn load(&self, file: &str) -> Result<Loaded, Error> {
        if Path::new(file).is_file() {
            read(file).map_err(|errors: Errors| errors.into())
        } else {
            self.catalogue.get(file, self.day)
        }
    }
}

fn test_list(path: &Path) -> Result<TestList, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    let list = File::open(path)
        .map_err(|error| failed(&error))
        .and_then(|file| TestList::read(file).map_err(|error| failed(&error)))?;
    if list.ignored > 0 {
        say(&format!("{}: {} lines name no test, and are passed over", path.display(), list.ignored));
    }
    Ok(list)
}

fn summarize(report: &Report) {
    let file = &report.file;
    if report.errors + report.warnings == 0 {
        say(&format!("{file}: no problem"));
        return;
    }
    let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let against = report.against.as_ref().map_or_else(String::new, |id| format!(", held against {id}"));
    say(&format!(
        "{file}: {}, {}{against}; `assay explain CODE` says why a rule exists",
        count(report.errors, "error"),
        count(report.warnings, "warning")
    ));
}
