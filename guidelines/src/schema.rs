//! The JSON Schemas of guideline files and worksheets, for editors and for the loader.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use serde_json::Value;

use crate::family::Family;
use crate::model::Guideline;
use crate::timeline::Timeline;
use crate::worksheet::Worksheet;

/// The JSON Schema (draft 2020-12) of a guideline file, as it is checked in.
#[must_use]
pub fn schema() -> String {
    format!("{:#}\n", *SCHEMA)
}

/// The JSON Schema (draft 2020-12) of the file of a family, as it is checked in.
#[must_use]
pub fn family() -> String {
    format!("{:#}\n", *FAMILY)
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
    let mut text = serde_json::to_string_pretty(&*WORKSHEET).unwrap_or_default();
    text.push('\n');
    text
}

/// [`schema`] as a value.
pub(crate) static SCHEMA: LazyLock<Value> = LazyLock::new(of_file::<Guideline>);

/// [`family`] as a value.
pub(crate) static FAMILY: LazyLock<Value> = LazyLock::new(of_file::<Family>);

/// [`worksheet`] as a value.
pub(crate) static WORKSHEET: LazyLock<Value> = LazyLock::new(of_file::<Worksheet>);

/// The schema of a file that people write.
fn of_file<T: schemars::JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().with_transform(NoNull).into_generator().into_root_schema_for::<T>().to_value()
}

/// An optional key is left out, not set to `null`.
#[derive(Debug, Clone)]
struct NoNull;

impl Transform for NoNull {
    fn transform(&mut self, schema: &mut schemars::Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else {
            return;
        };
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                object.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
            choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
            if let [Value::Object(only)] = choices.as_slice() {
                let only = only.clone();
                object.remove("anyOf");
                object.extend(only);
            }
        }
        if object.get("default").is_some_and(Value::is_null) {
            object.remove("default");
        }
    }
}
