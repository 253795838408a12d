//! The list of commands.

use clap::{Parser, Subcommand};

use crate::commands::{compare, diff, doctor, explain, guideline, list, profile, reference, run, schema, score, sweep};
use crate::exit::{Code, Failure};
use crate::runtime::wait;

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
    Run(Box<run::RunArguments>),
    /// List the tests that a guideline and target select
    ///
    /// With `--format refstack`, the list is the one that RefStack gave:
    ///
    ///   assay list --guideline openstack-powered/2020.06 --target compute --format refstack --flag false
    ///
    /// With `--format tempest`, it is one that Tempest can run:
    ///
    ///   tempest run --list-tests > tests
    ///   assay list --guideline openstack-powered/2022.11 --target compute --format tempest --tempest-tests tests > list
    ///   tempest run --load-list list
    #[command(verbatim_doc_comment)]
    List(list::ListArguments),
    /// Say whether a deployment can be tested, and what would be skipped and why.
    Doctor(doctor::DoctorArguments),
    /// Score a run's folder again, or another tool's results, under any guidelines
    ///
    /// Other tools' results are subunit v1 and v2, JUnit XML, and RefStack's JSON; the form is found
    /// from the content:
    ///
    ///   stestr last --subunit > tempest.subunit
    ///   assay score tempest.subunit --guideline openstack-powered/2020.06 --target platform
    #[command(verbatim_doc_comment)]
    Score(score::ScoreArguments),
    /// Compare products under guidelines: who conforms, what stands in the way, and what would change
    ///
    /// Each input is a product. A guideline that is still a draft is named by its file:
    ///
    ///   assay compare run-a run-b c.subunit --guideline openstack-powered/2020.06 draft.yaml
    ///   assay compare run-a run-b --guideline draft.yaml --format html > page.html
    ///   assay compare run-a run-b --guideline draft.yaml --what-if lift-flag=TEST
    #[command(verbatim_doc_comment)]
    Compare(compare::CompareArguments),
    /// Say what changed from one run to a later one; exit status 1 where a test that passed does not pass any more
    ///
    ///   assay diff yesterday today
    ///   assay diff yesterday today --format markdown > changes.md
    #[command(verbatim_doc_comment)]
    Diff(diff::DiffArguments),
    /// Work with guideline files.
    #[command(subcommand)]
    Guideline(guideline::GuidelineCommand),
    /// Hold Redfish services against interoperability profiles of the DMTF.
    #[command(subcommand)]
    Profile(profile::ProfileCommand),
    /// Remove from a deployment what a run left there.
    Sweep(sweep::SweepArguments),
    /// Work with the embedded reference deployment, which is no product.
    #[command(subcommand)]
    Reference(reference::ReferenceCommand),
    /// Print the JSON Schema of a file that Assay reads or writes.
    Schema(schema::SchemaArguments),
    /// Say why a rule for guidelines exists, or how the name of a flavor reads
    ///
    ///   assay explain AG101
    ///   assay explain scs-0100 SCS-4V-16-50s
    #[command(verbatim_doc_comment)]
    Explain(explain::ExplainArguments),
}

impl Command {
    /// Does what is asked for.
    pub fn run(self) -> Result<Code, Failure> {
        match self {
            Self::Run(arguments) => wait(run::run(*arguments)),
            Self::List(arguments) => list::run(&arguments),
            Self::Doctor(arguments) => wait(doctor::run(arguments)),
            Self::Score(arguments) => score::run(&arguments),
            Self::Compare(arguments) => compare::run(&arguments),
            Self::Diff(arguments) => diff::run(&arguments),
            Self::Guideline(command) => guideline::run(command),
            Self::Profile(command) => profile::run(command),
            Self::Sweep(arguments) => wait(sweep::run(arguments)),
            Self::Reference(command) => wait(reference::run(command)),
            Self::Schema(arguments) => schema::run(&arguments),
            Self::Explain(arguments) => explain::run(&arguments),
        }
    }
}
