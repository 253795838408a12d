//! Ansible inventories: which hosts a group has, and what is said of each.
//!
//! A static file in YAML, JSON or INI form, or a program that is asked with `--list` and answers in JSON:
//! <https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html> and
//! <https://docs.ansible.com/ansible/latest/dev_guide/developing_inventory.html>. `group_vars` and
//! `host_vars` beside it are read as well. What needs Ansible itself (plugins, vaults, templates) is had with `ansible-inventory --list > hosts.json`.

mod beside;
mod error;
mod hosts;
mod ini;
mod pattern;
mod program;
mod tree;

use std::path::Path;

pub use error::InventoryError;
use hosts::LARGEST;
pub use hosts::{Host, Inventory};

impl Inventory {
    /// Whether a file is a program, which [`Inventory::read`] runs.
    #[must_use]
    pub fn is_program(path: &Path) -> bool {
        std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_dir() && program::is_one(path, &metadata))
    }

    /// Reads a file, or asks a program: a file that may be executed and begins with `#!` or is no text.
    pub fn read(path: &Path) -> Result<Self, InventoryError> {
        let wrong = |what: String| InventoryError { path: path.to_owned(), what };
        let metadata = std::fs::metadata(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
        if metadata.is_dir() {
            return Err(wrong("is a folder: name one file, or the output of `ansible-inventory --list`".into()));
        }
        let mut inventory = if program::is_one(path, &metadata) {
            let asked = program::ask(path, &["--list"]).map_err(wrong)?;
            let mut inventory = tree::of_program(&asked).map_err(wrong)?;
            if asked.get("_meta").is_none() {
                program::ask_for_each(path, &mut inventory).map_err(wrong)?;
            }
            inventory
        } else {
            let read = assay_text::files::read_to_string(path, LARGEST);
            let text = read.map_err(|error| wrong(format!("cannot be read: {error}")))?;
            let structured =
                path.extension().is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|it| ending == *it));
            if structured { tree::of_file(&text) } else { ini::parse(&text) }.map_err(wrong)?
        };
        inventory.beside = (beside::read(path, "group_vars")?, beside::read(path, "host_vars")?);
        path.clone_into(&mut inventory.path);
        Ok(inventory)
    }
}

#[cfg(test)]
mod tests;
