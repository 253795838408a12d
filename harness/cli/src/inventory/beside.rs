//! Variables that stand in files beside an inventory: `group_vars` and `host_vars`.
//!
//! <https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html#organizing-host-and-group-variables>

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::InventoryError;
use super::hosts::{LARGEST, Variables};
use super::tree;

/// How many files there are at most, and how deep folders stand within each other.
const MOST: (usize, usize) = (10_000, 8);

/// The variables of each group, or of each host, by its name.
pub(super) type Beside = BTreeMap<String, Variables>;

/// What the folder of this name beside an inventory says. A name stands for a file, with one of YAML's endings or none, or for a
/// folder of files, which are read in the order of their names.
pub(super) fn read(inventory: &Path, folder: &str) -> Result<Beside, InventoryError> {
    let folder = inventory.parent().unwrap_or(Path::new("")).join(folder);
    let mut beside = Beside::new();
    let mut left = MOST.0;
    for path in entries(&folder)? {
        let name = if path.is_dir() { path.file_name() } else { path.file_stem() };
        let Some(name) = name.and_then(|name| name.to_str()) else { continue };
        add(&path, beside.entry(name.to_owned()).or_default(), MOST.1, &mut left)?;
    }
    Ok(beside)
}

/// The entries of a folder, by name, but those that are hidden or kept by an editor; none where there is no such folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, InventoryError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let wrong = |error: std::io::Error| unusable(folder, format!("cannot be read: {error}"));
    let found = fs::read_dir(folder).map_err(wrong)?.map(|entry| entry.map(|entry| entry.path()));
    let mut found: Vec<PathBuf> = found.collect::<Result<_, _>>().map_err(wrong)?;
    found.retain(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or(".");
        let ending = path.extension().and_then(|ending| ending.to_str());
        let is_read = path.is_dir() || matches!(ending, None | Some("yml" | "yaml" | "json"));
        is_read && !name.starts_with('.') && !name.ends_with('~')
    });
    found.sort();
    Ok(found)
}

fn add(path: &Path, into: &mut Variables, deeper: usize, left: &mut usize) -> Result<(), InventoryError> {
    if path.is_dir() {
        if deeper == 0 {
            return Err(unusable(path, format!("stands more than {} folders deep", MOST.1)));
        }
        return entries(path)?.iter().try_for_each(|path| add(path, into, deeper - 1, left));
    }
    *left = left.checked_sub(1).ok_or_else(|| unusable(path, format!("is one of more than {} files", MOST.0)))?;
    let text = assay_text::files::read_to_string(path, LARGEST);
    let text = text.map_err(|error| unusable(path, format!("cannot be read: {error}")))?;
    if text.trim_start().starts_with("$ANSIBLE_VAULT") {
        return Err(unusable(path, "is encrypted: give Assay the output of `ansible-inventory --list` instead".into()));
    }
    let said = tree::read(&text).map_err(|what| unusable(path, what))?;
    if let Some(said) = said.as_object() {
        into.extend(said.clone());
    } else if !said.is_null() {
        return Err(unusable(path, "is no mapping of variables".into()));
    }
    Ok(())
}

fn unusable(path: &Path, what: String) -> InventoryError {
    InventoryError { path: path.to_owned(), what }
}
