//! The folders that runs and reports are written into.

use std::path::{Path, PathBuf};

use assay_reports::RunFolder;
use assay_reports::record::manifest;
use assay_reports::record::state::{State, private_folder};
use chrono::Utc;

use crate::exit::{Failure, chain};
use crate::output::say;

/// The folder of a run against a cloud, which must not hold anything yet.
pub fn new_folder(out: Option<&Path>, cloud: &str) -> Result<RunFolder, Failure> {
    let unnamed = || {
        let plain: String =
            cloud.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
        PathBuf::from("assay-runs").join(format!("{}-{plain}", Utc::now().format("%Y%m%dT%H%M%S%3fZ")))
    };
    let path = out.map_or_else(unnamed, Path::to_owned);
    let cannot = |error: std::io::Error| {
        Failure::usage(format!("cannot write {}: {error}; name another folder with --out", path.display()))
    };
    if std::fs::read_dir(&path).is_ok_and(|mut files| files.next().is_some()) {
        return Err(Failure::usage(format!("{} is not empty; name a new folder with --out", path.display())));
    }
    own_folder(&path).map_err(cannot)?;
    if std::fs::read_dir(&path).map_err(cannot)?.next().is_some() {
        return Err(Failure::usage(format!("{} is not empty; name a new folder with --out", path.display())));
    }
    Ok(RunFolder::at(path))
}

/// Makes a folder that nobody but its owner can look into, also of one that is there; where that cannot be, it is said.
pub fn own_folder(path: &Path) -> std::io::Result<()> {
    private_folder(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0
            && let Err(error) = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
        {
            say(&format!("warning: others can look into {}, which cannot be changed: {error}", path.display()));
        }
    }
    Ok(())
}

/// Says what the files of a run are, now that it has ended, so that it can be told when they are others.
pub fn seal(folder: &RunFolder) -> Result<(), Failure> {
    let (run, _, _) = folder.load().map_err(|error| Failure::usage(chain(&error)))?;
    let key = State::find().and_then(|state| state.run(&run.id).ok().flatten());
    manifest::write(folder.path(), &run, key.as_ref()).map_err(|error| {
        Failure::usage(format!("cannot write {}: {error}", folder.path().join(manifest::FILE).display()))
    })
}
