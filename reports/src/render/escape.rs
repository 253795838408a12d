//! Making text from a deployment harmless in the formats of reports, beyond what holds for all of them.

pub use assay_text::{cut, visible, visible_line};

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
}
