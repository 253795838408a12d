//! What the columns of a published worksheet are: the head of the file gives their titles.

use std::collections::HashSet;
use std::ops::Range;

use crate::model::Guideline;
use crate::nearest::{nearest, quoted};

use super::place::{At, column};

/// The criteria in the order of the published columns, by the titles that these have.
const PUBLISHED: [(&str, &str); 12] = [
    ("Widely Deployed", "deployed"),
    ("Used By Tools", "tools"),
    ("Used by Clients", "clients"),
    ("TC Future Direction", "future"),
    ("Complete", "complete"),
    ("Stable", "stable"),
    ("Discoverable", "discover"),
    ("Doc'd", "doc"),
    ("Required in Last Release", "sticky"),
    ("Foundational", "foundation"),
    ("Atomic", "atomic"),
    ("Proximity", "proximity"),
];

/// More columns than this are not read.
const MOST: usize = 100;

/// What one column holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Column {
    /// The score of a criterion.
    Criterion(String),
    /// Whether no administrator is needed.
    NonAdmin,
    /// The total.
    Total,
    /// What the guideline has no criterion for, by its title.
    Unknown(String),
}

/// The columns, a list for each bracket.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub groups: Vec<Vec<Column>>,
    /// The lines of the head that say so.
    pub lines: Range<usize>,
    pub repairs: Vec<(At, String)>,
    /// What has a column already.
    taken: HashSet<Column>,
}

/// Reads the titles from the lines before the first section.
pub(super) fn read(lines: &[&str], guideline: &Guideline) -> Columns {
    let mut columns = Columns::default();
    let is_form = |line: &str| line.to_lowercase().starts_with("capability name") && line.contains('[');
    if let Some(first) = lines.iter().position(|line| is_form(line)) {
        let more = lines[first..].iter().take_while(|line| !line.trim().is_empty());
        columns.lines = first..first + more.count();
        for at in columns.lines.clone() {
            titles(at, lines[at], guideline, &mut columns);
        }
    } else {
        let message = "no line with the titles of the columns; they are taken for the published ones".to_owned();
        columns.repairs.push(((1, 1), message));
        let brackets = PUBLISHED.chunks(3);
        columns.groups =
            brackets.map(|titles| titles.iter().map(|(title, _)| of(title, guideline).0).collect()).collect();
        columns.groups.extend([vec![Column::NonAdmin], vec![Column::Total]]);
    }
    let named = |name: &String| {
        columns.groups.iter().flatten().any(|column| matches!(column, Column::Criterion(known) if known == name))
    };
    let criteria = guideline.scoring.iter().flat_map(|scoring| scoring.criteria.keys());
    let missing: Vec<String> = criteria.filter(|name| !named(name)).cloned().collect();
    let place = (columns.lines.start + 1, 1);
    for name in missing {
        let message = format!("no column is titled for the criterion {}, which is read as undecided", quoted(&name));
        columns.repairs.push((place, message));
    }
    columns
}

/// The titles in the brackets of one line.
fn titles(at: usize, line: &str, guideline: &Guideline, columns: &mut Columns) {
    let mut from = 0;
    while let Some(open) = line[from..].find('[').map(|open| from + open) {
        let close = line[open..].find(']').map_or(line.len(), |close| open + close);
        let mut group = Vec::new();
        let mut start = open + 1;
        for title in line[start..close].split(',') {
            let place = (at + 1, column(line, start + title.len() - title.trim_start().len()));
            start += title.len() + 1;
            if columns.groups.iter().map(Vec::len).sum::<usize>() + group.len() >= MOST {
                columns.repairs.push((place, format!("titles beyond the first {MOST} are not read")));
                columns.groups.push(group);
                return;
            }
            let (column, exact) = of(title.trim(), guideline);
            let column =
                if columns.taken.insert(column.clone()) { column } else { Column::Unknown(title.trim().to_owned()) };
            let said = quoted(title.trim());
            match &column {
                Column::Criterion(name) if !exact => {
                    columns.repairs.push((place, format!("{said} is the criterion {}", quoted(name))));
                }
                Column::Unknown(_) => {
                    let message = format!("{said} is no criterion of the guideline; the column is left out");
                    columns.repairs.push((place, message));
                }
                _ => {}
            }
            group.push(column);
        }
        columns.groups.push(group);
        from = close;
    }
}

/// What a column with this title holds, and whether the title is the criterion's own.
fn of(title: &str, guideline: &Guideline) -> (Column, bool) {
    let folded = title.to_lowercase();
    match folded.as_str() {
        "non-admin" => return (Column::NonAdmin, true),
        "total" => return (Column::Total, true),
        _ => {}
    }
    let criteria = || guideline.scoring.iter().flat_map(|scoring| &scoring.criteria);
    if let Some((name, _)) = criteria().find(|(name, of)| of.title.to_lowercase() == folded || **name == folded) {
        return (Column::Criterion(name.clone()), true);
    }
    let published = PUBLISHED.iter().find(|(known, _)| known.to_lowercase() == folded).map(|(_, name)| *name);
    if let Some(name) = published.filter(|name| criteria().any(|(known, _)| known == name)) {
        return (Column::Criterion(name.to_owned()), false);
    }
    let near = nearest(title, criteria().map(|(_, of)| of.title.as_str()));
    match near.and_then(|near| criteria().find(|(_, of)| of.title == near)) {
        Some((name, _)) => (Column::Criterion(name.clone()), false),
        None => (Column::Unknown(title.to_owned()), false),
    }
}
