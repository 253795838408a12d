//! Files that somebody names, read with a bound.
//!
//! What a name leads to may be a device without an end, or grow while it is read: the size that the system tells is not
//! believed. A pipe is read to its end, as `<(…)` of a shell needs it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The bytes of a file, of which there may be so many.
///
/// # Errors
///
/// What the system says; for a larger file, an error of the kind [`io::ErrorKind::FileTooLarge`].
pub fn read(path: impl AsRef<Path>, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let message = format!("it is larger than {}, and no such file needs to be; name another", size(limit));
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// The text of a file, of which there may be so many bytes.
///
/// # Errors
///
/// See [`read`]; for what is not UTF-8, an error of the kind [`io::ErrorKind::InvalidData`].
pub fn read_to_string(path: impl AsRef<Path>, limit: u64) -> io::Result<String> {
    let invalid = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8; save it in UTF-8");
    String::from_utf8(read(path, limit)?).map_err(invalid)
}

/// Whether a file could not be read because it is too large.
#[must_use]
pub fn is_too_large(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::FileTooLarge
}

fn size(bytes: u64) -> String {
    match bytes {
        bytes if bytes > 0 && bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        bytes if bytes > 0 && bytes.is_multiple_of(1 << 10) => format!("{} KiB", bytes >> 10),
        bytes => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit_and_not_beyond() {
        let folder = std::env::temp_dir().join(format!("assay-text-files-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("file");
        std::fs::write(&file, "text").unwrap();
        assert_eq!(read(&file, 4).unwrap(), b"text");
        assert_eq!(read_to_string(&file, 2048).unwrap(), "text");
        let error = read(&file, 3).unwrap_err();
        assert!(is_too_large(&error) && error.to_string().contains("larger than 3 bytes"), "{error}");
        std::fs::write(&file, b"\xff").unwrap();
        assert!(read_to_string(&file, 4).unwrap_err().to_string().contains("not UTF-8"));
        assert!(!is_too_large(&read(folder.join("none"), 4).unwrap_err()));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_device_without_an_end_has_one() {
        let error = read_to_string("/dev/zero", 4 << 20).unwrap_err();
        assert!(is_too_large(&error) && error.to_string().contains("larger than 4 MiB"), "{error}");
        assert_eq!(read("/dev/null", 1 << 10).unwrap(), b"");
    }
}
