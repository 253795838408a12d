//! How many values a body of JSON has: read whole, a body of tiny ones takes a hundred times its size.

/// How many values a body has at most. A page of a thousand servers has some hundred thousand.
pub(super) const VALUES: usize = 1_000_000;

/// Counts the values of a body while it comes, without reading it as JSON.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// Whether the body begins as an object or an array; unknown while only space has come.
    is_json: Option<bool>,
    is_text: bool,
    is_escaped: bool,
    seen: usize,
}

impl Values {
    /// Reads on. Gives how many values there are so far, at most; a body that is not JSON has none.
    pub(super) fn read(&mut self, part: &[u8]) -> usize {
        for byte in part {
            match self.is_json {
                Some(false) => break,
                None if byte.is_ascii_whitespace() => continue,
                None => self.is_json = Some(matches!(byte, b'{' | b'[')),
                Some(true) => {}
            }
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' if self.is_text => self.is_escaped = true,
                b'"' => self.is_text = !self.is_text,
                b'[' | b'{' | b',' if !self.is_text => self.seen += 1,
                _ => {}
            }
        }
        self.seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_over_parts_and_not_within_texts() {
        let body = br#" {"a": [1, 2, "x,[{\",,"], "b": {}, "c\\": [[]]}"#;
        let whole = Values::default().read(body);
        assert_eq!(whole, 9);
        for at in 0..body.len() {
            let mut parts = Values::default();
            parts.read(&body[..at]);
            assert_eq!(parts.read(&body[at..]), whole, "cut at {at}");
        }
        assert_eq!(Values::default().read(b"raw,,,[[["), 0);
    }
}
