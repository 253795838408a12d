//! Holds a tree against the JSON Schema: keys, types and values, each with its place.
//!
//! The schema is the one that editors use, so what an editor accepts is what the loader accepts. Only what schemars makes
//! of a model is understood here: [`KEYWORDS`].

use std::collections::HashMap;
use std::ops::Range;

use chrono::NaiveDate;
use regex_lite::Regex;
use serde_json::Value as Json;

use super::nearest::{list, nearest, quoted};
use super::node::{Node, Value, is_count, is_unseen};
use super::problem::{Code, Collector};

/// Reports to `found` where `root` is not as `schema` has it.
pub fn check(root: &Node, schema: &Json, found: &mut Collector) {
    let what = format!("a {}", found.kind.noun);
    check_part(root, schema, &what, found);
}

/// The same for a part of a file whose form depends on what is written there; messages call it `what`.
pub fn check_part(part: &Node, schema: &Json, what: &str, found: &mut Collector) {
    let mut shape = Shape { schema, found, patterns: HashMap::new() };
    shape.value(part, schema, what, &part.span);
}

const A_DATE: &str = "write year, month and day, such as `2020-06-01`";

struct Shape<'a> {
    schema: &'a Json,
    found: &'a mut Collector,
    patterns: HashMap<&'a str, Option<Regex>>,
}

impl<'a> Shape<'a> {
    /// Checks one value. `what` it is is said in messages; `holder` is blamed for what is missing in it.
    fn value(&mut self, node: &Node, schema: &'a Json, what: &str, holder: &Range<usize>) {
        if self.found.is_full() {
            return;
        }
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
            let target = &self.schema["$defs"][name];
            let noun = noun(name);
            let what = if target["type"] == "object" { &noun } else { what };
            return self.value(node, target, what, holder);
        }
        if let Some(values) = schema["enum"].as_array().filter(|values| values.iter().any(Json::is_number)) {
            return self.one_value(node, values, what);
        }
        if let Some(names) = names_of(schema) {
            return self.one_of(node, &names, what);
        }
        match schema["type"].as_str() {
            Some("object") => self.map(node, schema, what, holder),
            Some("array") => self.list(node, schema, what, holder),
            Some("string") => self.string(node, schema, what),
            Some("integer") if !plain(node).is_some_and(is_count) => {
                let help = "write it in digits, such as `8`";
                self.wrong_type(node, what, "a whole number", help);
            }
            Some("integer") => self.bounds(node, schema, what),
            Some("boolean") if !plain(node).is_some_and(|text| matches!(text, "true" | "false")) => {
                self.wrong_type(node, what, "`true` or `false`", "write one of these");
            }
            _ => {}
        }
    }

    fn map(&mut self, node: &Node, schema: &'a Json, what: &str, holder: &Range<usize>) {
        let Value::Map(pairs) = &node.value else {
            let help = "write its keys below it, each on a line of its own and indented";
            return self.wrong_type(node, what, "keys and values", help);
        };
        let known = schema["properties"].as_object();
        let others = &schema["additionalProperties"];
        let mut first: HashMap<&str, &Node> = HashMap::new();
        let mut meant: Vec<&str> = Vec::new();
        for (key, value) in pairs {
            if self.found.is_full() {
                return;
            }
            let Some(name) = key.text() else {
                let help = "a key is a single word or name".to_owned();
                self.found.add(Code::WrongType, &key.span, "a list or map cannot be a key".to_owned(), help);
                continue;
            };
            let is_known = known.is_some_and(|known| known.contains_key(name));
            if is_known && self.found.kind.has_anchors && value.is_nothing() {
                // It is one that is left out.
                continue;
            }
            if let Some(earlier) = first.get(name) {
                self.found.add_with(
                    Code::DuplicateKey,
                    &key.span,
                    format!("the key {} is written twice", if is_known { quoted(name) } else { self.said(name) }),
                    "keep one of them; only one would count".to_owned(),
                    Some((earlier.span.clone(), "first written here")),
                );
                continue;
            }
            first.insert(name, key);
            if let Some(schema) = known.and_then(|known| known.get(name)) {
                self.value(value, schema, &quoted(name), &key.span);
            } else if others.is_object() {
                if let Some(letter) = name.chars().find(|letter| is_unseen(*letter)) {
                    self.unseen(key, letter);
                }
                if name.trim().is_empty() {
                    self.found.add(
                        Code::BadValue,
                        &key.span,
                        "the name is empty".to_owned(),
                        "give it a name".to_owned(),
                    );
                }
                self.value(value, others, &quoted(name), &key.span);
            } else {
                let keys = || known.into_iter().flat_map(|known| known.keys().map(String::as_str));
                let near = nearest(name, keys());
                meant.extend(near);
                let help = near
                    .map_or_else(|| format!("the keys are {}", list(keys())), |near| format!("did you mean `{near}`?"));
                // A password may stand where a key belongs.
                let said = if near.is_some() { quoted(name) } else { self.said(name) };
                self.found.add(Code::UnknownKey, &key.span, format!("{said} is not a key of {what}"), help);
            }
        }
        let required = schema["required"].as_array().into_iter().flatten();
        // A misspelt key is reported once, not also as a missing one.
        let missing: Vec<&str> = required
            .filter_map(Json::as_str)
            .filter(|name| !first.contains_key(name) && !meant.contains(name))
            .collect();
        let about = |name: &str| known?.get(name)?["description"].as_str().map(first_line);
        match missing.as_slice() {
            [] => {}
            [name] => {
                let help = format!("add `{name}:` — {}", about(name).unwrap_or_default());
                let message = format!("{what} lacks the key `{name}`");
                self.found.add(Code::MissingKey, holder, message, help);
            }
            names => {
                let names = list(names.iter().copied());
                let message = format!("{what} lacks the keys {names}");
                self.found.add(Code::MissingKey, holder, message, "add them".to_owned());
            }
        }
        if schema["minProperties"].as_u64().is_some_and(|least| (pairs.len() as u64) < least) {
            self.empty(holder, what);
        }
    }

    fn list(&mut self, node: &Node, schema: &'a Json, what: &str, holder: &Range<usize>) {
        let Value::List(items) = &node.value else {
            let help = "write each item on a line of its own after `- `, or all between `[` and `]`";
            return self.wrong_type(node, what, "a list", help);
        };
        for item in items {
            self.value(item, &schema["items"], "an item", &item.span);
        }
        if schema["minItems"].as_u64().is_some_and(|least| (items.len() as u64) < least) {
            self.empty(holder, what);
        }
    }

    fn empty(&mut self, holder: &Range<usize>, what: &str) {
        let help = "add at least one entry, or remove what it belongs to".to_owned();
        self.found.add(Code::BadValue, holder, format!("{what} is empty"), help);
    }

    fn one_of(&mut self, node: &Node, names: &[&str], what: &str) {
        let all = list(names.iter().copied());
        let Some(text) = node.text().filter(|_| !node.is_nothing()) else {
            return self.wrong_type(node, what, "one word", &format!("write one of {all}"));
        };
        if !names.contains(&text) {
            let near = nearest(text, names.iter().copied());
            let help = match near {
                Some(near) => format!("did you mean `{near}`? it is one of {all}"),
                None => format!("write one of {all}"),
            };
            let message = format!("{} is not a value of this key", self.said(text));
            self.found.add(Code::BadValue, &node.span, message, help);
        }
    }

    /// One of a few values, some of which are numbers.
    fn one_value(&mut self, node: &Node, values: &[Json], what: &str) {
        let is = |value: &Json| match value {
            // Bare, it could be a number, or the sign of a key that many readers of YAML take `?` for.
            Json::String(text) => plain(node).is_none() && node.text() == Some(text),
            other => plain(node) == Some(&other.to_string()),
        };
        if !values.iter().any(is) {
            let all = values.iter().map(Json::to_string).collect::<Vec<_>>();
            let all = list(all.iter().map(String::as_str));
            self.wrong_type(node, what, &format!("one of {all}"), "write one of these, with its quotation marks");
        }
    }

    fn bounds(&mut self, node: &Node, schema: &'a Json, what: &str) {
        let number = node.text().and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
        let (least, most) = (schema["minimum"].as_u64(), schema["maximum"].as_u64());
        if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
            let range = match (least, most) {
                (Some(least), Some(most)) => format!("a number from {least} to {most}"),
                (_, Some(most)) => format!("a number up to {most}"),
                (least, None) => format!("a number from {} on", least.unwrap_or_default()),
            };
            let message = format!("{what} takes {range}, not {number}");
            self.found.add(Code::BadValue, &node.span, message, format!("write {range}"));
        }
    }

    fn string(&mut self, node: &Node, schema: &'a Json, what: &str) {
        let wants_date = schema["format"] == "date";
        let Some(text) = node.text().filter(|_| !node.is_nothing()) else {
            let (kind, help) = if wants_date { ("a date", A_DATE) } else { ("text", "write the text after the colon") };
            return self.wrong_type(node, what, kind, help);
        };
        if let Some(letter) = text.chars().find(|letter| is_unseen(*letter)) {
            return self.unseen(node, letter);
        }
        if plain(node).is_some_and(is_not_text) {
            let message = format!("{what} takes text, and {} is read as a number or truth value", self.said(text));
            let help = if self.found.kind.is_secret {
                "put it in quotation marks".to_owned()
            } else {
                format!("put it in quotation marks: \"{text}\"")
            };
            return self.found.add(Code::WrongType, &node.span, message, help);
        }
        if schema["minLength"].as_u64().is_some_and(|least| (text.trim().chars().count() as u64) < least) {
            return self.found.add(
                Code::BadValue,
                &node.span,
                "the text is empty".to_owned(),
                "write it, in one line".to_owned(),
            );
        }
        if wants_date && !is_date(text) {
            let help = A_DATE.to_owned();
            return self.found.add(Code::BadValue, &node.span, format!("{} is not a date", self.said(text)), help);
        }
        if let Some(pattern) = schema["pattern"].as_str() {
            let regex = self.patterns.entry(pattern).or_insert_with(|| Regex::new(pattern).ok());
            if !regex.as_ref().is_some_and(|regex| regex.is_match(text)) {
                let explained = (self.found.kind.explain)(pattern, text);
                let (what, help) =
                    explained.unwrap_or_else(|| ("of the form this key takes", format!("it must match {pattern}")));
                self.found.add(Code::BadValue, &node.span, format!("{} is not {what}", self.said(text)), help);
            }
        }
    }

    /// An escape such as `"\e"` names a character that would hide something, or steer a terminal, in a report.
    fn unseen(&mut self, node: &Node, letter: char) {
        let message = format!("the character U+{:04X} cannot be seen", u32::from(letter));
        let help = "remove it".to_owned();
        self.found.add(Code::BadValue, &node.span, message, help);
    }

    /// A value as a message shows it.
    fn said(&self, text: &str) -> String {
        if self.found.kind.is_secret { "what stands there".to_owned() } else { quoted(text) }
    }

    fn wrong_type(&mut self, node: &Node, what: &str, expected: &str, help: &str) {
        let got = match &node.value {
            _ if node.is_nothing() => "nothing".to_owned(),
            Value::Scalar { text, .. } => self.said(text),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "keys and values".to_owned(),
        };
        let message = format!("{what} takes {expected}, not {got}");
        self.found.add(Code::WrongType, &node.span, message, help.to_owned());
    }
}

/// The values of an enumeration.
fn names_of(schema: &Json) -> Option<Vec<&str>> {
    if let Some(names) = schema["enum"].as_array() {
        return Some(names.iter().filter_map(Json::as_str).collect());
    }
    let choices = schema["oneOf"].as_array()?;
    Some(choices.iter().filter_map(|choice| choice["const"].as_str()).collect())
}

fn plain(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar { text, plain: true } => Some(text),
        _ => None,
    }
}

/// Whether a text is a day of the calendar, written in the one way that JSON Schema allows.
fn is_date(text: &str) -> bool {
    text.parse::<NaiveDate>().is_ok_and(|date| date.to_string() == text)
}

/// Whether a plain scalar is a number or truth value by YAML 1.2's core schema (10.3.2), which editors go by.
#[must_use]
pub fn is_not_text(text: &str) -> bool {
    let based =
        |prefix| text.strip_prefix(prefix).is_some_and(|rest: &str| rest.chars().all(|c| c.is_ascii_hexdigit()));
    matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
        || (text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
            && text.parse::<f64>().is_ok())
        || matches!(text, ".inf" | ".Inf" | ".INF" | "+.inf" | "-.inf" | ".nan" | ".NaN" | ".NAN")
        || based("0x")
        || based("0o")
}

/// `DesignatedProject` as "a designated project".
fn noun(definition: &str) -> String {
    let mut text = String::new();
    for letter in definition.chars() {
        if letter.is_uppercase() {
            text.push(' ');
        }
        text.extend(letter.to_lowercase());
    }
    let article = if text.trim_start().starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article}{text}")
}

fn first_line(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default()
}

/// The keywords of a schema that are held against a file: a file whose schema has others is not wholly checked.
pub const KEYWORDS: [&str; 16] = [
    "$ref",
    "$schema",
    "const",
    "default",
    "description",
    "enum",
    "format",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "pattern",
    "required",
    "title",
    "type",
];

/// The keywords of a schema.
pub fn keywords(schema: &Json, found: &mut Vec<String>) {
    for (key, value) in schema.as_object().into_iter().flatten() {
        match key.as_str() {
            "properties" | "$defs" => {
                value.as_object().into_iter().flatten().for_each(|(_, schema)| keywords(schema, found));
            }
            "items" | "additionalProperties" => keywords(value, found),
            "oneOf" => value.as_array().into_iter().flatten().for_each(|schema| keywords(schema, found)),
            _ => found.push(key.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_truth_values_are_not_text() {
        for text in ["2020.06", "1e3", "0x1f", "-7", "true", ".5"] {
            assert!(is_not_text(text), "{text}");
        }
        for text in ["2020-06-01", "train", "1.2.3", "infinity", "0xyz", "-"] {
            assert!(!is_not_text(text), "{text}");
        }
    }
}
