//! Whose the files are that accounts were read from, for a command that is given a run's folder.
//!
//! The OpenStack client's search begins in the working directory. What stands there beside a run's folder may have come with
//! it, in an archive of a stranger's, and would get the user's password from the user's own `secure.yaml`.

use std::path::{Path, PathBuf};

use assay_kit::session::{Source, is_run};
use assay_reports::record::state::RunState;
use indexmap::IndexMap;

use crate::accounts::Chosen;
use crate::exit::Failure;

/// The files that the accounts were read from, as a later sweep finds them again.
pub fn files(chosen: &Chosen) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = sources(chosen).map(|source| found(&source.file)).collect();
    files.sort();
    files.dedup();
    files
}

/// The endpoints that stand for the catalog's, by the account's name.
pub fn overrides(chosen: &Chosen) -> IndexMap<String, IndexMap<String, String>> {
    chosen.clouds.iter().map(|(role, cloud)| (role.to_string(), cloud.overrides.clone())).collect()
}

/// An endpoint that a run did not have, with its service. One that is gone does no harm: the catalog's is taken.
pub fn other<'a>(
    recorded: &IndexMap<String, String>,
    now: &'a IndexMap<String, String>,
) -> Option<(&'a String, &'a String)> {
    let plain = |url: &String| url.trim_end_matches('/').to_owned();
    now.iter().find(|(service, url)| recorded.get(*service).map(plain) != Some(plain(url)))
}

/// Refuses a file that the search found beside a run's folder, unless the run is this user's and was made with it.
pub fn are_the_user_s(chosen: &Chosen, swept: Option<&Path>, state: Option<&RunState>) -> Result<(), Failure> {
    let here = found(Path::new("."));
    let swept = swept.map(found);
    let Some(run) = swept.clone().filter(|run| run.starts_with(&here)).or_else(|| run_within(&here)) else {
        return Ok(());
    };
    let is_own = |file: &Path| match state {
        Some(RunState { files: Some(files), .. }) => files.contains(&found(file)),
        // Before files were noted, where the run was made has to do.
        Some(state) => swept.as_ref() == Some(&found(&state.folder)),
        None => false,
    };
    match sources(chosen).find(|source| source.is_here && !is_own(&source.file)) {
        None => Ok(()),
        Some(Source { file, variable, .. }) => Err(Failure::usage(format!(
            "{} stands beside the run's folder {}, and may have come with it: change to another folder, or name the file with \
             {variable}",
            file.display(),
            run.display()
        ))),
    }
}

fn sources(chosen: &Chosen) -> impl Iterator<Item = &Source> {
    chosen.clouds.iter().flat_map(|(_, cloud)| &cloud.sources)
}

/// A run's folder right below this one.
fn run_within(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries.filter_map(|entry| Some(entry.ok()?.path())).find(|path| is_run(path))
}

/// A path by which a file is found again, whatever the working directory is.
fn found(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_that_is_new_or_another_is_told() {
        let map = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(service, url)| ((*service).to_owned(), (*url).to_owned())).collect::<IndexMap<_, _>>()
        };
        let recorded = map(&[("image", "http://h/image"), ("compute", "http://h/compute")]);
        for (now, expected) in [
            (map(&[]), None),
            (map(&[("image", "http://h/image/")]), None),
            (map(&[("image", "http://other")]), Some("image")),
            (map(&[("compute", "http://h/compute"), ("volume", "http://h/image")]), Some("volume")),
        ] {
            assert_eq!(other(&recorded, &now).map(|(service, _)| service.as_str()), expected);
        }
    }
}
