//! The encodings that a secret may wear: in addresses, pages, mail, strings of JSON, of programs and of shells, base64 and
//! hexadecimal, the last two also of UTF-16.

use super::entities;
use super::view::{Decode, View};

/// All of them.
pub(super) const ENCODINGS: [Decode; 8] =
    [percent, form, html, escapes, quotations, quoted_printable, base64, hexadecimal];
/// The same, where what is no UTF-8 may be a secret as well: one byte a letter.
pub(super) const ENCODINGS_OF_BYTES: [Decode; 8] =
    [percent, form, html, escapes, quotations, quoted_printable, base64_of_bytes, hexadecimal_of_bytes];

/// The shortest stretch of text that is looked for in the middle of what base64 or hexadecimal digits say.
const STRETCH: usize = 8;
/// The shortest text that they may be as a whole.
const WHOLE: usize = 3;

/// Copies a text with what `escape` finds at one of these bytes replaced: it gives the length of the escape and what that
/// stands for.
fn unescaped(text: &[u8], begins: &[u8], escape: impl Fn(&[u8], &mut Vec<u8>) -> Option<usize>) -> Option<View> {
    let (mut view, mut copied, mut at) = (View::default(), 0, 0);
    let mut stands_for = Vec::with_capacity(8);
    while at < text.len() {
        if begins.contains(&text[at]) {
            stands_for.clear();
            if let Some(length) = escape(&text[at..], &mut stands_for) {
                view.same(text, copied..at);
                view.decoded(&stands_for, at..at + length);
                at += length;
                copied = at;
                continue;
            }
        }
        at += 1;
    }
    if copied == 0 {
        return None;
    }
    view.same(text, copied..text.len());
    Some(view)
}

/// Percent encoding of either case, in part or throughout (RFC 3986, section 2.1), and `%u0041` as scripts have it.
fn percent(text: &[u8]) -> Option<View> {
    if !text.contains(&b'%') {
        return None;
    }
    unescaped(text, b"%", percent_escape)
}

/// The same with `+` for a space, as forms are sent.
fn form(text: &[u8]) -> Option<View> {
    if !text.contains(&b'+') {
        return None;
    }
    unescaped(text, b"%+", |rest, to| {
        if rest[0] == b'+' {
            to.push(b' ');
            return Some(1);
        }
        percent_escape(rest, to)
    })
}

fn percent_escape(rest: &[u8], to: &mut Vec<u8>) -> Option<usize> {
    if rest.get(1) == Some(&b'u') {
        return character(number(rest.get(2..6)?)?, 6, to);
    }
    to.push(byte(rest.get(1..3)?)?);
    Some(3)
}

/// Quoted-printable, with its soft breaks of lines (RFC 2045, section 6.7).
fn quoted_printable(text: &[u8]) -> Option<View> {
    if !text.contains(&b'=') {
        return None;
    }
    unescaped(text, b"=", |rest, to| match rest.get(1..3)? {
        [b'\n', _] => Some(2),
        b"\r\n" => Some(3),
        digits => {
            to.push(byte(digits)?);
            Some(3)
        }
    })
}

/// References to characters in HTML and XML, by name and by number.
fn html(text: &[u8]) -> Option<View> {
    if !text.contains(&b'&') {
        return None;
    }
    unescaped(text, b"&", entities::reference)
}

/// Escapes of JSON and of what programs print: `\/`, `\u0041` with surrogates, `\u{41}`, `\U00000041`, `\x41`, `\101`; and of
/// any sign, as shells have them: `\&`.
fn escapes(text: &[u8]) -> Option<View> {
    if !text.contains(&b'\\') {
        return None;
    }
    unescaped(text, b"\\", escape)
}

/// Signs between two quotations of a shell: `'\''`, `'"'"'`.
fn quotations(text: &[u8]) -> Option<View> {
    if !text.contains(&b'\'') {
        return None;
    }
    unescaped(text, b"'", |rest, to| match rest {
        [_, b'\\', sign, b'\'', ..] if sign.is_ascii_punctuation() => {
            to.push(*sign);
            Some(4)
        }
        [_, b'"', b'\'', b'"', b'\'', ..] => {
            to.push(b'\'');
            Some(5)
        }
        _ => None,
    })
}

fn escape(rest: &[u8], to: &mut Vec<u8>) -> Option<usize> {
    let plain = match *rest.get(1)? {
        sign if sign.is_ascii_punctuation() || sign == b' ' || !sign.is_ascii() => sign,
        b'0'..=b'7' => return octal(rest, to),
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'f' => 12,
        b'x' => {
            to.push(byte(rest.get(2..4)?)?);
            return Some(4);
        }
        b'U' => return character(number(rest.get(2..10)?)?, 10, to),
        b'u' if rest.get(2) == Some(&b'{') => {
            let length = rest.iter().take(11).position(|byte| *byte == b'}')?;
            return character(number(&rest[3..length])?, length + 1, to);
        }
        b'u' => {
            let first = number(rest.get(2..6)?)?;
            let second = rest.get(6..12).filter(|next| next.starts_with(b"\\u")).and_then(|next| number(&next[2..]));
            if let (0xD800..0xDC00, Some(low @ 0xDC00..0xE000)) = (first, second) {
                return character(0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00), 12, to);
            }
            return character(first, 6, to);
        }
        _ => return None,
    };
    to.push(plain);
    Some(2)
}

/// A byte in up to three octal digits, behind a backslash.
fn octal(rest: &[u8], to: &mut Vec<u8>) -> Option<usize> {
    let digits = rest[1..].iter().take(3).take_while(|digit| matches!(digit, b'0'..=b'7'));
    let (length, value) =
        digits.fold((1, 0_u32), |(length, value), digit| (length + 1, value << 3 | u32::from(digit - b'0')));
    to.push(u8::try_from(value).ok()?);
    Some(length)
}

/// What the escapes of a text stand for.
pub(super) fn unescape(text: &[u8]) -> Vec<u8> {
    escapes(text).map_or_else(|| text.to_vec(), |view| view.bytes)
}

/// The same of a parameter of an address.
pub(super) fn unquote(text: &[u8]) -> Vec<u8> {
    form(text).or_else(|| percent(text)).map_or_else(|| text.to_vec(), |view| view.bytes)
}

/// Adds the character of this number.
pub(super) fn character(number: u32, length: usize, to: &mut Vec<u8>) -> Option<usize> {
    to.extend_from_slice(char::from_u32(number)?.encode_utf8(&mut [0; 4]).as_bytes());
    Some(length)
}

/// A number in hexadecimal digits.
pub(super) fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| Some(number << 4 | u32::from(nibble(*digit)?)))
}

fn byte(digits: &[u8]) -> Option<u8> {
    Some(nibble(digits[0])? << 4 | nibble(digits[1])?)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Hexadecimal digits of either case, wherever a byte may begin; and bytes of them with signs between, as dumps have them.
fn hexadecimal(text: &[u8]) -> Option<View> {
    hexadecimal_with(text, keep)
}

fn hexadecimal_of_bytes(text: &[u8]) -> Option<View> {
    hexadecimal_with(text, keep_bytes)
}

fn hexadecimal_with(text: &[u8], keep: Keep) -> Option<View> {
    let mut view = View::default();
    for_each_word(
        text,
        2 * WHOLE,
        |digit| nibble(digit).is_some(),
        |_| false,
        |word| {
            let digits = &text[word.clone()];
            for shift in 0..2 {
                let said: Vec<u8> = digits[shift..].chunks_exact(2).filter_map(byte).collect();
                keep(&mut view, &said, shift == 0 && digits.len().is_multiple_of(2), &word);
                keep_wide(&mut view, &said, &word);
            }
        },
    );
    dumps(text, &mut view, keep);
    (!view.bytes.is_empty()).then_some(view)
}

/// Bytes of two hexadecimal digits each, with a sign, white space or `0x` between: `73:65`, `73 65`, `0x73, 0x65`. Of more digits
/// before the first sign, and behind the last one, the two beside it are taken.
fn dumps(text: &[u8], view: &mut View, keep: Keep) {
    /// How many bytes may stand between two: a comma and a break of a line.
    const BETWEEN: usize = 3;
    let is_digit = |at: usize| text.get(at).is_some_and(|digit| nibble(*digit).is_some());
    let is_between = |byte: &&u8| matches!(byte, b':' | b',' | b';' | b'-' | b'.' | b' ' | b'\t' | b'\r' | b'\n');
    let is_prefix = |at: usize| text[at] == b'0' && matches!(text.get(at + 1), Some(b'x' | b'X'));
    let (mut at, mut said) = (0, Vec::new());
    while at < text.len() {
        if !is_digit(at) {
            at += 1;
            continue;
        }
        let run = at + text[at..].iter().take_while(|digit| nibble(**digit).is_some()).count();
        let from = if is_prefix(run - 1) { run - 1 } else { run.saturating_sub(2).max(at) };
        said.clear();
        let (mut next, mut to) = (from, run);
        while next < text.len() && is_digit(next) {
            let digits = if is_prefix(next) { next + 2 } else { next };
            let Some(byte) = text.get(digits..digits + 2).and_then(byte) else { break };
            said.push(byte);
            to = digits + 2;
            next = to + text[to..].iter().take(BETWEEN).take_while(is_between).count();
            if next == to {
                break;
            }
        }
        if said.len() >= WHOLE {
            keep(view, &said, true, &(from..to));
        }
        at = to.max(at + 1);
    }
}

/// Words of base64 (RFC 4648, sections 4 and 5, padded or not), wherever they may begin within other letters.
fn base64(text: &[u8]) -> Option<View> {
    base64_with(text, keep)
}

fn base64_of_bytes(text: &[u8]) -> Option<View> {
    base64_with(text, keep_bytes)
}

fn base64_with(text: &[u8], keep: Keep) -> Option<View> {
    let mut view = View::default();
    let is_break = |byte| matches!(byte, b'\r' | b'\n');
    let (mut sextets, mut said) = (Vec::new(), Vec::new());
    for_each_word(
        text,
        4,
        |letter| sextet(letter).is_some(),
        is_break,
        |word| {
            sextets.clear();
            sextets.extend(text[word.clone()].iter().filter_map(|letter| sextet(*letter)));
            // The padding belongs to the word.
            let padding = text[word.end..].iter().take(2).take_while(|byte| **byte == b'=').count();
            let whole = word.start..word.end + padding;
            for shift in 0..4.min(sextets.len()) {
                said.clear();
                for four in sextets[shift..].chunks(4) {
                    let bits =
                        four.iter().fold(0_u32, |bits, six| bits << 6 | u32::from(*six)) << (6 * (4 - four.len()));
                    said.extend_from_slice(&bits.to_be_bytes()[1..four.len().max(1)]);
                }
                keep(&mut view, &said, shift == 0, &whole);
                keep_wide(&mut view, &said, &whole);
            }
        },
    );
    (!view.bytes.is_empty()).then_some(view)
}

fn sextet(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Shows each longest run of such bytes that has this many of them at least. Single breaks between them do not end it.
fn for_each_word(
    text: &[u8],
    least: usize,
    is_part: impl Fn(u8) -> bool,
    is_break: impl Fn(u8) -> bool,
    mut look: impl FnMut(std::ops::Range<usize>),
) {
    let mut at = 0;
    while at < text.len() {
        if !is_part(text[at]) {
            at += 1;
            continue;
        }
        let (from, mut to) = (at, at + 1);
        let mut next = to;
        while let Some(byte) = text.get(next) {
            if is_part(*byte) {
                to = next + 1;
            } else if !is_break(*byte) || next > to + 1 {
                break;
            }
            next += 1;
        }
        if to - from >= least {
            look(from..to);
        }
        at = to.max(next);
    }
}

/// The same of UTF-16 in either order of bytes, where every fourth byte at least is zero: that of ASCII has every second.
fn keep_wide(view: &mut View, said: &[u8], word: &std::ops::Range<usize>) {
    let zeros = said.split(|byte| *byte == 0).count() - 1;
    if said.len() < 2 * STRETCH || zeros < said.len() / 4 {
        return;
    }
    for order in [u16::from_le_bytes, u16::from_be_bytes] {
        for shift in 0..2 {
            let units = said[shift..].chunks_exact(2).map(|pair| order([pair[0], pair[1]]));
            // What is no character divides, as a control does.
            let text: String = char::decode_utf16(units).map(|read| read.unwrap_or('\0')).collect();
            keep(view, text.as_bytes(), false, word);
        }
    }
}

/// Keeps of what a word says what may be text.
type Keep = fn(&mut View, &[u8], bool, &std::ops::Range<usize>);

/// The same as [`keep`], and the stretches without controls that are no UTF-8.
fn keep_bytes(view: &mut View, said: &[u8], may_be_whole: bool, word: &std::ops::Range<usize>) {
    keep(view, said, may_be_whole, word);
    for stretch in said.split(|byte| is_control(*byte)) {
        let whole = may_be_whole && stretch.len() == said.len() && said.len() >= WHOLE;
        if (stretch.len() >= STRETCH || whole) && std::str::from_utf8(stretch).is_err() {
            view.apart(stretch, word.clone());
        }
    }
}

fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r')
}

/// Keeps of what a word says the stretches that are text: of everything that looks so encoded, little is, and what is no text
/// holds no secret.
fn keep(view: &mut View, said: &[u8], may_be_whole: bool, word: &std::ops::Range<usize>) {
    let mut rest = said;
    while !rest.is_empty() {
        let length = match std::str::from_utf8(rest) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        for stretch in rest[..length].split(|byte| is_control(*byte)) {
            let whole = may_be_whole && stretch.len() == said.len() && said.len() >= WHOLE;
            if stretch.len() >= STRETCH || whole {
                view.apart(stretch, word.clone());
            }
        }
        rest = &rest[(length + 1).min(rest.len())..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(decode: Decode, text: &str) -> Vec<u8> {
        decode(text.as_bytes()).map(|view| view.bytes).unwrap_or_default()
    }

    #[test]
    fn each_encoding_is_taken_off() {
        assert_eq!(read(percent, "a%2fb%2Fc%zz%4"), b"a/b/c%zz%4");
        assert_eq!(read(form, "a+b%2b"), b"a b+");
        assert_eq!(read(html, "&quot;&#34;&#x22;&#X0022;&amp;lt;&nothing;"), b"\"\"\"\"&lt;&nothing;");
        assert_eq!(read(escapes, r"\/\u0041\ud83d\ude00\x41\q\ud83d\U00000041\u{e9}"), "/A😀A\\q\\ud83dAé".as_bytes());
        assert_eq!(read(escapes, r"\163\&\ \7z\400\8"), b"s& \x07z\\400\\8");
        assert_eq!(read(quotations, r#"it'"'"'s'\&'"#), b"it's&");
        assert_eq!(read(percent, "%u0073%u00e9%u"), "sé%u".as_bytes());
        assert_eq!(read(quoted_printable, "=73=C3=A9=\r\nx=\ny=z="), "séxy=z=".as_bytes());
        assert_eq!(read(hexadecimal, "x736563726574706173735Fx"), b"secretpass_\xFF");
        for dump in ["73:65:63:72:65:74", "73 65 63 72 65 74", "0x73, 0x65,\n0X63,0x72,0x65,0x74", "73-65-63-72-65-74"]
        {
            assert_eq!(read(hexadecimal, dump), b"secret\xFF", "{dump}");
        }
        assert_eq!(read(hexadecimal, "0073:65:63:72:65:74:65:740"), b"secretet\xFF");
        for wide in ["cwBlAGMAcgBlAHQAIQAhAA==", "AHMAZQBjAHIAZQB0ACEAIQ"] {
            let read = read(base64, wide);
            assert!(read.windows(8).any(|text| text == b"secret!!"), "{wide}: {read:?}");
        }
        for word in ["dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA", "dXNlcjpw\r\nYXNzd29yZA"] {
            assert_eq!(read(base64, word), b"user:password\xFF", "{word}");
        }
        let glued = read(base64, "key-dXNlcjpwYXNzd29yZA");
        assert!(glued.windows(13).any(|text| text == b"user:password"), "{glued:?}");
    }

    #[test]
    fn what_says_nothing_is_not_kept() {
        let ids = "2f1c7a0e-8a1d-4d52-9c1b-0f3f6f1f9f77 availability_zone hypervisor_hostname";
        assert_eq!(read(base64, ids), b"");
        assert_eq!(read(hexadecimal, ids), b"");
    }
}
