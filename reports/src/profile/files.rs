//! The resources of Redfish services as files of a run's folder, so that they can be evaluated again.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::collected::{COLLECTED_SCHEMA, Collected};
use crate::record::state::private_folder;
use crate::record::{RunFolder, RunFolderError};
use crate::record::{plain, writing};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 512 * 1024 * 1024;
/// The most services of one run that are read.
const MOST_SERVICES: usize = 1_000;
/// The most files that are looked at.
const MOST_FILES: usize = 100_000;

/// Where the resources of a run's services are.
fn folder(run: &RunFolder) -> PathBuf {
    run.path().join("redfish")
}

/// Writes what was read of the services of a run, a file for each.
pub fn keep(run: &RunFolder, services: &[Collected]) -> io::Result<()> {
    private_folder(&folder(run))?;
    for (number, collected) in services.iter().enumerate() {
        // The number comes first: names may be alike once what is no plain character is gone.
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
        let name: String = collected.service.name.chars().take(60).map(plain).collect();
        let name = format!("redfish/{:03}-{name}.json", number + 1);
        let text = serde_json::to_string_pretty(collected)? + "\n";
        writing::replace(run.path(), Path::new(&name), text.as_bytes())?;
    }
    Ok(())
}

/// Reads what a run kept of its services; none, if it looked at none.
pub fn kept(run: &RunFolder) -> Result<Vec<Collected>, RunFolderError> {
    let failed = |source| RunFolderError::Read { path: folder(run), source };
    let names = plain::list(run.path(), "redfish", MOST_FILES).map_err(failed)?;
    let mut names: Vec<PathBuf> = names.into_iter().map(|(name, _)| name).collect();
    names.retain(|name| name.extension().is_some_and(|extension| extension == "json"));
    if names.len() > MOST_SERVICES {
        return Err(RunFolderError::TooLarge { path: folder(run), limit: MOST_SERVICES as u64, unit: "files" });
    }
    names.iter().map(|name| read(run, name)).collect()
}

fn read(run: &RunFolder, name: &Path) -> Result<Collected, RunFolderError> {
    let path = run.path().join(name);
    let mut bytes = Vec::new();
    let read = plain::open(run.path(), name).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    if let Err(source) = read {
        return Err(RunFolderError::Read { path, source });
    }
    if bytes.len() as u64 > LARGEST {
        return Err(RunFolderError::TooLarge { path, limit: LARGEST, unit: "bytes" });
    }
    let wrong =
        |line: usize, what: String| RunFolderError::Line { path: path.clone(), line, what: assay_text::excerpt(&what) };
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
