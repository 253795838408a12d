//! YAML as a tree in which every value knows its place, and a key written twice stands there twice.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::problem::{Code, Collector};

/// The deepest nesting that is read; guidelines need no more than eight.
const DEEPEST: usize = 32;
/// The most values that are read; the largest published guideline has about two thousand.
const MOST_VALUES: usize = 200_000;

/// A value and its place.
#[derive(Debug)]
pub(crate) struct Node {
    /// The bytes of it; for a map or list, of its first value.
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

#[derive(Debug)]
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
        pairs
            .iter()
            .filter_map(|(key, value)| Some((key.text()?, key, value)))
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries()
            .find(|(name, ..)| *name == key)
            .map(|(.., value)| value)
    }
}

enum Open {
    List(Range<usize>, Vec<Node>),
    Map(Range<usize>, Vec<(Node, Node)>, Option<Node>),
}

/// Reads the one document in `text`; what is wrong with it goes to `found`, and then there is no tree.
pub(crate) fn tree(text: &str, found: &mut Collector) -> Option<Node> {
    let places = Places::new(text);
    let mut open: Vec<Open> = Vec::new();
    let mut root: Option<Node> = None;
    let mut values = 0usize;
    let mut documents = 0usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
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
        };
        let span = places.bytes(&span);
        let place = span.start;
        let (anchor, tag) = match &event {
            Event::Scalar(_, _, anchor, tag)
            | Event::SequenceStart(anchor, tag)
            | Event::MappingStart(anchor, tag) => (*anchor != 0, tag.is_some()),
            Event::Alias(_) => (true, false),
            _ => (false, false),
        };
        if anchor || tag {
            let what = if anchor {
                "an anchor or alias"
            } else {
                "a tag"
            };
            let message = format!("{what} has no place in a guideline");
            let help = "write the value out where it is needed".to_owned();
            // The parser gives the place of the value: the anchor or tag is the word before it.
            let before = text[..span.start].trim_end();
            let word = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
            let is_word = before[word..].starts_with(['&', '!']);
            let start = if is_word { word } else { span.start };
            found.add(
                Code::AnchorOrTag,
                &(start..span.end.max(start + 1)),
                message,
                help,
            );
            return None;
        }
        let finished = match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    let help = "keep each guideline in a file of its own".to_owned();
                    found.add(
                        Code::Syntax,
                        &span,
                        "a second document begins here".to_owned(),
                        help,
                    );
                    return None;
                }
                None
            }
            Event::Scalar(text, style, ..) => {
                let plain = style == ScalarStyle::Plain;
                Some(Node {
                    span,
                    value: Value::Scalar {
                        text: text.into_owned(),
                        plain,
                    },
                })
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(span, Vec::new()));
                None
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(span, Vec::new(), None));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(close),
            _ => None,
        };
        if open.len() > DEEPEST {
            too_deep(place, found);
            return None;
        }
        let Some(node) = finished else { continue };
        values += 1;
        if values > MOST_VALUES {
            let help = "split it into several guidelines".to_owned();
            found.add(
                Code::TooLarge,
                &node.span,
                format!("the file has more than {MOST_VALUES} values"),
                help,
            );
            return None;
        }
        match open.last_mut() {
            None => root = Some(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, pairs, key)) => match key.take() {
                None => *key = Some(node),
                Some(key) => pairs.push((key, node)),
            },
        }
    }
    if root.is_none() {
        let help =
            "begin with `schema: assay.guideline/1`; the file guidelines/README.md shows the rest"
                .to_owned();
        found.add(Code::Syntax, &(0..0), "the file is empty".to_owned(), help);
    }
    root
}

fn too_deep(at: usize, found: &mut Collector) {
    let help = "a guideline needs no more than eight levels".to_owned();
    let message = format!("more than {DEEPEST} levels are nested here");
    found.add(Code::TooDeep, &(at..at + 1), message, help);
}

fn close(open: Open) -> Node {
    match open {
        Open::List(own, items) => {
            let span = items.first().map_or(own, |first| first.span.clone());
            Node {
                span,
                value: Value::List(items),
            }
        }
        Open::Map(own, pairs, _) => {
            let span = pairs.first().map_or(own, |(key, _)| key.span.clone());
            Node {
                span,
                value: Value::Map(pairs),
            }
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
        let bytes = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| at).collect()
        };
        Self {
            bytes,
            len: text.len(),
        }
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
