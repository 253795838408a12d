//! `assay list`: the tests that a guideline and target select, and which of them Assay implements.

pub mod rows;
mod tempest;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use assay_guidelines::model::State;
use assay_reports::refstack::ListOptions;
use assay_runner::plan::{Selected, selection};
use clap::{Args, ValueEnum};

use crate::arguments::guideline::GuidelineArguments;
use crate::exit::{Code, Failure};
use crate::output::{columns, data, json, say};
use crate::registry::registered;
use rows::{Native, Published, Rows};

/// `assay list`.
#[derive(Debug, Args)]
pub struct ListArguments {
    /// List only tests whose name or id contains one of these.
    #[arg(value_name = "FILTER")]
    pub filter: Vec<String>,
    /// The guideline: `family/version`, `family/latest`, or a file. Without one, the tests that Assay implements are listed.
    #[arg(long, value_name = "ID")]
    pub guideline: Option<String>,
    /// The target within the guideline; all of them unless given.
    #[arg(long, value_name = "NAME", requires = "guideline")]
    pub target: Option<String>,
    /// Only tests of capabilities in these states; RefStack calls it `type`.
    #[arg(long, visible_alias = "type", value_enum, value_delimiter = ',', requires = "guideline")]
    pub status: Vec<State>,
    /// Only tests that are excused, or only tests that are not.
    #[arg(long, value_enum, requires = "guideline")]
    pub flagged: Option<YesNo>,
    /// With `--format refstack`: whether a test's other names are listed too; true unless given.
    #[arg(long, value_name = "true|false", requires = "guideline")]
    pub alias: Option<bool>,
    /// With `--format refstack`: whether tests that are excused are listed too; true unless given.
    #[arg(long, value_name = "true|false", requires = "guideline", conflicts_with = "flagged")]
    pub flag: Option<bool>,
    /// With `--format tempest`: the tests of the release of Tempest that will run, as `tempest run --list-tests` prints them.
    #[arg(long, value_name = "FILE", requires = "guideline")]
    pub tempest_tests: Option<PathBuf>,
    /// How the list is printed.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// How a list is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// In columns.
    Text,
    /// As JSON.
    Json,
    /// As RefStack's `/v1/guidelines/{version}/tests` answered: the names as they were published.
    Refstack,
    /// The ids of the release of Tempest in `--tempest-tests`, for `tempest run --load-list`.
    Tempest,
}

pub fn run(arguments: &ListArguments) -> Result<Code, Failure> {
    if arguments.format == ListFormat::Refstack {
        return refstack(arguments);
    }
    if arguments.alias.is_some() || arguments.flag.is_some() {
        return Err(Failure::usage(
            "--alias and --flag belong to --format refstack; --flagged selects tests for the others",
        ));
    }
    if arguments.tempest_tests.is_some() != (arguments.format == ListFormat::Tempest) {
        return Err(Failure::usage(
            "--format tempest and --tempest-tests FILE belong together: Tempest runs only what its release calls so; write the file \
             with `tempest run --list-tests > FILE`",
        ));
    }
    let registered = registered()?;
    let wanted = |texts: [&str; 2]| {
        let filter = &arguments.filter;
        filter.is_empty() || filter.iter().any(|part| texts.iter().any(|text| text.contains(part.as_str())))
    };
    let Some(id) = &arguments.guideline else {
        let tests: Vec<_> = registered.into_iter().filter(|test| wanted([test.id, test.covers])).collect();
        match arguments.format {
            ListFormat::Text => {
                data(&columns(&tests.iter().map(|test| vec![test.id.to_owned(), test.title()]).collect::<Vec<_>>()))?;
            }
            ListFormat::Json => json(&Rows::Native(tests.iter().copied().map(Native::from).collect()))?,
            ListFormat::Refstack => return refstack(arguments),
            ListFormat::Tempest => return Err(Failure::usage("a list for Tempest is one of a guideline's tests")),
        }
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
            && (arguments.status.is_empty() || arguments.status.contains(&row.published.state))
            && arguments.flagged.is_none_or(|flagged| (flagged == YesNo::Yes) == row.published.flag.is_some())
    });
    match arguments.format {
        ListFormat::Text => data(&columns(&rows.iter().map(cells).collect::<Vec<_>>()))?,
        ListFormat::Json => json(&Rows::Published(rows.iter().map(Published::from).collect()))?,
        ListFormat::Refstack => return refstack(arguments),
        ListFormat::Tempest => return for_tempest(arguments, &rows),
    }
    some(rows.len(), rows.iter().filter(|row| row.native.is_some()).count())
}

/// The list for the release of Tempest at hand.
fn for_tempest(arguments: &ListArguments, rows: &[Selected]) -> Result<Code, Failure> {
    let file = arguments.tempest_tests.as_deref().unwrap_or(Path::new(""));
    let ids = tempest::ids(file, rows)?;
    if ids.lines.is_empty() {
        return Err(Failure::nothing(format!("no test of {} is among those that match", file.display())));
    }
    data(&format!("{}\n", ids.lines.join("\n")))?;
    say(&format!("{} tests", ids.lines.len()));
    if let [first, ..] = ids.missing.as_slice() {
        say(&format!("{} tests are not in {}, such as {first}", ids.missing.len(), file.display()));
    }
    Ok(Code::Done)
}

/// The list that RefStack gave.
fn refstack(arguments: &ListArguments) -> Result<Code, Failure> {
    let Some(id) = &arguments.guideline else {
        return Err(Failure::usage("RefStack's list is one of a guideline's tests; name it with --guideline"));
    };
    if arguments.flagged.is_some() || !arguments.filter.is_empty() {
        return Err(Failure::usage(
            "RefStack's list has no filter; give --type, --alias and --flag, as RefStack took them",
        ));
    }
    let guideline = arguments.guidelines.get(id)?.guideline;
    // RefStack took this one where none was named.
    let target = arguments.target.as_deref().unwrap_or("platform");
    let options = ListOptions {
        states: &arguments.status,
        aliases: arguments.alias.unwrap_or(true),
        flagged: arguments.flag.unwrap_or(true),
    };
    let list = assay_reports::refstack::list(&guideline, target, &options).map_err(Failure::usage)?;
    if list.is_empty() {
        return Err(Failure::nothing("no test matches"));
    }
    data(&list)?;
    say(&format!("{} lines", list.lines().count()));
    Ok(Code::Done)
}

fn cells(row: &Selected) -> Vec<String> {
    vec![
        row.published.state.name().to_owned(),
        row.published.flag.map_or("", |_| "flagged").to_owned(),
        row.native.map_or(if row.published.test.manual { "(manual)" } else { "(missing)" }, |test| test.id).to_owned(),
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
