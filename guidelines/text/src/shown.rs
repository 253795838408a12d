//! Text from outside, made harmless where it is shown.
//!
//! Control characters, and the invisible ones that turn the reading direction, hide letters or carry what nobody sees,
//! are shown as what they are (`\u{1b}`).

/// The most characters of somebody's file that an error shows.
const EXCERPT: usize = 300;

/// Text with its unseen characters made visible; line ends and tabs stay.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' | '\t' => shown.push(letter),
            letter if is_unseen(letter) => shown.extend(letter.escape_unicode()),
            letter => shown.push(letter),
        }
    }
    shown
}

/// [`visible`] text on one line; spaces stay, because a command may mean them.
#[must_use]
pub fn visible_line(text: &str) -> String {
    visible(text).replace(['\n', '\t'], " ").trim().to_owned()
}

/// The beginning of a text, on one line, as an error shows it.
#[must_use]
pub fn excerpt(text: &str) -> String {
    cut(&visible_line(text), EXCERPT)
}

/// Text cut to a number of characters, saying how many are left out.
#[must_use]
pub fn cut(text: &str, at_most: usize) -> String {
    match text.char_indices().nth(at_most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{} … ({} more characters)", &text[..end], text[end..].chars().count()),
    }
}

/// JSON with the unseen characters of its strings escaped, as JSON escapes them; it means the same.
#[must_use]
pub fn json(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        // Outside of strings, JSON has no unseen character but these.
        if matches!(letter, '\n' | '\r' | '\t') || !is_unseen(letter) {
            shown.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    shown
}

/// Whether a character steers a terminal, or changes how the text around it looks without being seen itself: control
/// characters, direction, joining, fillers, variation selectors, tags, and what is no character at all.
#[must_use]
pub fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || u32::from(letter) & 0xfffe == 0xfffe
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(visible("a\u{1b}[31m\0\u{202e}b\u{9b}\r\nc\td"), "a\\u{1b}[31m\\u{0}\\u{202e}b\\u{9b}\nc\td");
        assert_eq!(visible("a\rb"), "a\\u{d}b");
    }

    #[test]
    fn nothing_that_steers_passes() {
        let unseen = [
            '\u{0}',
            '\u{7}',
            '\u{8}',
            '\u{b}',
            '\u{c}',
            '\u{e}',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{90}',
            '\u{9b}',
            '\u{9d}',
            '\u{ad}',
            '\u{61c}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2067}',
            '\u{2068}',
            '\u{2069}',
            '\u{206f}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{fffa}',
            '\u{ffff}',
            '\u{1fffe}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e0100}',
        ];
        for letter in unseen {
            let text = format!("a{letter}b");
            assert_eq!(visible(&text), format!("a\\u{{{:x}}}b", u32::from(letter)));
            assert_eq!(visible_line(&text), visible(&text));
            let shown = json(&serde_json::to_string(&text).unwrap());
            assert!(!shown.contains(is_unseen), "{shown:?}");
            assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text, "{shown:?}");
        }
    }

    #[test]
    fn what_is_written_in_any_script_stays() {
        for text in ["Zürich", "日本語", "عربى", "हिन्दी", "a\u{301}", "→ · … “x”", "🙂"]
        {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn a_line_stays_a_line() {
        assert_eq!(visible_line(" a\nb\tc\r\n"), "a b c");
    }

    #[test]
    fn cutting_counts_characters_and_not_bytes() {
        assert_eq!(cut("äöü", 2), "äö … (1 more characters)");
        assert_eq!(cut("äöü", 3), "äöü");
        assert!(excerpt(&"x".repeat(10_000)).chars().count() < 350);
    }
}
