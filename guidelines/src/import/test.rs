//! The tests of a published capability, and their flags.

use std::collections::HashMap;

use chrono::NaiveDate;
use regex_lite::Regex;

use crate::model::{Flag, NAME_PATTERN, Test, UUID_PATTERN};
use crate::nearest::quoted;
use crate::refstack::{OURS, OfFlag, OfTest};
use crate::rules;

use super::reader::{Place, Reader};
use super::repair::Kind;

/// What stands for a reason that was not published.
const NO_REASON: &str = "The reason was not published.";
/// What stands for an action that was not published.
const NO_ACTION: &str = "What would lift it was not published.";

/// The forms that texts of tests take.
pub(super) struct Forms {
    uuid: Option<Regex>,
    name: Option<Regex>,
    /// A code before a reason, such as `[D401]` or `D406:`.
    code: Option<Regex>,
}

impl Forms {
    pub fn new() -> Self {
        Self {
            uuid: Regex::new(UUID_PATTERN).ok(),
            name: Regex::new(NAME_PATTERN).ok(),
            code: Regex::new(r"^((?:\[([A-Z]+[0-9]+)\]|([A-Z]+[0-9]+)):?) +(.*)$").ok(),
        }
    }
}

/// The tests of a capability: an object of them since 1.3, a list of names before. `flagged` is the list, or object, of
/// flags that stands beside such a list.
pub(super) fn tests(
    reader: &mut Reader<'_>,
    forms: &Forms,
    place: &Place<'_>,
    flagged: Option<&Place<'_>>,
) -> Vec<Test> {
    let mut tests = if place.is_list() { listed(reader, forms, place) } else { described(reader, forms, place) };
    if let Some(flagged) = flagged {
        flag_beside(reader, forms, &mut tests, flagged);
    }
    tests
}

fn listed(reader: &mut Reader<'_>, forms: &Forms, place: &Place<'_>) -> Vec<Test> {
    let mut tests = Vec::new();
    for name in reader.names(place) {
        if is(forms.name.as_ref(), &name) {
            tests.push(Test {
                name,
                uuid: None,
                interface: None,
                manual: false,
                attributes: Vec::new(),
                aliases: Vec::new(),
                flag: None,
            });
        }
    }
    if !tests.is_empty() {
        let message = format!("a list of names: its {} tests have no UUID", tests.len());
        reader.note(Kind::NoUuid, place, message);
    }
    tests
}

fn described(reader: &mut Reader<'_>, forms: &Forms, place: &Place<'_>) -> Vec<Test> {
    let mut tests = Vec::new();
    for (name, place) in reader.entries(place) {
        if !is(forms.name.as_ref(), name) {
            reader.leave_out(&place, &format!("{} is no name of a test", quoted(name)));
            continue;
        }
        let fields = reader.fields(&place, &["idempotent_id", "aliases", "flagged", OURS]);
        let (uuid, mut attributes) = if let Some(id) = fields.get("idempotent_id") {
            uuid(reader, forms, id)
        } else {
            reader.note(Kind::NoUuid, &place, "the test has no UUID");
            (None, Vec::new())
        };
        let (mut interface, mut manual) = (None, false);
        if let Some(ours) = reader.ours::<OfTest>(fields.get(OURS)) {
            attributes.extend(ours.attributes);
            interface = ours.interface;
            manual = ours.manual;
        }
        let aliases = fields.get("aliases").map(|place| reader.names(place)).unwrap_or_default();
        let flag = fields.get("flagged").and_then(|place| flag(reader, forms, place));
        tests.push(Test { name: name.to_owned(), uuid, interface, manual, attributes, aliases, flag });
    }
    tests
}

/// The UUID of an id such as `id-0b6ddd39-b948-471f-8038-4787978747c4,smoke`, and what follows it.
fn uuid(reader: &mut Reader<'_>, forms: &Forms, place: &Place<'_>) -> (Option<String>, Vec<String>) {
    let Some(text) = reader.text(place) else {
        reader.note(Kind::NoUuid, place, "the test has no UUID");
        return (None, Vec::new());
    };
    let mut parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default();
    let attributes: Vec<String> = parts.map(str::to_owned).collect();
    let bare = first.strip_prefix("id-").unwrap_or(first);
    let lower = bare.to_ascii_lowercase();
    if !is(forms.uuid.as_ref(), &lower) {
        reader.leave_out(place, "it is not a UUID");
        return (None, Vec::new());
    }
    if lower != bare {
        reader.note(Kind::Uuid, place, format!("{} is read in lower case", quoted(bare)));
    }
    if !attributes.is_empty() {
        let message = format!("the attributes {} are taken apart from the UUID", quoted(&attributes.join(",")));
        reader.note(Kind::Uuid, place, message);
    }
    (Some(lower), attributes)
}

/// The flag of a test: an object with reason, action and date, or just `true`.
fn flag(reader: &mut Reader<'_>, forms: &Forms, place: &Place<'_>) -> Option<Flag> {
    if !place.is_map() {
        return match reader.truth(place) {
            Some(true) => {
                reader.note(Kind::BareFlag, place, "the flag has no date, reason and action");
                Some(bare())
            }
            _ => None,
        };
    }
    let fields = reader.fields(place, &["reason", "action", "date", OURS]);
    let ours: Option<OfFlag> = reader.ours(fields.get(OURS));
    let mut text = |key: &str, other: &str| {
        fields.get(key).and_then(|place| reader.text(place)).unwrap_or_else(|| {
            reader.note(Kind::BareFlag, place, format!("the flag has no {key}"));
            other.to_owned()
        })
    };
    let reason = text("reason", NO_REASON);
    let action = text("action", NO_ACTION);
    let date = fields.get("date").and_then(|place| {
        let text = reader.text(place)?;
        let date = text.parse::<NaiveDate>().ok();
        if date.is_none() {
            reader.leave_out(place, "it is no day, such as `2018-07-10`");
        }
        date
    });
    if date.is_none() {
        reader.note(Kind::BareFlag, place, "the flag has no date");
    }
    if let Some(OfFlag { code, published_as, link, expires }) = ours {
        let before = published_as.as_ref().or(code.as_ref()).filter(|_| code.is_some());
        let rest = before.and_then(|before| reason.strip_prefix(before.as_str())?.strip_prefix(' ')).map(str::to_owned);
        return Some(Flag { code, published_as, date, reason: rest.unwrap_or(reason), action, link, expires });
    }
    let (code, published_as, reason) = match split_code(forms, &reason) {
        Some((written, code, rest)) if rules::is_openstack_code(&code) => {
            let published_as = (written != code).then_some(written);
            (Some(code), published_as, rest)
        }
        _ => (None, None, reason),
    };
    Some(Flag { code, published_as, date, link: link(&reason), reason, action, expires: None })
}

fn bare() -> Flag {
    let (reason, action) = (NO_REASON.to_owned(), NO_ACTION.to_owned());
    Flag { code: None, published_as: None, date: None, reason, action, link: None, expires: None }
}

/// The code before a reason as it is written, the bare code, and the reason.
fn split_code(forms: &Forms, reason: &str) -> Option<(String, String, String)> {
    let parts = forms.code.as_ref()?.captures(reason)?;
    let code = parts.get(2).or(parts.get(3))?.as_str().to_owned();
    Some((parts.get(1)?.as_str().to_owned(), code, parts.get(4)?.as_str().to_owned()))
}

/// The first web address in a text.
fn link(text: &str) -> Option<String> {
    let word = text.split_whitespace().find(|word| word.starts_with("https://") || word.starts_with("http://"))?;
    Some(word.trim_end_matches(['.', ',', ';', ')']).to_owned())
}

/// Flags that stand beside the tests: a list of names, or an object of flags by name.
fn flag_beside(reader: &mut Reader<'_>, forms: &Forms, tests: &mut [Test], place: &Place<'_>) {
    let mut at: HashMap<String, usize> = HashMap::new();
    for (index, test) in tests.iter().enumerate() {
        at.insert(test.name.clone(), index);
    }
    let mut set = |reader: &mut Reader<'_>, name: &str, place: &Place<'_>, flag: Option<Flag>| match at.get(name) {
        Some(index) => tests[*index].flag = flag,
        None => reader.leave_out(place, &format!("the capability has no test {} to flag", quoted(name))),
    };
    if place.is_map() {
        for (name, place) in reader.entries(place) {
            let flag = flag(reader, forms, &place);
            set(reader, name, &place, flag);
        }
        return;
    }
    let names = reader.texts(place);
    if !names.is_empty() {
        let message = format!("a list of names: its {} flags have no date, reason and action", names.len());
        reader.note(Kind::BareFlag, place, message);
    }
    for (name, place) in names {
        set(reader, &name, &place, Some(bare()));
    }
}

fn is(form: Option<&Regex>, text: &str) -> bool {
    form.is_some_and(|form| form.is_match(text))
}
