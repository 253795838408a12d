//! Reads a scope file: its shape, and what a schema cannot say.

use std::collections::HashMap;
use std::sync::LazyLock;

use assay_text::written::schema::schema;
use assay_text::written::shape::{check_part, is_not_text};
use regex_lite::Regex;
use serde_json::{Value as Json, json};

use super::file::{Reference, ScopeFile};
use super::words::MAIN;
use crate::kind::SCOPE;
use crate::load::parse_as;
use crate::nearest::quoted;
use crate::node::{Node, Value};
use crate::problem::{Code, Collector, Errors};
use crate::rules::names::{Names, known, once};

/// A text that says something.
static TEXT: LazyLock<Json> = LazyLock::new(|| json!({"type": "string", "minLength": 1}));
/// A variable with what holds where nobody says it.
static DEFAULT: LazyLock<Json> =
    LazyLock::new(|| json!({"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}));
/// A module with values of its parameters.
static REFERENCE: LazyLock<Json> = LazyLock::new(schema::<Reference>);

/// Reads a scope file from its text; `name` is what errors call it.
pub(super) fn parse(name: &str, text: &str) -> Result<ScopeFile, Errors> {
    parse_as(&SCOPE, name, text, check)
}

fn check(root: &Node, found: &mut Collector) {
    words(root, found);
    days(root, found);
    for variable in items(root, "variables") {
        either(variable, "a variable", &TEXT, &DEFAULT, found);
        if let Value::Map(pairs) = &variable.value
            && let [_, (second, _), ..] = pairs.as_slice()
        {
            let help = "give each variable an item of its own".to_owned();
            found.add(Code::BadValue, &second.span, "one item is about two variables".to_owned(), help);
        }
    }
    let cases: Vec<&Node> = items(root, "scripts")
        .flat_map(|script| items(script, "testcases"))
        .filter_map(|case| case.get("id"))
        .collect();
    unique("test case", &cases, found);
    let modules: Vec<&Node> = items(root, "modules").filter_map(|module| module.get("id")).collect();
    unique("module", &modules, found);
    let versions: Vec<&Node> = items(root, "versions").filter_map(|version| version.get("version")).collect();
    unique("version", &versions, found);
    let days: Vec<&Node> = items(root, "timeline").filter_map(|entry| entry.get("date")).collect();
    unique("entry of the day", &days, found);
    targets(root, &names(&cases), found);
    capabilities(root, found);
    includes(root, &names(&modules), found);
}

/// The test cases that modules name exist, and stand in a target once.
fn targets(root: &Node, cases: &Names<'_>, found: &mut Collector) {
    for module in items(root, "modules") {
        for (target, at, tests) in module.get("targets").into_iter().flat_map(Node::entries) {
            known(tests.items(), cases, "test case", found);
            once(tests.items(), found);
            if matches!(&tests.value, Value::List(items) if items.is_empty()) {
                let message = format!("the target {} of this module has no test case", quoted(target));
                found.add(Code::BadValue, &at.span, message, "list some, or remove the target".to_owned());
            }
        }
    }
}

/// What is made of one module's target is not called what is made of another's.
fn capabilities(root: &Node, found: &mut Collector) {
    let mut first: HashMap<String, (&str, &Node)> = HashMap::new();
    for module in items(root, "modules") {
        let Some(id) = module.get("id").and_then(Node::text) else { continue };
        let targets: Vec<(&str, &Node)> =
            module.get("targets").into_iter().flat_map(Node::entries).map(|(name, at, _)| (name, at)).collect();
        for (target, at) in &targets {
            let name = capability(id, target, targets.len());
            let (other, earlier) = *first.entry(name.clone()).or_insert((id, at));
            if other != id {
                let message = format!("this and a target of {} make one capability, {}", quoted(other), quoted(&name));
                let help = "give one of the two modules another id".to_owned();
                let earlier = Some((earlier.span.clone(), "the target of the other"));
                found.add_with(Code::Duplicate, &at.span, message, help, earlier);
            }
        }
    }
}

/// The name of the capability that a module's target becomes: that of the module, where the target is the main or the only one.
pub(super) fn capability(module: &str, target: &str, targets: usize) -> String {
    if target == MAIN || targets == 1 { module.to_owned() } else { format!("{module}-{target}") }
}

/// The modules that versions name exist, and each version names one once.
fn includes(root: &Node, modules: &Names<'_>, found: &mut Collector) {
    for version in items(root, "versions") {
        let mut named = Vec::new();
        for item in items(version, "include") {
            either(item, "a named module", &TEXT, &REFERENCE, found);
            named.extend(if item.text().is_some() { Some(item.clone()) } else { item.get("ref").cloned() });
        }
        known(&named, modules, "module", found);
        once(&named, found);
    }
}

/// Holds a value that is a text or a map against the one that it is.
fn either(node: &Node, what: &str, text: &Json, map: &Json, found: &mut Collector) {
    let schema = if matches!(node.value, Value::Map(_)) { map } else { text };
    check_part(node, schema, what, found);
}

/// Reports names that stand there twice.
fn unique(what: &str, all: &[&Node], found: &mut Collector) {
    let mut first: HashMap<&str, &Node> = HashMap::new();
    for node in all {
        let Some(name) = node.text() else { continue };
        if let Some(earlier) = first.get(name) {
            let message = format!("the {what} {} stands there twice", quoted(name));
            let help = "keep one of them".to_owned();
            let earlier = Some((earlier.span.clone(), "the first of them"));
            found.add_with(Code::Duplicate, &node.span, message, help, earlier);
        } else {
            first.insert(name, node);
        }
    }
}

/// Reports days in quotation marks: for the readers of scope files, those are texts, and no days.
fn days(root: &Node, found: &mut Collector) {
    let dates = items(root, "timeline").filter_map(|entry| entry.get("date"));
    let dates: Vec<&Node> =
        dates.chain(items(root, "versions").filter_map(|version| version.get("stabilized_at"))).collect();
    for date in dates {
        if matches!(date.value, Value::Scalar { plain: false, .. }) {
            let help = "write it without quotation marks, such as `2026-06-11`".to_owned();
            found.add(Code::WrongType, &date.span, "this is a text, and no day".to_owned(), help);
        }
    }
}

/// Reports what has no quotation marks and is a text for some readers of YAML, and something else for those of scope files. What
/// no reader takes for a text has a wrong shape already, unless it is a key.
fn words(root: &Node, found: &mut Collector) {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Scalar { text, plain: true } if !is_not_text(text) => typed(node, text, found),
            Value::Scalar { .. } => {}
            Value::List(items) => open.extend(items),
            Value::Map(pairs) => {
                for (key, value) in pairs {
                    if let Value::Scalar { text, plain: true } = &key.value {
                        typed(key, text, found);
                    }
                    // A day belongs there.
                    if !matches!(key.text(), Some("date" | "stabilized_at")) {
                        open.push(value);
                    }
                }
            }
        }
    }
}

fn typed(node: &Node, text: &str, found: &mut Collector) {
    // Of nothing where something belongs, the shape is reported.
    if is_typed(text) && !node.is_nothing() {
        let message = format!("some readers take {} for a number, a day or a truth value", quoted(text));
        found.add(Code::WrongType, &node.span, message, format!("put it in quotation marks: \"{text}\""));
    }
}

/// What YAML 1.1 (<https://yaml.org/type/>) or 1.2 takes for something else than text, where it has no quotation marks.
static TYPED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let forms = [
        "true|false|yes|no|on|off|null|~|<<|=",
        "[-+]?(0b[01_]+|0x[0-9a-f_]+|0o[0-7]+)",
        r"[-+]?[0-9][0-9_]*\.?[0-9_]*(e[-+]?[0-9]+)?",
        r"[-+]?\.[0-9][0-9_]*(e[-+]?[0-9]+)?",
        r"[-+]?\.(inf|nan)",
        r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?",
        "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([t \t].*)?",
    ];
    Regex::new(&format!("(?i)^({})$", forms.join("|"))).ok()
});

/// Whether a plain scalar is something else than text for some readers of YAML.
pub(super) fn is_typed(text: &str) -> bool {
    TYPED.as_ref().is_some_and(|typed| typed.is_match(text))
}

fn items<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = &'a Node> {
    node.get(key).map_or(&[][..], Node::items).iter()
}

fn names<'a>(nodes: &[&'a Node]) -> Names<'a> {
    Names::new(nodes.iter().filter_map(|node| node.text()))
}
