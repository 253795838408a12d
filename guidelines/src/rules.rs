//! What the schema cannot say: names that must exist, things that must stand once, and the place of the file.

mod capability_tests;
mod interfaces;
pub(crate) mod names;

use std::collections::{HashMap, HashSet};

use crate::kind::{KINDS, Kind};
use crate::nearest::quoted;
use crate::node::{Node, entries, texts};
use crate::problem::{Code, Collector};
use names::{Names, known, once};

/// The families whose flags use the codes of the OpenStack interoperability programme.
pub(crate) const OPENSTACK: &str = "openstack-";

/// Reports to `found` which rules `root` breaks; `id` is the one that the place of the file asks for, if any.
///
/// What has a wrong shape is passed over here, since [`crate::shape`] reports it.
pub(crate) fn check(root: &Node, id: Option<&str>, found: &mut Collector) {
    let rules = Rules { root, published: root.get("published").is_some() };
    rules.head(id, found);
    rules.targets(found);
    rules.components(found);
    rules.achievements(found);
    rules.flags(found);
    interfaces::check(root, found);
    capability_tests::check(root, rules.published, found);
}

struct Rules<'a> {
    root: &'a Node,
    /// Whether the file states what was published, faults included: see [`crate::model::Published`].
    published: bool,
}

impl<'a> Rules<'a> {
    fn names(&self, key: &str) -> Names<'a> {
        Names::of(self.root.get(key))
    }

    fn head(&self, place: Option<&str>, found: &mut Collector) {
        schema(self.root, found);
        if let Some(id) = self.root.get("id")
            && let Some(text) = id.text()
            && let Some(place) = place.filter(|place| *place != text)
        {
            let file = quoted(&format!("{}.yaml", text.trim()));
            let help = format!("write `id: {place}`, or move the file to {file}");
            found.add(
                Code::WrongPlace,
                &id.span,
                format!("the file stands where {} belongs, not {}", quoted(place), quoted(text)),
                help,
            );
        }
        if let Some(id) = self.root.get("id")
            && id.text().is_some_and(|id| id.ends_with("/latest"))
        {
            let help = "name the version".to_owned();
            let message = "`latest` stands for the newest version, and is none itself".to_owned();
            found.add(Code::BadValue, &id.span, message, help);
        }
        if let Some(status) = self.root.get("status")
            && status.text() == Some("approved")
            && self.root.get("approved").is_none()
        {
            let help = "add `approved:` with the day of the approval".to_owned();
            found.add(Code::MissingKey, &status.span, "it is approved, and does not say since when".to_owned(), help);
        }
    }

    fn targets(&self, found: &mut Collector) {
        let components = self.names("components");
        for (_, _, target) in entries(self.root.get("targets")) {
            let listed = target.get("components").map_or(&[][..], Node::items);
            known(listed, &components, "component", found);
            once(listed, found);
        }
    }

    fn components(&self, found: &mut Collector) {
        let capabilities = self.names("capabilities");
        let projects = self.names("designated_sections");
        let mut listed: HashMap<&str, &Node> = HashMap::new();
        let mut meant: HashSet<&str> = HashSet::new();
        let all = self.names("components");
        for (own, _, component) in entries(self.root.get("components")) {
            beside(own, component, &all, found);
            for (state, _, names) in entries(component.get("capabilities")) {
                if !self.published || state != "removed" {
                    meant.extend(known(names.items(), &capabilities, "capability", found));
                }
                for (name, item) in texts(names.items()) {
                    listed.entry(name).or_insert(item);
                }
            }
            one_state(component.get("capabilities"), found);
            let sections = component.get("designated_sections");
            for (_, _, names) in entries(sections) {
                known(names.items(), &projects, "project with designated sections", found);
            }
            one_state(sections, found);
        }
        for (name, key, capability) in entries(self.root.get("capabilities")) {
            match (listed.get(name), capability.get("unlisted")) {
                // A misspelt name is reported where it stands, not also as the lack of the right one.
                (None, None) if !meant.contains(name) => {
                    let help = "list it under the `capabilities` of a component; or, if that is as it should be, \
                                say why with `unlisted:`";
                    let message = format!("no component lists the capability {}", quoted(name));
                    found.add(Code::Unlisted, &key.span, message, help.to_owned());
                }
                (Some(item), Some(unlisted)) => {
                    let name = quoted(name);
                    let message = format!("{name} says why no component lists it, and one does");
                    let help = "remove `unlisted`".to_owned();
                    let other = Some((item.span.clone(), "listed here"));
                    found.add_with(Code::Contradiction, &unlisted.span, message, help, other);
                }
                _ => {}
            }
        }
    }

    fn achievements(&self, found: &mut Collector) {
        let criteria = Names::of(self.root.get("scoring").and_then(|scoring| scoring.get("criteria")));
        for (_, _, capability) in entries(self.root.get("capabilities")) {
            let achievements = capability.get("achievements").map_or(&[][..], Node::items);
            known(achievements, &criteria, "criterion", found);
            once(achievements, found);
        }
    }

    fn flags(&self, found: &mut Collector) {
        let family = self.root.get("id").and_then(Node::text).unwrap_or_default();
        if !family.starts_with(OPENSTACK) {
            return;
        }
        for (_, _, capability) in entries(self.root.get("capabilities")) {
            for test in capability.get("tests").map_or(&[][..], Node::items) {
                let Some(code) = test.get("flag").and_then(|flag| flag.get("code")) else {
                    continue;
                };
                let Some(text) = code.text().filter(|text| is_code(text)) else {
                    continue;
                };
                if !is_openstack_code(text) {
                    let help = "the codes of OpenStack are D300 to D312 and D400 to D406".to_owned();
                    found.add(Code::BadValue, &code.span, format!("{} is not a reason for a flag", quoted(text)), help);
                }
            }
        }
    }
}

/// Reports a version of the format that is not known.
pub(crate) fn schema(root: &Node, found: &mut Collector) {
    let known = found.kind.version;
    if let Some(version) = root.get("schema")
        && let Some(text) = version.text().filter(|text| *text != known)
    {
        let other = KINDS.into_iter().find(|kind| kind.version == text);
        let help = match other {
            Some(Kind { noun, file: Some(name), .. }) => {
                format!("the file of a {noun} is named `{name}` and stands in the folder of the family")
            }
            Some(Kind { noun, .. }) => {
                format!("that is a {noun}: name its file after its version, such as `2026.11.yaml`")
            }
            None => format!("this release reads `{known}`; a newer one may read more"),
        };
        let message = format!("{} is not a version of the format that is known", quoted(text));
        found.add(Code::UnknownSchema, &version.span, message, help);
    }
}

/// Reports a component that adds to none, and one that requires something although what was published does not ask for it.
fn beside(own: &str, component: &Node, all: &Names<'_>, found: &mut Collector) {
    let Some(beside) = component.get("beside") else { return };
    known(std::slice::from_ref(beside), all, "component", found);
    if beside.text() == Some(own) {
        let help = "name the component that it adds to, or remove `beside`".to_owned();
        found.add(Code::Contradiction, &beside.span, format!("{} stands beside itself", quoted(own)), help);
    }
    let required = component.get("capabilities").and_then(|sorted| sorted.get("required"));
    if let Some(first) = required.and_then(|names| names.items().first()) {
        let message = format!("{} requires something, and only stands beside another component", quoted(own));
        let help = "list it as advisory, or remove `beside`".to_owned();
        let other = Some((beside.span.clone(), "beside this one"));
        found.add_with(Code::Contradiction, &first.span, message, help, other);
    }
}

/// Reports names that stand in the states of a component more than once.
fn one_state(sorted: Option<&Node>, found: &mut Collector) {
    let mut states: HashMap<&str, (&str, &Node)> = HashMap::new();
    for (state, _, names) in entries(sorted) {
        for (name, item) in texts(names.items()) {
            let Some((earlier, first)) = states.get(name) else {
                states.insert(name, (state, item));
                continue;
            };
            let (code, message) = if *earlier == state {
                (Code::Duplicate, format!("{} is listed twice", quoted(name)))
            } else {
                let (name, one, two) = (quoted(name), quoted(earlier), quoted(state));
                let message = format!("{name} is both {one} and {two} in one component");
                (Code::TwoStates, message)
            };
            let help = "keep one of them".to_owned();
            let other = Some((first.span.clone(), "first listed here"));
            found.add_with(code, &item.span, message, help, other);
        }
    }
}

/// Whether a text is one of the codes of the OpenStack interoperability programme.
pub(crate) fn is_openstack_code(text: &str) -> bool {
    let number = text.strip_prefix('D').and_then(|digits| digits.parse::<u16>().ok());
    number.is_some_and(|number| matches!(number, 300..=312 | 400..=406))
}

/// Whether a text has the form of a code; the schema reports one that does not.
fn is_code(text: &str) -> bool {
    let digits = text.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
    digits.len() < text.len() && !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_digit())
}
