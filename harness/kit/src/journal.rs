//! What a run creates, written down before it is created: `resources.jsonl`.
//!
//! The journal survives `kill -9`: each line is handed to the operating system before the request that it announces. Each
//! line is authenticated, with all lines before it, by a key that stays in the user's state folder: a line that is added,
//! changed or left out later is told. What a line says takes effect only where the deployment itself proves it
//! ([`crate::guard`]).

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub use assay_record::folder::JOURNAL as FILE;
use assay_record::state::{RunState, private_file};
use assay_record::{plain, writing};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::resources::{Kind, Resource};
use crate::session::Role;
use assay_text::excerpt as visible;

/// What lines are authenticated for.
const PURPOSE: &str = "journal";
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
    /// The authentication code of this line and those before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl Entry {
    /// The code of this line after one that had this code.
    fn code(&self, run: &RunState, before: &str) -> io::Result<String> {
        let bare = Self { code: None, ..self.clone() };
        let line = serde_json::to_string(&bare)?;
        Ok(run.authenticate(PURPOSE, format!("{before}\n{line}").as_bytes()))
    }
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

/// What a journal is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Each line was written by the run, on this machine.
    Own,
    /// Nobody here can tell: the key is not on this machine.
    Unknown,
    /// This line, from 1, or one before it, was not written by the run.
    Forged(usize),
}

/// What a journal says is still there.
#[derive(Debug, Clone, PartialEq)]
pub struct Announced {
    /// The last line of each resource that was not removed.
    pub entries: Vec<Entry>,
    /// What that is worth.
    pub trust: Trust,
}

/// Why a journal cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The run is under way, or a sweep of it.
    #[error("{} is in use: the run, or a sweep of it, is still under way; wait for its end", .0.display())]
    InUse(PathBuf),
    /// The file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The journal of a run; one without a folder keeps nothing. It is locked as long as it is open.
#[derive(Debug)]
pub struct Journal(Option<Open>);

#[derive(Debug)]
struct Open {
    path: PathBuf,
    run: Option<RunState>,
    end: Mutex<End>,
}

#[derive(Debug)]
struct End {
    file: Tail,
    code: String,
}

/// Where lines are added. Nothing in the file is touched before there is one.
#[derive(Debug)]
struct Tail {
    file: File,
    is_begun: bool,
}

impl Tail {
    /// Adds a line.
    fn write_all(&mut self, line: &[u8]) -> io::Result<()> {
        if !self.is_begun {
            // What a kill left of a last line announces nothing: its request was never sent.
            let kept = whole_lines(&mut self.file)?;
            self.file.set_len(kept)?;
            self.file.seek(SeekFrom::End(0))?;
            self.is_begun = true;
        }
        self.file.write_all(line)
    }
}

/// Takes the lock of a journal, as long as the file is open.
fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    match file.try_lock() {
        Err(std::fs::TryLockError::WouldBlock) => Err(JournalError::InUse(path.to_owned())),
        // Some file systems have no locks.
        Ok(()) | Err(std::fs::TryLockError::Error(_)) => Ok(()),
    }
}

impl Journal {
    /// The journal in a run's folder, to be begun or gone on with; lines are authenticated where the run has a key.
    ///
    /// # Errors
    ///
    /// It is in use, or cannot be written.
    pub fn open(folder: Option<&Path>, run: Option<&RunState>) -> Result<Self, JournalError> {
        let Some(folder) = folder else { return Ok(Self(None)) };
        let path = folder.join(FILE);
        let failed = |source| JournalError::Write { path: path.clone(), source };
        let opened = writing::open(folder, Path::new(FILE), private_file().read(true).write(true));
        let file = opened.map_err(failed)?;
        lock(&file, &path)?;
        let file = Tail { file, is_begun: false };
        let mut code = String::new();
        each(folder, |_, entry| {
            code = entry.code.unwrap_or_default();
            Ok(())
        })
        .ok();
        Ok(Self(Some(Open { path, run: run.cloned(), end: Mutex::new(End { file, code }) })))
    }

    /// Refuses the journal of a run, or of a sweep, that is under way; nothing is written.
    ///
    /// # Errors
    ///
    /// It is in use.
    pub fn at_rest(folder: &Path) -> Result<(), JournalError> {
        // One that cannot be opened is of no use to anyone else either.
        plain::open(folder, Path::new(FILE)).map_or(Ok(()), |file| lock(&file, &folder.join(FILE)))
    }

    /// Writes a line.
    ///
    /// # Errors
    ///
    /// The line could not be written: what it announces must not be created.
    pub fn write(&self, test: &str, resource: &Resource, state: State, reason: Option<&str>) -> Result<(), String> {
        let Some(open) = &self.0 else { return Ok(()) };
        let mut entry = Entry {
            at: Utc::now(),
            test: test.to_owned(),
            resource: resource.clone(),
            state,
            reason: reason.map(str::to_owned),
            code: None,
        };
        // Lines are written in the order in which they are authenticated.
        let mut end = open.end.lock().unwrap_or_else(PoisonError::into_inner);
        let mut write = || {
            if let Some(run) = &open.run {
                entry.code = Some(entry.code(run, &end.code)?);
            }
            let mut line = serde_json::to_vec(&entry)?;
            line.push(b'\n');
            if line.len() as u64 > LONGEST {
                // Nobody could read it again.
                let why =
                    format!("{resource} takes {} bytes to note down, and a line has at most {LONGEST}", line.len());
                return Err(io::Error::other(why));
            }
            end.file.write_all(&line)?;
            end.code = entry.code.clone().unwrap_or_default();
            Ok::<_, io::Error>(())
        };
        write().map_err(|error| format!("cannot write {}: {error}", open.path.display()))
    }

    /// The code of its last line, which tells whether one is missing later; none where lines have none.
    #[must_use]
    pub fn end(&self) -> Option<String> {
        let open = self.0.as_ref()?;
        let code = open.end.lock().unwrap_or_else(PoisonError::into_inner).code.clone();
        (!code.is_empty()).then_some(code)
    }

    /// Reads what a run's folder says is still there: the last line of each resource that was not removed.
    ///
    /// # Errors
    ///
    /// The file cannot be read, a line is invalid, other than a cut last one, or there is more than a run writes.
    pub fn remaining(folder: &Path) -> Result<Vec<Entry>, String> {
        Self::announced(folder, None).map(|announced| announced.entries)
    }

    /// The same, and what it is worth: each line is held against the run's key, where there is one.
    ///
    /// # Errors
    ///
    /// See [`Journal::remaining`].
    pub fn announced(folder: &Path, run: Option<&RunState>) -> Result<Announced, String> {
        // Where the last line of each resource stands among the entries.
        let mut places: HashMap<(Kind, String, Role, Option<String>), usize> = HashMap::new();
        let mut entries: Vec<Option<Entry>> = Vec::new();
        let mut trust = if run.is_some() { Trust::Own } else { Trust::Unknown };
        let mut code = String::new();
        let end = run.and_then(|run| run.end.as_ref());
        let (mut ended, mut lines) = (end.is_none(), 0);
        each(folder, |number, entry| {
            lines = number;
            ended |= end == entry.code.as_ref();
            if let (Some(run), Trust::Own) = (run, &trust) {
                match entry.code(run, &code) {
                    Ok(right) if entry.code.as_ref() == Some(&right) => code = right,
                    _ => trust = Trust::Forged(number),
                }
            }
            let Resource { kind, name, role, id, .. } = &entry.resource;
            // Objects of one container are told apart by their id.
            let part = id.clone().filter(|_| *kind == Kind::Object);
            if let Some(earlier) = places.insert((*kind, name.clone(), *role, part), entries.len()) {
                entries[earlier] = None;
            }
            entries.push(Some(entry));
            Ok(())
        })?;
        if trust == Trust::Own && !ended {
            // It is shorter than the run left it.
            trust = Trust::Forged(lines + 1);
        }
        let mut entries: Vec<Entry> = entries.into_iter().flatten().collect();
        entries.retain(|entry| entry.state != State::Removed);
        // Objects go with their container.
        let container = |entry: &Entry| entry.resource.kind == Kind::Container;
        let there: HashSet<String> =
            entries.iter().filter(|entry| container(entry)).map(|entry| entry.resource.name.clone()).collect();
        entries.retain(|entry| entry.resource.kind != Kind::Object || there.contains(&entry.resource.name));
        Ok(Announced { entries, trust })
    }
}

/// How many bytes of a file are whole lines.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let mut end = length;
    let mut block = [0_u8; 4096];
    while end > 0 {
        let begin = end.saturating_sub(block.len() as u64);
        file.seek(SeekFrom::Start(begin))?;
        let part = &mut block[..usize::try_from(end - begin).unwrap_or_default()];
        file.read_exact(part)?;
        if let Some(at) = part.iter().rposition(|byte| *byte == b'\n') {
            return Ok(begin + at as u64 + 1);
        }
        end = begin;
    }
    Ok(0)
}

/// Hands on each line of a journal with its number; a cut last one is passed over.
fn each(folder: &Path, mut with: impl FnMut(usize, Entry) -> Result<(), String>) -> Result<(), String> {
    let path = folder.join(FILE);
    let failed = |error: io::Error| format!("cannot read {}: {error}", path.display());
    let file = plain::open(folder, Path::new(FILE)).map_err(failed)?;
    let mut reader = BufReader::new(file.take(LARGEST + 1));
    let (mut size, mut number, mut line) = (0, 0_usize, Vec::new());
    let mut broken: Option<String> = None;
    loop {
        line.clear();
        let read = (&mut reader).take(LONGEST + 1).read_until(b'\n', &mut line).map_err(failed)? as u64;
        if read == 0 {
            return Ok(());
        }
        // Only the last line may be cut: that is what a kill leaves.
        if let Some(broken) = broken {
            return Err(broken);
        }
        (size, number) = (size + read, number + 1);
        let place = format!("{}:{number}", path.display());
        if read > LONGEST || size > LARGEST {
            return Err(format!("{place}: this is more than any run writes; is it the right folder?"));
        }
        if !line.ends_with(b"\n") {
            // A kill cut it: its request was never sent, and the next line takes its place.
            return Ok(());
        }
        match serde_json::from_slice::<Entry>(&line) {
            Ok(entry) => {
                entry.resource.check().map_err(|wrong| format!("{place}: {wrong}"))?;
                with(number, entry)?;
            }
            Err(error) => broken = Some(format!("{place}: {}", visible(&error.to_string()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;

    fn run(folder: &Path) -> RunState {
        RunState::new("assay-0a1b2c3d", folder, IndexMap::new())
    }

    fn written(folder: &Path, run: &RunState) {
        let journal = Journal::open(Some(folder), Some(run)).unwrap();
        for name in ["one", "two", "three"] {
            journal.write("test", &Resource::new(Kind::Image, name), State::Planned, None).unwrap();
        }
        journal.write("test", &Resource::new(Kind::Image, "two"), State::Removed, None).unwrap();
    }

    #[test]
    fn lines_are_authentic_until_one_is_changed_added_or_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let (path, run) = (folder.path(), run(folder.path()));
        written(path, &run);
        let announced = Journal::announced(path, Some(&run)).unwrap();
        let names: Vec<_> = announced.entries.iter().map(|entry| entry.resource.name.as_str()).collect();
        assert_eq!((names, announced.trust), (vec!["one", "three"], Trust::Own));
        assert_eq!(Journal::announced(path, None).unwrap().trust, Trust::Unknown);
        // It goes on where it ended.
        let journal = Journal::open(Some(path), Some(&run)).unwrap();
        journal.write("sweep", &Resource::new(Kind::Image, "one"), State::Removed, None).unwrap();
        drop(journal);
        assert_eq!(Journal::announced(path, Some(&run)).unwrap().trust, Trust::Own);

        let whole = std::fs::read_to_string(path.join(FILE)).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        let added = lines[0].replace("one", "golden");
        let cases = [
            (whole.replacen("three", "other", 1), 3),
            ([&lines[..1], &lines[2..]].concat().join("\n") + "\n", 2),
            (format!("{whole}{added}\n"), 6),
            ([vec![lines[1], lines[0]], lines[2..].to_vec()].concat().join("\n") + "\n", 1),
        ];
        for (text, line) in cases {
            std::fs::write(path.join(FILE), text).unwrap();
            assert_eq!(Journal::announced(path, Some(&run)).unwrap().trust, Trust::Forged(line));
        }
    }

    #[test]
    fn a_journal_that_ended_longer_is_not_its_run_s() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut run) = (folder.path(), run(folder.path()));
        written(path, &run);
        run.end = Journal::open(Some(path), Some(&run)).unwrap().end();
        assert!(run.end.is_some());
        assert_eq!(Journal::announced(path, Some(&run)).unwrap().trust, Trust::Own);
        let whole = std::fs::read_to_string(path.join(FILE)).unwrap();
        let cut = whole.trim_end().rsplit_once('\n').unwrap().0;
        std::fs::write(path.join(FILE), format!("{cut}\n")).unwrap();
        assert_eq!(Journal::announced(path, Some(&run)).unwrap().trust, Trust::Forged(4));
    }

    #[test]
    fn what_a_kill_left_of_a_line_goes() {
        let folder = tempfile::tempdir().unwrap();
        let (path, run) = (folder.path(), run(folder.path()));
        written(path, &run);
        let whole = std::fs::read_to_string(path.join(FILE)).unwrap();
        std::fs::write(path.join(FILE), &whole[..whole.len() - 20]).unwrap();
        let announced = Journal::announced(path, Some(&run)).unwrap();
        assert_eq!((announced.entries.len(), announced.trust), (3, Trust::Own));
        let journal = Journal::open(Some(path), Some(&run)).unwrap();
        journal.write("sweep", &Resource::new(Kind::Image, "one"), State::Removed, None).unwrap();
        drop(journal);
        let announced = Journal::announced(path, Some(&run)).unwrap();
        assert_eq!((announced.entries.len(), announced.trust), (2, Trust::Own));
    }

    #[test]
    fn what_is_there_is_not_touched_before_a_line_is_added() {
        let folder = tempfile::tempdir().unwrap();
        let (path, theirs) = (folder.path(), "what somebody lives from, without an end of line");
        std::fs::write(path.join(FILE), theirs).unwrap();
        drop(Journal::open(Some(path), None).unwrap());
        assert_eq!(std::fs::read_to_string(path.join(FILE)).unwrap(), theirs);
    }

    #[cfg(unix)]
    #[test]
    fn a_hard_link_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let (path, theirs) = (folder.path(), folder.path().join("theirs"));
        std::fs::write(&theirs, "what somebody lives from").unwrap();
        std::fs::hard_link(&theirs, path.join(FILE)).unwrap();
        assert!(matches!(Journal::open(Some(path), None), Err(JournalError::Write { .. })));
        assert_eq!(std::fs::read_to_string(&theirs).unwrap(), "what somebody lives from");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_neither_read_nor_written() {
        let folder = tempfile::tempdir().unwrap();
        let (run, theirs) = (folder.path().join("run"), folder.path().join("theirs"));
        std::fs::create_dir(&run).unwrap();
        std::fs::write(&theirs, "what somebody lives from").unwrap();
        std::os::unix::fs::symlink(&theirs, run.join(FILE)).unwrap();
        assert!(matches!(Journal::open(Some(&run), None), Err(JournalError::Write { .. })));
        assert!(Journal::remaining(&run).is_err());
        assert_eq!(std::fs::read_to_string(&theirs).unwrap(), "what somebody lives from");
    }

    #[test]
    fn a_line_that_nobody_could_read_again_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(Some(folder.path()), None).unwrap();
        let large = Resource { previous: Some("x".repeat(2 << 20)), ..Resource::new(Kind::Machine, "m") };
        let error = journal.write("t", &large, State::Created, None).unwrap_err();
        assert!(error.contains("a line has at most"), "{error}");
        journal.write("t", &Resource::new(Kind::Machine, "n"), State::Created, None).unwrap();
        assert_eq!(Journal::remaining(folder.path()).unwrap().len(), 1);
    }

    #[test]
    fn one_that_is_open_is_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let open = Journal::open(Some(folder.path()), None).unwrap();
        assert!(matches!(Journal::open(Some(folder.path()), None), Err(JournalError::InUse(_))));
        assert!(matches!(Journal::at_rest(folder.path()), Err(JournalError::InUse(_))));
        drop(open);
        assert!(Journal::at_rest(folder.path()).is_ok());
        assert!(Journal::open(Some(folder.path()), None).is_ok());
    }

    #[test]
    fn ids_and_names_that_lead_elsewhere_are_refused_with_their_line() {
        for (kind, id) in [
            ("image", "http://elsewhere/x"),
            ("image", ".."),
            ("image", ""),
            ("server", "a/b"),
            ("volume", "1?force=true"),
            ("redfish-system", "http://h/redfish/v1/Systems/1"),
            ("redfish-system", "/redfish/v1/../x"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let line = serde_json::json!({"at": "2026-01-01T00:00:00Z", "test": "t", "state": "created",
                "resource": {"kind": kind, "name": "n", "role": "member", "id": id}});
            std::fs::write(folder.path().join(FILE), format!("{line}\n")).unwrap();
            let error = Journal::remaining(folder.path()).unwrap_err();
            assert!(error.contains("resources.jsonl:1: the id of the"), "{error}");
        }
    }
}
