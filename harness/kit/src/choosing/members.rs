//! What lists say of what can be chosen.

use crate::json::Json;
use crate::outcome::Stop;

/// How many pages of a list are read to choose from.
pub(super) const PAGES: usize = 100;

/// A member that is a text; empty where it is none.
pub(super) fn text(json: &Json, key: &str) -> String {
    json.find(key).and_then(|text| text.value().as_str().map(str::to_owned)).unwrap_or_default()
}

/// A member that is a number; 0 where it is none.
pub(super) fn number(json: &Json, key: &str) -> u64 {
    json.find(key).and_then(|number| number.value().as_u64()).unwrap_or(0)
}

/// A member that is true or false, where it is either.
pub(super) fn truth(json: &Json, key: &str) -> Option<bool> {
    json.find(key)?.value().as_bool()
}

/// Whether this is what the user named.
pub(super) fn is(wanted: Option<&String>, id: &str, name: &str) -> bool {
    wanted.is_some_and(|wanted| wanted == id || wanted == name)
}

/// Why what the user named cannot be used.
pub(super) fn unusable(kind: &str, wanted: &str, reason: &str) -> Stop {
    Stop::Error(format!("the {kind} `{wanted}` cannot be used: {reason}; name another with --{kind}"))
}
