//! The kinds of files that people write here: guidelines, families and worksheets.

use std::sync::LazyLock;

use serde_json::Value;

use crate::family::{self, Family};
use crate::model::{self, Guideline};
use crate::schema::written::schema;
use crate::worksheet::{self, Worksheet};

/// A kind of file: what messages call it, and what it is held against.
pub(crate) struct Kind {
    /// What messages call it, after `a`.
    pub(crate) noun: &'static str,
    /// The value of its key `schema`.
    pub(crate) version: &'static str,
    /// Its JSON Schema.
    pub(crate) schema: LazyLock<Value>,
    /// The name that it has in the folder of its family, where that is the same for all.
    pub(crate) file: Option<&'static str>,
}

/// Guidelines.
pub(crate) static GUIDELINE: Kind =
    Kind { noun: "guideline", version: model::SCHEMA, schema: LazyLock::new(schema::<Guideline>), file: None };

/// Files of families.
pub(crate) static FAMILY: Kind =
    Kind { noun: "family", version: family::SCHEMA, schema: LazyLock::new(schema::<Family>), file: Some(family::FILE) };

/// Worksheets.
pub(crate) static WORKSHEET: Kind = Kind {
    noun: "worksheet",
    version: worksheet::SCHEMA,
    schema: LazyLock::new(schema::<Worksheet>),
    file: Some("worksheet.yaml"),
};

/// All kinds.
pub(crate) static KINDS: [&Kind; 3] = [&GUIDELINE, &FAMILY, &WORKSHEET];
