//! The kinds of files that people write.

use std::sync::LazyLock;

use serde_json::Value;

/// A kind of file: what messages call it, and what it is held against.
#[derive(Debug)]
pub struct Kind {
    /// What messages call it, after `a`.
    pub noun: &'static str,
    /// The value of its key `schema`; empty where it has none.
    pub version: &'static str,
    /// Its JSON Schema.
    pub schema: LazyLock<Value>,
    /// The name that it has in its folder, where that is the same for all.
    pub file: Option<&'static str>,
    /// Where more is said of its form.
    pub help: &'static str,
    /// What a pattern of its schema stands for, and what to do with a text that is not of it.
    pub explain: fn(pattern: &str, text: &str) -> Option<(&'static str, String)>,
    /// Whether it may have anchors, aliases, merge keys, and keys with nothing behind them.
    pub has_anchors: bool,
    /// Whether it may hold passwords: no message shows a value or a line of it.
    pub is_secret: bool,
}
