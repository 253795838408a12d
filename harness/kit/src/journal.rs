//! What a run creates, written down before it is created: `resources.jsonl`.
//!
//! The journal survives `kill -9`: each line is handed to the operating system before the request that it announces.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::resources::{Kind, Resource};
use crate::session::Role;
use crate::visible::visible;

/// The name of the journal within a run's folder.
pub const FILE: &str = "resources.jsonl";

/// The longest line that is read, in bytes.
const LONGEST: u64 = 1024 * 1024;
/// The largest journal that is read, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;

/// A line of the journal: what became of a resource. The last line of a resource holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// The test it belongs to.
    pub test: String,
    /// What it is.
    pub resource: Resource,
    /// What became of it.
    pub state: State,
    /// Why it is still there, when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What became of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// About to be created.
    Planned,
    /// Created, with its id known.
    Created,
    /// No longer there.
    Removed,
    /// Could not be removed.
    Left,
}

/// The journal of a run; one without a folder keeps nothing.
#[derive(Debug)]
pub struct Journal(Option<(PathBuf, Mutex<File>)>);

impl Journal {
    /// The journal in a run's folder, to be begun or gone on with.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn open(folder: Option<&Path>) -> io::Result<Self> {
        let Some(folder) = folder else { return Ok(Self(None)) };
        let path = folder.join(FILE);
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        Ok(Self(Some((path, Mutex::new(file)))))
    }

    /// Writes a line.
    ///
    /// # Errors
    ///
    /// The line could not be written: what it announces must not be created.
    pub fn write(&self, test: &str, resource: &Resource, state: State, reason: Option<&str>) -> Result<(), String> {
        let Some((path, file)) = &self.0 else { return Ok(()) };
        let entry = Entry {
            at: Utc::now(),
            test: test.to_owned(),
            resource: resource.clone(),
            state,
            reason: reason.map(str::to_owned),
        };
        let line = serde_json::to_vec(&entry).map_err(io::Error::from).and_then(|mut line| {
            line.push(b'\n');
            file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line)
        });
        line.map_err(|error| format!("cannot write {}: {error}", path.display()))
    }

    /// Reads what a run's folder says is still there: the last line of each resource that was not removed.
    ///
    /// # Errors
    ///
    /// The file cannot be read, a line other than a cut last one is none of a journal, or there is more than a run writes.
    pub fn remaining(folder: &Path) -> Result<Vec<Entry>, String> {
        let path = folder.join(FILE);
        let failed = |error: io::Error| format!("cannot read {}: {error}", path.display());
        let mut reader = BufReader::new(File::open(&path).map_err(failed)?.take(LARGEST + 1));
        let (mut size, mut number, mut line) = (0, 0_usize, Vec::new());
        // Where the last line of each resource stands among the entries.
        let mut places: HashMap<(Kind, String, Role), usize> = HashMap::new();
        let mut entries: Vec<Option<Entry>> = Vec::new();
        let mut broken: Option<String> = None;
        loop {
            line.clear();
            let read = (&mut reader).take(LONGEST + 1).read_until(b'\n', &mut line).map_err(failed)? as u64;
            if read == 0 {
                break;
            }
            // Only the last line may be cut: that is what a kill leaves.
            if let Some(broken) = broken {
                return Err(broken);
            }
            (size, number) = (size + read, number + 1);
            if read > LONGEST || size > LARGEST {
                return Err(format!(
                    "{}:{number}: this is more than any run writes; is it the right folder?",
                    path.display()
                ));
            }
            match serde_json::from_slice::<Entry>(&line) {
                Ok(entry) => {
                    let Resource { kind, name, role, .. } = &entry.resource;
                    if let Some(earlier) = places.insert((*kind, name.clone(), *role), entries.len()) {
                        entries[earlier] = None;
                    }
                    entries.push(Some(entry));
                }
                Err(error) => broken = Some(format!("{}:{number}: {}", path.display(), visible(&error.to_string()))),
            }
        }
        let mut entries: Vec<Entry> = entries.into_iter().flatten().collect();
        entries.retain(|entry| entry.state != State::Removed);
        Ok(entries)
    }
}
