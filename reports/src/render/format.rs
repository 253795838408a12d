//! The forms that a report can have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A form that a report can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Format {
    /// A summary for a terminal.
    Text,
    /// All of it, for other programs.
    Json,
    /// For issues, wikis and pull requests.
    Markdown,
    /// One self-contained page with the evidence.
    Html,
    /// For a continuous integration server.
    Junit,
    /// For the compliance monitor of the Sovereign Cloud Stack, as JSON.
    ScsReport,
}

impl Format {
    /// Every format that stands in a run's folder: the last one is for guidelines of the Sovereign Cloud Stack alone.
    pub const ALL: [Self; 5] = [Self::Text, Self::Json, Self::Markdown, Self::Html, Self::Junit];

    /// The name of its file in a run's folder.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Text => "report.txt",
            Self::Json => "report.json",
            Self::Markdown => "report.md",
            Self::Html => "report.html",
            Self::Junit => "report.junit.xml",
            Self::ScsReport => "report.scs.json",
        }
    }
}
