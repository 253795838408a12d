//! What a run's files of evidence were when it ended: `manifest.json`.
//!
//! It holds the digest of each, and a code that only whoever has the run's key can make ([`RunState`]). Reports are not in
//! it: they can be made again.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::state::RunState;
use crate::{GuidelineUsed, Run, folder, plain, writing};

/// The value of `schema` in a `manifest.json` of this version.
pub const SCHEMA: &str = "assay.manifest/1";
/// The name of the file within a run's folder.
pub const FILE: &str = "manifest.json";

/// What the key of a run is used for here.
const PURPOSE: &str = "manifest";
/// The files of evidence in the folder itself.
const FILES: [&str; 3] = [folder::RUN, folder::RESULTS, folder::JOURNAL];
/// The folders of evidence.
const FOLDERS: [&str; 2] = [folder::TRANSCRIPTS, folder::REDFISH];
/// The most files of a folder.
const MOST_FILES: usize = 100_000;
/// The most bytes that are read of all files together.
const MOST_BYTES: u64 = 8 * 1024 * 1024 * 1024;
/// The largest manifest that is read, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What a run's files of evidence were when it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// The version of the format: `assay.manifest/1`.
    pub schema: String,
    /// The run's name.
    pub run: String,
    /// The version of Assay that ran.
    pub assay: String,
    /// The guideline that selected the tests, when one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guideline: Option<GuidelineUsed>,
    /// The files, by name.
    pub files: Vec<FileDigest>,
    /// The authentication code of all the above by the run's key (HMAC-SHA-256, in hexadecimal); absent where no key was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// A file of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileDigest {
    /// Its name within the folder, such as `transcripts/identity.versions.list.jsonl`.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// What became of the files since.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Those that are not what they were.
    pub changed: Vec<String>,
    /// Those that are there no more.
    pub missing: Vec<String>,
    /// Those that were not there.
    pub added: Vec<String>,
}

/// Writes the manifest of a run that has ended; with a code, where the run's key is kept.
pub fn write(folder: &Path, run: &Run, key: Option<&RunState>) -> io::Result<()> {
    let mut files = Vec::new();
    let mut left = MOST_BYTES;
    for (name, size) in evidence(folder)? {
        let sha256 = digest(&mut plain::open(folder, &name)?, size, &mut left)?;
        files.push(FileDigest { name: text(&name), size, sha256 });
    }
    let mut manifest = Manifest {
        schema: SCHEMA.to_owned(),
        run: run.id.clone(),
        assay: run.assay.clone(),
        guideline: run.guideline.clone(),
        files,
        code: None,
    };
    manifest.code = key.map(|key| manifest.code_by(key)).transpose()?;
    writing::replace(folder, Path::new(FILE), (serde_json::to_string_pretty(&manifest)? + "\n").as_bytes())
}

/// Reads the manifest of a folder; `None` if the file is missing.
pub fn read(folder: &Path) -> io::Result<Option<Manifest>> {
    let file = match plain::open(folder, Path::new(FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes)?;
    // What stands in it is not repeated: it may be anything.
    let malformed = || io::Error::new(io::ErrorKind::InvalidData, "it is no manifest that this Assay reads");
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|_| malformed())?;
    if manifest.schema == SCHEMA { Ok(Some(manifest)) } else { Err(malformed()) }
}

impl Manifest {
    /// Whether whoever wrote it had this key.
    #[must_use]
    pub fn is_by(&self, key: &RunState) -> bool {
        let unsigned = Self { code: None, ..self.clone() };
        unsigned.code_by(key).is_ok_and(|code| self.code.as_deref() == Some(code.as_str()))
    }

    /// What became of the files since.
    pub fn changes(&self, folder: &Path) -> io::Result<Changes> {
        let mut known: BTreeMap<&str, &FileDigest> = self.files.iter().map(|file| (file.name.as_str(), file)).collect();
        let (mut changes, mut left) = (Changes::default(), MOST_BYTES);
        for (path, size) in evidence(folder)? {
            let name = text(&path);
            let Some(was) = known.remove(name.as_str()) else {
                changes.added.push(name);
                continue;
            };
            let same = if size == was.size || (name == folder::JOURNAL && size > was.size) {
                digest(&mut plain::open(folder, &path)?, was.size, &mut left)? == was.sha256
            } else {
                false
            };
            if !same {
                changes.changed.push(name);
            }
        }
        changes.missing = known.into_keys().map(str::to_owned).collect();
        Ok(changes)
    }

    fn code_by(&self, key: &RunState) -> io::Result<String> {
        Ok(key.authenticate(PURPOSE, &serde_json::to_vec(self)?))
    }
}

/// The files of evidence that a folder holds, with their sizes.
fn evidence(folder: &Path) -> io::Result<Vec<(PathBuf, u64)>> {
    let mut files = Vec::new();
    for name in FILES.map(Path::new) {
        if plain::exists(folder, name) {
            let size = plain::open(folder, name)?.metadata()?.len();
            files.push((name.to_owned(), size));
        }
    }
    for name in FOLDERS {
        files.extend(plain::list(folder, name, MOST_FILES)?);
    }
    Ok(files)
}

/// The digest of the first bytes of a file.
fn digest(file: &mut File, size: u64, left: &mut u64) -> io::Result<String> {
    *left = left.checked_sub(size).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidData, format!("the files are larger than {MOST_BYTES} bytes together"))
    })?;
    let (mut hash, mut part) = (Sha256::new(), vec![0; 64 * 1024]);
    let mut rest = file.take(size);
    loop {
        match rest.read(&mut part)? {
            0 => return Ok(base16ct::lower::encode_string(&hash.finalize())),
            read => hash.update(&part[..read]),
        }
    }
}

fn text(name: &Path) -> String {
    // The same on every system.
    name.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use indexmap::IndexMap;

    use super::*;

    fn run() -> Run {
        serde_json::from_value(serde_json::json!({
            "schema": crate::SCHEMA, "id": "assay-0a1b2c3d", "started": "2026-01-01T00:00:00Z", "assay": "0.1.0",
            "deployment": {"name": "x", "auth_url": "http://127.0.0.1", "tls_verified": true}, "argv": [], "selected": [],
        }))
        .unwrap()
    }

    #[test]
    fn what_changed_since_is_told_and_the_key_decides_who_wrote_it() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        let key = RunState::new("assay-0a1b2c3d", folder, IndexMap::new());
        fs::create_dir(folder.join("transcripts")).unwrap();
        for name in ["run.json", "results.jsonl", "resources.jsonl", "transcripts/a.jsonl", "transcripts/b.jsonl"] {
            fs::write(folder.join(name), format!("{name}\n")).unwrap();
        }
        assert_eq!(read(folder).unwrap(), None);
        write(folder, &run(), Some(&key)).unwrap();
        let manifest = read(folder).unwrap().unwrap();
        assert_eq!(manifest.changes(folder).unwrap(), Changes::default());
        assert!(manifest.is_by(&key) && !manifest.is_by(&RunState::new("assay-0a1b2c3d", folder, IndexMap::new())));
        assert!(!Manifest { assay: "0.2.0".into(), ..manifest.clone() }.is_by(&key));

        // A report is no evidence, and a sweep adds to the journal.
        fs::write(folder.join("report.txt"), "").unwrap();
        fs::write(folder.join("resources.jsonl"), "resources.jsonl\nmore\n").unwrap();
        assert_eq!(manifest.changes(folder).unwrap(), Changes::default());
        fs::write(folder.join("results.jsonl"), "results.jsonX\n").unwrap();
        fs::write(folder.join("resources.jsonl"), "resourceX.jsonl\nmore\n").unwrap();
        fs::remove_file(folder.join("transcripts/a.jsonl")).unwrap();
        fs::write(folder.join("transcripts/c.jsonl"), "").unwrap();
        let changes = manifest.changes(folder).unwrap();
        assert_eq!(changes.changed, ["results.jsonl", "resources.jsonl"]);
        assert_eq!(
            (changes.missing, changes.added),
            (vec!["transcripts/a.jsonl".into()], vec!["transcripts/c.jsonl".into()])
        );
    }

    #[test]
    fn without_a_key_there_is_no_code() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("run.json"), "{}").unwrap();
        write(place.path(), &run(), None).unwrap();
        assert_eq!(read(place.path()).unwrap().unwrap().code, None);
        fs::write(place.path().join(FILE), "root:x:0").unwrap();
        assert!(!read(place.path()).unwrap_err().to_string().contains("root"));
    }
}
