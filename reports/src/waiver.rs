//! A vendor's own waivers, from `--waivers FILE`: tests that the vendor expects not to pass, and why.
//!
//! They are shown apart and decide nothing. The file is a list:
//!
//! ```yaml
//! - test: objectstore.containers.create
//!   reason: containers are made by the customer portal only
//!   link: https://tracker.example.org/42
//!   expiry: 2027-01-31
//! ```

use std::path::Path;
use std::sync::LazyLock;

use assay_text::written::{Errors, Kind, read, schema::schema};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A test that the vendor expects not to pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The test: its published name, an alias, its UUID or its native id.
    pub test: String,
    /// Why it is expected not to pass.
    pub reason: String,
    /// Where it is tracked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The last day on which the waiver holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<NaiveDate>,
}

static WAIVERS: Kind = Kind {
    noun: "file of waivers",
    version: "",
    schema: LazyLock::new(schema::<Vec<Waiver>>),
    file: None,
    help: "`assay schema waivers`",
    explain: |_, _| None,
    has_anchors: true,
    is_secret: false,
};

/// Reads a file of waivers.
pub fn read(path: &Path) -> Result<Vec<Waiver>, Errors> {
    parse(&path.display().to_string(), &read::text_of(&WAIVERS, path)?)
}

/// Reads its text; `name` is what errors call the file.
pub fn parse(name: &str, text: &str) -> Result<Vec<Waiver>, Errors> {
    read::parse_as(&WAIVERS, name, text, |_, _| {})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<Waiver>, Errors> {
        super::parse("waivers.yaml", text)
    }

    #[test]
    fn a_misspelt_key_is_shown_where_it_stands() {
        let error = parse("- test: a\n  reason: b\n  expires: 2027-01-01\n").unwrap_err();
        let shown = error.to_string();
        assert!(shown.contains("--> waivers.yaml:3:3"), "{shown}");
        assert!(shown.contains("did you mean `expiry`?"), "{shown}");
        assert!(shown.contains("3 |   expires: 2027-01-01"), "{shown}");
    }

    #[test]
    fn a_waiver_without_a_reason_is_refused() {
        assert!(parse("- test: a\n").unwrap_err().to_string().contains("reason"));
    }

    #[test]
    fn a_date_that_does_not_exist_is_refused() {
        let error = parse("- test: a\n  reason: b\n  expiry: 2027-02-30\n").unwrap_err();
        assert!(error.to_string().contains("--> waivers.yaml:3:"), "{error}");
    }
}
