//! Why a test did not pass, in one line, from what a tool attached to it.
//!
//! Of a traceback, what is said at its end is kept: the frames name files of the machine where the tool ran, and no
//! reader of a report needs them. What looks like a secret is replaced. Everything is bounded.

use std::sync::LazyLock;

use regex_lite::Regex;

/// The most bytes of one attachment that are kept: its end.
const MAX_TAIL: usize = 8 * 1024;
/// The most characters of a reason.
const MAX_REASON: usize = 1_000;

/// The end of an attachment.
#[derive(Debug, Clone, Default)]
pub struct Tail {
    bytes: Vec<u8>,
    cut: bool,
}

impl Tail {
    /// Appends to the attachment.
    pub fn push(&mut self, bytes: &[u8]) {
        let kept = &bytes[bytes.len().saturating_sub(MAX_TAIL)..];
        self.cut |= kept.len() < bytes.len();
        self.bytes.extend_from_slice(kept);
        // Twice the size is let through, so that what is kept is not moved for each byte that comes.
        if self.bytes.len() > 2 * MAX_TAIL {
            self.bytes.drain(..self.bytes.len() - MAX_TAIL);
            self.cut = true;
        }
    }

    /// How many bytes are held in memory.
    pub fn held(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was attached.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The attachment as a reason, in one line; nothing, where it says nothing.
    pub fn reason(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.bytes);
        let said = said(&text, self.cut);
        // Beyond this, nothing is shown: there is no need to look for secrets in it.
        let said: String = said.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(4 * MAX_REASON).collect();
        let said = redacted(&said);
        let mut reason: String = said.chars().take(MAX_REASON).collect();
        if reason.len() < said.len() {
            reason.push('…');
        }
        (!reason.is_empty()).then_some(reason)
    }
}

/// What an exception says: the text behind the frames of the last traceback, or all of it where there is none.
fn said(text: &str, cut: bool) -> &str {
    const HEAD: &str = "Traceback (most recent call last):";
    let frames = match text.rfind(HEAD) {
        Some(start) => &text[start + HEAD.len()..],
        // The head of a long traceback is cut off; its last frame may not be.
        None if cut => match text.rfind("\n  File \"") {
            Some(start) => &text[start..],
            None => return text,
        },
        None => return text,
    };
    // Frames are indented, and what the exception says begins at the margin.
    let mut rest = frames;
    loop {
        let Some((line, next)) = rest.split_once('\n') else { return rest };
        if !line.trim().is_empty() && !line.starts_with([' ', '\t']) {
            return rest;
        }
        rest = next;
    }
}

/// Text in which what looks like a secret is replaced.
///
/// The values are not known here, as they are where requests are made; so the keys and the forms decide.
fn redacted(text: &str) -> String {
    static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        [
            // A member or an option whose name says that its value is secret.
            (
                r#"(?i)((?:password|passwd|adminpass|admin_pass|passcode|secret|private_key|temp-url-key|(?:auth|subject|service|storage)-token|_token|\btoken|auth-key|authorization|\bcookie)["'\\]*\s*[:=]\s*["'\\]*(?:u['"])?(?:basic |bearer )?)[^\s"'\\,;&}\])]+"#,
                "${1}[redacted]",
            ),
            // An address that holds a password.
            (r"(://[^\s/:@]+:)[^\s/@]+@", "${1}[redacted]@"),
            // A signed address.
            (r"(?i)([?&](?:temp_url_sig|sig|signature)=)[^\s&]+", "${1}[redacted]"),
            // Keystone's tokens.
            (r"gAAAA[A-Za-z0-9_-]{20,}=*", "[redacted]"),
            (r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*", "[redacted]"),
            (r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)", "[redacted]"),
        ]
        .into_iter()
        .filter_map(|(pattern, with)| Some((Regex::new(pattern).ok()?, with)))
        .collect()
    });
    let mut text = text.to_owned();
    for (pattern, with) in PATTERNS.iter() {
        if pattern.is_match(&text) {
            text = pattern.replace_all(&text, *with).into_owned();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> Option<String> {
        let mut tail = Tail::default();
        tail.push(text.as_bytes());
        tail.reason()
    }

    #[test]
    fn of_a_traceback_the_frames_are_left_out() {
        let text = "Traceback (most recent call last):\n  File \"/opt/t/x.py\", line 3, in test\n    call()\n\
                    lib.NotFound: Object not found\nDetails: {'code': 404}\n";
        assert_eq!(reason(text).unwrap(), "lib.NotFound: Object not found Details: {'code': 404}");
    }

    #[test]
    fn of_two_tracebacks_the_last_speaks() {
        let text = "Traceback (most recent call last):\n  File \"a\"\nKeyError: 1\n\nDuring handling\n\n\
                    Traceback (most recent call last):\n  File \"b\"\nValueError: 2\n";
        assert_eq!(reason(text).unwrap(), "ValueError: 2");
    }

    #[test]
    fn a_reason_without_a_traceback_is_kept_on_one_line() {
        assert_eq!(reason("needs\n  two accounts\n").unwrap(), "needs two accounts");
        assert_eq!(reason(" \n"), None);
    }

    #[test]
    fn every_pattern_for_secrets_is_understood_and_works() {
        for (text, secret) in [
            ("Details: {'password': 'hush1234'}", "hush1234"),
            ("{\"adminPass\": \"hush1234\", \"x\": 1}", "hush1234"),
            ("OS_PASSWORD=hush1234", "hush1234"),
            ("X-Auth-Token: hush1234", "hush1234"),
            ("Authorization: Bearer hush1234", "hush1234"),
            ("mysql://root:hush1234@db/nova", "hush1234"),
            ("GET /v1/a?temp_url_sig=hush1234&b=1", "hush1234"),
            ("token gAAAAABhush1234hush1234hush1234hush1234", "hush1234"),
            ("-----BEGIN RSA PRIVATE KEY----- hush1234 -----END RSA PRIVATE KEY-----", "hush1234"),
            ("jwt eyJhbGciOiJIUzI1.hush1234hush1234.sig", "hush1234"),
        ] {
            let shown = reason(text).unwrap();
            assert!(!shown.contains(secret) && shown.contains("[redacted]"), "{text} became {shown}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        let text = "AssertionError: 200 != 404: token has no catalog; password must change";
        assert_eq!(reason(text).unwrap(), text);
    }

    #[test]
    fn an_endless_attachment_is_held_in_little_memory_and_its_end_is_kept() {
        let mut tail = Tail::default();
        for _ in 0..10_000 {
            tail.push(b"  File \"/x.py\", line 1, in y\n    z()\n");
        }
        tail.push(&vec![b' '; 3 * MAX_TAIL]);
        tail.push(b"\nValueError: at last\n");
        assert!(tail.held() <= 2 * MAX_TAIL);
        assert_eq!(tail.reason().unwrap(), "ValueError: at last");
    }
}
