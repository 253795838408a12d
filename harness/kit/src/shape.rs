//! The shape of a body: which members it has, of which types, and no others.

use crate::json::Json;
use crate::outcome::{Evidence as _, Outcome};

/// What a value must be.
#[derive(Debug, Clone)]
pub enum Shape {
    /// Anything.
    Any,
    /// A string.
    Text,
    /// A string that is one of these.
    OneOf(&'static [&'static str]),
    /// A whole number.
    Integer,
    /// A whole number that is one of these.
    OneOfIntegers(&'static [i64]),
    /// A number.
    Number,
    /// True or false.
    Truth,
    /// Null.
    Null,
    /// A time as ISO 8601 writes it.
    Time,
    /// A UUID, with or without its dashes.
    Uuid,
    /// An http or https address.
    Address,
    /// An address of IP version 4 or 6.
    Ip,
    /// A hardware address: six pairs of hexadecimal digits joined by `:`.
    Mac,
    /// This or null.
    Nullable(Box<Shape>),
    /// Any one of these.
    Either(Vec<Shape>),
    /// An array whose elements are this.
    Array(Box<Shape>),
    /// An object of any members, each of which is this.
    Map(Box<Shape>),
    /// An object of these members.
    Object(Object),
}

/// An object of named members.
#[derive(Debug, Clone, Default)]
pub struct Object {
    required: Vec<(&'static str, Shape)>,
    optional: Vec<(&'static str, Shape)>,
    open: bool,
}

impl Object {
    /// An object of exactly these members.
    #[must_use]
    pub fn new(required: Vec<(&'static str, Shape)>) -> Self {
        Self { required, ..Self::default() }
    }

    /// With these members too.
    #[must_use]
    pub fn and(mut self, required: Vec<(&'static str, Shape)>) -> Self {
        self.required.extend(required);
        self
    }

    /// It may have these as well.
    #[must_use]
    pub fn optional(mut self, members: Vec<(&'static str, Shape)>) -> Self {
        self.optional.extend(members);
        self
    }

    /// It may have any others as well.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }
}

impl From<Object> for Shape {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl Shape {
    /// This or null.
    #[must_use]
    pub fn or_null(self) -> Self {
        Self::Nullable(Box::new(self))
    }

    /// An array of this.
    #[must_use]
    pub fn array(self) -> Self {
        Self::Array(Box::new(self))
    }

    /// Fails the test, naming the place, unless the value has this shape.
    pub fn require(&self, json: &Json) -> Outcome {
        match self {
            Self::Any => Ok(()),
            Self::Text => json.text().map(drop),
            Self::OneOf(words) => {
                let text = json.text()?;
                let all = words.join(", ");
                Self::holds(json, words.contains(&text), &format!("one of {all}"))
            }
            Self::Integer => json.integer().map(drop),
            Self::OneOfIntegers(numbers) => {
                let number = json.integer()?;
                Self::holds(json, numbers.contains(&number), &format!("one of {numbers:?}"))
            }
            Self::Number => Self::holds(json, json.value().is_number(), "a number"),
            Self::Truth => json.truth().map(drop),
            Self::Null => Self::holds(json, json.value().is_null(), "null"),
            Self::Time => json.time().map(drop),
            Self::Uuid => Self::holds(json, is_uuid(json.text()?), "a UUID"),
            Self::Address => {
                let url = url::Url::parse(json.text()?);
                Self::holds(json, url.is_ok(), "an address with a scheme")
            }
            Self::Ip => {
                let ip: Result<std::net::IpAddr, _> = json.text()?.parse();
                Self::holds(json, ip.is_ok(), "an IP address")
            }
            Self::Mac => Self::holds(json, is_mac(json.text()?), "a hardware address"),
            Self::Nullable(shape) => {
                if json.value().is_null() {
                    Ok(())
                } else {
                    shape.require(json)
                }
            }
            Self::Either(shapes) => {
                let mut first = None;
                for shape in shapes {
                    match shape.require(json) {
                        Ok(()) => return Ok(()),
                        Err(stop) => first = first.or(Some(stop)),
                    }
                }
                first.map_or(Ok(()), Err)
            }
            Self::Array(shape) => json.elements()?.iter().try_for_each(|element| shape.require(element)),
            Self::Map(shape) => json.keys()?.into_iter().try_for_each(|key| shape.require(&json.get(key)?)),
            Self::Object(object) => object.require(json),
        }
    }

    fn holds(json: &Json, holds: bool, kind: &str) -> Outcome {
        if holds {
            return Ok(());
        }
        let place = if json.place().is_empty() { "the body" } else { json.place() };
        Err(json.fail(format!("{place} is {kind}"), Some(kind.to_owned()), Some(json.value().to_string())))
    }
}

impl Object {
    fn require(&self, json: &Json) -> Outcome {
        let keys = json.keys()?;
        for (key, shape) in &self.required {
            shape.require(&json.get(key)?)?;
        }
        for (key, shape) in &self.optional {
            if let Some(value) = json.find(key) {
                shape.require(&value)?;
            }
        }
        let known = |key: &str| self.required.iter().chain(&self.optional).any(|(known, _)| *known == key);
        let more: Vec<_> = keys.into_iter().filter(|key| !known(key)).collect();
        if self.open || more.is_empty() {
            return Ok(());
        }
        let place = if json.place().is_empty() { "the body" } else { json.place() };
        let defined: Vec<_> = self.required.iter().chain(&self.optional).map(|(key, _)| *key).collect();
        let requirement = format!("{place} has only the properties that this version of the API defines");
        Err(json.fail(requirement, Some(defined.join(", ")), Some(format!("also {}", more.join(", ")))))
    }
}

fn is_uuid(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    digits.len() == 32 && digits.iter().all(u8::is_ascii_hexdigit)
}

/// In letters of either case; that of InfiniBand has more than six pairs.
fn is_mac(text: &str) -> bool {
    let pair = |pair: &str| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split(':').count() >= 6 && text.split(':').all(pair)
}
