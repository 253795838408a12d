//! Groups: what a note lists as made of several capabilities, under one name of the guideline.

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::import::Kind;
use crate::nearest::quoted;

use super::super::model::Row;
use super::notes::{Bullet, Note, Notes, is_bullet, without_bullet};
use super::place::{At, column};

/// This many letters may be wrong in a name; two capabilities often differ by three.
const SLIP: usize = 2;
/// Slips are looked for in this many names, and among this many others: the time grows with every letter of each.
pub(super) const MOST_GUESSES: usize = 60;
const MOST_NAMES: usize = 1_000;
const LONGEST: usize = 100;

#[derive(Debug, Default)]
pub(super) struct Groups {
    pub found: IndexMap<String, Vec<String>>,
    /// Where the names of groups and parts stand.
    pub places: HashSet<At>,
    pub repairs: Vec<(Kind, At, String)>,
    /// The capabilities that are parts.
    taken: HashSet<String>,
}

/// Finds them: a note that ends its first text with a colon, and whose bullets are all single names.
pub(super) fn read(notes: &Notes, capabilities: &IndexMap<String, Row>) -> Groups {
    let mut groups = Groups::default();
    for note in notes.items.iter().filter(|note| is_list(note)) {
        let bullets: Vec<&Bullet> = note.bullets[1..].iter().filter(|bullet| is_listed(bullet)).collect();
        let outer = bullets.iter().map(|bullet| bullet.indent).min().unwrap_or_default();
        let mut at = 0;
        while let Some(bullet) = bullets.get(at).copied() {
            let inner = bullets[at + 1..].iter().take_while(|bullet| bullet.indent > outer).count();
            group(bullet, &bullets[at + 1..=at + inner], capabilities, &mut groups);
            at += 1 + inner;
        }
    }
    groups
}

/// The name that differs from this one by no more than a slip, if it is the only one that near.
pub(super) fn same_but_for_a_slip<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let near = names.filter(|known| known.len().abs_diff(name.len()) <= SLIP).take(MOST_NAMES);
    let near = near.map(|known| (strsim::osa_distance(name, known), known)).filter(|(slips, _)| *slips <= SLIP);
    let mut near: Vec<_> = near.collect();
    near.sort_unstable();
    match near.as_slice() {
        [(_, only)] => Some(only),
        [(one, first), (two, _), ..] if one < two => Some(first),
        _ => None,
    }
}

fn is_list(note: &Note) -> bool {
    let [first, bullets @ ..] = note.bullets.as_slice() else { return false };
    let single = |bullet: &Bullet| {
        let text = bullet.text();
        !text.contains(char::is_whitespace) && text.contains('-')
    };
    let mut listed = bullets.iter().filter(|bullet| is_listed(bullet)).peekable();
    first.text().ends_with(':') && listed.peek().is_some() && listed.all(single)
}

/// Whether it is a bullet, and no line that goes on after one.
fn is_listed(bullet: &Bullet) -> bool {
    bullet.lines.first().is_some_and(|(_, line)| is_bullet(line))
}

fn group(head: &Bullet, bullets: &[&Bullet], capabilities: &IndexMap<String, Row>, groups: &mut Groups) {
    let (name, at) = named(head);
    groups.places.insert(at);
    // A group of one is called like its only part, but for the slip.
    let bullets = if bullets.is_empty() { &[head] } else { bullets };
    let mut parts: Vec<String> = Vec::new();
    for bullet in bullets {
        let (part, at) = named(bullet);
        groups.places.insert(at);
        let guesses = groups.repairs.len() < MOST_GUESSES;
        let known = match capabilities.get_key_value(&part) {
            Some((known, _)) => Some(known.as_str()),
            None if guesses => same_but_for_a_slip(&part, capabilities.keys().map(String::as_str)),
            None => None,
        };
        let Some(known) = known else {
            let message = format!("the part {} of the group {} is not scored", quoted(&part), quoted(&name));
            groups.repairs.push((Kind::LeftOut, at, message));
            continue;
        };
        if known != part {
            let message = format!("{} is read as {}", quoted(&part), quoted(known));
            groups.repairs.push((Kind::MisspeltName, at, message));
        }
        if !groups.taken.insert(known.to_owned()) {
            let message = format!("{} is a part already", quoted(known));
            groups.repairs.push((Kind::ListedTwice, at, message));
            continue;
        }
        parts.push(known.to_owned());
    }
    if capabilities.contains_key(&name) {
        let message = format!("{} is scored itself, and no group is made of it", quoted(&name));
        groups.repairs.push((Kind::LeftOut, at, message));
    } else if groups.found.contains_key(&name) {
        groups.repairs.push((Kind::ListedTwice, at, format!("the group {} stands there already", quoted(&name))));
    } else if parts.is_empty() {
        let message = format!("the group {} has no part that is scored", quoted(&name));
        groups.repairs.push((Kind::LeftOut, at, message));
    } else {
        groups.found.insert(name, parts);
    }
}

/// The name that a bullet is, and where it stands.
fn named(bullet: &Bullet) -> (String, At) {
    let (number, line) = bullet.lines.first().map_or((0, ""), |(number, line)| (*number, line.as_str()));
    let name = without_bullet(line);
    (bullet.text(), (number, column(line, line.find(name).unwrap_or_default())))
}
