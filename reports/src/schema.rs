//! The JSON Schemas of what a run leaves and of what a score is, as `schemas/` holds them.

use assay_guidelines::diff::Diff;
use assay_guidelines::history::{FamilyHistory, History};
use assay_guidelines::worksheet::Evaluation;
use schemars::{JsonSchema, schema_for};

use crate::changes::Changes;
use crate::compare::Comparison;
use crate::product::Product;
use crate::profile::{Collected, ProfileReport};
use crate::record::manifest::Manifest;
use crate::record::{Exchange, Run, TestRecord};
use crate::refstack::RefstackScore;
use crate::report::Report;
use crate::statement::Statement;
use crate::waiver::Waiver;

/// Every schema, with the name of its file.
#[must_use]
pub fn all() -> Vec<(&'static str, String)> {
    vec![
        ("report.schema.json", text::<Report>()),
        ("refstack-score.schema.json", text::<RefstackScore>()),
        ("changes.schema.json", text::<Changes>()),
        ("comparison.schema.json", text::<Comparison>()),
        ("guideline-diff.schema.json", text::<Diff>()),
        ("guideline-history.schema.json", text::<History>()),
        ("family-history.schema.json", text::<FamilyHistory>()),
        ("worksheet-evaluation.schema.json", text::<Evaluation>()),
        ("profile-report.schema.json", text::<ProfileReport>()),
        ("redfish-resources.schema.json", text::<Collected>()),
        ("run.schema.json", text::<Run>()),
        ("result.schema.json", text::<TestRecord>()),
        ("exchange.schema.json", text::<Exchange>()),
        ("manifest.schema.json", text::<Manifest>()),
        ("product.schema.json", text::<Product>()),
        ("waivers.schema.json", text::<Vec<Waiver>>()),
        ("statements.schema.json", text::<Vec<Statement>>()),
    ]
}

/// The schema of a type, as it is printed and checked in.
#[must_use]
pub fn text<T: JsonSchema>() -> String {
    format!("{:#}\n", schema_for!(T).as_value())
}
