//! Reads a guideline file, and the other YAML files that stand beside it.

use std::fmt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::kind::GUIDELINE;
use crate::model::Guideline;
use crate::problem::Errors;
use crate::rules;

pub use assay_text::written::read::LARGEST;
pub(crate) use assay_text::written::read::{parse_as, plain_text_of, text_of, too_large};

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

/// Reads a guideline from a file, wherever it stands.
pub fn read(path: impl AsRef<Path>) -> Result<Loaded, Errors> {
    read_at(path.as_ref(), None)
}

pub(crate) fn read_at(path: &Path, id: Option<&str>) -> Result<Loaded, Errors> {
    let text = text_of(&GUIDELINE, path)?;
    Loaded::new(&path.display().to_string(), Source::Path(path.to_owned()), text, id)
}
