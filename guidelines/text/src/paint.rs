//! Colours of our own within text that may hold anything.
//!
//! Where text is put together, [`paint`] sets marks around a part. Where it is printed, [`show`] makes all of it visible
//! first and turns the marks into colours then. The marks hold a number that this process made at random, so that no text
//! from outside can have one.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::LazyLock;

use crate::visible;

/// What begins a mark; behind it stand the parameters of the colour, and [`END`].
static BEGIN: LazyLock<String> = LazyLock::new(|| {
    let random = || RandomState::new().build_hasher().finish();
    format!("\u{1}{:016x}{:016x}:", random(), random())
});
/// What ends a mark.
const END: char = '\u{2}';
/// The parameters that end every colour.
const PLAIN: &str = "0";

/// Text in a colour: the parameters of SGR, such as `1;31`.
#[must_use]
pub fn paint(parameters: &str, text: &str) -> String {
    format!("{}{text}{}", mark(parameters), mark(PLAIN))
}

/// Text whose colours some library of ours wrote as SGR sequences, with marks in their place. What it was given must have
/// been made visible before: every sequence in it is taken for one of ours.
#[must_use]
pub fn adopt(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        shown.push_str(before);
        let end = after.find(|letter: char| !(letter.is_ascii_digit() || letter == ';'));
        if let Some((parameters, behind)) = end.and_then(|end| Some((&after[..end], after[end..].strip_prefix('m')?))) {
            shown.push_str(&mark(if parameters.is_empty() { PLAIN } else { parameters }));
            rest = behind;
        } else {
            shown.push_str("\u{1b}[");
            rest = after;
        }
    }
    shown + rest
}

/// The text as it is printed: what is not ours is made visible, and our marks become colours, or nothing.
#[must_use]
pub fn show(text: &str, colour: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut parts = text.split(BEGIN.as_str());
    shown.push_str(&visible(parts.next().unwrap_or_default()));
    for part in parts {
        // Only marks begin so, and each of them has an end.
        let (parameters, text) = part.split_once(END).unwrap_or((PLAIN, part));
        if colour {
            shown.push_str(&format!("\u{1b}[{parameters}m"));
        }
        shown.push_str(&visible(text));
    }
    shown
}

fn mark(parameters: &str) -> String {
    format!("{}{parameters}{END}", *BEGIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_colours_pass() {
        let hostile = "\u{1b}[31mred\u{1b}[0m \u{1}0123456789abcdef0123456789abcdef:31\u{2}";
        let text = format!("{hostile} {}", paint("1;32", "yes\u{1b}[2J"));
        let plain = show(&text, false);
        assert!(!plain.contains(['\u{1b}', '\u{1}', '\u{2}']), "{plain:?}");
        let coloured = show(&text, true);
        assert!(coloured.ends_with("\u{1b}[1;32myes\\u{1b}[2J\u{1b}[0m"), "{coloured:?}");
        assert_eq!(coloured.matches('\u{1b}').count(), 2);
    }

    #[test]
    fn what_a_library_coloured_is_adopted_and_nothing_else() {
        let text = adopt("\u{1b}[1m\u{1b}[38;5;9merror\u{1b}[m \u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[5");
        assert_eq!(show(&text, true), "\u{1b}[1m\u{1b}[38;5;9merror\u{1b}[0m \\u{1b}]0;title\\u{7}\\u{1b}[2J\\u{1b}[5");
        assert_eq!(show(&text, false), "error \\u{1b}]0;title\\u{7}\\u{1b}[2J\\u{1b}[5");
    }
}
