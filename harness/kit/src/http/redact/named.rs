//! Values that stand under a secret name: members of JSON and of what looks like it, parameters of addresses, headers,
//! elements of XML, and passwords within addresses. It looks at each place by itself, so that what stands around need not be
//! whole, or JSON at all, and it never goes back, so that it takes as long as the text is.

use std::ops::Range;

use super::decode::{unescape, unquote};
use super::keys::{Class, LONGEST, class};

/// A value that stands under a secret name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where it stands.
    pub(super) place: Range<usize>,
    /// The secret, when it is to be known by its value as well.
    pub(super) secret: Option<String>,
    /// Whether it stands between `//` and `@` of an address, where a sign such as `[` would change its meaning.
    pub(super) in_address: bool,
}

/// The shortest secret that is learnt from a string, from a number, and from where it is less sure that it is one.
const STRING: usize = 3;
const NUMBER: usize = 4;
const UNSURE: usize = 8;
/// How far it is looked around a place, where something else than the text's end bounds it not.
const NEAR: usize = 256;

/// Shows each value that stands under a secret name.
pub(super) fn find(text: &[u8], found: &mut dyn FnMut(Found)) {
    let mut scan = Scan { text, found, tokens: Vec::new(), token_next: false };
    let mut at = 0;
    while at < text.len() {
        at = match text[at] {
            b':' if text[at..].starts_with(b"://") => {
                scan.address(at + 3);
                at + 3
            }
            b':' | b'=' => scan.member(at),
            b'<' => scan.element(at),
            b'{' => {
                scan.tokens.push(std::mem::take(&mut scan.token_next));
                at + 1
            }
            b'}' => {
                scan.tokens.pop();
                at + 1
            }
            _ => at + 1,
        };
    }
}

struct Scan<'a> {
    text: &'a [u8],
    found: &'a mut dyn FnMut(Found),
    /// Whether each of the objects around is one of the name `token`: its `id` is the token itself.
    tokens: Vec<bool>,
    /// The same of the object that begins next.
    token_next: bool,
}

impl Scan<'_> {
    fn tell(&mut self, place: Range<usize>, least: usize) {
        self.tell_of(place, least, unescape);
    }

    fn tell_of(&mut self, place: Range<usize>, least: usize, decode: fn(&[u8]) -> Vec<u8>) {
        let text = &self.text[place.clone()];
        let secret = (text.len() >= least).then(|| String::from_utf8(decode(text)).ok()).flatten();
        let secret = secret.filter(|secret| !is_empty_word(secret));
        if !place.is_empty() {
            (self.found)(Found { place, secret, in_address: false });
        }
    }

    /// Where text other than blanks comes next.
    fn after_blanks(&self, from: usize) -> usize {
        from + self.text[from.min(self.text.len())..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
    }

    /// The name before this place, and whether it stands in quotes.
    fn name(&self, end: usize) -> Option<(Range<usize>, bool)> {
        let text = self.text;
        let blanks = text[end.saturating_sub(8)..end].iter().rev().take_while(|byte| **byte == b' ').count();
        let end = end - blanks;
        let quote = *text.get(end.checked_sub(1)?)?;
        let quoted = matches!(quote, b'"' | b'\'' | b'`');
        let end = end - usize::from(quoted);
        let is_part = |byte: &u8| {
            // A name may be encoded as its value is.
            let encoded = if quoted { matches!(byte, b' ' | b'\\') } else { *byte == b'%' };
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || encoded
        };
        let length = text[end.saturating_sub(LONGEST)..end].iter().rev().take_while(|byte| is_part(byte)).count();
        let start = end - length;
        let opens = !quoted || (start > 0 && text[start - 1] == quote);
        (length > 0 && opens).then_some((start..end, quoted))
    }

    /// `name: value` and `name=value`, with or without quotes; gives where to go on.
    fn member(&mut self, at: usize) -> usize {
        let text = self.text;
        self.token_next = false;
        let Some((name, quoted)) = self.name(at) else { return at + 1 };
        let word = &text[name.clone()];
        let word = if quoted { unescape(word) } else { unquote(word) };
        let mut class = class(&word);
        let is_id = word.eq_ignore_ascii_case(b"id");
        if class == Class::Open && is_id && self.tokens.last() == Some(&true) {
            class = Class::Scalar;
        }
        if class == Class::Open {
            return at + 1;
        }
        let equals = text[at] == b'=';
        // `=>` as in Ruby.
        let arrow = usize::from(equals && text.get(at + 1) == Some(&b'>'));
        let from = self.after_blanks(at + 1 + arrow);
        match text.get(from) {
            Some(quote @ (b'"' | b'\'')) => self.string(from + 1, *quote, STRING),
            Some(b'{') if class == Class::Scalar => {
                self.token_next = word.eq_ignore_ascii_case(b"token");
                at + 1
            }
            Some(b'[') if class == Class::Scalar && quoted => self.leaves(from, true),
            Some(b'{' | b'[') if quoted || class == Class::Secret && !equals => self.leaves(from, false),
            Some(_) if quoted => self.bare(from, NUMBER),
            Some(_) if equals => self.parameter(at + 1 + arrow),
            Some(_) => self.header(name.start, from),
            None => text.len(),
        }
    }

    /// A string whose first byte is at this place.
    fn string(&mut self, from: usize, quote: u8, least: usize) -> usize {
        let end = self.string_end(from, quote);
        self.tell(from..end, least);
        (end + 1).min(self.text.len())
    }

    fn string_end(&self, from: usize, quote: u8) -> usize {
        let mut at = from;
        while at < self.text.len() && self.text[at] != quote {
            at += if self.text[at] == b'\\' { 2 } else { 1 };
        }
        at.min(self.text.len())
    }

    /// A number, or another word without quotes.
    fn bare(&mut self, from: usize, least: usize) -> usize {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'}' | b']' | b'{' | b'[' | b'"');
        let length = self.text[from..].iter().take_while(|byte| !ends(byte)).count();
        let place = from..from + length;
        if !is_empty_word_of(&self.text[place.clone()]) {
            self.tell(place.clone(), least);
        }
        place.end.max(from)
    }

    /// The value of a parameter.
    fn parameter(&mut self, from: usize) -> usize {
        let ends = |byte: &u8| {
            byte.is_ascii_whitespace()
                || matches!(
                    byte,
                    b'&' | b';' | b',' | b'#' | b'"' | b'\'' | b'<' | b'>' | b')' | b']' | b'}' | b'|' | b'\\'
                )
        };
        // What was redacted before, is whole.
        let redacted =
            if self.text[from..].starts_with(super::REDACTED.as_bytes()) { super::REDACTED.len() } else { 0 };
        let length = redacted + self.text[from + redacted..].iter().take_while(|byte| !ends(byte)).count();
        // A comparison is no parameter.
        if self.text.get(from) != Some(&b'=') {
            self.tell_of(from..from + length, UNSURE, unquote);
        }
        from + length
    }

    /// A line such as those of headers: the name begins it, or is one that no sentence has.
    fn header(&mut self, name: usize, from: usize) -> usize {
        let text = self.text;
        let before = &text[name.saturating_sub(LONGEST)..name];
        let indent = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let begins = before.iter().rev().nth(indent).is_none_or(|byte| matches!(byte, b'\n' | b'\r'));
        let words = text[name..from].iter().any(|byte| matches!(byte, b'-' | b'_'));
        if !(begins || words) {
            return from;
        }
        let length =
            text[from..].iter().take_while(|byte| !byte.is_ascii_whitespace() && !b",\"'<>".contains(byte)).count();
        let place = from..from + length;
        // `Basic` and `Bearer` are followed by what is secret.
        let scheme = [&b"basic"[..], b"bearer"].iter().any(|scheme| text[place.clone()].eq_ignore_ascii_case(scheme));
        if scheme {
            let from = self.after_blanks(place.end);
            let length =
                text[from..].iter().take_while(|byte| !byte.is_ascii_whitespace() && !b",\"'<>".contains(byte)).count();
            self.tell(from..from + length, UNSURE);
            return from + length;
        }
        if !is_empty_word_of(&text[place.clone()]) {
            // A sentence may have it as well: what it says is not learnt.
            self.tell(place.clone(), usize::MAX);
        }
        place.end
    }

    /// Every string and number of an object or a list, but not the names and ids of who logs in to Keystone; of a list alone,
    /// those up to the first object. Gives its end.
    fn leaves(&mut self, from: usize, list: bool) -> usize {
        let text = self.text;
        let login = is_login(&text[from..]);
        let (mut depth, mut at, mut open) = (0_usize, from, false);
        while at < text.len() {
            match text[at] {
                b'{' if list => return at,
                b'{' | b'[' => {
                    depth += 1;
                    at += 1;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    at += 1;
                    if depth == 0 {
                        return at;
                    }
                }
                quote @ (b'"' | b'\'') => {
                    let end = self.string_end(at + 1, quote);
                    let next = self.after_blanks((end + 1).min(text.len()));
                    if text.get(next) == Some(&b':') {
                        open = login && matches!(&text[at + 1..end], b"name" | b"id");
                        at = next + 1;
                        continue;
                    }
                    if !std::mem::take(&mut open) {
                        self.tell(at + 1..end, UNSURE);
                    }
                    at = (end + 1).min(text.len());
                }
                byte if byte.is_ascii_alphanumeric() || byte == b'-' => {
                    at = self.bare(at, UNSURE).max(at + 1);
                    open = false;
                }
                _ => at += 1,
            }
        }
        text.len()
    }

    /// `<password>value</password>`; gives where to go on.
    fn element(&mut self, at: usize) -> usize {
        let rest = &self.text[at + 1..];
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
        let length = rest.iter().take(LONGEST).take_while(is_part).count();
        let name = rest[..length].rsplit(|byte| *byte == b':').next().unwrap_or_default();
        if length == 0 || class(name) == Class::Open {
            return at + 1;
        }
        let Some(close) = rest.iter().take(NEAR).position(|byte| *byte == b'>') else { return at + 1 };
        if rest[close.saturating_sub(1)] == b'/' {
            return at + 1;
        }
        let from = at + 1 + close + 1;
        let length = self.text[from..].iter().take_while(|byte| **byte != b'<').count();
        if self.text[from..from + length].iter().any(|byte| !byte.is_ascii_whitespace()) {
            self.tell(from..from + length, UNSURE);
        }
        // What stands within the tag is looked at as well.
        at + 1
    }

    /// The user before the host of an address.
    fn address(&mut self, from: usize) {
        let rest = &self.text[from..];
        let is_around = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'<' | b'>');
        let ends = |byte: &u8| is_around(byte) || matches!(byte, b'/' | b'?' | b'#' | b'\\');
        let host = rest.iter().take(4 * NEAR).take_while(|byte| !ends(byte)).count();
        let mut at = rest[..host].iter().rposition(|byte| *byte == b'@');
        if at.is_none()
            && let Some(colon) = rest[..host].iter().position(|byte| *byte == b':')
            && !rest[colon + 1..host].iter().all(u8::is_ascii_digit)
            && rest[0] != b'['
        {
            // A password with a slash in it.
            let near = rest.iter().take(NEAR / 2).take_while(|byte| !is_around(byte)).count();
            at = rest[..near].iter().rposition(|byte| *byte == b'@');
        }
        let Some(at) = at else { return };
        let user = rest[..at].iter().position(|byte| *byte == b':').map_or(0, |colon| colon + 1);
        let place = from + user..from + at;
        let text = &self.text[place.clone()];
        if text.is_empty() || text == b"redacted" {
            return;
        }
        let secret = (text.len() >= STRING && user > 0).then(|| String::from_utf8(unquote(text)).ok()).flatten();
        (self.found)(Found { place, secret, in_address: true });
    }
}

/// Whether this is the object in which Keystone is told who logs in.
fn is_login(text: &[u8]) -> bool {
    let mut rest = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    let head: Vec<u8> = rest.by_ref().take(9).copied().collect();
    head == b"{\"user\":{"
}

fn is_empty_word_of(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(is_empty_word)
}

/// What stands for no secret.
pub(super) fn is_empty_word(text: &str) -> bool {
    let text = text.trim();
    let masked = |text: &str| text.bytes().all(|byte| matches!(byte, b'*' | b'.' | b'-' | b'x' | b'X'));
    text.is_empty()
        || text.contains(super::REDACTED)
        || matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "none" | "redacted" | "undefined")
        || masked(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn under(text: &str) -> Vec<&str> {
        let mut values = Vec::new();
        find(text.as_bytes(), &mut |found| values.push(&text[found.place]));
        values
    }

    #[test]
    fn members_of_json_are_found_whatever_stands_around() {
        assert_eq!(under(r#"{"auth":{"password":"p\"w","list":[{"secret" : "abc"}]}}"#), [r#"p\"w"#, "abc"]);
        assert_eq!(
            under(r#"boom: {'adminPass': 'abc', "secret_key": 1234, "password": null, "totp": tru"#),
            ["abc", "1234", "tru"]
        );
        assert_eq!(under(r#"{"password": {"a": "x", "b": [1, true, {"c": "y"}]}, "d": "z"}"#), ["x", "1", "y"]);
        assert_eq!(under(r#"{"secrets": ["a", "b"], "tokens": [{"c": "d"}]}"#), ["a", "b"]);
        assert_eq!(under(r#"{"MinPasswordLength": 8, "is_password": true, "password": "cut of"#), ["cut of"]);
    }

    #[test]
    fn the_bodies_of_keystone_keep_what_is_no_secret() {
        let login = r#"{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"me","domain":{"id":"default"},"password":"pw"}}}}}"#;
        assert_eq!(under(login), ["pw"]);
        assert_eq!(under(r#"{"identity":{"methods":["token"],"token":{"id":"gAAAA"}},"id":"open"}"#), ["gAAAA"]);
        assert_eq!(
            under(r#"{"token":{"methods":["password"],"user":{"id":"u","name":"n"},"audit_ids":["a"]}}"#),
            [""; 0]
        );
        assert_eq!(under(r#"{"token": "gAAAA", "signature": 12345}"#), ["gAAAA", "12345"]);
    }

    #[test]
    fn parameters_headers_elements_and_addresses_are_found() {
        assert_eq!(under("http://h/v1?temp_url_sig=0a1b&expires=5&token=abc#x"), ["0a1b", "abc"]);
        assert_eq!(under("password=a%20b; X-Auth-Token: gAAAA\nAuthorization: Basic dTpw"), ["a%20b", "gAAAA", "dTpw"]);
        assert_eq!(under("<ns:adminPass type='x'>abc</ns:adminPass><password/>"), ["abc"]);
        assert_eq!(
            under("at https://me:pa@ss@h:80/x, http://h:80/a@b, http://u:p/w@h/ and http://key@h"),
            ["pa@ss", "p/w", "key"]
        );
        assert_eq!(under("cloud:\n  password: abc\n"), ["abc"]);
        assert_eq!(under("the wrong password: try again; password == other"), [""; 0]);
    }
}
