//! YAML as a tree in which every value knows its place, and a key written twice stands there twice.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::problem::{Code, Collector};

/// The deepest nesting that is read; guidelines need no more than eight.
const DEEPEST: usize = 32;
/// The most values that are read; the largest published guideline has about two thousand.
const MOST_VALUES: usize = 200_000;

/// A value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// The bytes of it; for a map or list, of its first value.
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Scalar { text: String, plain: bool },
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

impl Node {
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The items of a list; of anything else, none.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The keys and values of a map, where the keys are scalars; of anything else, none.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Node, &Node)> {
        let pairs = match &self.value {
            Value::Map(pairs) => pairs.as_slice(),
            _ => &[],
        };
        pairs.iter().filter_map(|(key, value)| Some((key.text()?, key, value)))
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries().find(|(name, ..)| *name == key).map(|(.., value)| value)
    }
}

impl From<Node> for serde_yaml::Value {
    fn from(node: Node) -> Self {
        match node.value {
            Value::Scalar { text, plain: true } => match text.as_str() {
                "true" => Self::Bool(true),
                "false" => Self::Bool(false),
                count if is_count(count) => count.parse::<u32>().map_or(Self::Null, Self::from),
                _ => Self::String(text),
            },
            Value::Scalar { text, .. } => Self::String(text),
            Value::List(items) => Self::Sequence(items.into_iter().map(Self::from).collect()),
            Value::Map(pairs) => {
                let pairs = pairs.into_iter().map(|(key, value)| {
                    let key = key.text().unwrap_or_default().to_owned();
                    (Self::String(key), Self::from(value))
                });
                Self::Mapping(pairs.collect())
            }
        }
    }
}

/// Whether a text is a number in the one way that every reader of YAML takes for the same.
pub(crate) fn is_count(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|number| number.to_string() == text)
}

enum Open {
    List(Range<usize>, Vec<Node>),
    Map(Range<usize>, Vec<(Node, Node)>, Option<Node>),
}

/// Reads the one document in `text`; what is wrong with it goes to `found`, and then there is no tree.
pub(crate) fn tree(text: &str, found: &mut Collector) -> Option<Node> {
    if let Some((at, letter)) = text.char_indices().find(|(_, letter)| is_unseen(*letter)) {
        let message = format!("the character U+{:04X} cannot be seen", u32::from(letter));
        let help = "remove it".to_owned();
        found.add(Code::Syntax, &(at..at + letter.len_utf8()), message, help);
        return None;
    }
    let places = Places::new(text);
    let mut reader = Reader::default();
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => {
                let span = places.bytes(&span);
                if is_marked(&event) {
                    marked(text, &span, found);
                    return None;
                }
                reader.event(event, span, found)?;
            }
            Err(error) => {
                let at = places.byte(error.marker().index());
                // The parser has a limit of its own for `[[[…`, which it finds before it tells of any of them.
                if error.info().contains("recursion limit") {
                    too_deep(at, found);
                } else {
                    let message = format!("this is not YAML: {}", error.info());
                    let help = "look at this line and the one above it: indentation, a missing `:` or quotation mark";
                    found.add(Code::Syntax, &(at..at + 1), message, help.to_owned());
                }
                return None;
            }
        }
    }
    if reader.root.is_none() {
        let help = "begin with `schema: assay.guideline/1`; the file guidelines/README.md shows the rest";
        found.add(Code::Syntax, &(0..0), "the file is empty".to_owned(), help.to_owned());
    }
    reader.root
}

/// Builds the tree without recursion, so that no nesting overflows the stack.
#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    root: Option<Node>,
    values: usize,
    documents: usize,
}

impl Reader {
    /// Takes one event; none if it is one too many, which `found` then says.
    fn event(&mut self, event: Event, span: Range<usize>, found: &mut Collector) -> Option<()> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    let help = "keep each guideline in a file of its own".to_owned();
                    let message = "a second document begins here".to_owned();
                    found.add(Code::Syntax, &span, message, help);
                    return None;
                }
            }
            Event::Scalar(text, style, ..) => {
                let (text, plain) = (text.into_owned(), style == ScalarStyle::Plain);
                let value = Value::Scalar { text, plain };
                self.finished(Node { span, value }, found)?;
            }
            Event::SequenceStart(..) => {
                self.begin(Open::List(span.clone(), Vec::new()), span.start, found)?;
            }
            Event::MappingStart(..) => {
                self.begin(Open::Map(span.clone(), Vec::new(), None), span.start, found)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.finished(close(open), found)?;
                }
            }
            _ => {}
        }
        Some(())
    }

    fn begin(&mut self, open: Open, at: usize, found: &mut Collector) -> Option<()> {
        if self.open.len() >= DEEPEST {
            too_deep(at, found);
            return None;
        }
        self.open.push(open);
        Some(())
    }

    fn finished(&mut self, node: Node, found: &mut Collector) -> Option<()> {
        self.values += 1;
        if self.values > MOST_VALUES {
            let help = "split it into several guidelines".to_owned();
            let message = format!("the file has more than {MOST_VALUES} values");
            found.add(Code::TooLarge, &node.span, message, help);
            return None;
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, pairs, key)) => match key.take() {
                None => *key = Some(node),
                Some(key) => pairs.push((key, node)),
            },
        }
        Some(())
    }
}

/// Whether a character hides what an editor shows: control characters, and what only YAML 1.1 takes for a line's end.
pub(crate) fn is_unseen(letter: char) -> bool {
    let is_space = matches!(letter, '\n' | '\r' | '\t');
    (letter.is_control() && !is_space) || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Whether an event has an anchor, an alias or a tag.
fn is_marked(event: &Event) -> bool {
    match event {
        Event::Scalar(_, _, anchor, tag) | Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => {
            *anchor != 0 || tag.is_some()
        }
        Event::Alias(_) => true,
        _ => false,
    }
}

fn marked(text: &str, span: &Range<usize>, found: &mut Collector) {
    let message = "anchors, aliases and tags have no place in a guideline".to_owned();
    let help = "write the value out where it is needed".to_owned();
    // The parser gives the place of the value: the anchor or tag is the word before it.
    let before = text[..span.start].trim_end();
    let word = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let is_word = before[word..].starts_with(['&', '!']);
    let start = if is_word { word } else { span.start };
    found.add(Code::AnchorOrTag, &(start..span.end.max(start + 1)), message, help);
}

fn too_deep(at: usize, found: &mut Collector) {
    let help = "guidelines and profiles need far fewer".to_owned();
    let message = format!("more than {DEEPEST} levels are nested here");
    found.add(Code::TooDeep, &(at..at + 1), message, help);
}

fn close(open: Open) -> Node {
    match open {
        Open::List(own, items) => {
            let span = items.first().map_or(own, |first| first.span.clone());
            Node { span, value: Value::List(items) }
        }
        Open::Map(own, pairs, _) => {
            let span = pairs.first().map_or(own, |(key, _)| key.span.clone());
            Node { span, value: Value::Map(pairs) }
        }
    }
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
