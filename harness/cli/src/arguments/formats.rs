//! A format that several commands print in.

use clap::ValueEnum;

/// How a guideline, or what was found in one, is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// To be read.
    Text,
    /// As JSON.
    Json,
}
