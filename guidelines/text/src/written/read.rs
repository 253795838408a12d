//! Reads a file of a kind: its text, its tree, its shape, its rules.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::kind::Kind;
use super::node::{self, Node};
use super::problem::{Code, Collector, Errors, whole_file};
use super::shape;
use crate::files;

/// The largest file that is read, in bytes; the largest published guideline has about 120,000.
pub const LARGEST: usize = 4 * 1024 * 1024;

/// Reads a file of a kind; `rules` reports what a schema cannot say.
pub fn parse_as<T: DeserializeOwned>(
    kind: &'static Kind,
    name: &str,
    text: &str,
    rules: impl FnOnce(&Node, &mut Collector),
) -> Result<T, Errors> {
    if text.len() > LARGEST {
        return Err(too_large(kind.noun, name));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Collector::of(kind, name, text);
    let mut root = node::tree(text, &mut found);
    if let Some(root) = &mut root {
        shape::check(root, &kind.schema, &mut found);
        if kind.has_anchors {
            root.leave_out_nothing();
        }
        rules(root, &mut found);
    }
    match root {
        // The model is filled from the very tree that was checked: a second parser could read the text otherwise.
        Some(root) if found.is_empty() => serde_yaml::from_value(root.into()).map_err(|error| {
            // The checks let nothing through that the model refuses. Should they, it is an error all the same.
            let help = "correct what it says".to_owned();
            let why = if kind.is_secret { String::new() } else { format!(": {error}") };
            let message = format!("this is not a {}{why}", kind.noun);
            found.add(Code::BadValue, &(0..0), message, help);
            found.into_errors()
        }),
        _ => Err(found.into_errors()),
    }
}

/// The text of a file of a kind.
pub fn text_of(kind: &'static Kind, path: &Path) -> Result<String, Errors> {
    let name = path.display().to_string();
    let bytes = bytes_of(kind.noun, path)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let mut found = Collector::of(kind, &name, &String::from_utf8_lossy(error.as_bytes()));
        let help = "save the file in UTF-8".to_owned();
        found.add(Code::NotUtf8, &(at..at + 1), "this is not UTF-8".to_owned(), help);
        found.into_errors()
    })
}

/// The text of a file that is to hold this, in a form that tells no places before it is read.
pub fn plain_text_of(noun: &str, path: &Path) -> Result<String, Errors> {
    String::from_utf8(bytes_of(noun, path)?).map_err(|error| {
        let help = "save the file in UTF-8".to_owned();
        whole_file(&path.display().to_string(), Code::NotUtf8, format!("the file is not UTF-8: {error}"), help, None)
    })
}

/// The bytes of a file that is to hold this.
pub fn bytes_of(noun: &str, path: &Path) -> Result<Vec<u8>, Errors> {
    let name = path.display().to_string();
    files::read(path, LARGEST as u64).map_err(|error| {
        if files::is_too_large(&error) {
            return too_large(noun, &name);
        }
        let help = "check the path, and that the file may be read".to_owned();
        whole_file(&name, Code::Unreadable, format!("cannot read the {noun}: {error}"), help, Some(error))
    })
}

/// The error of a file that is larger than any of its kind.
#[must_use]
pub fn too_large(noun: &str, name: &str) -> Errors {
    let message = format!("the file is larger than {} MiB", LARGEST / 1024 / 1024);
    let help = format!("a {noun} is far smaller; is this the right file?");
    whole_file(name, Code::TooLarge, message, help, None)
}
