//! What Assay keeps for its user beside the folders of runs: the key of each run, and locks.
//!
//! The folder is `$ASSAY_STATE`, or `assay` below `$XDG_STATE_HOME` or `~/.local/state`
//! (<https://specifications.freedesktop.org/basedir-spec/latest/>). It and its files are their owner's alone.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{naming, plain};

/// The value of `schema` in the file of a run.
const SCHEMA: &str = "assay.state.run/1";
/// The largest file that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// The user's state folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State(PathBuf);

/// What is kept of a run: it authenticates what stands in the run's folder.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunState {
    schema: String,
    /// The run's name.
    pub id: String,
    /// When it began, by this machine's clock.
    pub started: DateTime<Utc>,
    /// The run's folder.
    pub folder: PathBuf,
    /// What the command line said of the deployment and the accounts, by the names of the options.
    #[serde(default)]
    pub options: IndexMap<String, String>,
    /// Whether it was made against the reference deployment, which ended with it.
    #[serde(default)]
    pub reference: bool,
    /// The identity service that the user named for each account, by the account's name.
    #[serde(default)]
    pub auth_urls: IndexMap<String, String>,
    /// The endpoints that the user named in place of the catalog's, by the account's name and the type of the service; none
    /// where nobody noted them.
    #[serde(default)]
    pub overrides: Option<IndexMap<String, IndexMap<String, String>>>,
    /// The files that the accounts were read from; unknown for runs of older versions.
    #[serde(default)]
    pub files: Option<Vec<PathBuf>>,
    /// The project of each account, by the account's name.
    #[serde(default)]
    pub projects: IndexMap<String, String>,
    /// When it began, by the deployment's clock.
    #[serde(default)]
    pub began: Option<DateTime<Utc>>,
    /// The code of the last line of its journal, once the run, or a sweep of it, has ended in order.
    #[serde(default)]
    pub end: Option<String>,
    /// A secret: whoever has it can write what the run could have written.
    key: String,
}

impl std::fmt::Debug for RunState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunState").field("id", &self.id).field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl RunState {
    /// That of a run that begins now, with a key of its own.
    #[must_use]
    pub fn new(id: &str, folder: &Path, options: IndexMap<String, String>) -> Self {
        let key = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()].map(|part| part.simple().to_string()).concat();
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        Self {
            schema: SCHEMA.to_owned(),
            id: id.to_owned(),
            started: Utc::now(),
            folder,
            options,
            reference: false,
            auth_urls: IndexMap::new(),
            overrides: None,
            files: None,
            projects: IndexMap::new(),
            began: None,
            end: None,
            key,
        }
    }

    /// The authentication code of some bytes for some purpose (HMAC-SHA-256, in hexadecimal).
    #[must_use]
    pub fn authenticate(&self, purpose: &str, bytes: &[u8]) -> String {
        // A key of any length is taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.key.as_bytes()) else { return String::new() };
        mac.update(purpose.as_bytes());
        mac.update(b"\n");
        mac.update(bytes);
        base16ct::lower::encode_string(&mac.finalize().into_bytes())
    }
}

impl State {
    /// The folder that the environment of this process names; none where there is no home.
    #[must_use]
    pub fn find() -> Option<Self> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let folder = variable("ASSAY_STATE")
            .or_else(|| Some(variable("XDG_STATE_HOME").filter(|path| path.is_absolute())?.join("assay")))
            .or_else(|| Some(variable("HOME")?.join(".local/state/assay")))?;
        Some(Self(folder))
    }

    /// The one at this path.
    #[must_use]
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Keeps a run; the file is locked as long as what this gives is open: the run is under way.
    pub fn keep(&self, run: &RunState) -> io::Result<File> {
        let path = self.run_path(&run.id)?;
        private_folder(&self.0.join("runs"))?;
        let mut file = private_file().write(true).create_new(true).open(path)?;
        file.try_lock()?;
        file.write_all(&serde_json::to_vec(run)?)?;
        Ok(file)
    }

    /// What is kept of a run; none where nothing is.
    pub fn run(&self, id: &str) -> io::Result<Option<RunState>> {
        use std::io::Read as _;
        self.run_path(id)?;
        let file = match plain::open(&self.0.join("runs"), Path::new(&format!("{id}.json"))) {
            // A folder that cannot be there holds nothing either.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            file => file?,
        };
        let mut text = String::new();
        file.take(LARGEST).read_to_string(&mut text)?;
        let run: RunState = serde_json::from_str(&text)?;
        Ok((run.id == id && run.schema == SCHEMA).then_some(run))
    }

    /// Takes the lock of a run that is kept; none while the run, or a sweep of it, is under way.
    pub fn lock_run(&self, id: &str) -> io::Result<Option<File>> {
        lock(File::options().read(true).write(true).open(self.run_path(id)?)?)
    }

    /// Takes the lock of this name, for as long as what this gives is open; none while another process has it.
    pub fn lock(&self, name: &str) -> io::Result<Option<File>> {
        let folder = self.0.join("locks");
        private_folder(&folder)?;
        let path = folder.join(base16ct::lower::encode_string(&Sha256::digest(name)));
        lock(private_file().write(true).create(true).truncate(false).open(path)?)
    }

    fn run_path(&self, id: &str) -> io::Result<PathBuf> {
        // An id from somebody's file must not lead elsewhere.
        if naming::is_run(id) {
            Ok(self.0.join("runs").join(format!("{id}.json")))
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "invalid name of a run"))
        }
    }
}

/// Keeps what is known of a run by now, in the file that [`State::keep`] or [`State::lock_run`] gave.
pub fn renew(kept: &mut File, run: &RunState) -> io::Result<()> {
    use std::io::Seek as _;
    let text = serde_json::to_vec(run)?;
    kept.rewind()?;
    kept.write_all(&text)?;
    kept.set_len(text.len() as u64)
}

fn lock(file: File) -> io::Result<Option<File>> {
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

/// Makes a folder, with those above it, that nobody but its owner can look into. One that is there stays as it is.
pub fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// How a file is opened that nobody but its owner may read.
#[must_use]
pub fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_kept_locked_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::at(folder.path().join("state"));
        let run = RunState::new("assay-0a1b2c3d", Path::new("run"), IndexMap::new());
        assert_eq!(state.run(&run.id).unwrap(), None);
        let kept = state.keep(&run).unwrap();
        assert!(state.lock_run(&run.id).unwrap().is_none(), "the run is under way");
        drop(kept);
        assert!(state.lock_run(&run.id).unwrap().is_some());
        let found = state.run(&run.id).unwrap().unwrap();
        assert_eq!(found, run);
        assert_eq!(found.authenticate("journal", b"line"), run.authenticate("journal", b"line"));
        assert_ne!(found.authenticate("manifest", b"line"), run.authenticate("journal", b"line"));
        assert!(state.run("../../etc/passwd").is_err());
        assert!(!format!("{run:?}").contains(&run.key));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let state = State::at(folder.path().join("state"));
        state.keep(&RunState::new("assay-0a1b2c3d", Path::new("run"), IndexMap::new())).unwrap();
        let mode = |path: &str| std::fs::metadata(state.path().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(""), mode("runs"), mode("runs/assay-0a1b2c3d.json")), (0o700, 0o700, 0o600));
    }

    #[test]
    fn a_lock_is_one_s_alone() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::at(folder.path());
        let held = state.lock("an account").unwrap().unwrap();
        assert!(state.lock("an account").unwrap().is_none() && state.lock("another").unwrap().is_some());
        drop(held);
        assert!(state.lock("an account").unwrap().is_some());
    }
}
