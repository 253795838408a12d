//! The resources of Redfish services as files of a run's folder, so that they can be evaluated again.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::PathBuf;

use serde_json::Value;

use super::collected::{COLLECTED_SCHEMA, Collected};
use crate::run_folder::{RunFolder, RunFolderError};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 512 * 1024 * 1024;
/// The most services of one run that are read.
const MOST_SERVICES: usize = 1_000;

/// Where the resources of a run's services are.
fn folder(run: &RunFolder) -> PathBuf {
    run.path().join("redfish")
}

/// Writes what was read of the services of a run, a file for each.
pub fn keep(run: &RunFolder, services: &[Collected]) -> io::Result<()> {
    let folder = folder(run);
    fs::create_dir_all(&folder)?;
    for (number, collected) in services.iter().enumerate() {
        // The number comes first: names may be alike once what is no plain character is gone.
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
        let name: String = collected.service.name.chars().take(60).map(plain).collect();
        let path = folder.join(format!("{:03}-{name}.json", number + 1));
        let partial = path.with_extension("part");
        let text = serde_json::to_string_pretty(collected)? + "\n";
        fs::write(&partial, text).and_then(|()| fs::rename(&partial, &path))?;
    }
    Ok(())
}

/// Reads what a run kept of its services; none, if it looked at none.
pub fn kept(run: &RunFolder) -> Result<Vec<Collected>, RunFolderError> {
    let folder = folder(run);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |path: &PathBuf, source| RunFolderError::Read { path: path.clone(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).map_err(|error| failed(&folder, error))? {
        let path = entry.map_err(|error| failed(&folder, error))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
        if paths.len() > MOST_SERVICES {
            return Err(RunFolderError::TooLarge { path: folder, limit: MOST_SERVICES as u64, unit: "files" });
        }
    }
    paths.sort();
    paths.into_iter().map(read).collect()
}

fn read(path: PathBuf) -> Result<Collected, RunFolderError> {
    let mut bytes = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    if let Err(source) = read {
        return Err(RunFolderError::Read { path, source });
    }
    if bytes.len() as u64 > LARGEST {
        return Err(RunFolderError::TooLarge { path, limit: LARGEST, unit: "bytes" });
    }
    let wrong = |line: usize, what: String| RunFolderError::Line { path: path.clone(), line, what };
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| wrong(error.line(), error.to_string()))?;
    match value.get("schema").and_then(Value::as_str) {
        Some(COLLECTED_SCHEMA) => {}
        other => {
            let found = other.unwrap_or("none");
            return Err(wrong(1, format!("the version is `{found}`, and this Assay reads `{COLLECTED_SCHEMA}`")));
        }
    }
    serde_json::from_value(value).map_err(|error| wrong(1, error.to_string()))
}
