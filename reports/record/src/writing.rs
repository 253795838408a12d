//! Writing the files of a folder that may be a stranger's: what is written there changes no file that stands elsewhere too.
//!
//! A link of either kind may lead to any file of the writer's, a pipe holds whoever opens it, a device acts when it is
//! written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Component, Path};

use crate::state::private_file;

/// What is said of a file that is a link, a pipe, a device or a folder.
const NOT_PLAIN: &str =
    "it is no plain file of the folder, but a link, a pipe, a device or a folder, which is not written";
/// What is said of a file that has another name as well.
const SHARED: &str = "it has another name as well (a hard link): what is written would change that file too";

/// Opens a file of a folder to be written with these options, or makes it, its owner's alone. What is there is opened only
/// if it is a plain file that has no other name; none of the folders on the way to it may be a link.
pub fn open(folder: &Path, name: &Path, options: &OpenOptions) -> io::Result<File> {
    let path = folder.join(name);
    on_the_way(folder, name)?;
    match options.clone().create_new(true).open(&path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        file => return file,
    }
    // It is looked at before it is opened, so that a pipe does not hold this up.
    if !fs::symlink_metadata(&path)?.is_file() {
        return Err(refused(NOT_PLAIN));
    }
    let file = options.open(&path)?;
    has_one_name(&path, &file)?;
    Ok(file)
}

/// Adds to a file of a folder, or makes it.
pub fn append(folder: &Path, name: &Path) -> io::Result<File> {
    open(folder, name, private_file().append(true))
}

/// Writes a file of a folder that is complete or as it was. What is there under its name, or that of its unfinished form, is
/// replaced: nothing is written into it.
pub fn replace(folder: &Path, name: &Path, bytes: &[u8]) -> io::Result<()> {
    on_the_way(folder, name)?;
    let path = folder.join(name);
    let partial = path.with_extension("part");
    match fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private_file().write(true).create_new(true).open(&partial)?;
    let written = file.write_all(bytes).and_then(|()| fs::rename(&partial, &path));
    if written.is_err() {
        // What could not be written is of no use to anyone; the first error is the one to report.
        let _ = fs::remove_file(&partial);
    }
    written
}

/// Refuses a name that leads out of the folder, or through a link.
fn on_the_way(folder: &Path, name: &Path) -> io::Result<()> {
    let mut path = folder.to_owned();
    let mut parts = name.components().peekable();
    while let Some(part) = parts.next() {
        let Component::Normal(part) = part else { return Err(refused(NOT_PLAIN)) };
        path.push(part);
        if parts.peek().is_some() && !fs::symlink_metadata(&path)?.is_dir() {
            return Err(refused(NOT_PLAIN));
        }
    }
    Ok(())
}

/// Refuses a file that became another one meanwhile, or that has another name.
#[cfg(unix)]
fn has_one_name(path: &Path, file: &File) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let (named, opened) = (fs::symlink_metadata(path)?, file.metadata()?);
    if !named.is_file() || (named.dev(), named.ino()) != (opened.dev(), opened.ino()) {
        return Err(refused("it became another file meanwhile"));
    }
    if opened.nlink() == 1 { Ok(()) } else { Err(refused(SHARED)) }
}

/// Here nothing tells how many names a file has.
#[cfg(not(unix))]
fn has_one_name(_: &Path, _: &File) -> io::Result<()> {
    Ok(())
}

fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const THEIRS: &str = "what somebody lives from";

    #[test]
    fn what_stands_elsewhere_too_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let theirs = |name: &str| {
            fs::write(at(name), THEIRS).unwrap();
            at(name)
        };
        let run = at("run");
        fs::create_dir(&run).unwrap();
        fs::create_dir(at("elsewhere")).unwrap();
        std::os::unix::fs::symlink(at("elsewhere"), run.join("folder")).unwrap();
        for (kind, name) in [("hard", "a"), ("soft", "b"), ("dangling", "c")] {
            let (file, link) = (theirs(name), run.join(name));
            match kind {
                "hard" => fs::hard_link(&file, &link).unwrap(),
                "soft" => std::os::unix::fs::symlink(&file, &link).unwrap(),
                _ => std::os::unix::fs::symlink(at("nothing"), &link).unwrap(),
            }
            let error = append(&run, Path::new(name)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{kind}: {error}");
            assert_eq!(fs::read_to_string(&file).unwrap(), THEIRS, "{kind}");
        }
        assert!(append(&run, Path::new("folder/file")).is_err() && replace(&run, Path::new("folder/f"), b"").is_err());
        assert!(append(&run, Path::new("../file")).is_err() && replace(&run, Path::new("../file"), b"").is_err());
        assert!(!at("nothing").exists() && fs::read_dir(at("elsewhere")).unwrap().next().is_none());
    }

    #[test]
    fn what_is_replaced_keeps_what_it_was_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        for (at, name) in ["run.json", "run.part", "other.json", "other.part"].into_iter().enumerate() {
            let theirs = folder.path().join(format!("theirs-{at}"));
            fs::write(&theirs, THEIRS).unwrap();
            let link = folder.path().join(name);
            if at < 2 { fs::hard_link(&theirs, link) } else { std::os::unix::fs::symlink(&theirs, link) }.unwrap();
        }
        for name in ["run.json", "other.json"] {
            replace(folder.path(), Path::new(name), b"{}").unwrap();
            assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), "{}");
        }
        for at in 0..4 {
            assert_eq!(fs::read_to_string(folder.path().join(format!("theirs-{at}"))).unwrap(), THEIRS);
        }
        assert!(!folder.path().join("run.part").exists());
    }

    #[test]
    fn a_file_is_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            append(folder.path(), Path::new("file")).unwrap().write_all(b"line\n").unwrap();
        }
        assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), "line\nline\n");
    }
}
