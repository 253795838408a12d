//! A profile together with those that it requires, which are found beside its file.

use std::path::{Path, PathBuf};

use super::model::Profile;
use super::read::parse;
use super::version::Version;
use crate::load::plain_text_of;
use crate::problem::{Code, Errors, whole_file};

/// The most profiles that one may need; published ones need two or three.
const MOST: usize = 64;

/// A profile and all that it requires.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileSet {
    /// The profiles; the first is the one that was asked for.
    pub profiles: Vec<Profile>,
}

impl ProfileSet {
    /// The profile that was asked for.
    #[must_use]
    pub fn main(&self) -> Option<&Profile> {
        self.profiles.first()
    }
}

/// Reads the profile in a file, and every profile that it requires from the files beside it.
pub fn load(path: impl AsRef<Path>) -> Result<ProfileSet, Errors> {
    let path = path.as_ref();
    load_with(path, read(path)?)
}

/// The same of a file whose text is at hand.
pub fn load_read(path: &Path, text: &str) -> Result<ProfileSet, Errors> {
    load_with(path, parse(&path.display().to_string(), text)?)
}

fn load_with(path: &Path, profile: Profile) -> Result<ProfileSet, Errors> {
    let mut profiles = vec![profile];
    let mut paths = vec![path.to_owned()];
    let mut next = 0;
    while next < profiles.len() {
        let wanted: Vec<_> =
            profiles[next].required.iter().map(|(name, wanted)| (name.clone(), wanted.clone())).collect();
        for (name, wanted) in wanted {
            // What is required twice, or in a circle, is there already.
            if profiles.iter().any(|known| known.name == name && fits(known.version, wanted.min_version)) {
                continue;
            }
            let asking = &profiles[next];
            let folder = paths[next].parent().unwrap_or(Path::new("")).to_owned();
            let place = format!("{}:{}:{}", asking.file, wanted.line, wanted.column);
            let Some(found) = beside(&folder, &name, wanted.min_version) else {
                let file = format!("{name}.{}.json", wanted.min_version.in_names());
                let message = format!("{place} requires the profile `{name}` {} or newer", wanted.min_version);
                let help = format!("put {file}, or a newer one of the same major version, into {}", shown(&folder));
                return Err(whole_file(&asking.file, Code::UnknownName, message, help, None));
            };
            if profiles.len() >= MOST {
                let message = format!("{place} is the profile after the {MOST}th that is required");
                let help = "require fewer profiles".to_owned();
                return Err(whole_file(&asking.file, Code::TooLarge, message, help, None));
            }
            if !paths.contains(&found) {
                profiles.push(read(&found)?);
                paths.push(found);
            }
        }
        next += 1;
    }
    Ok(ProfileSet { profiles })
}

/// Whether a version stands for a least one: a change of the major version may have taken something away.
fn fits(version: Version, least: Version) -> bool {
    version >= least && (version.major == least.major || least.major == 0)
}

/// The newest file of a profile that fits.
fn beside(folder: &Path, name: &str, least: Version) -> Option<PathBuf> {
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut found: Vec<(Version, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(here).ok()?.flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        let Some(rest) = file.strip_suffix(".json").and_then(|file| file.strip_prefix(name)) else { continue };
        let version = match rest {
            // A file without a version in its name says it itself.
            "" => read(&entry.path()).ok().filter(|profile| profile.name == name).map(|profile| profile.version),
            rest => rest.strip_prefix('.').and_then(|rest| Version::within(rest).filter(|of| of.in_names() == rest)),
        };
        if let Some(version) = version.filter(|version| fits(*version, least)) {
            found.push((version, folder.join(file)));
        }
    }
    found.into_iter().max().map(|(_, path)| path)
}

fn shown(folder: &Path) -> String {
    if folder.as_os_str().is_empty() { "the folder of that file".to_owned() } else { folder.display().to_string() }
}

fn read(path: &Path) -> Result<Profile, Errors> {
    parse(&path.display().to_string(), &plain_text_of("profile", path)?)
}
