//! CSV, a line for each product and column.

use super::super::RenderError;
use super::super::escape::visible_line;
use crate::compare::Comparison;
use crate::report::TargetVerdict;
use crate::vouch::Weight;

const HEAD: [&str; 23] = [
    "product",
    "vendor",
    "version",
    "run",
    "source",
    "guideline",
    "target",
    "verdict",
    "verdict_before",
    "tests",
    "pass",
    "flagged",
    "fail",
    "skip",
    "error",
    "missing",
    "capabilities",
    "met",
    "unmet",
    "unknown",
    "obstacles",
    "gaps",
    "not_vouched_for",
];

pub fn render(comparison: &Comparison) -> Result<String, RenderError> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(HEAD).map_err(RenderError::Csv)?;
    for product in &comparison.products {
        for (column, cell) in comparison.columns.iter().zip(&product.cells) {
            let gaps: Vec<_> = cell.gaps.iter().map(|gap| gap.capability.as_str()).collect();
            let doubts = product.doubts.iter().filter(|doubt| doubt.weight > Weight::Note);
            let doubts = doubts.map(|doubt| doubt.what.as_str()).collect::<Vec<_>>().join("; ");
            let (tests, capabilities) = (&cell.tests, &cell.capabilities);
            let met = capabilities.met + capabilities.met_with_flags + capabilities.met_with_skips;
            let texts = [
                product.name.as_str(),
                product.vendor.as_deref().unwrap_or_default(),
                product.version.as_deref().unwrap_or_default(),
                &product.run,
                product.source.as_deref().unwrap_or("assay"),
                &column.guideline,
                &column.target,
                cell.verdict.name(),
                cell.before.map(TargetVerdict::name).unwrap_or_default(),
            ];
            let counts = [
                tests.total,
                tests.pass,
                tests.flagged,
                tests.fail,
                tests.skip,
                tests.error,
                tests.missing,
                capabilities.total,
                met,
                capabilities.unmet,
                capabilities.unknown,
                cell.obstacles,
            ];
            let record = texts.into_iter().map(text).chain(counts.map(|count| count.to_string()));
            writer.write_record(record.chain([text(&gaps.join(" ")), text(&doubts)])).map_err(RenderError::Csv)?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| RenderError::Csv(error.into_error().into()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A text on one line, which no spreadsheet takes for a formula.
fn text(text: &str) -> String {
    let text = visible_line(text);
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}
