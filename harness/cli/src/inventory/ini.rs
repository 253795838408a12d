//! Inventories in the form of INI files.

use serde_json::{Map, Value};

use super::hosts::Inventory;
use super::pattern;

/// What a section lists.
enum Section {
    Hosts(String),
    Children(String),
    Variables(String),
}

/// Reads lines of hosts under `[group]`, of groups under `[group:children]` and of variables under `[group:vars]`.
pub(super) fn parse(text: &str) -> Result<Inventory, String> {
    let mut inventory = Inventory::default();
    let mut section = Section::Hosts("ungrouped".into());
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let here = |what: String| format!("line {}: {what}", at + 1);
        if let Some(head) = line.strip_prefix('[') {
            let head = head.split(']').next().filter(|_| line.contains(']'));
            let head = head.ok_or_else(|| here(format!("`{line}` is no head of a section, such as `[group]`")))?;
            section = match head.split_once(':') {
                None => Section::Hosts(head.to_owned()),
                Some((name, "children")) => Section::Children(name.to_owned()),
                Some((name, "vars")) => Section::Variables(name.to_owned()),
                Some((name, other)) => {
                    return Err(here(format!("`[{name}:{other}]` is none of `[{name}]`, `:children` and `:vars`")));
                }
            };
            let (Section::Hosts(name) | Section::Children(name) | Section::Variables(name)) = &section;
            inventory.group(name);
            continue;
        }
        match &section {
            Section::Hosts(name) => {
                let words = words(line).map_err(here)?;
                let mut said = Map::new();
                for word in words.iter().skip(1) {
                    let (key, value) =
                        word.split_once('=').ok_or_else(|| here(format!("`{word}` is no `variable=value`")))?;
                    said.insert(key.to_owned(), Value::from(value));
                }
                let pattern = words.first().map(String::as_str).unwrap_or_default();
                for host in pattern::expand(pattern).map_err(here)? {
                    inventory.put(name, host, Some(&said));
                }
            }
            Section::Children(name) => {
                let child = line.split_whitespace().next().unwrap_or_default().to_owned();
                inventory.group(&child);
                inventory.group(name).children.push(child);
            }
            Section::Variables(name) => {
                let (key, value) =
                    line.split_once('=').ok_or_else(|| here(format!("`{line}` is no `variable=value`")))?;
                let value = unquoted(value.trim()).into();
                inventory.group(name).variables.insert(key.trim().to_owned(), value);
            }
        }
    }
    Ok(inventory)
}

fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// The words of a line as a shell splits them; a comment ends it.
fn words(line: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    for letter in line.chars() {
        match (letter, quote) {
            (letter, Some(open)) if letter == open => quote = None,
            (letter, Some(_)) => word.push(letter),
            ('"' | '\'', None) => (quote, begun) = (Some(letter), true),
            ('#', None) if !begun => break,
            (letter, None) if letter.is_whitespace() => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            (letter, None) => {
                word.push(letter);
                begun = true;
            }
        }
    }
    if quote.is_some() {
        return Err(format!("`{line}` has a quotation mark that is not closed"));
    }
    if begun {
        words.push(word);
    }
    Ok(words)
}
