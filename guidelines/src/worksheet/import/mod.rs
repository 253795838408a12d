//! Reads a worksheet in the text form that the OpenStack interoperability programme kept it in.
//!
//! A line for each capability: its name, a colon, the scores in brackets, three to a bracket, then whether no administrator
//! is needed, then the total, and an asterisk where that reaches the cutoff. Titles of the columns stand in the head of the
//! file, headings are underlined, and what follows `Notes:` is prose. What is not on the worksheet as it was in the file is
//! a [`Repair`] with its place.

mod columns;
mod groups;
mod notes;
mod place;
mod row;

use std::collections::HashMap;
use std::path::Path;

use indexmap::IndexMap;
use regex_lite::Regex;

use crate::catalogue::Catalogue;
use crate::import::{Kind, Repair};
use crate::kind::WORKSHEET;
use crate::load::{LARGEST, text_of, too_large};
use crate::model::Guideline;
use crate::nearest::quoted;
use crate::node::is_unseen;
use crate::problem::{Code, Collector, Errors, whole_file};

use super::model::{Row, SCHEMA, Section, Worksheet};
use super::read;
use columns::Columns;
use notes::{Notes, one_line};
use place::{At, column};
use row::has_scores;

/// A worksheet that was imported.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The worksheet.
    pub worksheet: Worksheet,
    /// What is not on it as it was in the file, in the order of the file.
    pub repairs: Vec<Repair>,
}

/// Reads a published worksheet; its criteria are those of this guideline, which the worksheet then names.
pub fn import_file(path: impl AsRef<Path>, guideline: &Guideline) -> Result<Imported, Errors> {
    let path = path.as_ref();
    import(&path.display().to_string(), &text_of(&WORKSHEET, path)?, guideline)
}

/// Reads a published worksheet from its text; `name` is what errors call it.
pub fn import(name: &str, text: &str, guideline: &Guideline) -> Result<Imported, Errors> {
    if text.len() > LARGEST {
        return Err(too_large(WORKSHEET.noun, name));
    }
    if guideline.scoring.as_ref().is_none_or(|scoring| scoring.criteria.is_empty()) {
        let message =
            format!("the guideline {} has no criteria by which a worksheet could be read", quoted(&guideline.id));
        let help = "name one that has criteria with `--guideline`".to_owned();
        return Err(whole_file(name, Code::MissingKey, message, help, None));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Collector::of(&WORKSHEET, name, text);
    let mut importer = Importer::new(text, guideline);
    importer.lines();
    importer.groups_apart();
    importer.mentions();
    if let Some(message) = importer.too_much() {
        let help = "a worksheet has far less of them; is this the right file?".to_owned();
        return Err(whole_file(name, Code::TooLarge, message, help, None));
    }
    let Importer { title, sections, mut repairs, .. } = importer;
    if !sections.values().any(|section| !section.capabilities.is_empty()) {
        let message = "the file has no line such as `name: [1,1,1] [1,1,1] [1,1,1] [1,1,1] [1] [100]`".to_owned();
        let help = "a published worksheet has one for each capability; is this the right file?".to_owned();
        found.add(Code::Syntax, &(0..0), message, help);
        return Err(found.into_errors());
    }
    repairs.sort_by_key(|repair| (repair.line, repair.column));
    let worksheet = Worksheet {
        schema: SCHEMA.to_owned(),
        title: title.unwrap_or_else(|| "Scoring worksheet".to_owned()),
        guideline: Some(guideline.id.clone()),
        scoring: None,
        sections,
    };
    // What comes out must be what the reader takes; should it not, that is said before anybody relies on it.
    let mut checked = worksheet.clone();
    checked.guideline = None;
    checked.scoring.clone_from(&guideline.scoring);
    let day = chrono::NaiveDate::MIN;
    read::parse(&format!("{name}, as it was read"), &checked.yaml(), &Catalogue::default(), day)?;
    Ok(Imported { worksheet, repairs })
}

/// A file of more lines, capabilities or repairs is something else: the published one has 390, 140 and 31.
const MOST_LINES: usize = 100_000;
const MOST_ROWS: usize = 10_000;
const MOST_REPAIRS: usize = 20_000;
/// Of a name, paths and messages show this many characters.
const LONGEST_SHOWN: usize = 100;

struct Importer<'t> {
    lines: Vec<&'t str>,
    guideline: &'t Guideline,
    columns: Columns,
    title: Option<String>,
    sections: IndexMap<String, Section>,
    /// Which section is being read.
    section: Option<usize>,
    /// Its notes, and whether a line says that they begin.
    notes: Option<Notes>,
    announced: bool,
    /// Names that notes of any section speak of, with their places.
    mentioned: Vec<(String, At)>,
    /// Where each capability stands first.
    rows: HashMap<String, usize>,
    repairs: Vec<Repair>,
}

impl<'t> Importer<'t> {
    fn new(text: &'t str, guideline: &'t Guideline) -> Self {
        Self {
            lines: text.lines().collect(),
            guideline,
            columns: Columns::default(),
            title: None,
            sections: IndexMap::new(),
            section: None,
            notes: None,
            announced: false,
            mentioned: Vec::new(),
            rows: HashMap::new(),
            repairs: Vec::new(),
        }
    }

    fn note(&mut self, kind: Kind, (line, column): At, path: &str, message: String) {
        self.repairs.push(Repair { kind, line, column, path: path.to_owned(), message });
    }

    /// What there is too much of.
    fn too_much(&self) -> Option<String> {
        let counts = [
            (self.lines.len(), MOST_LINES, "lines"),
            (self.rows.len(), MOST_ROWS, "capabilities"),
            (self.repairs.len(), MOST_REPAIRS, "things that would have to be repaired"),
        ];
        let over = counts.into_iter().find(|(count, most, _)| count > most);
        over.map(|(_, most, what)| format!("the file has more than {most} {what}"))
    }

    fn lines(&mut self) {
        if self.too_much().is_some() {
            return;
        }
        let row = Regex::new(r"^(\s*)([^\s\[\]:*#]+)\s*:\s*(\[.*)$").ok();
        let first = self.heading_after(0, '-').unwrap_or(self.lines.len());
        let begins = self.lines.iter().position(|line| row.as_ref().is_some_and(|row| row.is_match(line)));
        // A file without headings begins with its first capability.
        let first = begins.map_or(first, |begins| first.min(begins));
        self.head(first);
        let mut at = first;
        while at < self.lines.len() && self.too_much().is_none() {
            if self.is_heading(at, '-') || self.is_heading(at, '=') {
                self.begin(at);
                at += 2;
                continue;
            }
            let line = self.seen(at);
            let parts = row.as_ref().and_then(|row| row.captures(&line));
            // Among notes, something in brackets may follow a colon: a capability then begins its line and has scores.
            let parts = parts.filter(|parts| !self.announced || (parts[1].is_empty() && has_scores(&parts[3])));
            if let Some(parts) = parts {
                let name = parts[2].to_owned();
                let cells = parts.get(3).map_or(0..0, |cells| cells.range());
                self.row(at, &line, &name, &line[cells.clone()], cells.start);
            } else {
                self.prose(at, &line);
            }
            at += 1;
        }
        self.end();
    }

    /// A line without characters that cannot be seen; that it had some is noted.
    fn seen(&mut self, at: usize) -> String {
        let line = self.lines[at];
        let Some(byte) = line.find(is_unseen) else { return line.to_owned() };
        let place = (at + 1, column(line, byte));
        self.note(Kind::Text, place, "$", "characters that cannot be seen are read as spaces".to_owned());
        line.chars().map(|letter| if is_unseen(letter) { ' ' } else { letter }).collect()
    }

    /// Whether the line is a heading, which the next one underlines.
    fn is_heading(&self, at: usize, with: char) -> bool {
        let under = self.lines.get(at + 1).map_or("", |line| line.trim());
        let line = self.lines[at];
        under.len() >= 3
            && under.chars().all(|letter| letter == with)
            && !line.trim().is_empty()
            && !line.starts_with([' ', '\t'])
            && !line.chars().all(|letter| letter == with)
    }

    fn heading_after(&self, from: usize, with: char) -> Option<usize> {
        (from..self.lines.len()).find(|at| self.is_heading(*at, with))
    }

    /// What stands before the first section: the title, the titles of the columns, and how the file is to be read.
    fn head(&mut self, end: usize) {
        let title = self.heading_after(0, '=').filter(|at| *at < end);
        self.title = title.map(|at| one_line(&self.seen(at)));
        let columns = columns::read(&self.lines[..end], self.guideline);
        let told = |at: usize, importer: &Self| {
            let skipped = title.is_some_and(|title| at == title || at == title + 1);
            !skipped && !columns.lines.contains(&at) && !importer.lines[at].trim().is_empty()
        };
        let left: Vec<usize> = (0..end).filter(|at| told(*at, self)).collect();
        if let Some(first) = left.first() {
            let place = (first + 1, 1);
            let message = format!(
                "{} lines that tell how the worksheet is to be read, which README.md of guidelines does here",
                left.len()
            );
            self.note(Kind::LeftOut, place, "$", message);
        }
        for (place, message) in &columns.repairs {
            self.note(Kind::Column, *place, "$.sections", message.clone());
        }
        self.columns = columns;
    }

    /// Begins a section.
    fn begin(&mut self, at: usize) {
        self.end();
        let name = one_line(&self.seen(at));
        if self.sections.contains_key(&name) {
            let message = format!("{} is a heading already; what follows is read as more of it", quoted(&name));
            self.note(Kind::ListedTwice, (at + 1, 1), "$.sections", message);
        }
        let entry = self.sections.entry(name);
        self.section = Some(entry.index());
        entry.or_default();
    }

    /// The path of something in the section that is being read.
    fn path(&self, rest: &str) -> String {
        let name = self.section.and_then(|at| self.sections.get_index(at)).map_or("", |(name, _)| name);
        format!("$.sections[{:?}].{rest}", short(name))
    }

    /// Makes sure that there is a section to put something into.
    fn ensure(&mut self, at: usize) {
        if self.section.is_none() {
            let name = "Capabilities".to_owned();
            let message = format!("no heading stands above it; the section is called {}", quoted(&name));
            self.note(Kind::EmptyText, (at + 1, 1), "$.sections", message);
            self.sections.insert(name, Section::default());
            self.section = Some(0);
        }
    }

    fn row(&mut self, at: usize, line: &str, name: &str, cells: &str, start: usize) {
        self.ensure(at);
        let path = self.path(&format!("capabilities[{:?}]", short(name)));
        let place = (at + 1, column(line, line.find(name).unwrap_or_default()));
        if let Some(earlier) = self.rows.get(name) {
            let message = format!(
                "{} stands in line {earlier} already, which holds; left out is {}",
                quoted(name),
                quoted(cells)
            );
            self.note(Kind::ListedTwice, place, &path, message);
            return;
        }
        let read = row::read(cells, &self.columns, self.guideline);
        for (kind, byte, message) in read.repairs {
            self.note(kind, (at + 1, column(line, start + byte)), &path, message);
        }
        self.rows.insert(name.to_owned(), at + 1);
        let row = Row { scores: read.scores, non_admin: read.non_admin, note: None };
        if let Some((_, section)) = self.section.and_then(|at| self.sections.get_index_mut(at)) {
            section.capabilities.insert(name.to_owned(), row);
        }
    }

    /// A line that is no capability: it begins the notes, or is of them.
    fn prose(&mut self, at: usize, line: &str) {
        let text = line.trim();
        if text.is_empty() {
            if let Some(notes) = &mut self.notes {
                notes.blank();
            }
            return;
        }
        self.ensure(at);
        if !self.announced && matches!(text.to_lowercase().as_str(), "notes:" | "note:") {
            self.announced = true;
            return;
        }
        if !self.announced || has_scores(text) {
            let path = self.path("notes");
            let message = format!("{} is no capability with its scores; it is read as a note", quoted(text));
            self.note(Kind::Text, (at + 1, 1), &path, message);
        }
        if let Some(name) = self.notes.get_or_insert_default().line(at + 1, line) {
            let path = self.path("links");
            let message = format!("[{}] has an address already; left out is {}", short(&name), quoted(text));
            self.note(Kind::ListedTwice, (at + 1, 1), &path, message);
        }
    }

    /// Ends a section: what its notes say is put where it belongs.
    fn end(&mut self) {
        self.announced = false;
        let Some(notes) = self.notes.take() else { return };
        let (links, path) = (self.path("links"), self.path("groups"));
        let Some((_, of)) = self.section.and_then(|at| self.sections.get_index_mut(at)) else { return };
        of.notes.extend(notes.texts());
        let mut repairs = Vec::new();
        for (name, (address, line)) in &notes.links {
            if let Some(earlier) = of.links.get(name) {
                let (earlier, address) = (quoted(earlier), quoted(address));
                let message = format!("[{}] is {earlier} already; left out is {address}", short(name));
                repairs.push((Kind::ListedTwice, (*line, 1), links.clone(), message));
                continue;
            }
            of.links.insert(name.clone(), address.clone());
        }
        let groups = groups::read(&notes, &of.capabilities);
        for (name, parts) in groups.found {
            of.groups.entry(name).or_insert(parts);
        }
        repairs.extend(groups.repairs.into_iter().map(|(kind, at, message)| (kind, at, path.clone(), message)));
        for (kind, at, path, message) in repairs {
            self.note(kind, at, &path, message);
        }
        self.mentioned.extend(notes.names().into_iter().filter(|(_, at)| !groups.places.contains(at)));
    }

    /// Takes out groups whose name a capability or another section's group has.
    fn groups_apart(&mut self) {
        let (mut seen, mut repairs) = (std::collections::HashSet::new(), Vec::new());
        for (section, of) in &mut self.sections {
            of.groups.retain(|name, _| {
                let keeps = !self.rows.contains_key(name) && seen.insert(name.clone());
                if !keeps {
                    let path = format!("$.sections[{:?}].groups", short(section));
                    let message = format!("the group {} is left out: another section has the name", quoted(name));
                    repairs.push(Repair { kind: Kind::LeftOut, line: 1, column: 1, path, message });
                }
                keeps
            });
        }
        self.repairs.extend(repairs);
    }

    /// Names in notes that look like those of capabilities and have no scores. The notes stay as they are.
    fn mentions(&mut self) {
        let beginnings: std::collections::HashSet<&str> =
            self.rows.keys().filter_map(|name| name.split('-').next()).collect();
        let mut guesses = 0;
        let mut said = std::collections::HashSet::new();
        let mut repairs = Vec::new();
        let groups: std::collections::HashSet<&String> =
            self.sections.values().flat_map(|section| section.groups.keys()).collect();
        for (name, at) in &self.mentioned {
            let alike = name.split('-').next().is_some_and(|first| beginnings.contains(first));
            if !alike || self.rows.contains_key(name) || groups.contains(name) || !said.insert(name) {
                continue;
            }
            guesses += 1;
            let rows = self.rows.keys().map(String::as_str).filter(|_| guesses <= groups::MOST_GUESSES);
            let near = groups::same_but_for_a_slip(name, rows);
            let (kind, hint) = match near {
                Some(near) => (Kind::MisspeltName, format!("; {} may be meant", quoted(near))),
                None => (Kind::Undefined, String::new()),
            };
            repairs.push((kind, *at, format!("a note speaks of {}, which is not scored{hint}", quoted(name))));
        }
        for (kind, at, message) in repairs {
            self.note(kind, at, "$.sections", message);
        }
    }
}

/// The beginning of a name, as much of it as a path or a message shows.
fn short(name: &str) -> &str {
    name.char_indices().nth(LONGEST_SHOWN).map_or(name, |(end, _)| &name[..end])
}
