//! The arguments of the command.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};

use assay_reports::compare::what_if::WhatIf;
use assay_runner::plan::Partition;

use crate::accounts::CloudArguments;
use crate::commands::guideline::{diff, history, worksheet};

mod committee;

pub use committee::{ExplainArguments, LintArguments, TimelineArguments};

/// Interoperability conformance for OpenStack clouds and bare metal.
///
/// A versioned guideline says which capabilities a product must have and which tests prove each. `assay run` runs those
/// tests against a deployment and says, test by test, what passes, what is excused, and what is missing.
///
/// Exit status: 0 conformant, or done; 1 not conformant; 2 bad usage or input file; 3 cannot reach or log in;
/// 4 nothing selected; 5 something was left behind; 70 a defect of Assay; 130 interrupted.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, disable_help_subcommand = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the tests of a guideline's target against a deployment, and score them.
    Run(RunArguments),
    /// List the tests that a guideline and target select
    ///
    /// With `--format refstack`, the list is the one that RefStack gave:
    ///
    ///   assay list --guideline openstack-powered/2020.06 --target compute --format refstack --flag false
    #[command(verbatim_doc_comment)]
    List(ListArguments),
    /// Say whether a deployment can be tested, and what would be skipped and why.
    Doctor(DoctorArguments),
    /// Score a run's folder again, or another tool's results, under any guidelines
    ///
    /// Other tools' results are subunit v1 and v2, JUnit XML, and RefStack's JSON; the form is found
    /// from the content:
    ///
    ///   stestr last --subunit > tempest.subunit
    ///   assay score tempest.subunit --guideline openstack-powered/2020.06 --target platform
    #[command(verbatim_doc_comment)]
    Score(ScoreArguments),
    /// Compare products under guidelines: who conforms, what stands in the way, and what would change
    ///
    /// Each input is a product. A guideline that is still a draft is named by its file:
    ///
    ///   assay compare run-a run-b c.subunit --guidelines openstack-powered/2020.06 draft.yaml
    ///   assay compare run-a run-b --guidelines draft.yaml --format html > page.html
    ///   assay compare run-a run-b --guidelines draft.yaml --what-if lift-flag=TEST
    #[command(verbatim_doc_comment)]
    Compare(CompareArguments),
    /// Work with guideline files.
    #[command(subcommand)]
    Guideline(GuidelineCommand),
    /// Remove from a deployment what a run left there.
    Sweep(SweepArguments),
    /// Work with the embedded reference deployment, which is no product.
    #[command(subcommand)]
    Reference(ReferenceCommand),
    /// Print the JSON Schema of a file that Assay reads or writes.
    Schema(SchemaArguments),
    /// Say why a rule for guidelines exists, with an example and what to do: `assay explain AG101`.
    Explain(ExplainArguments),
}

/// Where guidelines come from.
#[derive(Debug, Clone, Args)]
pub struct GuidelineArguments {
    /// More guidelines: a folder with files such as `family/version.yaml`, and `family/family.yaml` for what holds for all of
    /// a family: its title, how many are usable, how long a licence lasts.
    #[arg(long, value_name = "DIR")]
    pub guidelines: Vec<PathBuf>,
    /// The day that is meant: by it go `latest`, flags, waivers and what can be certified against; today unless given.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<NaiveDate>,
}

/// How a run is judged.
#[derive(Debug, Clone, Args)]
pub struct JudgingArguments {
    /// Your own expected failures: a YAML file of tests, each with a reason. They are shown apart and excuse nothing.
    #[arg(long, value_name = "FILE")]
    pub waivers: Option<PathBuf>,
    /// Count a deviation from the documentation as a failure.
    #[arg(long)]
    pub strict: bool,
}

/// `assay run`.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// Run only tests whose id contains one of these, such as `identity.tokens`.
    #[arg(value_name = "FILTER")]
    pub filter: Vec<String>,
    /// The guideline: `family/version`, `family/latest`, or a file. Without one, every test runs and nothing is scored.
    #[arg(long, value_name = "ID")]
    pub guideline: Option<String>,
    /// The target within the guideline, such as `storage`.
    #[arg(long, value_name = "NAME", requires = "guideline")]
    pub target: Option<String>,
    /// Hold the Redfish services of a deployment against this Redfish interoperability profile (DSP0272), in place of running
    /// tests: a JSON file, with the profiles that it requires beside it. Everything that the services link to is read once.
    #[arg(
        long,
        value_name = "FILE",
        requires = "deployment",
        conflicts_with_all = ["filter", "guideline", "product", "dry_run", "skip", "exact", "partition", "format", "waivers", "strict"]
    )]
    pub profile: Option<PathBuf>,
    /// The deployment and the accounts.
    #[command(flatten)]
    pub clouds: CloudArguments,
    /// What the vendor says of the product: a YAML file that the reports show.
    #[arg(long, value_name = "FILE")]
    pub product: Option<PathBuf>,
    /// The run's folder, which must be new or empty; `assay-runs/<time>-<cloud>` unless given.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Log in, look around, and say what would be run, skipped and created; change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Leave out tests whose id contains this.
    #[arg(long, value_name = "FILTER")]
    pub skip: Vec<String>,
    /// Filters are whole ids.
    #[arg(long)]
    pub exact: bool,
    /// Run one part of the selected tests, so that several machines share them: `hash:1/4` is the first of four parts. `assay
    /// score` takes the parts together.
    #[arg(long, value_name = "hash:K/N")]
    pub partition: Option<Partition>,
    /// How many tests run at the same time.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub test_threads: u16,
    /// After how many seconds a test is given up.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86400))]
    pub timeout: u64,
    /// Print each test as the test runner of Rust does, instead of showing progress.
    #[arg(long, value_enum)]
    pub format: Option<FaceFormat>,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
    /// How the run is judged.
    #[command(flatten)]
    pub judging: JudgingArguments,
}

/// The formats of Rust's test runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FaceFormat {
    /// A line for each test.
    Pretty,
    /// A character for each test.
    Terse,
    /// A JSON object for each event.
    Json,
}

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
    pub status: Vec<ListedState>,
    /// Only tests that are excused, or only tests that are not.
    #[arg(long, value_enum, requires = "guideline")]
    pub flagged: Option<YesNo>,
    /// With `--format refstack`: whether a test's other names are listed too; true unless given.
    #[arg(long, value_name = "true|false", requires = "guideline")]
    pub alias: Option<bool>,
    /// With `--format refstack`: whether tests that are excused are listed too; true unless given.
    #[arg(long, value_name = "true|false", requires = "guideline", conflicts_with = "flagged")]
    pub flag: Option<bool>,
    /// How the list is printed.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
}

/// A state of capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListedState {
    /// A product must have them.
    Required,
    /// Expected to be required next.
    Advisory,
    /// Expected to be removed next.
    Deprecated,
    /// No longer asked for.
    Removed,
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
    /// As RefStack's `/v1/guidelines/{version}/tests` answered, for `tempest run --load-list`.
    Refstack,
}

/// How a guideline, or what was found in one, is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// To be read.
    Text,
    /// As JSON.
    Json,
}

/// How what is known of guidelines is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FactsFormat {
    /// Tables for a terminal.
    Text,
    /// All of it.
    Json,
    /// Markdown.
    Markdown,
    /// One self-contained page.
    Html,
}

impl From<FactsFormat> for assay_reports::GuidelineFormat {
    fn from(format: FactsFormat) -> Self {
        match format {
            FactsFormat::Text => Self::Text,
            FactsFormat::Json => Self::Json,
            FactsFormat::Markdown => Self::Markdown,
            FactsFormat::Html => Self::Html,
        }
    }
}

/// `assay doctor`.
#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// The guideline whose tests are meant; all tests unless given.
    #[arg(long, value_name = "ID")]
    pub guideline: Option<String>,
    /// The target within the guideline.
    #[arg(long, value_name = "NAME", requires = "guideline")]
    pub target: Option<String>,
    /// The deployment and the accounts.
    #[command(flatten)]
    pub clouds: CloudArguments,
    /// Print what was found as JSON.
    #[arg(long)]
    pub json: bool,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
}

/// `assay score`.
#[derive(Debug, Args)]
pub struct ScoreArguments {
    /// The run's folder, or a file of another tool's results; several are taken together, as the parts of one run.
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// The form of the inputs, where it is not to be found from their content.
    #[arg(long, value_enum, value_name = "FORM")]
    pub input_format: Option<InputForm>,
    /// The guidelines; the one of the run unless given.
    #[arg(long, value_name = "ID")]
    pub guideline: Vec<String>,
    /// The target; the one of the run unless given.
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// Hold what the run read of Redfish services against this profile (DSP0272), whichever it was run with.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["guideline", "target", "input_format", "product", "rules", "waivers", "strict"]
    )]
    pub profile: Option<PathBuf>,
    /// What the vendor says of the product, in place of what the run says.
    #[arg(long, value_name = "FILE")]
    pub product: Option<PathBuf>,
    /// Whose rules count: Assay's, or those of RefStack's report page, which gives numbers and no reasons (text or JSON).
    #[arg(long, value_enum, default_value_t = Rules::Assay)]
    pub rules: Rules,
    /// Print in this format; several guidelines make an array in JSON.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
    /// Write the reports in every format into this folder, one within it for each guideline.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
    /// How the run is judged.
    #[command(flatten)]
    pub judging: JudgingArguments,
}

/// `assay compare`.
#[derive(Debug, Args)]
pub struct CompareArguments {
    /// The folders of runs, and files of other tools' results; one for each product.
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// The form of the inputs, where it is not to be found from their content.
    #[arg(long, value_enum, value_name = "FORM")]
    pub input_format: Option<InputForm>,
    /// The guidelines: `family/version`, `family/latest`, or a file. A folder adds its guidelines to those there are.
    #[arg(long, visible_alias = "guideline", value_name = "ID", required = true, num_args = 1..)]
    pub guidelines: Vec<String>,
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
    /// The day for which `latest` is meant and on which flags are judged; today unless given.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<NaiveDate>,
    /// Count a deviation from the documentation as a failure.
    #[arg(long)]
    pub strict: bool,
    /// Print in this format.
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub format: TableFormat,
}

/// The formats of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// A table for a terminal.
    Text,
    /// All of it.
    Json,
    /// A line for each product and guideline.
    Csv,
    /// Markdown.
    Markdown,
    /// One self-contained page with a heat map.
    Html,
}

/// The form of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InputForm {
    /// The folder of one of Assay's own runs.
    Assay,
    /// The text protocol of subunit.
    SubunitV1,
    /// The binary protocol of subunit, which stestr keeps.
    SubunitV2,
    /// JUnit XML.
    Junit,
    /// What refstack-client uploaded, or what RefStack answered.
    Refstack,
}

/// Whose rules count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Rules {
    /// Assay's own.
    Assay,
    /// Those of RefStack's report page.
    Refstack,
}

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// A summary for a terminal.
    Text,
    /// `report.json`.
    Json,
    /// Markdown.
    Markdown,
    /// One self-contained page.
    Html,
    /// JUnit XML.
    Junit,
}

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
    Lint(LintArguments),
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
    /// Read a guideline as it was published in JSON, and print it as YAML
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
    #[command(verbatim_doc_comment)]
    Import(ImportArguments),
    /// Write a guideline in JSON of schema 2.0, as RefStack and its client read it
    ///
    /// What that format has no place for stands under the key `assay`, so that an import gives the same
    /// guideline. Example:
    ///
    /// assay guideline export openstack-powered/2020.06 --out 2020.06.json
    #[command(verbatim_doc_comment)]
    Export(ExportArguments),
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
    Timeline(TimelineArguments),
    /// Work with the worksheets on which capabilities are scored.
    #[command(subcommand)]
    Worksheet(worksheet::WorksheetCommand),
}

/// `assay guideline import`.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The published file; its name, such as `dns.2020.06.json`, decides where the id in it says otherwise.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Write the guideline to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write even if the file to write is there already.
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Print in this format; JSON has the guideline and the repairs.
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub format: TextOrJson,
}

/// `assay guideline export`.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The guideline: an id or a file.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The schema to write.
    #[arg(long, value_name = "VERSION", value_parser = ["2.0"], default_value = "2.0")]
    pub schema: String,
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write even if the file to write is there already.
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
}

/// `assay sweep`.
#[derive(Debug, Args)]
pub struct SweepArguments {
    /// The run's folder, or the name that its resources begin with, such as `assay-0a1b2c3d`.
    #[arg(value_name = "RUN")]
    pub run: String,
    /// The deployment and the accounts; those of the run unless given.
    #[command(flatten)]
    pub clouds: CloudArguments,
    /// Say what would be removed, and remove nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `assay reference`.
#[derive(Debug, Subcommand)]
pub enum ReferenceCommand {
    /// Serve the reference deployment until ctrl-C, for any client.
    Serve {
        /// The address to listen on; port 0 takes a free one.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
        listen: std::net::SocketAddr,
        /// Where to write a clouds.yaml for it.
        #[arg(long, value_name = "FILE", default_value = "clouds.yaml")]
        clouds: PathBuf,
        /// Serve its bare metal by itself too, and write a deployment file for that here; the certificate of its Redfish service
        /// is written beside it, with the ending `.pem`.
        #[arg(long, value_name = "FILE")]
        deployment: Option<PathBuf>,
    },
}

/// `assay schema`.
#[derive(Debug, Args)]
pub struct SchemaArguments {
    /// Which file; without it, the names are listed.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}
