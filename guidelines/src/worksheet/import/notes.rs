//! The prose of a section: bullets, which may have bullets of their own, paragraphs, and addresses by number.

use indexmap::IndexMap;

use super::place::{At, column};

/// The sign for a bullet within a note, which is one line here.
const BULLET: &str = " • ";

/// The notes of a section.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub items: Vec<Note>,
    /// The addresses, by the number that the notes give them, each with its line.
    pub links: IndexMap<String, (String, usize)>,
    /// How far the first bullet is indented; bullets further in are of the note before them.
    indent: Option<usize>,
    /// Whether the line before was empty.
    after_blank: bool,
}

/// One note: its own text, and then its bullets.
#[derive(Debug)]
pub(super) struct Note {
    pub bullets: Vec<Bullet>,
}

/// A text with its depth.
#[derive(Debug)]
pub(super) struct Bullet {
    pub indent: usize,
    /// Where each of its lines stands, and the line.
    pub lines: Vec<(usize, String)>,
}

impl Bullet {
    /// Its text on one line.
    pub fn text(&self) -> String {
        one_line(&self.lines.iter().map(|(_, line)| without_bullet(line)).collect::<Vec<_>>().join(" "))
    }
}

impl Notes {
    pub fn blank(&mut self) {
        self.after_blank = true;
    }

    /// Takes a line. The number of an address comes back if it has another address already, and is not taken.
    pub fn line(&mut self, number: usize, line: &str) -> Option<String> {
        let after_blank = std::mem::take(&mut self.after_blank);
        if let Some((name, address)) = link(line) {
            if self.links.contains_key(&name) {
                return Some(name);
            }
            self.links.insert(name, (address, number));
            return None;
        }
        let indent = line.chars().take_while(|letter| letter.is_whitespace()).count();
        let is_bullet = is_bullet(line);
        let nested = is_bullet && self.indent.is_some_and(|first| indent > first);
        let begins = if is_bullet { !nested } else { after_blank && self.indent.is_none_or(|first| indent <= first) };
        if is_bullet && !nested {
            self.indent = Some(indent);
        }
        let bullet = Bullet { indent, lines: vec![(number, line.to_owned())] };
        match self.items.last_mut() {
            Some(note) if nested => note.bullets.push(bullet),
            Some(note) if !begins => {
                // A line further out than the last bullet goes on with what that bullet is of.
                let alone = note.bullets.len() == 1;
                match note.bullets.last_mut() {
                    Some(last) if alone || indent > last.indent => last.lines.push((number, line.to_owned())),
                    _ => note.bullets.push(bullet),
                }
            }
            _ => self.items.push(Note { bullets: vec![bullet] }),
        }
        None
    }

    /// Each note as one line.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.items.iter().map(|note| {
            let mut text = String::new();
            for bullet in &note.bullets {
                let listed = bullet.lines.first().is_some_and(|(_, line)| is_bullet(line));
                if !text.is_empty() {
                    text.push_str(if listed { BULLET } else { " " });
                }
                text.push_str(&bullet.text());
            }
            text
        })
    }

    /// The words that have the form of a capability's name, with their places.
    pub fn names(&self) -> Vec<(String, At)> {
        let lines = self.items.iter().flat_map(|note| &note.bullets).flat_map(|bullet| &bullet.lines);
        let mut names = Vec::new();
        for (number, line) in lines {
            let mut from = 0;
            for word in line.split_whitespace() {
                let begins = from + line[from..].find(word).unwrap_or_default();
                from = begins + word.len();
                let name = word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
                let hyphens = name.matches('-').count();
                let is_name = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
                if is_name && hyphens >= 2 {
                    let byte = begins + word.find(name).unwrap_or_default();
                    names.push((name.to_owned(), (*number, column(line, byte))));
                }
            }
        }
        names
    }
}

pub(super) fn is_bullet(line: &str) -> bool {
    let line = line.trim_start();
    line.strip_prefix(['*', '-']).is_some_and(|rest| rest.starts_with([' ', '\t']))
}

pub(super) fn without_bullet(line: &str) -> &str {
    let trimmed = line.trim();
    if is_bullet(line) { trimmed[1..].trim_start() } else { trimmed }
}

/// A line such as `[1] https://example.org/`.
fn link(line: &str) -> Option<(String, String)> {
    let (name, address) = line.strip_prefix('[')?.split_once(']')?;
    let address = address.trim();
    let fits = !name.trim().is_empty() && !address.is_empty() && !address.contains(char::is_whitespace);
    fits.then(|| (name.trim().to_owned(), address.to_owned()))
}

/// A text with each run of white space as one space.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
