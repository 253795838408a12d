//! The nearest right name, for "did you mean".

use crate::visible;

/// Longer names are compared with none: the time grows with the product of both lengths.
const LONGEST: usize = 200;

/// The candidate that `name` most likely stands for, if one is near enough.
///
/// Near is: alike but for case and separators, or no more than a third of the letters mistaken.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let plain = fold(name);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| (strsim::osa_distance(&plain, &fold(candidate)), candidate))
        .filter(|(distance, _)| *distance * 3 <= plain.chars().count().max(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn fold(name: &str) -> String {
    name.trim().to_lowercase().replace(['-', ' '], "_")
}

/// `name` as a message shows it: in backticks, without control characters, and not endless.
#[must_use]
pub fn quoted(name: &str) -> String {
    const SHOWN: usize = 120;
    let mut text: String = name.chars().take(SHOWN).collect();
    if name.chars().nth(SHOWN).is_some() {
        text.push('…');
    }
    // Within backticks, the end of a line is a part of the name.
    format!("`{}`", visible(&text.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t")))
}

/// The names in backticks, separated by commas; no more than a few dozen of them.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 40;
    let names: Vec<&str> = names.into_iter().collect();
    let mut text = names.iter().take(SHOWN).map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text = format!("{text} and {} more", names.len() - SHOWN);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let names = ["summary", "achievements", "required_since"];
        assert_eq!(nearest("sumary", names), Some("summary"));
        assert_eq!(nearest("acheivements", names), Some("achievements"));
        assert_eq!(nearest("Required-Since", names), Some("required_since"));
        assert_eq!(nearest("colour", names), None);
    }

    #[test]
    fn quoted_lets_no_control_character_through() {
        assert_eq!(quoted("a\u{1b}[31m\n"), "`a\\u{1b}[31m\\n`");
    }
}
