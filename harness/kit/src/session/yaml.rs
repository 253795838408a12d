//! Looks into a YAML mapping that say what is wrong, and where, when they find something else than asked.

use std::path::{Path, PathBuf};

use assay_record::folder::{JOURNAL, RUN};
use serde_yaml::Value;

use super::address::{endpoint, shown};
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
            // YAML 1.1, which the client reads, has more words for it.
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Ok(Some(true)),
                "false" | "no" | "off" | "0" => Ok(Some(false)),
                "" => Ok(None),
                _ => Err(node.wrong("true or false")),
            },
            _ => Err(node.wrong("true or false")),
        }
    }

    pub(super) fn wrong(&self, wanted: &'static str) -> CloudError {
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

/// The method of authentication that an entry names: `auth_type`, or `auth_plugin` as it was once called.
pub(super) fn method(entry: &Node) -> Result<Option<String>, CloudError> {
    let written = entry.text("auth_type")?.or(entry.text("auth_plugin")?);
    // So the client takes both.
    Ok(written.map(|method| if matches!(method.as_str(), "" | "None") { "none".to_owned() } else { method }))
}

/// Refuses what is no plain address of a service, without showing what may be secret in it.
pub(super) fn address(file: &Path, place: &str, address: &str) -> Result<(), CloudError> {
    let Err(reason) = endpoint(address) else { return Ok(()) };
    let (value, help) = match reason.split_once(": ") {
        Some(_) => {
            (format!("an address that cannot be used: {reason}"), "write it with scheme, host, port and path alone")
        }
        None => (format!("`{}`", shown(address)), "write an http or https address"),
    };
    Err(CloudError::Unusable { file: file.to_owned(), place: place.to_owned(), value, help: help.to_owned() })
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
    let value: Value = assay_text::yaml::values(text).map_err(|problem| CloudError::Syntax {
        file: path.to_owned(),
        line: problem.line,
        column: problem.column,
        // The value may be a secret of digits alone.
        reason: match problem.to_string().split_once(": invalid type: integer") {
            Some((place, _)) => format!("{place}: the number is too large: write it in quotes"),
            None => problem.to_string(),
        },
    })?;
    Ok(if value.is_null() { Value::Mapping(serde_yaml::Mapping::new()) } else { value })
}

/// Lays one mapping over another, mapping by mapping, as the OpenStack client does with secure.yaml.
pub(super) fn lay_over(under: &mut Value, over: &Value) {
    match (under, over) {
        (Value::Mapping(under), Value::Mapping(over)) => {
            for (key, value) in over {
                match under.get_mut(key) {
                    Some(there) => lay_over(there, value),
                    None => {
                        under.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (under, over) => *under = over.clone(),
    }
}

/// An entry with `_` in place of `-` in its keys, as the client reads it: `region-name` is `region_name`.
pub(super) fn normalized(value: &Value) -> Value {
    let members = match value {
        Value::Mapping(members) => members,
        Value::Sequence(items) => return Value::Sequence(items.iter().map(normalized).collect()),
        _ => return value.clone(),
    };
    let mut normal = serde_yaml::Mapping::new();
    let dashed = |key: &Value| key.as_str().is_some_and(|key| key.contains('-'));
    // Where both stand there, the one with `-` counts, as for domains and projects in the client.
    let (with, without): (Vec<_>, Vec<_>) = members.iter().partition(|(key, _)| dashed(key));
    for (key, value) in without.into_iter().chain(with) {
        let key = key.as_str().map_or_else(|| key.clone(), |key| Value::from(key.replace('-', "_")));
        normal.insert(key, normalized(value));
    }
    Value::Mapping(normal)
}

/// The first folder that is searched: the working directory.
pub(super) const HERE: &str = ".";

/// The folders that the OpenStack client searches, in its order.
pub(super) fn folders(environment: &dyn Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from(HERE)];
    let own = environment("XDG_CONFIG_HOME").map(PathBuf::from);
    // The client looks into both.
    let home = environment("SNAP_REAL_HOME").or_else(|| environment("HOME"));
    let home = home.map(|home| PathBuf::from(home).join(".config"));
    let site = environment("XDG_CONFIG_DIRS").unwrap_or_else(|| "/etc/xdg".to_owned());
    let site = site.split(':').filter(|folder| !folder.is_empty()).map(PathBuf::from).collect::<Vec<_>>();
    for folder in own.into_iter().chain(home).chain(site).chain([PathBuf::from("/etc")]) {
        let folder = folder.join("openstack");
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
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
