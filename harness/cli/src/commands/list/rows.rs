//! The tests that `assay list` lists, as `--format json` prints them.

use assay_guidelines::model::{Flag, State};
use assay_kit::ConformanceTest;
use assay_runner::plan::Selected;
use schemars::JsonSchema;
use serde::Serialize;

/// The rows of a list: without a guideline the tests that Assay implements, or else those that the guideline asks for.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Rows<'a> {
    Native(Vec<Native>),
    Published(Vec<Published<'a>>),
}

/// A test that Assay implements.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Native {
    pub id: &'static str,
    pub title: String,
    pub spec: &'static str,
    pub uuid: &'static str,
}

/// A test that a guideline asks for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Published<'a> {
    pub name: &'a str,
    pub uuid: Option<&'a str>,
    pub aliases: &'a [String],
    pub capabilities: &'a [&'a str],
    pub status: State,
    pub flag: Option<&'a Flag>,
    /// The id of the test with which Assay implements it.
    pub native: Option<&'static str>,
}

impl From<&'static ConformanceTest> for Native {
    fn from(test: &'static ConformanceTest) -> Self {
        Self { id: test.id, title: test.title(), spec: test.spec, uuid: test.covers }
    }
}

impl<'a> From<&'a Selected<'a>> for Published<'a> {
    fn from(row: &'a Selected<'a>) -> Self {
        let published = &row.published;
        Self {
            name: &published.test.name,
            uuid: published.test.uuid.as_deref(),
            aliases: &published.test.aliases,
            capabilities: &published.capabilities,
            status: published.state,
            flag: published.flag,
            native: row.native.map(|test| test.id),
        }
    }
}
