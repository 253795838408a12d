//! YAML as a tree in which every value knows its place, and a key written twice stands there twice.

use std::collections::HashMap;
use std::ops::Range;

use crate::yaml::{self, Bounds, Event, Fault, Problem, ScalarStyle};

use super::problem::{Code, Collector};

pub use crate::yaml::is_ambiguous as is_unseen;

/// The deepest nesting that is read; guidelines need no more than eight.
const DEEPEST: usize = 32;
/// The most values that are read; the largest published guideline has about two thousand.
const MOST_VALUES: usize = 200_000;

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// The bytes of it; for a map or list, of its first value.
    pub span: Range<usize>,
    /// What it is.
    pub value: Value,
}

/// What a value is.
#[derive(Debug, Clone)]
pub enum Value {
    /// Text, or what stands for a number or a truth value.
    Scalar {
        /// What it says.
        text: String,
        /// Whether it stands there without quotation marks.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// Keys and values, as they are written: a key may stand there twice.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// Its text; none of a list or map.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The items of a list; of anything else, none.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The keys and values of a map, where the keys are scalars; of anything else, none.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Node, &Node)> {
        let pairs = match &self.value {
            Value::Map(pairs) => pairs.as_slice(),
            _ => &[],
        };
        pairs.iter().filter_map(|(key, value)| Some((key.text()?, key, value)))
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().find(|(name, ..)| *name == key).map(|(.., value)| value)
    }

    /// The value at a path of keys and item numbers, such as `redfish.0.name`. Where the path leads to no value, its nearest parent.
    #[must_use]
    pub fn at(&self, path: &str) -> &Node {
        let mut node = self;
        for part in path.split('.') {
            let next = match part.parse::<usize>() {
                Ok(number) => node.items().get(number),
                Err(_) => node.get(part),
            };
            let Some(next) = next else { break };
            node = next;
        }
        node
    }

    /// Takes out the keys with nothing behind them, here and below.
    pub(super) fn leave_out_nothing(&mut self) {
        match &mut self.value {
            Value::Scalar { .. } => {}
            Value::List(items) => {
                for item in items {
                    item.leave_out_nothing();
                }
            }
            Value::Map(pairs) => {
                pairs.retain(|(_, value)| !value.is_nothing());
                for (_, value) in pairs {
                    value.leave_out_nothing();
                }
            }
        }
    }

    /// Whether nothing stands there, or a word for nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }
}

/// The items that are scalars, with their texts.
pub fn texts(items: &[Node]) -> impl Iterator<Item = (&str, &Node)> {
    items.iter().filter_map(|item| Some((item.text()?, item)))
}

/// The names and values of a map; of anything else, none.
pub fn entries(node: Option<&Node>) -> impl Iterator<Item = (&str, &Node, &Node)> {
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
#[must_use]
pub fn is_count(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|number| number.to_string() == text)
}

/// What is still read; the number is that of its anchor, or 0.
enum Open {
    List(usize, Range<usize>, Vec<Node>),
    Map(usize, Range<usize>, Vec<(Node, Node)>, Option<Node>),
}

/// Reads the one document in `text`; what is wrong with it goes to `found`, and then there is no tree.
pub fn tree(text: &str, found: &mut Collector) -> Option<Node> {
    let bounds = Bounds { depth: DEEPEST, values: MOST_VALUES, ..Bounds::default() };
    let mut reader = Reader::default();
    for event in yaml::events(text, bounds) {
        match event {
            Ok((event, span)) => {
                if is_marked(&event, found.kind.has_anchors) {
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
        let help = match found.kind.version {
            "" => format!("{} shows what belongs into it", found.kind.help),
            version => format!("begin with `schema: {version}`; {} shows the rest", found.kind.help),
        };
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
    /// What has an anchor, by its number.
    anchors: HashMap<usize, Node>,
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
            Event::Scalar(text, style, anchor, _) => {
                let (text, plain) = (text.into_owned(), style == ScalarStyle::Plain);
                let value = Value::Scalar { text, plain };
                self.finished(anchor, Node { span, value });
            }
            Event::SequenceStart(anchor, _) => {
                self.open.push(Open::List(anchor, span, Vec::new()));
            }
            Event::MappingStart(anchor, _) => {
                self.open.push(Open::Map(anchor, span, Vec::new(), None));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let (anchor, node) = close(open, found);
                    self.finished(anchor, node);
                }
            }
            // What it stands for is bounded by the parser's events. An unknown alias is a problem of the text already.
            Event::Alias(anchor) => {
                if let Some(node) = self.anchors.get(&anchor).cloned() {
                    self.finished(0, node);
                }
            }
            _ => {}
        }
        Some(())
    }

    fn finished(&mut self, anchor: usize, node: Node) {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, _, items)) => items.push(node),
            Some(Open::Map(_, _, pairs, key)) => match key.take() {
                None => *key = Some(node),
                Some(key) => pairs.push((key, node)),
            },
        }
    }
}

/// Whether an event has a tag, or an anchor or alias where those have no place.
fn is_marked(event: &Event, has_anchors: bool) -> bool {
    match event {
        Event::Scalar(_, _, anchor, tag) | Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => {
            (*anchor != 0 && !has_anchors) || tag.is_some()
        }
        Event::Alias(_) => !has_anchors,
        _ => false,
    }
}

fn marked(text: &str, span: &Range<usize>, found: &mut Collector) {
    let marks = if found.kind.has_anchors { "tags" } else { "anchors, aliases and tags" };
    let message = format!("{marks} have no place in a {}", found.kind.noun);
    let help = "write the value out where it is needed".to_owned();
    // The parser gives the place of the value: the anchor or tag is the word before it.
    let before = text[..span.start].trim_end();
    let word = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let is_word = before[word..].starts_with(['&', '!']);
    let start = if is_word { word } else { span.start };
    found.add(Code::AnchorOrTag, &(start..span.end.max(start + 1)), message, help);
}

fn close(open: Open, found: &mut Collector) -> (usize, Node) {
    match open {
        Open::List(anchor, own, items) => {
            let span = items.first().map_or(own, |first| first.span.clone());
            (anchor, Node { span, value: Value::List(items) })
        }
        Open::Map(anchor, own, mut pairs, _) => {
            let span = pairs.first().map_or(own, |(key, _)| key.span.clone());
            if found.kind.has_anchors {
                merge(&mut pairs, found);
            }
            (anchor, Node { span, value: Value::Map(pairs) })
        }
    }
}

/// Puts what the merge keys (`<<`) of a map name into it: a key of its own counts more, and of several maps the first.
fn merge(pairs: &mut Vec<(Node, Node)>, found: &mut Collector) {
    let is_merge = |(key, _): &(Node, Node)| matches!(&key.value, Value::Scalar { text, plain: true } if text == "<<");
    let (merged, own): (Vec<_>, Vec<_>) = std::mem::take(pairs).into_iter().partition(is_merge);
    *pairs = own;
    for (key, value) in merged {
        let maps = match value.value {
            Value::List(items) => items,
            _ => vec![value],
        };
        for map in maps {
            let Value::Map(others) = map.value else {
                let help = "name a map with `<<: *anchor`, or several in a list".to_owned();
                found.add(Code::WrongType, &key.span, "a merge key takes keys and values".to_owned(), help);
                continue;
            };
            for (key, value) in others {
                let has = key.text().is_some_and(|name| pairs.iter().any(|(own, _)| own.text() == Some(name)));
                if !has {
                    pairs.push((key, value));
                }
            }
        }
    }
}
