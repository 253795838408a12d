//! `assay list --format tempest`: ids that a release of Tempest has, as `tempest run --load-list` takes them.
//!
//! Tempest compares whole lines, attributes included, and these change from release to release: they are taken from the
//! release's own list.

use std::collections::HashSet;
use std::path::Path;

use assay_reports::intake::published;
use assay_runner::plan::Selected;

use crate::exit::Failure;

/// The largest list that is read, in bytes: some twenty times the size of Tempest's own.
const LARGEST: u64 = 16 << 20;

/// What a release of Tempest has of the tests that are selected.
pub struct Ids {
    /// Its lines, in its order.
    pub lines: Vec<String>,
    /// The names of the tests that it does not have.
    pub missing: Vec<String>,
}

/// The lines of the list in this file, as `tempest run --list-tests` or `stestr list` prints it, that are tests of the selection:
/// by UUID where both have one, otherwise by name.
pub fn ids(file: &Path, rows: &[Selected]) -> Result<Ids, Failure> {
    let text = assay_text::files::read_to_string(file, LARGEST)
        .map_err(|error| Failure::usage(format!("{}: cannot be read: {error}", file.display())))?;
    let known: Vec<(&str, String, Option<String>)> = text
        .lines()
        .map(str::trim)
        .filter(|line| line.contains('.') && !line.contains(char::is_whitespace))
        .map(|line| {
            let (name, uuid) = published(line);
            (line, name, uuid)
        })
        .collect();
    if known.is_empty() {
        let help = "it has no test: write it with `tempest run --list-tests > FILE`, or with `stestr list > FILE`";
        return Err(Failure::usage(format!("{}: {help}", file.display())));
    }
    let (mut chosen, mut missing) = (HashSet::new(), Vec::new());
    for row in rows {
        let test = row.published.test;
        let uuid = test.uuid.as_deref();
        let names: HashSet<&str> = test.aliases.iter().map(String::as_str).chain([test.name.as_str()]).collect();
        let is = |(_, name, other): &(&str, String, Option<String>)| match (uuid, other) {
            (Some(uuid), Some(other)) => uuid.eq_ignore_ascii_case(other),
            _ => names.contains(name.as_str()),
        };
        let before = chosen.len();
        chosen.extend(known.iter().enumerate().filter(|(_, known)| is(known)).map(|(at, _)| at));
        if chosen.len() == before {
            missing.push(test.name.clone());
        }
    }
    let mut chosen: Vec<usize> = chosen.into_iter().collect();
    chosen.sort_unstable();
    Ok(Ids { lines: chosen.into_iter().map(|at| known[at].0.to_owned()).collect(), missing })
}
