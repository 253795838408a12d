//! Writes a scope file in the form in which they are published.
//!
//! Every reader takes what is written for the same: what could be taken for a number, a day or a truth value has quotation
//! marks, and days have none.

use serde_json::{Map, Value};

use super::file::ScopeFile;
use super::read::is_typed;

/// The text of a scope file.
pub(super) fn text(file: &ScopeFile) -> Result<String, serde_json::Error> {
    let mut out = String::new();
    if let Value::Object(pairs) = serde_json::to_value(file)? {
        map(&mut out, &pairs, 0);
    }
    Ok(out)
}

/// Keys and values; the first of them stands where the text ends.
fn map(out: &mut String, pairs: &Map<String, Value>, indent: usize) {
    for (number, (key, value)) in pairs.iter().enumerate() {
        if number > 0 {
            pad(out, indent);
        }
        let name = if is_plain(key) { key.clone() } else { in_quotation_marks(key) };
        out.push_str(&format!("{name}:"));
        match value {
            Value::Object(pairs) if pairs.is_empty() => out.push_str(" {}\n"),
            Value::Object(pairs) => {
                out.push('\n');
                pad(out, indent + 2);
                map(out, pairs, indent + 2);
            }
            Value::Array(items) if items.is_empty() => out.push_str(" []\n"),
            Value::Array(items) => {
                out.push('\n');
                list(out, items, if is_deeper(key) { indent + 2 } else { indent });
            }
            Value::String(text) => {
                out.push(' ');
                scalar(out, key, text, indent);
            }
            other => out.push_str(&format!(" {other}\n")),
        }
    }
}

fn list(out: &mut String, items: &[Value], indent: usize) {
    for item in items {
        pad(out, indent);
        out.push_str("- ");
        match item {
            Value::Object(pairs) => map(out, pairs, indent + 2),
            Value::String(text) => scalar(out, "", text, indent),
            other => out.push_str(&format!("{other}\n")),
        }
    }
}

fn scalar(out: &mut String, key: &str, text: &str, indent: usize) {
    if matches!(key, "date" | "stabilized_at") || is_plain(text) {
        out.push_str(text);
    } else if matches!(key, "name" | "description") && is_line(text) {
        out.push_str(">-\n");
        pad(out, indent + 2);
        out.push_str(text);
    } else {
        out.push_str(&in_quotation_marks(text));
    }
    out.push('\n');
}

/// Whether the published files write the list of this key deeper than the key.
fn is_deeper(key: &str) -> bool {
    matches!(key, "variables" | "modules" | "timeline" | "versions" | "include")
}

/// Whether a text means the same without quotation marks.
fn is_plain(text: &str) -> bool {
    let mut letters = text.chars();
    let begins = match letters.next() {
        Some('-') => letters.next().is_some_and(|second| !second.is_whitespace()),
        Some(first) => first.is_alphanumeric() || matches!(first, '.' | '/' | '(' | '_'),
        None => false,
    };
    let is_cut = text.contains(": ") || text.contains(" #") || text.ends_with(':');
    begins
        && is_line(text)
        && !is_cut
        && !text.contains('\t')
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !is_typed(text)
}

/// Whether a text is one line, with no white space at its ends.
fn is_line(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && !text.contains(['\n', '\r', '\u{85}'])
}

/// JSON's escapes are YAML's.
fn in_quotation_marks(text: &str) -> String {
    Value::from(text).to_string()
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn what_could_be_taken_for_something_else_has_quotation_marks() {
        for text in
            ["v5.1", "next", "./iaas/test.py", "-c {os_cloud} {testcases}", "a#b", "ähnlich", "5.1.2", "https://a.b/#c"]
        {
            assert!(is_plain(text), "{text}");
        }
        for text in [
            "5.1",
            "5",
            "1e3",
            "2026-01-01",
            "1:30",
            "Yes",
            "null",
            "0x1f",
            "- a",
            "a: b",
            "a #b",
            "",
            " a",
            "a:",
            "'a'",
            "-1",
            "a\nb",
            "{a}",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }
}
