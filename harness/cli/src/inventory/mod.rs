//! Ansible inventories: which hosts a group has, and what is said of each.
//!
//! A static file in YAML, JSON or INI form, or a program that is asked with `--list` and answers in JSON:
//! <https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html> and
//! <https://docs.ansible.com/ansible/latest/dev_guide/developing_inventory.html>. What needs Ansible itself (plugins, vaults,
//! templates) is had with `ansible-inventory --list > hosts.json`.

mod ini;
mod pattern;
mod program;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use assay_reports::visible_line;
use indexmap::IndexSet;
use serde_json::Value;

/// The largest inventory that is read, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Why an inventory cannot be used. What the inventory says is shown so that it cannot steer a terminal.
#[derive(Debug, thiserror::Error)]
#[error("{}", visible_line(&format!("{}: {what}", path.display())))]
pub struct InventoryError {
    /// The file or program.
    path: PathBuf,
    /// What is wrong, and what to do.
    what: String,
}

/// The variables of a host or a group.
type Variables = BTreeMap<String, Value>;

/// A group, as an inventory states it.
#[derive(Debug, Default)]
struct Group {
    hosts: Vec<String>,
    children: Vec<String>,
    variables: Variables,
}

/// An inventory.
#[derive(Debug, Default)]
pub struct Inventory {
    path: PathBuf,
    groups: BTreeMap<String, Group>,
    hosts: BTreeMap<String, Variables>,
}

/// A host of a group, with every variable that holds for it.
#[derive(Debug)]
pub struct Host {
    /// Its name.
    pub name: String,
    variables: Variables,
    path: PathBuf,
}

impl Inventory {
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
            if metadata.len() > LARGEST {
                return Err(wrong(format!("is larger than {} MiB: is it the right file?", LARGEST >> 20)));
            }
            let text = std::fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
            let structured =
                path.extension().is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|it| ending == *it));
            if structured { tree::of_file(&text) } else { ini::parse(&text) }.map_err(wrong)?
        };
        path.clone_into(&mut inventory.path);
        Ok(inventory)
    }

    /// The hosts of a group and of the groups in it, each once, in the inventory's order.
    pub fn hosts_of(&self, group: &str) -> Result<Vec<Host>, InventoryError> {
        let Some(names) = self.members(group) else {
            let groups: Vec<&str> = self.groups.keys().map(String::as_str).collect();
            return Err(self.wrong(format!("has no group `{group}`; it has {}", groups.join(", "))));
        };
        if names.is_empty() {
            return Err(self.wrong(format!("has no host in the group `{group}`")));
        }
        // What is said of all comes first, the innermost group last.
        let mut groups: Vec<(usize, &Group, IndexSet<&str>)> = self
            .groups
            .iter()
            .map(|(name, group)| (self.depth(name), group, self.members(name).unwrap_or_default()))
            .collect();
        groups.sort_by_key(|(depth, ..)| *depth);
        let host = |name: &str| {
            let mut variables = Variables::new();
            for (_, group, _) in groups.iter().filter(|(_, _, members)| members.contains(name)) {
                variables.extend(group.variables.clone());
            }
            variables.extend(self.hosts.get(name).cloned().unwrap_or_default());
            Host { name: name.to_owned(), variables, path: self.path.clone() }
        };
        Ok(names.into_iter().map(host).collect())
    }

    fn wrong(&self, what: String) -> InventoryError {
        InventoryError { path: self.path.clone(), what }
    }

    /// The hosts of a group and of the groups in it; none where there is no such group.
    fn members(&self, group: &str) -> Option<IndexSet<&str>> {
        // Every host is one of these, said or not.
        if group == "all" {
            return Some(self.hosts.keys().map(String::as_str).collect());
        }
        let mut members = IndexSet::new();
        let (mut waiting, mut seen) = (vec![group], BTreeSet::new());
        while let Some(name) = waiting.pop() {
            // A group may stand in itself by mistake.
            if let Some(found) = self.groups.get(name).filter(|_| seen.insert(name)) {
                members.extend(found.hosts.iter().map(String::as_str));
                waiting.extend(found.children.iter().rev().map(String::as_str));
            }
        }
        self.groups.contains_key(group).then_some(members)
    }

    /// How many groups a group stands in, one within another.
    fn depth(&self, group: &str) -> usize {
        let (mut depth, mut outer) = (usize::from(group != "all"), BTreeSet::from([group]));
        while depth <= self.groups.len() {
            let around = self.groups.iter().filter(|(name, _)| *name != "all");
            let around =
                around.filter(|(_, parent)| parent.children.iter().any(|child| outer.contains(child.as_str())));
            outer = around.map(|(name, _)| name.as_str()).collect();
            if outer.is_empty() {
                break;
            }
            depth += 1;
        }
        depth
    }
}

impl Host {
    /// A variable's text; none where nothing is said.
    pub fn text(&self, variable: &str) -> Result<Option<String>, InventoryError> {
        let wrong = |what: &str| {
            let what = format!("the variable `{variable}` of host `{}` {what}", self.name);
            InventoryError { path: self.path.clone(), what }
        };
        let help = "give Assay the output of `ansible-inventory --list` instead";
        match self.variables.get(variable) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.contains("{{") => Err(wrong(&format!("is a template: {help}"))),
            Some(Value::String(text)) if text.trim_start().starts_with("$ANSIBLE_VAULT") => {
                Err(wrong(&format!("is encrypted: {help}")))
            }
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::Object(vault)) if vault.contains_key("__ansible_vault") => {
                Err(wrong(&format!("is encrypted: {help}")))
            }
            Some(_) => Err(wrong("is no text")),
        }
    }
}

#[cfg(test)]
mod tests;
