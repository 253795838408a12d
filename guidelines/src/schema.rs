//! The JSON Schemas of guideline files and worksheets, for editors and for the loader.

use crate::kind;
use crate::timeline::Timeline;

/// The JSON Schema (draft 2020-12) of a guideline file, as it is checked in.
#[must_use]
pub fn schema() -> String {
    format!("{:#}\n", *kind::GUIDELINE.schema)
}

/// The JSON Schema (draft 2020-12) of the file of a family, as it is checked in.
#[must_use]
pub fn family() -> String {
    format!("{:#}\n", *kind::FAMILY.schema)
}

/// The JSON Schema of what `assay guideline timeline --format json` prints.
#[must_use]
pub fn timeline() -> String {
    format!("{:#}\n", schemars::schema_for!(Timeline).as_value())
}

/// The JSON Schema of what `assay guideline lint --format json` prints.
#[must_use]
pub fn lint() -> String {
    format!("{:#}\n", schemars::schema_for!(crate::lint::LintOutput).as_value())
}

/// The JSON Schema of a worksheet's file, as it is checked in.
#[must_use]
pub fn worksheet() -> String {
    let mut text = serde_json::to_string_pretty(&*kind::WORKSHEET.schema).unwrap_or_default();
    text.push('\n');
    text
}
