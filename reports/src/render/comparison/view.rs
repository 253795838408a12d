//! What the templates of a comparison are filled with.

use serde::Serialize;
use textwrap::core::display_width;

use super::super::escape::{cut, visible_line};
use super::super::view::{DoubtView, class, doubt};
use crate::compare::{Cell, Comparison, FindingKind, ProductShown};
use crate::report::TargetVerdict;
use crate::vouch::Weight;

/// The most characters of a product's name in a table.
const MAX_NAME: usize = 40;
/// The most obstacles, and the most gaps of one column, that are shown of a product.
const MAX_SHOWN: usize = 12;
/// How many shades the heat map has beside the one of a mark.
const SHADES: usize = 10;

/// A comparison in reading order.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "a template asks for each by its name")]
pub struct View {
    date: String,
    strict: bool,
    what_if: Vec<String>,
    columns: Vec<ColumnView>,
    products: Vec<ProductView>,
    product_count: usize,
    column_count: usize,
    /// The table for a terminal, a line a product; the first is its head.
    lines: Vec<String>,
    changed: usize,
    reference: bool,
    /// Whether there is a product of which something cannot be vouched for.
    doubted: bool,
    /// Whether it is more than notes.
    unvouched: bool,
    findings: Vec<FindingsView>,
}

#[derive(Debug, Serialize)]
struct ColumnView {
    number: usize,
    guideline: String,
    target: String,
    title: String,
    status: &'static str,
    capabilities: usize,
    tests: usize,
    flagged: usize,
    conformant: usize,
    what_if: String,
}

#[derive(Debug, Serialize)]
struct ProductView {
    number: usize,
    name: String,
    by: String,
    run: String,
    reference: bool,
    doubts: Vec<DoubtView>,
    unvouched: bool,
    cells: Vec<CellView>,
    next: Option<NextView>,
}

#[derive(Debug, Serialize)]
struct CellView {
    number: usize,
    verdict: &'static str,
    class: &'static str,
    mark: String,
    /// The shade, from 0 to [`SHADES`].
    shade: usize,
    column: String,
    passed: usize,
    total: usize,
    before: &'static str,
    gaps: Vec<GapView>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct GapView {
    capability: String,
    tests: usize,
}

#[derive(Debug, Serialize)]
struct NextView {
    column: String,
    obstacles: usize,
    first: Vec<ObstacleView>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct ObstacleView {
    subject: String,
    verdict: &'static str,
    class: &'static str,
}

#[derive(Debug, Serialize)]
struct FindingsView {
    heading: &'static str,
    rows: Vec<FindingRow>,
}

#[derive(Debug, Serialize)]
struct FindingRow {
    subject: String,
    columns: String,
    share: String,
}

impl View {
    pub fn new(comparison: &Comparison) -> Self {
        let columns: Vec<ColumnView> = comparison
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| ColumnView {
                number: at + 1,
                guideline: column.guideline.clone(),
                target: column.target.clone(),
                title: format!("{}, {}", column.title, column.target_title),
                status: column.status.name(),
                capabilities: column.capabilities,
                tests: column.tests,
                flagged: column.flagged,
                conformant: comparison
                    .products
                    .iter()
                    .filter(|product| product.cells[at].verdict == TargetVerdict::Conformant)
                    .count(),
                what_if: column.what_if.join(", "),
            })
            .collect();
        let products: Vec<ProductView> =
            comparison.products.iter().enumerate().map(|(at, shown)| product(at, shown, comparison)).collect();
        Self {
            date: comparison.date.to_string(),
            strict: comparison.strict,
            what_if: comparison.what_if.clone(),
            product_count: products.len(),
            column_count: columns.len(),
            lines: lines(&products, columns.len()),
            changed: comparison
                .products
                .iter()
                .flat_map(|product| &product.cells)
                .filter(|cell| cell.before.is_some())
                .count(),
            reference: products.iter().any(|product| product.reference),
            doubted: products.iter().any(|product| !product.doubts.is_empty()),
            unvouched: products.iter().any(|product| product.unvouched),
            findings: findings(comparison),
            columns,
            products,
        }
    }
}

fn column_name(comparison: &Comparison, at: usize) -> String {
    comparison.columns.get(at).map(|column| format!("{} {}", column.guideline, column.target)).unwrap_or_default()
}

fn product(at: usize, shown: &ProductShown, comparison: &Comparison) -> ProductView {
    let version = shown.version.iter().map(String::as_str);
    let vendor = shown.vendor.iter().map(String::as_str);
    let by = version.chain(vendor.clone().map(|_| "by")).chain(vendor).collect::<Vec<_>>().join(" ");
    ProductView {
        number: at + 1,
        name: shown.name.clone(),
        by,
        run: match &shown.source {
            Some(source) => format!("{} ({source})", shown.run),
            None => shown.run.clone(),
        },
        reference: shown.reference,
        doubts: shown.doubts.iter().map(doubt).collect(),
        unvouched: shown.doubts.iter().any(|doubt| doubt.weight > Weight::Note),
        cells: shown.cells.iter().enumerate().map(|(at, shown)| cell(at, shown, column_name(comparison, at))).collect(),
        next: shown.next.as_ref().map(|next| NextView {
            column: column_name(comparison, next.column),
            obstacles: next.obstacles,
            first: next
                .first
                .iter()
                .take(MAX_SHOWN)
                .map(|obstacle| ObstacleView {
                    subject: obstacle.test.clone().unwrap_or_else(|| obstacle.capability.clone()),
                    verdict: obstacle.verdict.label(),
                    class: class(obstacle.verdict),
                })
                .collect(),
            more: next.obstacles.saturating_sub(next.first.len().min(MAX_SHOWN)),
        }),
    }
}

fn cell(at: usize, shown: &Cell, column: String) -> CellView {
    let (verdict, class, mark) = match shown.verdict {
        TargetVerdict::Conformant if shown.unvouched => ("conformant, but not vouched for", "open", "yes!"),
        TargetVerdict::Conformant => ("conformant", "yes", "yes"),
        TargetVerdict::NotConformant => ("not conformant", "no", "no"),
        TargetVerdict::Unknown => ("unknown", "open", "?"),
    };
    let obstacles = shown.obstacles;
    let tests = &shown.tests;
    let passed = tests.pass + tests.flagged;
    let changed = if shown.before.is_some() { "*" } else { "" };
    CellView {
        number: at + 1,
        verdict,
        class,
        mark: if obstacles == 0 { format!("{mark}{changed}") } else { format!("{mark} {obstacles}{changed}") },
        shade: (passed * SHADES).checked_div(tests.total).unwrap_or(0),
        column,
        passed,
        total: tests.total,
        before: shown.before.map(TargetVerdict::name).unwrap_or_default(),
        gaps: shown
            .gaps
            .iter()
            .take(MAX_SHOWN)
            .map(|gap| GapView { capability: gap.capability.clone(), tests: gap.tests })
            .collect(),
        more: shown.gaps.len().saturating_sub(MAX_SHOWN),
    }
}

/// The table for a terminal: columns have numbers, which are explained above it.
fn lines(products: &[ProductView], columns: usize) -> Vec<String> {
    let name = |product: &ProductView| visible_line(&cut(&product.name, MAX_NAME));
    let width = products.iter().map(|product| display_width(&name(product))).chain([7]).max().unwrap_or(7);
    let widths: Vec<usize> = (0..columns)
        .map(|at| {
            let marks = products.iter().map(|product| product.cells[at].mark.chars().count());
            marks.chain([(at + 1).to_string().len() + 2]).max().unwrap_or(0)
        })
        .collect();
    let line = |first: &str, cells: Vec<String>| {
        let padding = " ".repeat(width.saturating_sub(display_width(first)));
        let cells = cells.iter().zip(&widths).map(|(cell, width)| format!("  {cell:<width$}"));
        format!("{first}{padding}{}", cells.collect::<String>()).trim_end().to_owned()
    };
    let head = line("Product", (1..=columns).map(|number| format!("[{number}]")).collect());
    let rows = products
        .iter()
        .map(|product| line(&name(product), product.cells.iter().map(|cell| cell.mark.clone()).collect()));
    std::iter::once(head).chain(rows).collect()
}

/// The findings by kind; what holds for several columns stands once.
fn findings(comparison: &Comparison) -> Vec<FindingsView> {
    FindingKind::ALL
        .into_iter()
        .map(|kind| {
            let mut rows: indexmap::IndexMap<(&str, String), Vec<String>> = indexmap::IndexMap::new();
            for finding in comparison.findings.iter().filter(|finding| finding.kind == kind) {
                let share = match (&finding.only, kind) {
                    (Some(only), _) => format!("{only} alone, of {} products", finding.of),
                    (None, FindingKind::RequiredMetByFew) => format!("none of {} products", finding.of),
                    (None, _) => format!("all of {} products", finding.of),
                };
                rows.entry((&finding.subject, share)).or_default().push(column_name(comparison, finding.column));
            }
            let rows = rows
                .into_iter()
                .map(|((subject, share), columns)| FindingRow {
                    subject: subject.to_owned(),
                    columns: columns.join(", "),
                    share,
                })
                .collect();
            FindingsView { heading: kind.heading(), rows }
        })
        .collect()
}
