//! Which hosts a group has, and which variables hold for each.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::path::PathBuf;

use indexmap::IndexSet;
use serde_json::{Map, Value};

use super::beside::Beside;
use super::error::InventoryError;

/// The largest inventory that is read, in bytes.
pub(super) const LARGEST: u64 = 16 * 1024 * 1024;
/// The most pairs of a host and a group that it is in, directly or not.
const MOST_PAIRS: usize = 1_000_000;

/// The variables of a host or a group.
pub(super) type Variables = BTreeMap<String, Value>;

/// A group, as an inventory states it.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) hosts: IndexSet<String>,
    pub(super) children: Vec<String>,
    pub(super) variables: Variables,
}

/// An inventory, as [`Inventory::read`] reads it.
#[derive(Debug, Default)]
pub struct Inventory {
    pub(super) path: PathBuf,
    pub(super) groups: BTreeMap<String, Group>,
    pub(super) hosts: BTreeMap<String, Variables>,
    /// What stands in files beside it, of groups and of hosts.
    pub(super) beside: (Beside, Beside),
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
    /// A group; it is added if it is missing.
    pub(super) fn group(&mut self, name: &str) -> &mut Group {
        self.groups.entry(name.to_owned()).or_default()
    }

    /// Puts a host into a group.
    pub(super) fn put(&mut self, group: &str, host: String, said: Option<&Map<String, Value>>) {
        self.group(group).hosts.insert(host.clone());
        self.hosts.entry(host).or_default().extend(said.cloned().unwrap_or_default());
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
        let depths = self.depths();
        let around = self.around();
        let (mut found, mut pairs) = (Vec::with_capacity(names.len()), 0);
        for name in names {
            // What is said of all comes first, the innermost group last.
            let mut groups = around.of(name);
            pairs += groups.len();
            if pairs > MOST_PAIRS {
                return Err(self.wrong(format!("has more than {MOST_PAIRS} pairs of a host and a group that it is in")));
            }
            groups.sort_by_key(|group| (depths.get(group).copied().unwrap_or_default(), *group));
            let mut variables = Variables::new();
            for group in groups.iter().filter_map(|group| self.groups.get(*group)) {
                variables.extend(group.variables.clone());
            }
            // Files beside the inventory come after all that it says of groups, and after what it says of the host.
            let (of_groups, of_hosts) = &self.beside;
            for said in groups.iter().filter_map(|group| of_groups.get(*group)) {
                variables.extend(said.clone());
            }
            variables.extend(self.hosts.get(name).cloned().unwrap_or_default());
            variables.extend(of_hosts.get(name).cloned().unwrap_or_default());
            found.push(Host { name: name.to_owned(), variables, path: self.path.clone() });
        }
        Ok(found)
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

    /// How many groups each group stands in, one within another; those that stand in themselves come last.
    fn depths(&self) -> HashMap<&str, usize> {
        let mut open: HashMap<&str, usize> = self.groups.keys().map(|name| (name.as_str(), 0)).collect();
        let inner = || self.groups.iter().filter(|(name, _)| *name != "all");
        for child in inner().flat_map(|(_, group)| &group.children) {
            if let Some(outer) = open.get_mut(child.as_str()) {
                *outer += 1;
            }
        }
        let mut depths: HashMap<&str, usize> = HashMap::new();
        let mut waiting: VecDeque<&str> =
            open.iter().filter(|(_, outer)| **outer == 0).map(|(name, _)| *name).collect();
        while let Some(name) = waiting.pop_front() {
            let depth = depths.entry(name).or_insert(usize::from(name != "all")).to_owned();
            for child in self.groups.get(name).filter(|_| name != "all").into_iter().flat_map(|group| &group.children) {
                let Some((child, outer)) = open.get_key_value(child.as_str()).map(|(child, outer)| (*child, *outer))
                else {
                    continue;
                };
                let deepest = depths.entry(child).or_default();
                *deepest = (*deepest).max(depth + 1);
                open.insert(child, outer - 1);
                if outer == 1 {
                    waiting.push_back(child);
                }
            }
        }
        for (name, outer) in open {
            if outer > 0 {
                depths.insert(name, self.groups.len() + 1);
            }
        }
        depths
    }

    fn around(&self) -> Around<'_> {
        let mut around = Around::default();
        for (name, group) in &self.groups {
            for host in &group.hosts {
                around.groups.entry(host).or_default().push(name);
            }
            for child in &group.children {
                around.parents.entry(child).or_default().push(name);
            }
        }
        around
    }
}

/// What stands around hosts and groups.
#[derive(Debug, Default)]
struct Around<'a> {
    /// By host: the groups that list it.
    groups: HashMap<&'a str, Vec<&'a str>>,
    /// By group: the groups that it stands in.
    parents: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Around<'a> {
    /// The groups that a host is in, each once; all hosts are in `all`.
    fn of(&self, host: &str) -> Vec<&'a str> {
        let mut waiting = self.groups.get(host).cloned().unwrap_or_default();
        let mut seen: BTreeSet<&str> = BTreeSet::from(["all"]);
        while let Some(group) = waiting.pop() {
            if seen.insert(group) {
                waiting.extend(self.parents.get(group).into_iter().flatten());
            }
        }
        seen.into_iter().collect()
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
