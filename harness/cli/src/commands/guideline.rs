//! `assay guideline`: check, show, list and convert guideline files.

mod convert;
mod diff;
mod history;
mod lint;
mod timeline;
mod worksheet;

use assay_guidelines::model::Test;
use assay_guidelines::{Guideline, Loaded};
use clap::Subcommand;

use crate::arguments::formats::TextOrJson;
use crate::arguments::guideline::GuidelineArguments;
use crate::exit::{Code, Failure};
use crate::output::{columns, data, json};

/// `assay guideline`.
#[derive(Debug, Subcommand)]
pub enum GuidelineCommand {
    /// Say what changes from one guideline to another
    ///
    /// Capabilities, tests, flags, scores, weights, designated sections; a test that was renamed is
    /// known by its aliases and its UUID. A draft is named by its file:
    ///
    ///   assay guideline diff openstack-powered/2020.06 draft.yaml --format markdown
    #[command(verbatim_doc_comment)]
    Diff(diff::DiffArguments),
    /// Follow a capability, a test or a flag through a family of guidelines, or the family itself
    ///
    /// A test is found by its name, an alias or its UUID, under all the names it had; a flag by its
    /// code:
    ///
    ///   assay guideline history identity-v3-catalog
    ///   assay guideline history D401
    ///   assay guideline history --family openstack-powered --format html > page.html
    #[command(verbatim_doc_comment)]
    History(history::HistoryArguments),
    /// Check guidelines against the format and the rules of the process
    ///
    /// Each finding has a code and a place; the file of a family (`family.yaml`) is checked too, and a
    /// worksheet is held against its guideline: the criteria, and what its scores say of the decisions.
    /// Exit status: 0 no errors, 1 a rule is broken, 2 a file cannot be read. Example:
    ///
    ///   assay guideline lint draft.yaml --against openstack-powered/2022.11 --tests tempest.txt
    #[command(verbatim_doc_comment)]
    Lint(lint::LintArguments),
    /// Show a guideline: its status and rule, and its targets with their capabilities, tests and flags.
    Show {
        /// The guideline.
        #[arg(value_name = "ID")]
        id: String,
        /// Print in this format; JSON is all that its file says.
        #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
        format: TextOrJson,
        /// Which guidelines there are.
        #[command(flatten)]
        guidelines: GuidelineArguments,
    },
    /// List the guidelines there are.
    List {
        /// Which guidelines there are.
        #[command(flatten)]
        guidelines: GuidelineArguments,
    },
    /// Print the JSON Schema of guideline files.
    Schema,
    /// Read a guideline as it was published, and print it as YAML
    ///
    /// The schemas 1.2 to 2.0 are read, add-ons and verticals included.
    /// What could not be taken over as it was is listed on standard error with its place: misspelt
    /// keys, ids that contradict the name of the file, UUIDs with attributes, and whatever had to be
    /// left out. Example:
    ///
    /// assay guideline import 2017.01.json --out guidelines/openstack-powered/2017.01.yaml
    ///
    /// A Redfish interoperability profile becomes a guideline whose capabilities are its resources and whose tests are its
    /// requirements, as `assay run --profile` records them:
    ///
    ///   assay guideline import profile.json --out ironic.yaml
    ///
    /// A scope file of the Sovereign Cloud Stack becomes a family with a guideline for each version. What they cannot hold is an
    /// error with its place, but for comments, which are listed:
    ///
    ///   assay guideline import scs-compatible-iaas.yaml --out ours
    #[command(verbatim_doc_comment)]
    Import(convert::ImportArguments),
    /// Write a guideline in JSON of schema 2.0, as RefStack and its client read it, or a scope file
    ///
    /// What that format has no place for stands under the key `assay`, so that an import gives the same
    /// guideline. Example:
    ///
    /// assay guideline export openstack-powered/2020.06 --out 2020.06.json
    ///
    /// A scope is exported whole, with all its versions, as the Sovereign Cloud Stack publishes its own:
    ///
    ///   assay guideline export scs/iaas --schema scs --guidelines ours
    #[command(verbatim_doc_comment)]
    Export(convert::ExportArguments),
    /// Show what a product can certify against on a day, and until when it may carry the mark
    ///
    /// A guideline is usable until as many were approved after it as its family keeps usable; a mark
    /// lasts for the licence term. Both stand in the `family.yaml` of the family, which may publish
    /// states of its own instead:
    ///
    ///   assay guideline timeline openstack-powered --date 2016-12-31
    ///   assay guideline timeline scs --format json
    ///   assay guideline timeline ours --guidelines DIR
    #[command(verbatim_doc_comment)]
    Timeline(timeline::TimelineArguments),
    /// Work with the worksheets on which capabilities are scored.
    #[command(subcommand)]
    Worksheet(worksheet::WorksheetCommand),
}

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
        json(guideline)?;
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
                    format!("  {}", listed.state.name()),
                    listed.name.to_owned(),
                    counted(&listed.tests),
                    listed.capability.summary.clone(),
                ]
            })
            .collect();
        text.push_str(&columns(&rows));
    }
    text.push_str(&parameters(guideline));
    text.push_str(&origins(guideline));
    data(&text)?;
    Ok(Code::Done)
}

/// How many tests there are, and how many of them a person decides.
fn counted(tests: &[&Test]) -> String {
    let manual = tests.iter().filter(|test| test.manual).count();
    if manual == 0 { format!("{} tests", tests.len()) } else { format!("{} tests, {manual} manual", tests.len()) }
}

/// What components are asked with; nothing of those without parameters.
fn parameters(guideline: &Guideline) -> String {
    let mut text = String::new();
    for (name, component) in guideline.components.iter().filter(|(_, component)| !component.parameters.is_empty()) {
        let rows = component.parameters.iter().map(|(key, value)| vec![format!("  {key}"), value.clone()]);
        text.push_str(&format!("\n{name}\n{}", columns(&rows.collect::<Vec<_>>())));
    }
    text
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
