//! What the JSON says that a page must show.

use serde_json::Value;

/// The verdict of each test of each capability of a report.
pub fn tests(report: &Value) -> Vec<String> {
    let capabilities = report["capabilities"].as_array().unwrap().iter();
    let tests = capabilities.flat_map(|capability| capability["tests"].as_array().unwrap());
    tests.map(|test| test["verdict"].as_str().unwrap().to_owned()).collect()
}

/// The verdicts of a product of a comparison, by column.
pub fn verdicts(comparison: &Value, product: usize) -> Vec<String> {
    let cells = comparison["products"][product]["cells"].as_array().unwrap().iter();
    cells.map(|cell| cell["verdict"].as_str().unwrap().to_owned()).collect()
}

/// How many changes a difference has.
pub fn changes(diff: &Value) -> u64 {
    diff["changes"].as_array().unwrap().len() as u64
}
