//! Reads the file of a family.

use std::collections::HashMap;
use std::path::Path;

use crate::family::{Family, scope};
use crate::kind::FAMILY;
use crate::load::{parse_as, text_of};
use crate::nearest::quoted;
use crate::node::Node;
use crate::problem::{Code, Collector, Errors};
use crate::rules;

impl Family {
    /// Reads the text of a family's file; `name` is what errors call it.
    pub fn parse(name: &str, text: &str) -> Result<Self, Errors> {
        parse_as(&FAMILY, name, text, check)
    }

    /// Reads a family's file.
    pub fn read(path: &Path) -> Result<Self, Errors> {
        Self::parse(&path.display().to_string(), &text_of(&FAMILY, path)?)
    }
}

/// What the schema cannot say.
fn check(root: &Node, found: &mut Collector) {
    rules::schema(root, found);
    let mut days: HashMap<&str, &Node> = HashMap::new();
    for date in root.get("timeline").into_iter().flat_map(Node::items).filter_map(|period| period.get("date")) {
        let Some(day) = date.text() else { continue };
        if let Some(first) = days.insert(day, date) {
            let message = format!("two entries begin on {}", quoted(day));
            let help = "put the states of all versions from that day on into one of them".to_owned();
            found.add_with(Code::Duplicate, &date.span, message, help, Some((first.span.clone(), "the first of them")));
        }
    }
    if let Some(scope) = root.get("scope") {
        scope::rules::check(scope, found);
    }
}
