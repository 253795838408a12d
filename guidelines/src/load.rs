//! Reads a guideline file, and the other YAML files that stand beside it.

use std::fmt;
use std::path::{Path, PathBuf};

use assay_text::files;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::kind::{GUIDELINE, Kind};
use crate::model::Guideline;
use crate::node::{self, Node};
use crate::problem::{Code, Collector, Errors, whole_file};
use crate::rules;
use crate::shape;

/// The largest file that is read, in bytes; the largest published guideline has about 120,000.
pub const LARGEST: usize = 4 * 1024 * 1024;

/// A guideline with the file it came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What the file says.
    pub guideline: Guideline,
    /// Where it stood.
    pub source: Source,
    /// The SHA-256 of the file's bytes, in lower-case hexadecimal digits.
    pub sha256: String,
    /// The file's text.
    pub text: String,
}

impl Loaded {
    pub(crate) fn new(name: &str, source: Source, text: String, id: Option<&str>) -> Result<Self, Errors> {
        let guideline = parse_at(name, &text, id)?;
        let sha256 = base16ct::lower::encode_string(&Sha256::digest(&text));
        Ok(Self { guideline, source, sha256, text })
    }
}

/// Where a guideline file stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// In the program.
    Embedded,
    /// On the disk.
    Path(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.write_str("embedded"),
            Self::Path(path) => path.display().fmt(f),
        }
    }
}

/// Reads a guideline from the text of its file; `name` is what errors call the file.
///
/// All errors that can be found are found at once.
pub fn parse(name: &str, text: &str) -> Result<Guideline, Errors> {
    parse_at(name, text, None)
}

/// The same for a file that stands where only the guideline `id` belongs.
pub(crate) fn parse_at(name: &str, text: &str, id: Option<&str>) -> Result<Guideline, Errors> {
    parse_as(&GUIDELINE, name, text, |root, found| rules::check(root, id, found))
}

/// Reads a file of a kind; `rules` reports what a schema cannot say.
pub(crate) fn parse_as<T: DeserializeOwned>(
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
    let root = node::tree(text, &mut found);
    if let Some(root) = &root {
        shape::check(root, &kind.schema, &mut found);
        rules(root, &mut found);
    }
    match root {
        // The model is filled from the very tree that was checked: a second parser could read the text otherwise.
        Some(root) if found.is_empty() => serde_yaml::from_value(root.into()).map_err(|error| {
            // The checks let nothing through that the model refuses. Should they, it is an error all the same.
            let help = "correct what it says".to_owned();
            let message = format!("this is not a {}: {error}", kind.noun);
            found.add(Code::BadValue, &(0..0), message, help);
            found.into_errors()
        }),
        _ => Err(found.into_errors()),
    }
}

/// Reads a guideline from a file, wherever it stands.
pub fn read(path: impl AsRef<Path>) -> Result<Loaded, Errors> {
    read_at(path.as_ref(), None)
}

pub(crate) fn read_at(path: &Path, id: Option<&str>) -> Result<Loaded, Errors> {
    let text = text_of(&GUIDELINE, path)?;
    Loaded::new(&path.display().to_string(), Source::Path(path.to_owned()), text, id)
}

/// The text of a file of a kind.
pub(crate) fn text_of(kind: &'static Kind, path: &Path) -> Result<String, Errors> {
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
pub(crate) fn plain_text_of(noun: &str, path: &Path) -> Result<String, Errors> {
    String::from_utf8(bytes_of(noun, path)?).map_err(|error| {
        let help = "save the file in UTF-8".to_owned();
        whole_file(&path.display().to_string(), Code::NotUtf8, format!("the file is not UTF-8: {error}"), help, None)
    })
}

/// The bytes of a file that is to hold this.
pub(crate) fn bytes_of(noun: &str, path: &Path) -> Result<Vec<u8>, Errors> {
    let name = path.display().to_string();
    files::read(path, LARGEST as u64).map_err(|error| {
        if files::is_too_large(&error) {
            return too_large(noun, &name);
        }
        let help = "check the path, and that the file may be read".to_owned();
        whole_file(&name, Code::Unreadable, format!("cannot read the {noun}: {error}"), help, Some(error))
    })
}

pub(crate) fn too_large(noun: &str, name: &str) -> Errors {
    let message = format!("the file is larger than {} MiB", LARGEST / 1024 / 1024);
    let help = format!("a {noun} is far smaller; is this the right file?");
    whole_file(name, Code::TooLarge, message, help, None)
}
