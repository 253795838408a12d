//! References to characters as HTML and XML have them.

use super::decode::{character, number};

/// Names of characters that passwords have, without those of letters beyond Latin-1.
const NAMED: [(&str, char); 44] = [
    ("amp", '&'),
    ("AMP", '&'),
    ("apos", '\''),
    ("ast", '*'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("dollar", '$'),
    ("equals", '='),
    ("excl", '!'),
    ("grave", '`'),
    ("gt", '>'),
    ("GT", '>'),
    ("Hat", '^'),
    ("hyphen", '-'),
    ("dash", '-'),
    ("lbrace", '{'),
    ("lbrack", '['),
    ("lcub", '{'),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lsqb", '['),
    ("lt", '<'),
    ("LT", '<'),
    ("midast", '*'),
    ("nbsp", '\u{a0}'),
    ("NewLine", '\n'),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("plus", '+'),
    ("quest", '?'),
    ("quot", '"'),
    ("QUOT", '"'),
    ("rbrace", '}'),
    ("rbrack", ']'),
    ("rcub", '}'),
    ("rpar", ')'),
    ("rsqb", ']'),
    ("semi", ';'),
    ("sol", '/'),
    ("Tab", '\t'),
    ("verbar", '|'),
];

/// The names of U+00A1 to U+00FF, in order.
const LATIN: &str = "iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro \
     para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave \
     Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml \
     Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth \
     ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/// The length of the reference at the beginning of a text, and the character that it stands for.
pub(super) fn reference(rest: &[u8], to: &mut Vec<u8>) -> Option<usize> {
    /// No reference is longer.
    const LONGEST: usize = 16;
    let rest = &rest[..rest.len().min(LONGEST)];
    let end = |from: usize, is_part: fn(&u8) -> bool| {
        from + rest[from.min(rest.len())..].iter().take_while(|byte| is_part(byte)).count()
    };
    // Readers put up with a missing semicolon.
    let closed = |to: usize| to + usize::from(rest.get(to) == Some(&b';'));
    match (rest.get(1)?, rest.get(2)) {
        (b'#', Some(b'x' | b'X')) => {
            let last = end(3, u8::is_ascii_hexdigit);
            let digits = &rest[3..last];
            let digits = &digits
                [digits.iter().take_while(|digit| **digit == b'0').count().min(digits.len().saturating_sub(1))..];
            character(number(digits)?, closed(last), to)
        }
        (b'#', _) => {
            let last = end(2, u8::is_ascii_digit);
            let digits = std::str::from_utf8(&rest[2..last]).ok()?;
            character(digits.parse().ok()?, closed(last), to)
        }
        _ => {
            let last = end(1, u8::is_ascii_alphanumeric);
            if rest.get(last) != Some(&b';') {
                return None;
            }
            character(u32::from(named(std::str::from_utf8(&rest[1..last]).ok()?)?), last + 1, to)
        }
    }
}

fn named(name: &str) -> Option<char> {
    let sign = NAMED.iter().find(|(known, _)| *known == name).map(|(_, sign)| *sign);
    sign.or_else(|| {
        let at = LATIN.split_ascii_whitespace().position(|known| known == name)?;
        char::from_u32(0xA1 + u32::try_from(at).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_latin_letters_are_in_their_order() {
        assert_eq!(LATIN.split_ascii_whitespace().count(), 0xFF - 0xA0);
        assert_eq!([named("iexcl"), named("eacute"), named("yuml")], [Some('¡'), Some('é'), Some('ÿ')]);
    }
}
