//! Whether the files of a folder are what the run wrote.

use crate::record::Run;
use crate::record::RunFolder;
use crate::record::manifest::{self, Changes, Manifest};
use crate::record::state::RunState;

use super::doubt::{Doubt, Weight};

/// Who made a run, as far as whoever looks at its folder knows.
#[derive(Debug, Clone, Copy)]
pub enum Maker<'a> {
    /// This very process, just now.
    Myself,
    /// This user: the run's key is kept.
    Mine(&'a RunState),
    /// Somebody.
    Unknown,
}

/// What is to be said of the files.
pub(super) fn doubts(folder: &RunFolder, run: &Run, maker: Maker<'_>) -> Vec<Doubt> {
    match manifest::read(folder.path()) {
        Ok(Some(manifest)) => of_manifest(folder, run, maker, &manifest),
        Ok(None) => vec![Doubt::of_folder(Weight::LeftOut, missing(run), Vec::new())],
        Err(error) => {
            let what = format!("the manifest cannot be read: {error}");
            vec![Doubt::of_folder(Weight::Contradiction, what, Vec::new())]
        }
    }
}

fn missing(run: &Run) -> &'static str {
    if run.finished.is_none() {
        "the run did not come to its end and left no manifest: nobody vouches that its files are what it wrote"
    } else {
        "the folder has no manifest: nobody vouches that its files are what the run wrote"
    }
}

fn of_manifest(folder: &RunFolder, run: &Run, maker: Maker<'_>, manifest: &Manifest) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let mut add = |weight, what: &str, subjects: Vec<String>| doubts.push(Doubt::of_folder(weight, what, subjects));
    if manifest.run != run.id || manifest.guideline != run.guideline {
        add(Weight::Contradiction, "the manifest is of another run", Vec::new());
    }
    match maker {
        Maker::Myself => {}
        Maker::Mine(key) if manifest.is_by(key) => {}
        Maker::Mine(_) => {
            add(
                Weight::Contradiction,
                "the manifest was not written by this run of yours: its code is wrong",
                Vec::new(),
            );
        }
        Maker::Unknown => add(
            Weight::Note,
            "no key of this run is kept here, as when it was made on another machine: the digests of its manifest were \
             checked, and nobody vouches for who wrote it",
            Vec::new(),
        ),
    }
    match manifest.changes(folder.path()) {
        Ok(Changes { changed, missing, added }) => {
            for (what, files) in [
                ("files were changed after the run ended", changed),
                ("files of the run are missing", missing),
                ("files were added after the run ended", added),
            ] {
                if !files.is_empty() {
                    add(Weight::Contradiction, what, files);
                }
            }
        }
        Err(error) => {
            add(Weight::Contradiction, &format!("the files cannot be held against the manifest: {error}"), Vec::new());
        }
    }
    doubts
}
