//! What stands in somebody's file, as an error shows it.

/// The most characters of a file that an error shows.
const MOST: usize = 300;

/// Text in one line, without characters that would steer a terminal, and not endless.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::new();
    for (at, letter) in text.chars().enumerate() {
        match letter {
            _ if at == MOST => {
                shown.push('…');
                break;
            }
            '\n' | '\t' | '\r' => shown.push(' '),
            letter if letter.is_control() => shown.extend(letter.escape_unicode()),
            letter => shown.push(letter),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal_or_goes_on_for_ever() {
        assert_eq!(visible("a\u{1b}[2J\n\u{9b}é"), "a\\u{1b}[2J \\u{9b}é");
        assert_eq!(visible(&"x".repeat(1000)).chars().count(), MOST + 1);
    }
}
