//! Taking values out of a profile's file: what is wrong is an error with its place, and what is not known is listed.

use std::collections::HashMap;

use assay_text::Places;
use serde_json::{Number, Value as Json};

use super::model::Unknown;
use super::version::Version;
use super::words::Word;
use crate::nearest::{list, nearest, quoted};
use crate::node::{Node, Value, is_count};
use crate::problem::{Code, Collector};

/// The most unknown keys that are listed one by one.
const MOST_UNKNOWN: usize = 200;

/// Takes values, and keeps what is wrong and what is not known.
pub(super) struct Parts<'t> {
    places: Places<'t>,
    pub found: Collector,
    pub unknown: Vec<Unknown>,
}

/// An object: its known keys with their values.
pub(super) struct Object<'a> {
    pub node: &'a Node,
    pub path: String,
    values: HashMap<&'a str, &'a Node>,
}

impl<'a> Object<'a> {
    pub fn get(&self, key: &str) -> Option<&'a Node> {
        self.values.get(key).copied()
    }

    fn at(&self, key: &str) -> String {
        join(&self.path, key)
    }
}

pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}/{key}") }
}

impl<'t> Parts<'t> {
    pub fn new(name: &str, text: &'t str) -> Self {
        Self {
            places: Places::new(text),
            found: Collector::of(&crate::kind::GUIDELINE, name, text),
            unknown: Vec::new(),
        }
    }

    pub fn line(&self, node: &Node) -> usize {
        self.place(node).0
    }

    pub fn place(&self, node: &Node) -> (usize, usize) {
        self.places.position(node.span.start)
    }

    fn wrong(&mut self, code: Code, node: &Node, message: String, help: String) {
        self.found.add(code, &node.span, message, help);
    }

    /// Lists something that is not evaluated.
    pub fn list(&mut self, node: &Node, path: &str, message: String) {
        if self.unknown.len() < MOST_UNKNOWN {
            let (line, column) = self.place(node);
            self.unknown.push(Unknown { line, column, path: path.to_owned(), message });
        }
    }

    /// The keys and values of an object, each key once.
    pub fn entries<'a>(&mut self, node: &'a Node, path: &str) -> Vec<(&'a str, &'a Node, &'a Node)> {
        let Value::Map(_) = &node.value else {
            let is_empty_list = matches!(&node.value, Value::List(items) if items.is_empty());
            if !is_empty_list {
                let message = format!("{} is {}, and an object belongs here", quoted(path), shown(node));
                self.wrong(Code::WrongType, node, message, "write it as `{ … }`".to_owned());
            }
            return Vec::new();
        };
        let mut seen = std::collections::HashSet::new();
        let mut entries = Vec::new();
        for (name, key, value) in node.entries() {
            if seen.insert(name) {
                entries.push((name, key, value));
            } else {
                let message = format!("the key {} is written twice in {}", quoted(name), quoted(path));
                self.wrong(Code::DuplicateKey, key, message, "keep one of the two".to_owned());
            }
        }
        entries
    }

    /// An object with these keys; others are listed.
    pub fn object<'a>(&mut self, node: &'a Node, path: &str, known: &[&'static str]) -> Object<'a> {
        let mut values = HashMap::new();
        for (name, key, value) in self.entries(node, path) {
            if known.contains(&name) {
                values.insert(name, value);
            } else {
                let meant = nearest(name, known.iter().copied());
                let hint = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
                let message = format!("the key {} has no meaning here and is not evaluated{hint}", quoted(name));
                self.list(key, &join(path, name), message);
            }
        }
        Object { node, path: path.to_owned(), values }
    }

    /// A text.
    pub fn text(&mut self, object: &Object<'_>, key: &str) -> Option<String> {
        let node = object.get(key)?;
        self.string(node, &object.at(key))
    }

    fn string(&mut self, node: &Node, path: &str) -> Option<String> {
        if let Value::Scalar { text, plain: false } = &node.value {
            return Some(text.clone());
        }
        let message = format!("{} is {}, and text belongs here", quoted(path), shown(node));
        self.wrong(Code::WrongType, node, message, "write it in quotation marks".to_owned());
        None
    }

    /// The texts of a list.
    pub fn texts(&mut self, object: &Object<'_>, key: &str) -> Vec<String> {
        let Some(items) = self.items(object, key) else { return Vec::new() };
        let path = object.at(key);
        items.iter().filter_map(|item| self.string(item, &path)).collect()
    }

    /// The items of a list.
    pub fn items<'a>(&mut self, object: &Object<'a>, key: &str) -> Option<&'a [Node]> {
        let node = object.get(key)?;
        if let Value::List(items) = &node.value {
            return Some(items);
        }
        let message = format!("{} is {}, and a list belongs here", quoted(&object.at(key)), shown(node));
        self.wrong(Code::WrongType, node, message, "write it as `[ … ]`".to_owned());
        None
    }

    /// The values of a list: texts, numbers, truth values and nothing.
    pub fn values(&mut self, object: &Object<'_>, key: &str) -> Option<Vec<Json>> {
        let items = self.items(object, key)?;
        let mut values = Vec::new();
        for item in items {
            if let Some(value) = scalar(item) {
                values.push(value);
            } else {
                let message = format!("a value of {} is {}", quoted(&object.at(key)), shown(item));
                let help = "list texts, numbers, `true` or `false`".to_owned();
                self.wrong(Code::WrongType, item, message, help);
            }
        }
        Some(values)
    }

    /// One of a few words.
    pub fn word<W: Word>(&mut self, object: &Object<'_>, key: &str) -> Option<W> {
        let node = object.get(key)?;
        let text = self.string(node, &object.at(key))?;
        let word = W::of(&text);
        if word.is_none() {
            let help = match nearest(&text, W::ALL.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("it is one of {}", list(W::ALL.iter().copied())),
            };
            self.wrong(Code::BadValue, node, format!("`{key}` is {}", quoted(&text)), help);
        }
        word
    }

    /// A version.
    pub fn version(&mut self, object: &Object<'_>, key: &str) -> Option<Version> {
        let node = object.get(key)?;
        let text = self.string(node, &object.at(key))?;
        let version = Version::parse(&text);
        if version.is_none() {
            let help = "write it as `<major>.<minor>.<errata>`, such as `1.2.0`".to_owned();
            self.wrong(Code::BadValue, node, format!("`{key}` is {}, which is no version", quoted(&text)), help);
        }
        version
    }

    /// A whole number.
    pub fn count(&mut self, object: &Object<'_>, key: &str) -> Option<u64> {
        let node = object.get(key)?;
        if let Value::Scalar { text, plain: true } = &node.value
            && is_count(text)
        {
            return text.parse().ok();
        }
        let message = format!("{} is {}, and a whole number belongs here", quoted(&object.at(key)), shown(node));
        self.wrong(Code::WrongType, node, message, "write it without quotation marks".to_owned());
        None
    }

    /// Yes or no; no unless it is there.
    pub fn truth(&mut self, object: &Object<'_>, key: &str) -> bool {
        let Some(node) = object.get(key) else { return false };
        if let Some(Json::Bool(truth)) = scalar(node) {
            return truth;
        }
        let message = format!("{} is {}", quoted(&object.at(key)), shown(node));
        self.wrong(Code::WrongType, node, message, "write `true` or `false`".to_owned());
        false
    }

    /// A key that must be there.
    pub fn must_have(&mut self, object: &Object<'_>, key: &str, help: &str) {
        if object.get(key).is_none() {
            let message = format!("{} lacks `{key}`", name(&object.path));
            self.wrong(Code::MissingKey, object.node, message, help.to_owned());
        }
    }

    /// Something that contradicts itself.
    pub fn bad(&mut self, node: &Node, message: String, help: &str) {
        self.wrong(Code::BadValue, node, message, help.to_owned());
    }
}

fn name(path: &str) -> String {
    if path.is_empty() { "the profile".to_owned() } else { quoted(path) }
}

/// The value of a scalar.
fn scalar(node: &Node) -> Option<Json> {
    match &node.value {
        Value::Scalar { text, plain: false } => Some(Json::String(text.clone())),
        // What is plain in JSON is a number, a truth value or nothing.
        Value::Scalar { text, plain: true } => match text.as_str() {
            "true" => Some(Json::Bool(true)),
            "false" => Some(Json::Bool(false)),
            "null" => Some(Json::Null),
            number => number.parse::<Number>().ok().map(Json::Number),
        },
        _ => None,
    }
}

fn shown(node: &Node) -> String {
    match &node.value {
        Value::Scalar { text, .. } => quoted(text),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "an object".to_owned(),
    }
}
