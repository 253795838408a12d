//! YAML of which nobody knows who wrote it.
//!
//! Everything goes through [`events`], which stops at bounds that no real file reaches. Its work grows with the text and no
//! faster, which cannot be said of the library that fills models from YAML: it gets only text that passed.

use std::fmt;
use std::ops::Range;

use saphyr_parser::{Parser, Span};
use serde::de::DeserializeOwned;
use serde_yaml::Value;

use crate::excerpt;

pub use saphyr_parser::{Event, ScalarStyle};

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The largest text, in bytes.
    pub bytes: usize,
    /// The deepest nesting, aliases followed.
    pub depth: usize,
    /// The most values, aliases followed.
    pub values: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { bytes: 4 * 1024 * 1024, depth: 64, values: 200_000 }
    }
}

/// What kind of thing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// There is more of it than [`Bounds::bytes`].
    TooLarge,
    /// A character that an editor does not show.
    Unseen,
    /// It is not YAML.
    Syntax,
    /// Values are nested deeper than [`Bounds::depth`].
    TooDeep,
    /// There are more than [`Bounds::values`], or they are repeated until they are too large.
    TooMany,
    /// It is YAML, and does not have the form that is asked for.
    Form,
}

/// Why a text is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind of thing is wrong.
    pub fault: Fault,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The bytes that it is about.
    pub span: Range<usize>,
    /// What is wrong; nothing in it steers a terminal.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.what, self.line, self.column)
    }
}

impl std::error::Error for Problem {}

/// Reads text of the form `T`, within the usual bounds.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let text = without_mark(text);
    check(text)?;
    serde_yaml::from_str(text).map_err(|error| {
        let place = error.location();
        let (line, column) = place.as_ref().map_or((1, 1), |place| (place.line(), place.column()));
        let at = place.map_or(0, |place| place.index()).min(text.len());
        let message = error.to_string();
        // The library appends the place, which stands apart here.
        let what = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
        Problem { fault: Fault::Form, line, column, span: at..at, what: excerpt(what) }
    })
}

/// Reads a text as values, with its merge keys (`<<`) in effect, as PyYAML reads it: what a mapping says itself comes before what
/// it takes from others, and of those the first.
///
/// # Errors
///
/// See [`parse`]; and a merge key that takes something else than mappings.
pub fn values(text: &str) -> Result<Value, Problem> {
    let mut value = parse(text)?;
    if merge(&mut value) {
        return Ok(value);
    }
    let at = text.find("<<").unwrap_or(0);
    let line = text[..at].matches('\n').count() + 1;
    let column = at - text[..at].rfind('\n').map_or(0, |start| start + 1) + 1;
    let what = "a merge key (`<<`) takes a mapping, or a list of mappings".to_owned();
    Err(Problem { fault: Fault::Form, line, column, span: at..at, what })
}

/// Puts the merge keys into effect, the innermost first. Gives whether each takes what it can.
fn merge(value: &mut Value) -> bool {
    match value {
        Value::Sequence(items) => items.iter_mut().all(merge),
        Value::Tagged(tagged) => merge(&mut tagged.value),
        Value::Mapping(members) => {
            if !members.iter_mut().all(|(_, value)| merge(value)) {
                return false;
            }
            let others = match members.shift_remove("<<") {
                None => return true,
                Some(Value::Sequence(items)) => items,
                Some(other) => vec![other],
            };
            others.into_iter().all(|other| {
                let Value::Mapping(other) = other else { return false };
                for (key, value) in other {
                    members.entry(key).or_insert(value);
                }
                true
            })
        }
        _ => true,
    }
}

/// Whether a text is YAML within the usual bounds, so that any reader of it comes to an end soon.
pub fn check(text: &str) -> Result<(), Problem> {
    events(text, Bounds::default()).try_for_each(|event| event.map(drop))
}

/// Whether readers of YAML do not agree on what a character is: some end a line where others go on. It hides, too, what an
/// editor shows.
#[must_use]
pub fn is_ambiguous(letter: char) -> bool {
    let is_space = matches!(letter, '\n' | '\r' | '\t');
    (letter.is_control() && !is_space) || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// The text without the mark that some editors put before it.
#[must_use]
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// What a text holds, one after the other, each with its bytes. After the first problem there is nothing more.
#[must_use]
pub fn events(text: &str, bounds: Bounds) -> Events<'_> {
    let mut events = Events {
        text,
        bounds,
        places: Places::new(text),
        parser: Parser::new_from_str(text),
        open: Vec::new(),
        anchors: Vec::new(),
        total: Size::default(),
        problem: None,
        ended: false,
    };
    events.problem = events.whole();
    events
}

/// The largest text after all aliases were followed, as a multiple of the largest text.
const REPEATED: usize = 4;

/// How much a value holds, aliases followed.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    depth: usize,
    values: usize,
    bytes: usize,
}

/// A list or mapping that has begun.
struct Open {
    anchor: usize,
    depth: usize,
    values: usize,
    bytes: usize,
}

/// An iterator over what a text holds: see [`events`].
pub struct Events<'a> {
    text: &'a str,
    bounds: Bounds,
    places: Places,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    open: Vec<Open>,
    /// By the number that the parser gives an anchor: how much its value holds; nothing while it is open.
    anchors: Vec<Option<Size>>,
    total: Size,
    problem: Option<Problem>,
    ended: bool,
}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("bounds", &self.bounds).field("total", &self.total).finish_non_exhaustive()
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = Result<(Event<'a>, Range<usize>), Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        if let Some(problem) = self.problem.take() {
            self.ended = true;
            return Some(Err(problem));
        }
        let event = match self.parser.next()? {
            Ok((event, span)) => {
                let span = self.places.bytes(&span);
                self.count(&event, &span).map(|()| (event, span))
            }
            Err(error) => {
                let at = self.places.byte(error.marker().index());
                // The parser has a limit of its own for `[[[…`, which it finds before it tells of any of them.
                Err(if error.info().contains("recursion limit") {
                    self.too_deep(at)
                } else {
                    let what = format!("this is not YAML: {}", excerpt(error.info()));
                    self.problem(Fault::Syntax, at..at + 1, what)
                })
            }
        };
        self.ended = event.is_err();
        Some(event)
    }
}

impl Events<'_> {
    /// What is wrong with the text as a whole.
    fn whole(&self) -> Option<Problem> {
        if self.text.len() > self.bounds.bytes {
            let what = format!("there are more than {} bytes", self.bounds.bytes);
            return Some(Problem { fault: Fault::TooLarge, line: 1, column: 1, span: 0..0, what });
        }
        let (at, letter) = self.text.char_indices().find(|(_, letter)| is_ambiguous(*letter))?;
        let what = format!("the character U+{:04X} cannot be seen", u32::from(letter));
        Some(self.problem(Fault::Unseen, at..at + letter.len_utf8(), what))
    }

    fn count(&mut self, event: &Event<'_>, span: &Range<usize>) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, _, anchor, tag) => {
                let tag = tag.as_ref().map_or(0, |tag| tag.handle.len() + tag.suffix.len());
                let size = Size { depth: 0, values: 1, bytes: text.len() + tag };
                self.define(*anchor, Some(size));
                self.add(size, span)
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                self.define(*anchor, None);
                if self.open.len() >= self.bounds.depth {
                    return Err(self.too_deep(span.start));
                }
                let Size { values, bytes, .. } = self.total;
                self.open.push(Open { anchor: *anchor, depth: 1, values, bytes });
                self.add(Size { depth: 0, values: 1, bytes: 0 }, span)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let size = Size {
                    depth: open.depth,
                    values: self.total.values - open.values,
                    bytes: self.total.bytes - open.bytes,
                };
                self.define(open.anchor, Some(size));
                self.deepen(open.depth);
                Ok(())
            }
            Event::Alias(anchor) => {
                let Some(size) = self.anchors.get(*anchor).copied().flatten() else {
                    let what = "an alias stands within the value that it repeats".to_owned();
                    return Err(self.problem(Fault::TooDeep, span.clone(), what));
                };
                if self.open.len() + size.depth > self.bounds.depth {
                    return Err(self.too_deep(span.start));
                }
                self.deepen(size.depth);
                self.add(size, span)
            }
            _ => Ok(()),
        }
    }

    fn add(&mut self, size: Size, span: &Range<usize>) -> Result<(), Problem> {
        self.total.values = self.total.values.saturating_add(size.values);
        self.total.bytes = self.total.bytes.saturating_add(size.bytes);
        if self.total.values > self.bounds.values {
            let what = format!("the file has more than {} values", self.bounds.values);
            return Err(self.problem(Fault::TooMany, span.clone(), what));
        }
        if self.total.bytes > self.bounds.bytes.saturating_mul(REPEATED) {
            let what = "values are repeated by aliases until they are too large".to_owned();
            return Err(self.problem(Fault::TooMany, span.clone(), what));
        }
        Ok(())
    }

    /// Notes how much the value of an anchor holds; nothing while it is open.
    fn define(&mut self, anchor: usize, size: Option<Size>) {
        if anchor == 0 {
            return;
        }
        // The parser counts them up, one by one.
        if self.anchors.len() <= anchor {
            self.anchors.resize(anchor + 1, None);
        }
        self.anchors[anchor] = size;
    }

    /// Notes that what is open now holds something of this depth.
    fn deepen(&mut self, depth: usize) {
        if let Some(open) = self.open.last_mut() {
            open.depth = open.depth.max(depth + 1);
        }
    }

    fn too_deep(&self, at: usize) -> Problem {
        let what = format!("more than {} levels are nested here", self.bounds.depth);
        self.problem(Fault::TooDeep, at..at + 1, what)
    }

    fn problem(&self, fault: Fault, span: Range<usize>, what: String) -> Problem {
        let start = floor(self.text, span.start);
        let end = floor(self.text, span.end.max(start));
        let before = &self.text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        Problem { fault, line, column: before[line_start..].chars().count() + 1, span: start..end, what }
    }
}

/// The last place between two characters that is not behind this byte.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Turns the parser's places, counted in characters, into bytes.
struct Places {
    /// The byte of each character; empty when all characters are one byte long.
    bytes: Vec<usize>,
    len: usize,
}

impl Places {
    fn new(text: &str) -> Self {
        let bytes = if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(at, _)| at).collect() };
        Self { bytes, len: text.len() }
    }

    fn byte(&self, character: usize) -> usize {
        if self.bytes.is_empty() {
            character.min(self.len)
        } else {
            self.bytes.get(character).copied().unwrap_or(self.len)
        }
    }

    fn bytes(&self, span: &Span) -> Range<usize> {
        self.byte(span.start.index())..self.byte(span.end.index())
    }
}

#[cfg(test)]
mod tests;
