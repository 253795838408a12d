//! What a value with letters outside ASCII becomes in other hands: its letters composed or taken apart, in one byte each, lost,
//! or read as what they are not.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// What Windows-1252 has between 0x80 and 0x9F; where it has nothing, what Latin-1 has.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];
/// How many letters and digits must be left of a value whose other letters were lost: fewer are anybody's.
const TELLING: usize = 4;

/// The other spellings of a value; none of one that is ASCII. Some are no UTF-8.
pub(super) fn spellings(secret: &str) -> Vec<Vec<u8>> {
    if secret.is_ascii() {
        return Vec::new();
    }
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(secret).into_owned();
    let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(secret).into_owned();
    let mut others: Vec<Vec<u8>> = Vec::new();
    for single in [latin(&composed), windows(&composed)].into_iter().flatten() {
        lost(&String::from_utf8_lossy(&single), &mut others);
        others.push(single);
    }
    lost(&composed.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect::<String>(), &mut others);
    for text in [secret, &composed, &decomposed] {
        others.push(escaped(text));
        // UTF-8 that was taken for one byte a letter.
        others.push(text.bytes().map(char::from).collect::<String>().into_bytes());
        others.push(text.bytes().map(of_windows).collect::<String>().into_bytes());
    }
    others.extend([composed.into_bytes(), decomposed.into_bytes()]);
    others.sort();
    others.dedup();
    others.retain(|other| other != secret.as_bytes());
    others
}

/// A value some of whose letters are gone, if enough of it is left.
fn lost(text: &str, others: &mut Vec<Vec<u8>>) {
    if text.bytes().filter(u8::is_ascii_alphanumeric).count() >= TELLING {
        others.push(text.as_bytes().to_vec());
    }
}

/// What the escapes of programs say, read as bytes: `\xdf` for a letter that Latin-1 has, `\u0308` for another.
fn escaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// A text in Latin-1, if that has all its letters.
fn latin(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// The same in Windows-1252.
fn windows(text: &str) -> Option<Vec<u8>> {
    let byte = |c: char| match u8::try_from(u32::from(c)) {
        Ok(byte) if !(0x80..0xA0).contains(&byte) => Some(byte),
        _ => (0x80..=0x9F).zip(WINDOWS).find_map(|(byte, sign)| (sign == c).then_some(byte)),
    };
    text.chars().map(byte).collect()
}

fn of_windows(byte: u8) -> char {
    match byte {
        0x80..=0x9F => WINDOWS[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ascii_has_one_spelling() {
        assert!(spellings("It's-a-Secret_42!x").is_empty());
    }

    #[test]
    fn other_letters_have_several() {
        let (composed, decomposed) = ("Zürich", "Zu\u{308}rich");
        let common: [&[u8]; 5] =
            [b"Z\xFCrich", b"Z?rich", "Z\u{FFFD}rich".as_bytes(), "ZÃ¼rich".as_bytes(), "ZuÌ\u{88}rich".as_bytes()];
        for (secret, other) in [(composed, decomposed), (decomposed, composed)] {
            let found = spellings(secret);
            for form in common.iter().copied().chain([other.as_bytes()]) {
                assert!(found.iter().any(|found| found == form), "{secret}: {}", String::from_utf8_lossy(form));
            }
        }
        assert!(spellings("9€-for-lunch").iter().any(|found| found == b"9\x80-for-lunch"));
        // Of this nobody's letters are left.
        assert!(!spellings("éèàù").iter().any(|found| found == b"????"));
    }
}
