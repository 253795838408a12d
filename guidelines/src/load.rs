//! Reads a guideline file, and the other YAML files that stand beside it.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::catalogue::{Loaded, Source};
use crate::family;
use crate::model::{self, Guideline};
use crate::node::{self, Node};
use crate::problem::{Code, Collector, Errors, whole_file};
use crate::rules;
use crate::schema::SCHEMA;
use crate::shape;
use crate::worksheet;

/// The largest file that is read, in bytes; the largest published guideline has about 120,000.
pub const LARGEST: usize = 4 * 1024 * 1024;

/// A kind of file: what messages call it, and what it is held against.
pub(crate) struct Kind {
    /// What messages call it, after `a`.
    pub(crate) noun: &'static str,
    /// The value of its key `schema`.
    pub(crate) version: &'static str,
    /// Its JSON Schema.
    pub(crate) schema: &'static LazyLock<Value>,
    /// The name that it has in the folder of its family, where that is the same for all.
    pub(crate) file: Option<&'static str>,
}

/// Guidelines.
pub(crate) static GUIDELINE: Kind = Kind { noun: "guideline", version: model::SCHEMA, schema: &SCHEMA, file: None };

/// All kinds.
pub(crate) const KINDS: [&Kind; 3] = [&GUIDELINE, &family::KIND, &worksheet::KIND];

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
        return Err(too_large(kind, name));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Collector::of(kind, name, text);
    let root = node::tree(text, &mut found);
    if let Some(root) = &root {
        shape::check(root, kind.schema, &mut found);
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
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(LARGEST as u64 + 1).read_to_end(&mut bytes)).map_err(|error| {
        let help = "check the path, and that the file may be read".to_owned();
        whole_file(&name, Code::Unreadable, format!("cannot read the {}: {error}", kind.noun), help, Some(error))
    })?;
    if bytes.len() > LARGEST {
        return Err(too_large(kind, &name));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let mut found = Collector::of(kind, &name, &String::from_utf8_lossy(error.as_bytes()));
        let help = "save the file in UTF-8".to_owned();
        found.add(Code::NotUtf8, &(at..at + 1), "this is not UTF-8".to_owned(), help);
        found.into_errors()
    })
}

pub(crate) fn too_large(kind: &Kind, name: &str) -> Errors {
    let message = format!("the file is larger than {} MiB", LARGEST / 1024 / 1024);
    let help = format!("a {} is far smaller; is this the right file?", kind.noun);
    whole_file(name, Code::TooLarge, message, help, None)
}

impl Loaded {
    pub(crate) fn new(name: &str, source: Source, text: String, id: Option<&str>) -> Result<Self, Errors> {
        let guideline = parse_at(name, &text, id)?;
        let sha256 = format!("{:x}", Sha256::digest(&text));
        Ok(Self { guideline, source, sha256, text })
    }
}
