//! The arguments of the commands for those who make guidelines.

use std::path::PathBuf;

use clap::Args;

use super::{GuidelineArguments, TextOrJson};

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

/// `assay explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// The code, such as `AG101`; without it, all are listed.
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// `assay guideline timeline`.
#[derive(Debug, Args)]
pub struct TimelineArguments {
    /// The family, such as `openstack-powered`.
    #[arg(value_name = "FAMILY")]
    pub family: String,
    /// Print in this format.
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub format: TextOrJson,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
}
