//! Taking values out of a published file, and noting what could not be taken as it was.

use std::collections::HashMap;

use serde::de::DeserializeOwned;

use crate::nearest::{nearest, quoted};
use crate::node::{Node, Value, is_count, is_unseen};

use super::repair::{Kind, Repair};

/// Names are guessed for this many only: a file that has more of them is damaged beyond slips.
const MOST_GUESSES: usize = 40;
/// A guess looks at this many names: it takes the time of comparing the letters of each.
const MOST_NAMES: usize = 100;

/// Of a key, a path shows this many characters: every value has a path, and a file may have many values.
const LONGEST_SHOWN: usize = 200;

/// A value with the path of keys that leads to it.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    pub node: &'a Node,
    pub path: String,
    /// The key whose value it is, where it is one.
    key: Option<&'a Node>,
}

impl<'a> Place<'a> {
    pub fn root(node: &'a Node) -> Self {
        Self { node, path: "$".to_owned(), key: None }
    }

    fn value(&self, key: &str, at: &'a Node, node: &'a Node) -> Self {
        let plain = !key.is_empty() && key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        let shown: String = key.chars().take(LONGEST_SHOWN).collect();
        let cut = if shown.len() < key.len() { "…" } else { "" };
        let path = if plain { format!("{}.{shown}{cut}", self.path) } else { format!("{}[{shown:?}{cut}]", self.path) };
        Self { node, path, key: Some(at) }
    }

    fn item(&self, at: usize, node: &'a Node) -> Self {
        Self { node, path: format!("{}[{at}]", self.path), key: None }
    }

    /// The text of a string.
    pub fn string(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Scalar { text, plain: false } => Some(text),
            _ => None,
        }
    }

    fn plain(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Scalar { text, plain: true } => Some(text),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        self.plain() == Some("null")
    }

    pub fn is_list(&self) -> bool {
        matches!(self.node.value, Value::List(_))
    }

    pub fn is_map(&self) -> bool {
        matches!(self.node.value, Value::Map(_))
    }

    /// The value as a message shows it.
    pub fn shown(&self) -> String {
        match &self.node.value {
            Value::Scalar { text, .. } => quoted(text),
            Value::List(items) => format!("a list of {}", items.len()),
            Value::Map(pairs) => format!("an object of {}", pairs.len()),
        }
    }
}

/// The values of the known keys of an object.
pub(super) struct Fields<'a>(HashMap<&'static str, Place<'a>>);

impl<'a> Fields<'a> {
    pub fn get(&self, key: &str) -> Option<&Place<'a>> {
        self.0.get(key)
    }

    /// The value of the first of these keys that is there.
    pub fn any<'b>(&'b self, keys: &[&str]) -> Option<&'b Place<'a>> {
        keys.iter().find_map(|key| self.0.get(*key))
    }
}

/// Takes values and keeps what it had to repair.
pub(super) struct Reader<'t> {
    text: &'t str,
    /// Where each line begins.
    lines: Vec<usize>,
    /// The last place in a line whose column was counted, and the column. A file may be one long line.
    last: (usize, usize),
    guesses: usize,
    pub repairs: Vec<Repair>,
}

impl<'t> Reader<'t> {
    pub fn new(text: &'t str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, lines: std::iter::once(0).chain(breaks).collect(), last: (0, 1), guesses: 0, repairs: Vec::new() }
    }

    /// Notes a repair of a value.
    pub fn note(&mut self, kind: Kind, place: &Place<'_>, message: impl Into<String>) {
        self.note_at(kind, place.node, &place.path, message.into());
    }

    fn note_at(&mut self, kind: Kind, node: &Node, path: &str, message: String) {
        let at = node.span.start.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= at);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        let (from, column) = if (start..=at).contains(&self.last.0) { self.last } else { (start, 1) };
        let column = column + self.text.get(from..at).map_or(0, |between| between.chars().count());
        self.last = (at, column);
        self.repairs.push(Repair { kind, line, column, path: path.to_owned(), message });
    }

    /// Notes that a value is left out, and why.
    pub fn leave_out(&mut self, place: &Place<'_>, why: &str) {
        self.note(Kind::LeftOut, place, format!("{} is left out: {why}", place.shown()));
    }

    /// The name that one which is not known is meant to be.
    pub fn guess<'n>(&mut self, name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        self.guesses += 1;
        if self.guesses > MOST_GUESSES { None } else { nearest(name, names.into_iter().take(MOST_NAMES)) }
    }

    /// The values of an object by its keys; of a key written twice, the last.
    pub fn entries<'a>(&mut self, place: &Place<'a>) -> Vec<(&'a str, Place<'a>)> {
        let pairs = match &place.node.value {
            Value::Map(pairs) => pairs.as_slice(),
            // Where there is nothing to say, files write an empty list too.
            Value::List(items) if items.is_empty() => &[],
            _ => {
                self.leave_out(place, "an object belongs here");
                &[]
            }
        };
        let mut at: HashMap<&str, usize> = HashMap::new();
        let mut found: Vec<(&'a str, Place<'a>)> = Vec::new();
        for (key, node) in pairs {
            let Some(name) = key.text() else { continue };
            let value = place.value(name, key, node);
            if let Some(earlier) = at.get(name).copied() {
                let message = format!(
                    "the key {} is written twice; this one counts, and the first, {}, is left out",
                    quoted(name),
                    found[earlier].1.shown()
                );
                self.note_at(Kind::DuplicateKey, key, &value.path, message);
                found[earlier].1 = value;
            } else {
                at.insert(name, found.len());
                found.push((name, value));
            }
        }
        found.retain(|(_, value)| !value.is_null());
        found
    }

    /// The values of the keys of an object that are known. A misspelt key is read as the one that is near; any other is
    /// left out.
    pub fn fields<'a>(&mut self, place: &Place<'a>, known: &[&'static str]) -> Fields<'a> {
        let entries = self.entries(place);
        let mut fields: HashMap<&'static str, Place<'a>> = HashMap::new();
        let mut others = Vec::new();
        for (name, value) in entries {
            match known.iter().find(|key| **key == name) {
                Some(key) => {
                    fields.insert(key, value);
                }
                None => others.push((name, value)),
            }
        }
        for (name, value) in others {
            let free: Vec<&'static str> = known.iter().copied().filter(|key| !fields.contains_key(key)).collect();
            if let Some(meant) = self.guess(name, free.iter().copied())
                && let Some(key) = free.iter().find(|key| **key == meant)
            {
                let message = format!("the key {} is read as `{key}`", quoted(name));
                self.note_at(Kind::MisspeltKey, value.key.unwrap_or(value.node), &value.path, message);
                fields.insert(key, value);
            } else {
                let message = format!("the key {}, with {}, has no place in a guideline", quoted(name), value.shown());
                self.note_at(Kind::LeftOut, value.key.unwrap_or(value.node), &value.path, message);
            }
        }
        Fields(fields)
    }

    /// The items of a list.
    pub fn items<'a>(&mut self, place: &Place<'a>) -> Vec<Place<'a>> {
        if let Value::List(items) = &place.node.value {
            items.iter().enumerate().map(|(at, node)| place.item(at, node)).collect()
        } else {
            self.leave_out(place, "a list belongs here");
            Vec::new()
        }
    }

    /// A text in one line; none where it is empty or nothing.
    pub fn text(&mut self, place: &Place<'_>) -> Option<String> {
        let text = match (place.string(), place.plain()) {
            (Some(text), _) => text,
            (None, Some(text)) => {
                self.note(Kind::OtherType, place, format!("{} is read as text", quoted(text)));
                text
            }
            _ => {
                self.leave_out(place, "text belongs here");
                return None;
            }
        };
        let seen: String = text.chars().map(|letter| if is_unseen(letter) { ' ' } else { letter }).collect();
        let line = seen.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_odd = |letter: char| is_unseen(letter) || matches!(letter, '\n' | '\r' | '\t');
        if text.contains(is_odd) {
            self.note(Kind::Text, place, "line breaks and characters that cannot be seen are read as spaces");
            return (!line.is_empty()).then_some(line);
        }
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The texts of a list; empty ones are left out.
    pub fn texts<'a>(&mut self, place: &Place<'a>) -> Vec<(String, Place<'a>)> {
        let mut found = Vec::new();
        for item in self.items(place) {
            match self.text(&item) {
                Some(text) => found.push((text, item)),
                None if item.string().is_some() => self.leave_out(&item, "it names nothing"),
                None => {}
            }
        }
        found
    }

    /// The texts of a list of names, each once.
    pub fn names(&mut self, place: &Place<'_>) -> Vec<String> {
        let mut seen = std::collections::HashSet::new();
        let mut names = Vec::new();
        for (name, item) in self.texts(place) {
            if seen.insert(name.clone()) {
                names.push(name);
            } else {
                self.note(Kind::ListedTwice, &item, format!("{} stands there already", quoted(&name)));
            }
        }
        names
    }

    /// A whole number.
    pub fn number(&mut self, place: &Place<'_>) -> Option<u32> {
        let text = place.plain().or(place.string().map(str::trim)).filter(|text| is_count(text));
        let Some(number) = text.and_then(|text| text.parse().ok()) else {
            self.leave_out(place, "a whole number belongs here");
            return None;
        };
        if place.string().is_some() {
            self.note(Kind::OtherType, place, format!("the text `{number}` is read as a number"));
        }
        Some(number)
    }

    /// Yes or no.
    pub fn truth(&mut self, place: &Place<'_>) -> Option<bool> {
        let truth = match place.plain().or(place.string()) {
            Some("true") => true,
            Some("false") => false,
            _ => {
                self.leave_out(place, "`true` or `false` belongs here");
                return None;
            }
        };
        if place.string().is_some() {
            self.note(Kind::OtherType, place, format!("the text `{truth}` is read as a truth value"));
        }
        Some(truth)
    }

    /// What an exported file says beside what its format has a place for.
    pub fn ours<T: DeserializeOwned>(&mut self, place: Option<&Place<'_>>) -> Option<T> {
        let place = place?;
        match serde_yaml::from_value(place.node.clone().into()) {
            Ok(ours) => Some(ours),
            Err(error) => {
                self.leave_out(place, &format!("it is not what an export writes here: {error}"));
                None
            }
        }
    }
}
