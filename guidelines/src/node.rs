//! YAML as a tree in which every value knows its place, and a key written twice stands there twice.

use std::ops::Range;

use assay_text::yaml::{self, Bounds, Event, Fault, Problem, ScalarStyle};

use crate::problem::{Code, Collector};

pub(crate) use assay_text::yaml::is_ambiguous as is_unseen;

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

/// The items that are scalars, with their texts.
pub(crate) fn texts(items: &[Node]) -> impl Iterator<Item = (&str, &Node)> {
    items.iter().filter_map(|item| Some((item.text()?, item)))
}

/// The names and values of a map; of anything else, none.
pub(crate) fn entries(node: Option<&Node>) -> impl Iterator<Item = (&str, &Node, &Node)> {
    node.into_iter().flat_map(Node::entries)
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
    let bounds = Bounds { depth: DEEPEST, values: MOST_VALUES, ..Bounds::default() };
    let mut reader = Reader::default();
    for event in yaml::events(text, bounds) {
        match event {
            Ok((event, span)) => {
                if is_marked(&event) {
                    marked(text, &span, found);
                    return None;
                }
                reader.event(event, span, found)?;
            }
            Err(problem) => {
                refused(problem, found);
                return None;
            }
        }
    }
    if reader.root.is_none() {
        let help = format!("begin with `schema: {}`; the file guidelines/README.md shows the rest", found.kind.version);
        found.add(Code::Syntax, &(0..0), "the file is empty".to_owned(), help);
    }
    reader.root
}

/// Says why the text is not read on.
fn refused(problem: Problem, found: &mut Collector) {
    let noun = found.kind.noun;
    let (code, help) = match problem.fault {
        Fault::Unseen => (Code::Syntax, "remove it".to_owned()),
        Fault::Syntax | Fault::Form => {
            let help = "look at this line and the one above it: indentation, a missing `:` or quotation mark";
            (Code::Syntax, help.to_owned())
        }
        Fault::TooDeep => (Code::TooDeep, format!("a {noun} needs no more than eight levels")),
        Fault::TooMany | Fault::TooLarge => {
            (Code::TooLarge, format!("no {noun} needs as many; is this the right file?"))
        }
    };
    found.add(code, &problem.span, problem.what, help);
}

/// Builds the tree without recursion, so that no nesting overflows the stack.
#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
}

impl Reader {
    /// Takes one event; none if it is one too many, which `found` then says.
    fn event(&mut self, event: Event, span: Range<usize>, found: &mut Collector) -> Option<()> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    let help = format!("keep each {} in a file of its own", found.kind.noun);
                    let message = "a second document begins here".to_owned();
                    found.add(Code::Syntax, &span, message, help);
                    return None;
                }
            }
            Event::Scalar(text, style, ..) => {
                let (text, plain) = (text.into_owned(), style == ScalarStyle::Plain);
                let value = Value::Scalar { text, plain };
                self.finished(Node { span, value });
            }
            Event::SequenceStart(..) => {
                self.open.push(Open::List(span, Vec::new()));
            }
            Event::MappingStart(..) => {
                self.open.push(Open::Map(span, Vec::new(), None));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.finished(close(open));
                }
            }
            _ => {}
        }
        Some(())
    }

    fn finished(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, pairs, key)) => match key.take() {
                None => *key = Some(node),
                Some(key) => pairs.push((key, node)),
            },
        }
    }
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
    let message = format!("anchors, aliases and tags have no place in a {}", found.kind.noun);
    let help = "write the value out where it is needed".to_owned();
    // The parser gives the place of the value: the anchor or tag is the word before it.
    let before = text[..span.start].trim_end();
    let word = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let is_word = before[word..].starts_with(['&', '!']);
    let start = if is_word { word } else { span.start };
    found.add(Code::AnchorOrTag, &(start..span.end.max(start + 1)), message, help);
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
