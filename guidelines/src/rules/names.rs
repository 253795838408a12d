//! Names in lists: those that must exist, and those that must stand there once.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::nearest::{list, nearest, quoted};
use crate::node::{Node, Value, entries, texts};
use crate::problem::{Code, Collector};

/// The names that a map defines, in its order and for looking up.
pub(crate) struct Names<'a> {
    pub(crate) list: Vec<&'a str>,
    pub(crate) set: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(node: Option<&'a Node>) -> Self {
        Self::new(entries(node).map(|(name, ..)| name))
    }

    pub(crate) fn new(names: impl Iterator<Item = &'a str>) -> Self {
        let list: Vec<&str> = names.collect();
        let set = list.iter().copied().collect();
        Self { list, set }
    }
}

/// Reports items that are no names of a `kind`, and returns the names that they may have been meant to be.
pub(crate) fn known<'a>(items: &[Node], names: &Names<'a>, kind: &str, found: &mut Collector) -> Vec<&'a str> {
    let mut meant = Vec::new();
    for item in items {
        let Value::Scalar { text, .. } = &item.value else {
            continue;
        };
        if !names.set.contains(text.as_str()) && !found.is_full() {
            let near = nearest(text, names.list.iter().copied());
            meant.extend(near);
            let help = match near {
                Some(near) => format!("did you mean {}?", quoted(near)),
                None if names.list.is_empty() => "the file defines none".to_owned(),
                None => format!("those that exist are {}", list(names.list.iter().copied())),
            };
            found.add(Code::UnknownName, &item.span, format!("there is no {kind} {}", quoted(text)), help);
        }
    }
    meant
}

/// Reports items that stand in a list twice.
pub(crate) fn once(items: &[Node], found: &mut Collector) {
    let mut first: HashMap<&str, &Range<usize>> = HashMap::new();
    for (text, item) in texts(items) {
        if let Some(earlier) = first.get(text) {
            let other = Some(((*earlier).clone(), "first listed here"));
            found.add_with(
                Code::Duplicate,
                &item.span,
                format!("{} is listed twice", quoted(text)),
                "keep one of them".to_owned(),
                other,
            );
        } else {
            first.insert(text, &item.span);
        }
    }
}
