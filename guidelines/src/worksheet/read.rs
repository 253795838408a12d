//! Reads the file of a worksheet, with the guideline that it is made for.

use std::path::Path;

use chrono::NaiveDate;

use crate::catalogue::{Catalogue, Error};
use crate::kind::WORKSHEET;
use crate::load::{LARGEST, text_of, too_large};
use crate::model::{Guideline, Scoring};
use crate::nearest::quoted;
use crate::node::{self, Node};
use crate::problem::{Code, Collector, Errors};
use crate::shape;

use super::model::{SCHEMA, Worksheet};
use super::rules;

/// The worksheets that are part of the program, as (family, text).
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/worksheets.rs"));

/// A worksheet with what it refers to.
#[derive(Debug, Clone)]
pub struct Read {
    /// What the file says.
    pub worksheet: Worksheet,
    /// The criteria, weights and cutoff: its own, or those of its guideline.
    pub scoring: Scoring,
    /// The guideline that it is made for, if it names one.
    pub guideline: Option<Guideline>,
    /// What the file is called.
    pub name: String,
    /// The file's text.
    pub text: String,
}

/// The worksheet that is part of the program under this name, such as `openstack-powered/worksheet`, as text.
#[must_use]
pub fn embedded(name: &str) -> Option<&'static str> {
    let family = name.strip_suffix("/worksheet")?;
    EMBEDDED.iter().find(|(known, _)| *known == family).map(|(_, text)| *text)
}

/// Whether a file says of itself that it is a worksheet, right or wrong in other ways.
#[must_use]
pub fn is_worksheet(text: &str) -> bool {
    let mut ignored = Collector::of(&WORKSHEET, "", text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let said = if text.len() > LARGEST { None } else { node::tree(text, &mut ignored) };
    let family = |schema: &str| schema.split('/').next() == SCHEMA.split('/').next();
    match said.as_ref().and_then(|root| root.get("schema")).and_then(Node::text) {
        Some(schema) => family(schema),
        // What is no YAML may still say what it was meant to be.
        None => text.lines().filter_map(|line| line.strip_prefix("schema:")).any(|schema| family(schema.trim())),
    }
}

/// Reads a worksheet from the text of its file; `name` is what errors call the file. The guideline it names is looked
/// for in the catalogue.
///
/// All errors that can be found are found at once.
pub fn parse(name: &str, text: &str, catalogue: &Catalogue, day: NaiveDate) -> Result<Read, Errors> {
    if text.len() > LARGEST {
        return Err(too_large(WORKSHEET.noun, name));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Collector::of(&WORKSHEET, name, text);
    let Some(root) = node::tree(text, &mut found) else {
        found.advise(Code::Syntax, |line| {
            bare_sign(line).then(|| "write the sign for undecided in quotation marks: \"?\"".to_owned())
        });
        return Err(found.into_errors());
    };
    shape::check(&root, &WORKSHEET.schema, &mut found);
    let guideline = guideline(&root, catalogue, day, &mut found);
    rules::check(&root, guideline.as_ref(), &mut found);
    if !found.is_empty() {
        return Err(found.into_errors());
    }
    // The model is filled from the very tree that was checked: a second parser could read the text otherwise.
    let read: Result<Worksheet, _> = serde_yaml::from_value(root.into());
    let worksheet = read.map_err(|error| {
        // The checks let nothing through that the model refuses. Should they, it is an error all the same.
        let mut found = Collector::of(&WORKSHEET, name, text);
        let help = "correct what it says".to_owned();
        found.add(Code::BadValue, &(0..0), format!("this is not a worksheet: {error}"), help);
        found.into_errors()
    })?;
    let carried = || guideline.as_ref().and_then(|guideline| guideline.scoring.clone());
    let scoring = worksheet.scoring.clone().or_else(carried);
    let scoring = scoring.unwrap_or_else(|| Scoring { cutoff: None, criteria: indexmap::IndexMap::new() });
    Ok(Read { worksheet, scoring, guideline, name: name.to_owned(), text: text.to_owned() })
}

/// Reads a worksheet from a file.
pub fn read(path: impl AsRef<Path>, catalogue: &Catalogue, day: NaiveDate) -> Result<Read, Errors> {
    let path = path.as_ref();
    parse(&path.display().to_string(), &text_of(&WORKSHEET, path)?, catalogue, day)
}

/// The guideline that the file names; that there is none, or a broken one, is said where it is named.
fn guideline(root: &Node, catalogue: &Catalogue, day: NaiveDate, found: &mut Collector) -> Option<Guideline> {
    let node = root.get("guideline")?;
    let id = node.text()?;
    match catalogue.get(id, day) {
        Ok(loaded) => Some(loaded.guideline),
        Err(Error::Unknown { near, .. }) => {
            let help = near.map_or_else(
                || "`assay guideline list` lists those there are; `--guidelines DIR` adds a folder of them".to_owned(),
                |near| format!("did you mean {}?", quoted(&near)),
            );
            found.add(Code::UnknownName, &node.span, format!("there is no guideline {}", quoted(id)), help);
            None
        }
        Err(Error::File(errors)) => {
            let count = errors.problems().len();
            let help = "`assay guideline lint` shows what is wrong with it".to_owned();
            let message = format!("the guideline {} cannot be read: {count} problems", quoted(id));
            found.add(Code::BadValue, &node.span, message, help);
            None
        }
        Err(error) => {
            found.add(Code::BadValue, &node.span, error.to_string(), "name a guideline that there is".to_owned());
            None
        }
    }
}

/// Whether a line has a question mark as a value, bare, which YAML takes for the sign of a key.
fn bare_sign(line: &str) -> bool {
    line.match_indices('?').any(|(at, _)| {
        let before = line[..at].trim_end();
        let after = line[at + 1..].trim_start();
        before.ends_with(':') && (after.is_empty() || after.starts_with([',', '}', '#']))
    })
}
