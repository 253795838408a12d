//! JSON as YAML: that a text is JSON is checked first, and then the reader of YAML makes a tree of it, in which every value
//! knows its place and a key written twice stands there twice. Only surrogate pairs are other in YAML.

use serde::de::IgnoredAny;

use crate::problem::{Code, Collector};

/// Whether a text is JSON; where it is not, `found` says so.
pub(crate) fn is_json(text: &str, found: &mut Collector) -> bool {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let at = byte(text, error.line(), error.column());
        // The place is told apart from what is wrong: it is drawn.
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or(&message);
        let help = "look at this line and the one above it: a comma, a bracket or a quotation mark".to_owned();
        found.add(Code::Syntax, &(at..at + 1), format!("this is not JSON: {what}"), help);
        return false;
    }
    true
}

/// The text with each surrogate pair as one escape of YAML's; of the same lines, and for anything else the same.
pub(crate) fn without_surrogates(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let length = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(high @ 0xd800..=0xdbff), Some(low @ 0xdc00..=0xdfff)) => {
                let letter = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                out.push_str(&format!("\\U{letter:08x}"));
                rest = &escape[12..];
                continue;
            }
            // The letter after the backslash belongs to it: another backslash begins no escape.
            _ => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
        };
        out.push_str(&escape[..length]);
        rest = &escape[length..];
    }
    out.push_str(rest);
    out
}

/// The number of an escape such as `\ud83d` at the beginning of a text.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}

/// The byte of a line and column, both from 1, the column in bytes.
fn byte(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column.saturating_sub(1)).min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surrogate_pairs_become_one_letter_and_escaped_backslashes_stay() {
        assert_eq!(
            without_surrogates(r#"{"a": "\ud83d\ude00 \\ud83d\\ude00 \n"}"#),
            r#"{"a": "\U0001f600 \\ud83d\\ude00 \n"}"#
        );
        assert_eq!(without_surrogates("\\"), "\\");
        assert_eq!(without_surrogates(r"\ud83d é \u00e9"), r"\ud83d é \u00e9");
    }
}
