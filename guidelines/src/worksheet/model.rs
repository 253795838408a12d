//! A worksheet as its YAML file states it.

use std::borrow::Cow;
use std::fmt;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::{ID_PATTERN, Scoring};

/// The value of `schema` in the file of a worksheet of this version.
pub const SCHEMA: &str = "assay.worksheet/1";

/// How capabilities were scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Worksheet {
    /// The version of the file format: `assay.worksheet/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The name that reports print.
    #[schemars(length(min = 1))]
    pub title: String,
    /// The id of the guideline that it is made for, whose criteria, weights and cutoff hold unless `scoring` has others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = ID_PATTERN))]
    pub guideline: Option<String>,
    /// The criteria with their weights, and the cutoff; a worksheet without a guideline needs them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scoring: Option<Scoring>,
    /// The capabilities, sorted by what they belong to, such as `Compute`.
    #[schemars(extend("minProperties" = 1))]
    pub sections: IndexMap<String, Section>,
}

/// Capabilities that belong together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// The capabilities and their scores.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub capabilities: IndexMap<String, Row>,
    /// Capabilities of the guideline that several of these make up together, each with the names of its parts.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub groups: IndexMap<String, Vec<String>>,
    /// What the committee noted on them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What the notes refer to: the word in brackets, and the address.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub links: IndexMap<String, String>,
}

/// How one capability was scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Each criterion, and whether the capability meets it.
    pub scores: IndexMap<String, Answer>,
    /// Whether it can be used without an administrator; if not, it never reaches the cutoff.
    pub non_admin: Answer,
    /// What the committee noted on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub note: Option<String>,
}

/// Whether something is met: `1`, `0`, or `?` in quotation marks while that is not decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It is not: `0`.
    No,
    /// It is: `1`.
    Yes,
    /// Nobody has decided yet: `?`.
    Open,
}

impl Answer {
    /// As worksheets write it.
    #[must_use]
    pub fn sign(self) -> char {
        match self {
            Self::No => '0',
            Self::Yes => '1',
            Self::Open => '?',
        }
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::No => to.serialize_u8(0),
            Self::Yes => to.serialize_u8(1),
            Self::Open => to.serialize_str("?"),
        }
    }
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Sign;
        impl Visitor<'_> for Sign {
            type Value = Answer;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("0, 1 or \"?\"")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Answer, E> {
                match number {
                    0 => Ok(Answer::No),
                    1 => Ok(Answer::Yes),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Unsigned(number), &self)),
                }
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Answer, E> {
                match u64::try_from(number) {
                    Ok(number) => self.visit_u64(number),
                    Err(_) => Err(E::invalid_value(serde::de::Unexpected::Signed(number), &self)),
                }
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Answer, E> {
                if text == "?" {
                    Ok(Answer::Open)
                } else {
                    Err(E::invalid_value(serde::de::Unexpected::Str(text), &self))
                }
            }
        }
        from.deserialize_any(Sign)
    }
}

impl JsonSchema for Answer {
    fn schema_name() -> Cow<'static, str> {
        "Answer".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Whether something is met: 1, 0, or \"?\" while that is not decided.",
            "enum": [0, 1, "?"],
        })
    }
}

impl Worksheet {
    /// Every capability with its section.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &str, &Row)> {
        self.sections.iter().flat_map(|(section, of)| {
            of.capabilities.iter().map(move |(name, row)| (section.as_str(), name.as_str(), row))
        })
    }

    /// Every group with its section and the rows of its parts.
    pub fn groups(&self) -> impl Iterator<Item = (&str, &str, Vec<(&str, &Row)>)> {
        self.sections.iter().flat_map(|(section, of)| {
            of.groups.iter().map(move |(name, parts)| {
                let parts = parts.iter().filter_map(|part| Some((part.as_str(), of.capabilities.get(part)?)));
                (section.as_str(), name.as_str(), parts.collect())
            })
        })
    }

    /// The worksheet as the text of a file, with the scores of each capability on one line.
    #[must_use]
    pub fn yaml(&self) -> String {
        let mut head = self.clone();
        head.sections.clear();
        let head = serde_yaml::to_string(&head).unwrap_or_default();
        // An empty map is written last, and the sections take its place.
        let mut text = head.strip_suffix("sections: {}\n").unwrap_or(&head).to_owned();
        text.push_str("sections:\n");
        for (name, section) in &self.sections {
            text.push_str(&section_yaml(name, section));
        }
        format!("# yaml-language-server: $schema=../worksheet.schema.json\n\n{text}")
    }
}

fn section_yaml(name: &str, section: &Section) -> String {
    let rest = Section { capabilities: IndexMap::new(), ..section.clone() };
    let mut text = format!("  {}:\n", key(name));
    if !section.capabilities.is_empty() {
        text.push_str("    capabilities:\n");
    }
    for (name, row) in &section.capabilities {
        let scores = row.scores.iter().map(|(criterion, answer)| format!("{}: {}", key(criterion), value(*answer)));
        text.push_str(&format!("      {}:\n", key(name)));
        text.push_str(&format!("        scores: {{{}}}\n", scores.collect::<Vec<_>>().join(", ")));
        text.push_str(&format!("        non_admin: {}\n", value(row.non_admin)));
        if let Some(note) = &row.note {
            text.push_str(&format!("        note: {}\n", quoted(note)));
        }
    }
    let rest = serde_yaml::to_string(&rest).unwrap_or_default();
    let rest = rest.strip_prefix("{}\n").unwrap_or(&rest);
    if rest.is_empty() && section.capabilities.is_empty() {
        return format!("  {}: {{}}\n", key(name));
    }
    for line in rest.lines() {
        text.push_str(if line.is_empty() { "" } else { "    " });
        text.push_str(line);
        text.push('\n');
    }
    text
}

fn value(answer: Answer) -> &'static str {
    match answer {
        Answer::No => "0",
        Answer::Yes => "1",
        Answer::Open => "\"?\"",
    }
}

/// A key as every reader takes it: bare only if it cannot be taken for anything but a word.
fn key(name: &str) -> String {
    let is_word = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
        && !matches!(
            name.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if is_word { name.to_owned() } else { quoted(name) }
}

/// A text in quotation marks: a string of JSON is one of YAML too.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
