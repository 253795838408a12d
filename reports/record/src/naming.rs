//! The names of runs and of what they create: one grammar, so that nothing else can ever match.
//!
//! A run is called `assay-` and eight hexadecimal digits, made at random. What it creates is called
//! `RUN-KIND-NUMBER-CHECK`, such as `assay-0a1b2c3d-server-12-9f31c2`. The check is the beginning of a SHA-256 over what
//! stands before it: a name with a character more, less or changed is nobody's.

use sha2::{Digest as _, Sha256};

/// What is hashed before a name, so that no other use of the hash gives the same digits.
const DOMAIN: &[u8] = b"assay.name/1\n";
/// How many digits of the hash a name ends with.
const CHECK: usize = 6;

/// Whether this is the name of a run: `assay-` and eight hexadecimal digits in lower case.
#[must_use]
pub fn is_run(text: &str) -> bool {
    text.strip_prefix("assay-").is_some_and(|mark| mark.len() == 8 && mark.bytes().all(is_digit))
}

/// The name of the `number`th thing that a run creates, which is of this kind: lower-case letters of any script, digits and
/// dashes.
#[must_use]
pub fn generated(run: &str, kind: &str, number: u32) -> String {
    let stem = format!("{run}-{kind}-{number}");
    let check = check(&stem);
    format!("{stem}-{check}")
}

/// Whether this is, to its last character, a name that [`generated`] gives for this run.
#[must_use]
pub fn is_generated(name: &str, run: &str) -> bool {
    if !is_run(run) {
        return false;
    }
    let Some((stem, digits)) = name.rsplit_once('-') else { return false };
    let Some(rest) = stem.strip_prefix(run).and_then(|rest| rest.strip_prefix('-')) else { return false };
    let Some((kind, number)) = rest.rsplit_once('-') else { return false };
    let letter = |letter: char| letter.is_lowercase() || letter.is_ascii_digit() || letter == '-';
    let plain = |kind: &str| !kind.is_empty() && kind.chars().all(letter);
    let counted = number.parse::<u32>().is_ok_and(|parsed| parsed.to_string() == number);
    plain(kind) && counted && digits == check(stem)
}

/// Whether this is a generated name of the run, alone or with a dash or a space and at most two letters, digits or signs
/// behind it, as Compute numbers servers that one request creates; and either with a space around. Such a name counts only
/// where it was announced, whole, before.
#[must_use]
pub fn is_announceable(name: &str, run: &str) -> bool {
    let sign = |sign: char| !sign.is_control() && !sign.is_whitespace() && !sign.is_ascii_uppercase();
    let plain = |letter: char| letter.is_alphanumeric() || !letter.is_ascii();
    let short = |tail: &str| (1..=2).contains(&tail.chars().count()) && tail.chars().all(|one| plain(one) && sign(one));
    let name = name.strip_prefix(' ').and_then(|name| name.strip_suffix(' ')).unwrap_or(name);
    let tailed = name.rsplit_once(['-', ' ']).is_some_and(|(stem, tail)| short(tail) && is_generated(stem, run));
    is_generated(name, run) || tailed
}

fn check(stem: &str) -> String {
    let digest = Sha256::new().chain_update(DOMAIN).chain_update(stem).finalize();
    let mut digits = base16ct::lower::encode_string(&digest);
    digits.truncate(CHECK);
    digits
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "assay-0a1b2c3d";

    #[test]
    fn only_the_whole_name_is_the_run_s() {
        let name = generated(RUN, "security-group", 12);
        assert!(is_generated(&name, RUN) && name.len() <= 64, "{name}");
        assert!(
            !is_generated(&name, "assay-0a1b2c3e") && !is_generated(&name, "assay-0a1b2c3") && !is_generated(RUN, RUN)
        );
        for at in 0..name.len() {
            assert!(!is_generated(&name[..at], RUN), "{}", &name[..at]);
            for other in ['0', '1', 'a', 'z', '-', 'A', ' '] {
                let mut changed = name.clone();
                changed.replace_range(at..=at, &other.to_string());
                assert!(changed == name || !is_generated(&changed, RUN), "{changed}");
                let mut longer = name.clone();
                longer.insert(at, other);
                assert!(!is_generated(&longer, RUN), "{longer}");
            }
        }
        assert!(is_generated(&generated(RUN, "íñstáñcé", 12), RUN));
        // Written with combining accents, it is another name.
        assert!(!is_generated(&generated(RUN, "íñstáñcé", 12).replace('é', "e\u{301}"), RUN));
        for more in ["-backup", "-1", "0", " "] {
            assert!(!is_generated(&format!("{name}{more}"), RUN));
        }
    }

    #[test]
    fn a_numbered_name_must_be_announced_and_is_short() {
        let name = generated(RUN, "server", 3);
        assert!(is_announceable(&name, RUN) && is_announceable(&format!("{name}-1"), RUN));
        assert!(is_announceable(&format!(" {name} s "), RUN) && is_announceable(&format!(" {name} "), RUN));
        assert!(!is_announceable(&format!("{name} with"), RUN) && !is_announceable(&format!(" {name}"), RUN));
        assert!(!is_announceable(&format!("{name}-backup"), RUN) && !is_announceable(&format!("{name}-1-1"), RUN));
    }

    #[test]
    fn runs_have_one_form() {
        assert!(is_run(RUN));
        for other in ["assay-", "assay-0A1B2C3D", "assay-0a1b2c3d-", "assay-0a1b2c3", "assay-0a1b2c3g", "mine-0a1b2c3d"]
        {
            assert!(!is_run(other), "{other}");
        }
    }
}
