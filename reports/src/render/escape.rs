//! Making text from a deployment harmless where it is shown.
//!
//! Control characters, and the invisible ones that turn the reading direction or hide letters, are shown as what they
//! are (`\u{1b}`), in every format. What else needs care depends on the format.

/// Text with its invisible characters made visible; line ends and tabs stay.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' | '\t' => shown.push(c),
            c if c.is_control() || is_deceptive(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// [`visible`] text on one line; spaces stay, because a command may mean them.
#[must_use]
pub fn visible_line(text: &str) -> String {
    visible(text).replace(['\n', '\t'], " ").trim().to_owned()
}

/// Characters that change how the text around them looks without being seen: direction, joining, tags.
fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Text cut to a number of characters, saying how many are left out.
pub fn cut(text: &str, at_most: usize) -> String {
    match text.char_indices().nth(at_most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{} … ({} more characters)", &text[..end], text[end..].chars().count()),
    }
}

/// Text for HTML, in an element or in a quoted attribute.
pub fn html(text: &str) -> String {
    handlebars::html_escape(&visible(text))
}

/// Text for a line of Markdown, in a table cell too.
pub fn markdown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in visible_line(text).chars() {
        match c {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' => {
                shown.push('\\');
                shown.push(c);
            }
            '@' => shown.push_str("&#64;"),
            c => shown.push(c),
        }
    }
    // A bare address becomes a link.
    shown.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// A block of Markdown that shows text as it is: the fence is longer than any in the text.
pub fn markdown_fence(text: &str) -> String {
    let text = visible(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{text}\n{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(visible("a\u{1b}[31m\0\u{202e}b\u{9b}\r\nc\td"), "a\\u{1b}[31m\\u{0}\\u{202e}b\\u{9b}\nc\td");
    }

    #[test]
    fn a_line_of_markdown_stays_a_line_and_holds_no_markup() {
        assert_eq!(
            markdown("# a\n| `b` | <script> &amp; *c*"),
            "\\# a \\| \\`b\\` \\| &lt;script&gt; &amp;amp; \\*c\\*"
        );
    }

    #[test]
    fn a_fence_cannot_be_closed_from_within() {
        let shown = markdown_fence("x\n````\n# heading");
        assert!(shown.starts_with("`````text\n") && shown.ends_with("\n`````"));
    }

    #[test]
    fn cutting_counts_characters_and_not_bytes() {
        assert_eq!(cut("äöü", 2), "äö … (1 more characters)");
        assert_eq!(cut("äöü", 3), "äöü");
    }
}
