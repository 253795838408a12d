//! Looks into a YAML mapping that say what is wrong, and where, when they find something else than asked.

use std::path::{Path, PathBuf};

use assay_record::folder::{JOURNAL, RUN};
use serde_yaml::Value;

use super::cloud_error::CloudError;

/// A mapping within a file, and its place there.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub value: &'a Value,
    pub file: &'a Path,
    pub place: String,
}

impl<'a> Node<'a> {
    pub(super) fn new(value: &'a Value, file: &'a Path, place: &str) -> Self {
        Self { value, file, place: place.to_owned() }
    }

    /// The member of that name, when there is one that is not null.
    pub(super) fn find(&self, key: &str) -> Option<Node<'a>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        let place = if self.place.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place) };
        Some(Node { value, file: self.file, place })
    }

    /// A mapping that it must be.
    pub(super) fn mapping(self) -> Result<Node<'a>, CloudError> {
        if self.value.is_mapping() { Ok(self) } else { Err(self.wrong("a mapping (`key: value` lines)")) }
    }

    /// The text of a member, when there is one. Numbers are taken as they are written: an unquoted password may be one.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, CloudError> {
        let Some(node) = self.find(key) else { return Ok(None) };
        match node.value {
            Value::String(text) => Ok(Some(text.clone())),
            Value::Number(number) => Ok(Some(number.to_string())),
            _ => Err(node.wrong("a string")),
        }
    }

    /// The truth value of a member, when there is one.
    pub(super) fn truth(&self, key: &str) -> Result<Option<bool>, CloudError> {
        let Some(node) = self.find(key) else { return Ok(None) };
        match node.value {
            Value::Bool(truth) => Ok(Some(*truth)),
            Value::String(text) if matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "1") => Ok(Some(true)),
            Value::String(text) if matches!(text.to_ascii_lowercase().as_str(), "false" | "no" | "0") => {
                Ok(Some(false))
            }
            _ => Err(node.wrong("true or false")),
        }
    }

    fn wrong(&self, wanted: &'static str) -> CloudError {
        // The value itself is not shown: it may be a password.
        let found = match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
            Value::Tagged(_) => "a tagged value",
        };
        CloudError::Type { file: self.file.to_owned(), place: self.place.clone(), wanted, found }
    }
}

/// Reads a YAML file; `None` when the file is missing.
pub(super) fn read(path: &Path) -> Result<Option<Value>, CloudError> {
    /// No clouds.yaml is larger; a file that is was named by mistake.
    const LARGEST: u64 = 4 * 1024 * 1024;
    let unreadable =
        |error: std::io::Error| CloudError::Unreadable { file: path.to_owned(), reason: error.to_string() };
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            return Err(CloudError::Unreadable { file: path.to_owned(), reason: "it is a folder".into() });
        }
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    }
    let text = assay_text::files::read_to_string(path, LARGEST).map_err(unreadable)?;
    parse(path, &text).map(Some)
}

/// Parses the text of a YAML file; an empty one is an empty mapping.
pub(super) fn parse(path: &Path, text: &str) -> Result<Value, CloudError> {
    let value: Value = assay_text::yaml::parse(text).map_err(|problem| CloudError::Syntax {
        file: path.to_owned(),
        line: problem.line,
        column: problem.column,
        reason: problem.to_string(),
    })?;
    Ok(if value.is_null() { Value::Mapping(serde_yaml::Mapping::new()) } else { value })
}

/// Lays one mapping over another, mapping by mapping, as the OpenStack client does with secure.yaml.
pub(super) fn merge(under: &mut Value, over: &Value) {
    match (under, over) {
        (Value::Mapping(under), Value::Mapping(over)) => {
            for (key, value) in over {
                match under.get_mut(key) {
                    Some(there) => merge(there, value),
                    None => {
                        under.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (under, over) => *under = over.clone(),
    }
}

/// The first folder that is searched: the working directory.
pub(super) const HERE: &str = ".";

/// The folders that the OpenStack client searches, in its order.
pub(super) fn folders(environment: &dyn Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from(HERE)];
    let configuration = environment("XDG_CONFIG_HOME").map(PathBuf::from);
    let home = environment("HOME").map(|home| PathBuf::from(home).join(".config"));
    folders.extend(configuration.or(home).map(|folder| folder.join("openstack")));
    folders.push(PathBuf::from("/etc/openstack"));
    folders
}

/// The run's folder that a folder is, or stands in. A run's folder may come from a stranger: nothing in it takes effect.
pub(super) fn run_above(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| is_run(folder))
}

/// Whether a folder is a run's, as far as the names of its files tell.
#[must_use]
pub fn is_run(folder: &Path) -> bool {
    [RUN, JOURNAL].iter().any(|file| folder.join(file).symlink_metadata().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_s_folder_is_known_by_its_files_and_from_within() {
        for file in ["run.json", "resources.jsonl"] {
            let folder = tempfile::tempdir().unwrap();
            let (run, beside) = (folder.path().join("run"), folder.path().join("beside"));
            let within = run.join("transcripts");
            for folder in [&within, &beside] {
                std::fs::create_dir_all(folder).unwrap();
            }
            assert_eq!(run_above(&within), None);
            std::fs::write(run.join(file), "").unwrap();
            assert_eq!((run_above(&run), run_above(&within)), (Some(&*run), Some(&*run)));
            assert_eq!(run_above(&beside), None);
        }
    }
}
