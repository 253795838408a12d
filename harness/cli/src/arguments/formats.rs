//! The formats that several commands print in.

use assay_reports::{Format, GuidelineFormat};
use clap::ValueEnum;

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

impl From<FactsFormat> for GuidelineFormat {
    fn from(format: FactsFormat) -> Self {
        match format {
            FactsFormat::Text => Self::Text,
            FactsFormat::Json => Self::Json,
            FactsFormat::Markdown => Self::Markdown,
            FactsFormat::Html => Self::Html,
        }
    }
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

impl From<ReportFormat> for Format {
    fn from(format: ReportFormat) -> Self {
        match format {
            ReportFormat::Text => Self::Text,
            ReportFormat::Json => Self::Json,
            ReportFormat::Markdown => Self::Markdown,
            ReportFormat::Html => Self::Html,
            ReportFormat::Junit => Self::Junit,
        }
    }
}
