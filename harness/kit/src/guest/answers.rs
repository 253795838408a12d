//! What a guest says of itself, read strictly: an answer of another form is a breach, never a guess.

use super::session::{Answer, Session};
use crate::outcome::{Evidence as _, Outcome};

/// Kinds of block devices that are no disks: they come and go without anything being attached.
const NO_DISKS: [&str; 9] = ["dm-", "fd", "loop", "md", "nbd", "ram", "sr", "zd", "zram"];

/// The name of the host, without its domain.
pub async fn host_name(session: &Session) -> Outcome<(Answer, String)> {
    let answer = succeed(session, "uname -n").await?;
    let name = read(&answer, "one host name", parse_host_name)?;
    Ok((answer, name))
}

/// How many processors the kernel uses.
pub async fn processors(session: &Session) -> Outcome<(Answer, u64)> {
    let answer = succeed(session, "grep -c '^processor' /proc/cpuinfo").await?;
    let count = read(&answer, "one number above 0", parse_count)?;
    Ok((answer, count))
}

/// The disks that the kernel sees, without their partitions.
pub async fn disks(session: &Session) -> Outcome<(Answer, Vec<String>)> {
    let answer = succeed(session, "cat /proc/partitions").await?;
    let disks = read(&answer, "the kernel's table of partitions", parse_disks)?;
    Ok((answer, disks))
}

async fn succeed(session: &Session, command: &str) -> Outcome<Answer> {
    let answer = session.run(command).await?;
    crate::require_eq!(answer, answer.status, 0, "`{command}` succeeds in the guest");
    Ok(answer)
}

fn read<T>(answer: &Answer, what: &str, parse: fn(&str) -> Option<T>) -> Outcome<T> {
    parse(&answer.stdout).ok_or_else(|| {
        let seen = crate::outcome::shown(&answer.stdout);
        answer.fail("a guest answers in the form that its system has for it".into(), Some(what.to_owned()), Some(seen))
    })
}

fn parse_host_name(text: &str) -> Option<String> {
    let line = text.strip_suffix('\n')?;
    let name = line.split('.').next()?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let whole = line.chars().all(|c| fits(c) || c == '.') && line.len() <= 253;
    (whole && !name.is_empty()).then(|| name.to_owned())
}

fn parse_count(text: &str) -> Option<u64> {
    let digits = text.strip_suffix('\n')?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|count| plain && *count > 0)
}

/// `major minor #blocks name`, a blank line, and a line for each device.
fn parse_disks(text: &str) -> Option<Vec<String>> {
    let mut lines = text.strip_suffix('\n')?.lines();
    let head: Vec<_> = lines.next()?.split_whitespace().collect();
    if head != ["major", "minor", "#blocks", "name"] || !lines.next()?.is_empty() {
        return None;
    }
    let mut names = Vec::new();
    for line in lines {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [numbers @ .., name] = fields.as_slice() else { return None };
        if numbers.len() != 3 || numbers.iter().any(|number| number.parse::<u64>().is_err()) {
            return None;
        }
        names.push((*name).to_owned());
    }
    let is_disk = |name: &String| {
        !NO_DISKS.iter().any(|kind| name.starts_with(kind)) && !names.iter().any(|disk| is_partition(name, disk))
    };
    Some(names.iter().filter(|name| is_disk(name)).cloned().collect())
}

/// Whether a name is a partition's of that disk: `vda1` of `vda`, `nvme0n1p1` of `nvme0n1`.
fn is_partition(name: &str, disk: &str) -> bool {
    let Some(rest) = name.strip_prefix(disk) else { return false };
    let number = if disk.ends_with(|c: char| c.is_ascii_digit()) { rest.strip_prefix('p') } else { Some(rest) };
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_is_one_line_of_letters_digits_and_dashes() {
        assert_eq!(parse_host_name("assay-1-server-2\n").as_deref(), Some("assay-1-server-2"));
        assert_eq!(parse_host_name("server.novalocal\n").as_deref(), Some("server"));
        for text in ["", "\n", "server", ".local\n", "a b\n", "Please log in as user\nserver\n", "server\r\n"] {
            assert_eq!(parse_host_name(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_count_is_one_number() {
        assert_eq!(parse_count("12\n"), Some(12));
        for text in ["", "0\n", "+2\n", "-1\n", "2", "2 2\n", "2\n2\n", "99999999999999999999\n"] {
            assert_eq!(parse_count(text), None, "{text:?}");
        }
    }

    #[test]
    fn disks_are_told_from_their_partitions_and_from_what_is_no_disk() {
        let table = "major minor  #blocks  name\n\n   1        0       4096 ram0\n   7        0      1 loop0\n \
                     253        0   1048576 vda\n 253        1   1038319 vda1\n 253       15       8161 vda15\n \
                     259        0 1 nvme0n1\n 259        1 1 nvme0n1p1\n  11        0 1 sr0\n 253       16    1 vdb\n";
        assert_eq!(parse_disks(table).unwrap(), ["vda", "nvme0n1", "vdb"]);
        // The 27th disk is not a partition of the first.
        assert_eq!(parse_disks("major minor  #blocks  name\n\n8 0 1 sda\n65 160 1 sdaa\n").unwrap(), ["sda", "sdaa"]);
        for text in ["", "\n", "major minor  #blocks  name\n", "major minor  #blocks  name\n\n253 0 vda\n"] {
            assert_eq!(parse_disks(text), None, "{text:?}");
        }
    }
}
