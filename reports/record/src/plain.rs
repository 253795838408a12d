//! Opening the files of a folder that may be a stranger's: plain files within it, and nothing else.
//!
//! A link may lead to any file of the reader's, a pipe never ends, a device acts when it is read.

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

/// What is said of a file that is a link, a pipe, a device or a folder.
const NOT_PLAIN: &str =
    "it is no plain file of the folder, but a link, a pipe, a device or a folder, which is not read";

/// Opens a plain file by its name within a folder; none of the folders on the way to it may be a link either.
pub fn open(folder: &Path, name: &Path) -> io::Result<File> {
    let found = metadata(folder, name)?;
    if !found.is_file() {
        return Err(refused());
    }
    let file = options().open(folder.join(name))?;
    // It may have become another in between.
    if file.metadata()?.is_file() { Ok(file) } else { Err(refused()) }
}

/// The files of a folder within a folder, with their sizes, by name; none where there is no such folder. More of them than
/// `at_most` are refused, and so is what is no plain file.
pub fn list(folder: &Path, name: &str, at_most: usize) -> io::Result<Vec<(PathBuf, u64)>> {
    match metadata(folder, Path::new(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
        Ok(found) if !found.is_dir() => return Err(refused()),
        Ok(_) => {}
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(folder.join(name))? {
        let entry = entry?;
        let found = fs::symlink_metadata(entry.path())?;
        if !found.is_file() {
            return Err(refused());
        }
        if files.len() == at_most {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("it holds more than {at_most} files")));
        }
        files.push((Path::new(name).join(entry.file_name()), found.len()));
    }
    files.sort();
    Ok(files)
}

/// Whether there is a file or folder of this name, whatever it is.
#[must_use]
pub fn exists(folder: &Path, name: &Path) -> bool {
    fs::symlink_metadata(folder.join(name)).is_ok()
}

fn metadata(folder: &Path, name: &Path) -> io::Result<fs::Metadata> {
    let mut path = folder.to_owned();
    let mut parts = name.components().peekable();
    while let Some(part) = parts.next() {
        let Component::Normal(part) = part else { return Err(refused()) };
        path.push(part);
        let found = fs::symlink_metadata(&path)?;
        if parts.peek().is_none() {
            return Ok(found);
        }
        if !found.is_dir() {
            return Err(refused());
        }
    }
    Err(refused())
}

fn options() -> fs::OpenOptions {
    let mut options = File::options();
    options.read(true);
    options
}

fn refused() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, NOT_PLAIN)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_plain_files_within_the_folder_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("run")).unwrap();
        fs::create_dir(at("run/real")).unwrap();
        for file in ["secret", "run/plain", "run/real/plain"] {
            fs::write(at(file), "text").unwrap();
        }
        std::os::unix::fs::symlink(at("secret"), at("run/link")).unwrap();
        std::os::unix::fs::symlink(folder.path(), at("run/folder")).unwrap();
        let run = at("run");
        for name in ["plain", "real/plain"] {
            assert!(open(&run, Path::new(name)).is_ok(), "{name}");
        }
        for name in ["link", "folder/secret", "folder", "real", "../secret", "/etc/passwd", "", "real/../../secret"] {
            let error = open(&run, Path::new(name)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{name}: {error}");
        }
        assert_eq!(open(&run, Path::new("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(list(&run, "real", 1).unwrap(), [(PathBuf::from("real/plain"), 4)]);
        assert!(list(&run, "real", 0).is_err() && list(&run, "folder", 9).is_err());
        assert!(list(&run, "none", 9).unwrap().is_empty());
    }
}
