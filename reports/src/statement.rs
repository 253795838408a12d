//! What people state of tests that no program decides (`manual` in the guideline), from `--attest FILE`.
//!
//! A report shows each statement as what it is. The file is a list:
//!
//! ```yaml
//! - test: key-manager-docs-check
//!   verdict: pass
//!   author: Kim Example, Example Cloud
//!   date: 2026-11-02
//!   link: https://cloud.example.org/docs/key-manager
//!   expiry: 2027-11-01
//! ```

use std::path::Path;
use std::sync::LazyLock;

use assay_text::written::{Errors, Kind, read, schema::schema};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a person states of a test that no program decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The test: its published name, an alias or its UUID.
    #[schemars(length(min = 1))]
    pub test: String,
    /// Whether what the test asks for holds.
    pub verdict: Stated,
    /// Who states it.
    #[schemars(length(min = 1))]
    pub author: String,
    /// The day on which it was stated.
    pub date: NaiveDate,
    /// Where it can be looked up.
    #[schemars(length(min = 1))]
    pub link: String,
    /// The last day on which it holds; without one, it holds for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<NaiveDate>,
}

/// Whether what a test asks for holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stated {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
}

impl Statement {
    /// Whether it counts on a day: it was made by then, and has not expired.
    #[must_use]
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.date <= day && self.expiry.is_none_or(|last| last >= day)
    }
}

static STATEMENTS: Kind = Kind {
    noun: "file of statements",
    version: "",
    schema: LazyLock::new(schema::<Vec<Statement>>),
    file: None,
    help: "`assay schema statements`",
    explain: |_, _| None,
    has_anchors: true,
    is_secret: false,
};

/// Reads a file of statements.
pub fn read(path: &Path) -> Result<Vec<Statement>, Errors> {
    parse(&path.display().to_string(), &read::text_of(&STATEMENTS, path)?)
}

/// Reads its text; `name` is what errors call the file.
pub fn parse(name: &str, text: &str) -> Result<Vec<Statement>, Errors> {
    read::parse_as(&STATEMENTS, name, text, |_, _| {})
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "- {test: a, verdict: pass, author: K, date: 2026-11-02, link: 'https://example.org', expiry: 2026-12-01}\n";

    #[test]
    fn a_statement_counts_from_its_day_to_its_last() {
        let statement = parse("it.yaml", GOOD).unwrap().remove(0);
        let holds = |day: &str| statement.holds(day.parse().unwrap());
        assert_eq!(["2026-11-01", "2026-11-02", "2026-12-01", "2026-12-02"].map(holds), [false, true, true, false]);
    }

    #[test]
    fn what_is_missing_or_invalid_is_shown_where_it_stands() {
        for (from, to, says) in [
            ("author: K, ", "", "author"),
            ("date: 2026-11-02, ", "", "date"),
            ("link: 'https://example.org', ", "", "link"),
            ("author: K", "author: ''", "author"),
            ("verdict: pass", "verdict: good", "`pass`"),
            ("date: 2026-11-02", "date: 2026-11-31", "it.yaml:1:"),
            ("author", "autor", "did you mean `author`?"),
        ] {
            let error = parse("it.yaml", &GOOD.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(says), "{from} → {to}: {error}");
        }
    }
}
