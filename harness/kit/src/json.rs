//! A part of a response's body, which knows where it stands and which exchange showed it.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

use crate::outcome::{Evidence, Outcome, shown};
use crate::recorder::TestLog;

/// A JSON value of a response. Every look that finds something else than asked fails the test, naming the place.
#[derive(Debug, Clone)]
pub struct Json {
    value: Value,
    place: String,
    exchange: u32,
    log: Arc<TestLog>,
}

impl Evidence for Json {
    fn log(&self) -> &TestLog {
        &self.log
    }
    fn exchange(&self) -> Option<u32> {
        Some(self.exchange)
    }
}

impl Json {
    pub(crate) fn new(value: Value, exchange: u32, log: Arc<TestLog>) -> Self {
        Self { value, place: String::new(), exchange, log }
    }

    /// The same with another value.
    pub(crate) fn with(self, value: Value) -> Self {
        Self { value, ..self }
    }

    /// The value itself.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Its place in the body, as a JSON pointer (RFC 6901); that of the body itself is empty.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    fn child(&self, key: &str, value: Value) -> Self {
        let key = key.replace('~', "~0").replace('/', "~1");
        Self { value, place: format!("{}/{key}", self.place), exchange: self.exchange, log: self.log.clone() }
    }

    fn wrong<T>(&self, kind: &str) -> Outcome<T> {
        let place = if self.place.is_empty() { "the body" } else { &self.place };
        Err(self.fail(format!("{place} is {kind}"), Some(kind.to_owned()), Some(shown(&self.value))))
    }

    /// The member of that name, when there is one.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<Self> {
        Some(self.child(key, self.value.get(key)?.clone()))
    }

    /// The member of that name, which must be there.
    pub fn get(&self, key: &str) -> Outcome<Self> {
        self.find(key).ok_or_else(|| {
            let place = if self.place.is_empty() { "the body" } else { &self.place };
            let actual = match &self.value {
                Value::Object(members) => format!("members {}", members.keys().cloned().collect::<Vec<_>>().join(", ")),
                other => shown(other),
            };
            self.fail(format!("{place} has `{key}`"), Some(format!("a member `{key}`")), Some(actual))
        })
    }

    /// The value at a path of members, such as `["token", "user", "id"]`, each of which must be there.
    pub fn at<const N: usize>(&self, path: [&str; N]) -> Outcome<Self> {
        path.into_iter().try_fold(self.clone(), |json, key| json.get(key))
    }

    /// The text it must be.
    pub fn text(&self) -> Outcome<&str> {
        self.value.as_str().map_or_else(|| self.wrong("a string"), Ok)
    }

    /// The truth value it must be.
    pub fn truth(&self) -> Outcome<bool> {
        self.value.as_bool().map_or_else(|| self.wrong("true or false"), Ok)
    }

    /// The whole number it must be.
    pub fn integer(&self) -> Outcome<i64> {
        self.value.as_i64().map_or_else(|| self.wrong("a whole number"), Ok)
    }

    /// The elements of the array it must be.
    pub fn elements(&self) -> Outcome<Vec<Self>> {
        let Some(elements) = self.value.as_array() else { return self.wrong("an array") };
        Ok(elements.iter().enumerate().map(|(at, value)| self.child(&at.to_string(), value.clone())).collect())
    }

    /// How many elements the array has that it must be.
    pub fn length(&self) -> Outcome<usize> {
        self.value.as_array().map_or_else(|| self.wrong("an array"), |elements| Ok(elements.len()))
    }

    /// The last element of the array it must be, when it has any.
    pub fn last(&self) -> Outcome<Option<Self>> {
        let Some(elements) = self.value.as_array() else { return self.wrong("an array") };
        let last = elements.last().map(|value| self.child(&(elements.len() - 1).to_string(), value.clone()));
        Ok(last)
    }

    /// The names of the members of the object it must be.
    pub fn keys(&self) -> Outcome<Vec<&str>> {
        let Some(members) = self.value.as_object() else { return self.wrong("an object") };
        Ok(members.keys().map(String::as_str).collect())
    }

    /// The time it must be, as ISO 8601 writes it; without a zone it is taken as UTC.
    pub fn time(&self) -> Outcome<DateTime<FixedOffset>> {
        let text = self.text()?;
        DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z")))
            .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
            .or_else(|_| self.wrong("a time as ISO 8601 writes it"))
    }
}
