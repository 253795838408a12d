//! Inventories as a tree: YAML and JSON files, and what programs answer.

use serde_json::{Map, Value};

use super::hosts::Inventory;
use super::pattern;

/// How deep groups may stand in groups.
const DEEPEST: usize = 64;

/// A file: groups with hosts, variables and groups in them. The output of `ansible-inventory --list` is read as well.
pub(super) fn of_file(text: &str) -> Result<Inventory, String> {
    let value = read(text)?;
    if value.get("_meta").is_some() {
        return of_program(&value);
    }
    let groups = value.as_object().ok_or("is no inventory: groups are keys, such as `all:`")?;
    let mut inventory = Inventory::default();
    for (name, group) in groups {
        add(&mut inventory, name, group, 0)?;
    }
    Ok(inventory)
}

/// The values of a file.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let value = assay_text::yaml::values(text).map_err(|problem| problem.to_string())?;
    json(&value).ok_or_else(|| "a key is no text".to_owned())
}

/// YAML as JSON; what is encrypted stays recognisable. None where a key is no text.
fn json(value: &serde_yaml::Value) -> Option<Value> {
    use serde_yaml::Value as Yaml;
    Some(match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => (*truth).into(),
        Yaml::Number(number) => serde_json::to_value(number).ok()?,
        Yaml::String(text) => text.as_str().into(),
        Yaml::Sequence(items) => Value::Array(items.iter().map(json).collect::<Option<_>>()?),
        Yaml::Mapping(members) => {
            let key = |key: &Yaml| match key {
                Yaml::String(text) => Some(text.clone()),
                Yaml::Number(number) => Some(number.to_string()),
                _ => None,
            };
            let members = members.iter().map(|(name, value)| Some((key(name)?, json(value)?)));
            Value::Object(members.collect::<Option<Map<_, _>>>()?)
        }
        Yaml::Tagged(tagged) if tagged.tag == "vault" => serde_json::json!({"__ansible_vault": true}),
        Yaml::Tagged(tagged) => json(&tagged.value)?,
    })
}

fn add(inventory: &mut Inventory, name: &str, value: &Value, depth: usize) -> Result<(), String> {
    if depth > DEEPEST {
        return Err(format!("group `{name}` stands more than {DEEPEST} groups deep"));
    }
    let empty = Map::new();
    let members = match value {
        Value::Null => &empty,
        Value::Object(members) => members,
        _ => return Err(format!("group `{name}` is no mapping of `hosts`, `vars` and `children`")),
    };
    inventory.group(name);
    for (key, value) in members {
        let wrong = |kind: &str| format!("`{key}` of group `{name}` is no {kind}");
        match (key.as_str(), value) {
            (_, Value::Null) => {}
            ("hosts", Value::Object(hosts)) => {
                for (pattern, said) in hosts {
                    for host in pattern::expand(pattern)? {
                        inventory.put(name, host, said.as_object());
                    }
                }
            }
            ("hosts", _) => return Err(wrong("mapping of hosts")),
            ("vars", Value::Object(said)) => inventory.group(name).variables.extend(said.clone()),
            ("vars", _) => return Err(wrong("mapping of variables")),
            ("children", Value::Object(children)) => {
                for (child, value) in children {
                    add(inventory, child, value, depth + 1)?;
                    inventory.group(name).children.push(child.clone());
                }
            }
            ("children", _) => return Err(wrong("mapping of groups")),
            _ => return Err(format!("group `{name}` has `{key}`, and a group has `hosts`, `vars` and `children`")),
        }
    }
    Ok(())
}

/// What a program answers to `--list`: groups with lists of hosts and of groups, and the variables under `_meta`.
pub(super) fn of_program(value: &Value) -> Result<Inventory, String> {
    let groups = value.as_object().ok_or("its answer is no object of groups")?;
    let mut inventory = Inventory::default();
    for (name, value) in groups.iter().filter(|(name, _)| *name != "_meta") {
        let list = |value: &Value| -> Result<Vec<String>, String> {
            let items =
                value.as_array().ok_or_else(|| format!("group `{name}` has something that is no list of names"))?;
            let names = items.iter().map(|item| item.as_str().map(str::to_owned));
            names.collect::<Option<_>>().ok_or_else(|| format!("group `{name}` lists something that is no name"))
        };
        // A group may be the list of its hosts alone.
        let (hosts, rest) = if value.is_array() { (value, &Value::Null) } else { (&value["hosts"], value) };
        let hosts = if hosts.is_null() { Vec::new() } else { list(hosts)? };
        inventory.group(name);
        for host in hosts {
            inventory.put(name, host, None);
        }
        if !rest["children"].is_null() {
            inventory.group(name).children = list(&rest["children"])?;
        }
        if let Some(said) = rest["vars"].as_object() {
            inventory.group(name).variables.extend(said.clone());
        }
    }
    for (host, said) in value["_meta"]["hostvars"].as_object().into_iter().flatten() {
        if let Some(said) = said.as_object() {
            inventory.hosts.entry(host.clone()).or_default().extend(said.clone());
        }
    }
    Ok(inventory)
}
