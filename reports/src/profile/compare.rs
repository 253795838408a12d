//! Comparing a property with the values of a profile.

use assay_guidelines::profile::{Check, Comparison};
use regex_lite::RegexBuilder;
use serde_json::{Map, Value};

use super::collected::Collected;
use super::links::{Address, address};

/// The largest regular expression that is used, in bytes once it is compiled.
const LARGEST_PATTERN: usize = 1 << 20;

/// What a comparison comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Compared {
    /// It holds.
    Yes,
    /// It does not, and why.
    No(String),
    /// It cannot be said, and why.
    Unknown(String),
}

/// Holds the value of one property, if it is there, against a check; of an array, every item must hold.
pub(super) fn compare(collected: &Collected, check: &Check, value: Option<&Value>) -> Compared {
    let Some(value) = value else {
        return match check.comparison {
            Comparison::Absent => Compared::Yes,
            _ => Compared::No("it is not there".to_owned()),
        };
    };
    match check.comparison {
        Comparison::Present => Compared::Yes,
        Comparison::Absent => Compared::No("it is there".to_owned()),
        Comparison::AnyOf => {
            let values = std::slice::from_ref(value);
            any_of(&check.values, value.as_array().map_or(values, Vec::as_slice).iter())
        }
        Comparison::AllOf => {
            let values = std::slice::from_ref(value);
            all_of(&check.values, value.as_array().map_or(values, Vec::as_slice).iter())
        }
        comparison => match value {
            Value::Array(items) if items.is_empty() => Compared::No("it is empty".to_owned()),
            Value::Array(items) => {
                let each = items.iter().map(|item| one(collected, comparison, &check.values, item));
                each.fold(Compared::Yes, worse)
            }
            value => one(collected, comparison, &check.values, value),
        },
    }
}

fn worse(first: Compared, second: Compared) -> Compared {
    match (first, second) {
        (Compared::No(why), _) | (_, Compared::No(why)) => Compared::No(why),
        (Compared::Unknown(why), _) | (_, Compared::Unknown(why)) => Compared::Unknown(why),
        _ => Compared::Yes,
    }
}

/// Whether one of the wanted values is among those found.
pub(super) fn any_of<'a>(wanted: &[Value], mut found: impl Iterator<Item = &'a Value>) -> Compared {
    if found.any(|value| wanted.iter().any(|wanted| same(wanted, value))) {
        return Compared::Yes;
    }
    Compared::No(format!("none of {} is found", listed(wanted)))
}

/// Whether each of the wanted values is among those found.
pub(super) fn all_of<'a>(wanted: &[Value], found: impl Iterator<Item = &'a Value> + Clone) -> Compared {
    let missing: Vec<Value> =
        wanted.iter().filter(|wanted| !found.clone().any(|value| same(wanted, value))).cloned().collect();
    if missing.is_empty() { Compared::Yes } else { Compared::No(format!("{} is not found", listed(&missing))) }
}

fn one(collected: &Collected, comparison: Comparison, wanted: &[Value], value: &Value) -> Compared {
    let broken = |how: &str| Compared::No(format!("{} is {how} {}", short(value), listed(wanted)));
    let holds = |holds: bool, how: &str| if holds { Compared::Yes } else { broken(how) };
    let number = |test: fn(f64, f64) -> bool, how: &str| match value.as_f64() {
        None => Compared::No(format!("{} is not a number", short(value))),
        Some(value) => holds(wanted.iter().filter_map(Value::as_f64).all(|wanted| test(value, wanted)), how),
    };
    match comparison {
        Comparison::NotEqual => holds(!wanted.iter().any(|wanted| same(wanted, value)), "one of"),
        Comparison::GreaterThan => number(|value, least| value > least, "not greater than"),
        Comparison::GreaterThanOrEqual => number(|value, least| value >= least, "less than"),
        Comparison::LessThan => number(|value, most| value < most, "not less than"),
        Comparison::LessThanOrEqual => number(|value, most| value <= most, "greater than"),
        Comparison::Range => range(wanted, value),
        Comparison::Pattern => pattern(wanted, value),
        Comparison::LinkToResource => link(collected, wanted, value),
        _ => holds(wanted.iter().any(|wanted| same(wanted, value)), "none of"),
    }
}

fn range(wanted: &[Value], value: &Value) -> Compared {
    let Some(number) = value.as_f64() else { return Compared::No(format!("{} is not a number", short(value))) };
    let bound = |at: usize| wanted.get(at).and_then(Value::as_f64);
    if bound(0).is_some_and(|least| number < least) || bound(1).is_some_and(|most| number > most) {
        let shown = &wanted[..wanted.len().min(2)];
        return Compared::No(format!("{} is out of the range {}", short(value), listed(shown)));
    }
    Compared::Yes
}

fn pattern(wanted: &[Value], value: &Value) -> Compared {
    let Some(text) = value.as_str() else { return Compared::No(format!("{} is no text", short(value))) };
    let mut unread = None;
    for pattern in wanted.iter().filter_map(Value::as_str) {
        match RegexBuilder::new(pattern).size_limit(LARGEST_PATTERN).build() {
            Ok(pattern) if pattern.is_match(text) => return Compared::Yes,
            Ok(_) => {}
            Err(error) => unread = Some(format!("the profile's pattern {pattern:?} cannot be used: {error}")),
        }
    }
    unread
        .map_or_else(|| Compared::No(format!("{} matches none of {}", short(value), listed(wanted))), Compared::Unknown)
}

fn link(collected: &Collected, wanted: &[Value], value: &Value) -> Compared {
    let Some(text) = value.get("@odata.id").and_then(Value::as_str) else {
        return Compared::No(format!("{} is no link", short(value)));
    };
    let Address::Here(uri) = address(text) else {
        return Compared::No(format!("it links to {text}, which is no address of this service"));
    };
    let Some(resource) = collected.at(&uri) else { return Compared::Unknown(format!("{uri} was not read")) };
    match (collected.type_of(&uri), resource.status) {
        (Some(name), _) if wanted.iter().any(|wanted| wanted == name) => Compared::Yes,
        (Some(name), _) => Compared::No(format!("it links to a {name} and not to {}", listed(wanted))),
        (None, Some(200)) => Compared::No(format!("it links to {uri}, which does not say its type")),
        (None, Some(status)) => Compared::No(format!("it links to {uri}, which answers {status}")),
        (None, None) => Compared::Unknown(format!("it links to {uri}, which does not answer")),
    }
}

/// Whether two values are the same; a number is, however it is written.
fn same(wanted: &Value, value: &Value) -> bool {
    match (wanted.as_f64(), value.as_f64()) {
        (Some(wanted), Some(value)) => wanted.total_cmp(&value).is_eq(),
        _ => wanted == value,
    }
}

/// The property that a name means: a path from the root, or a property of the object or of one above it.
pub(super) fn find<'a>(name: &str, scope: &[&'a Map<String, Value>]) -> Option<&'a Value> {
    let Some(path) = name.strip_prefix('/') else {
        return scope.iter().rev().find_map(|object| object.get(name));
    };
    let mut parts = path.split('/').map(|part| part.replace("~1", "/").replace("~0", "~"));
    let mut value = scope.first()?.get(&parts.next()?)?;
    for part in parts {
        value = match value {
            Value::Object(object) => object.get(&part)?,
            Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// The property of that name in this very object, or at that path from the root.
pub(super) fn find_here<'a>(name: &str, scope: &[&'a Map<String, Value>]) -> Option<&'a Value> {
    if name.starts_with('/') { find(name, scope) } else { scope.last()?.get(name) }
}

/// Values as a sentence lists them.
pub(super) fn listed(values: &[Value]) -> String {
    if values.is_empty() { "nothing".to_owned() } else { values.iter().map(short).collect::<Vec<_>>().join(", ") }
}

/// A value as a sentence shows it.
pub(super) fn short(value: &Value) -> String {
    const SHOWN: usize = 80;
    match value {
        Value::Object(object) => match (object.len(), object.get("@odata.id").and_then(Value::as_str)) {
            (1, Some(uri)) => format!("a link to {uri}"),
            _ => "an object".to_owned(),
        },
        Value::Array(items) => format!("an array of {}", items.len()),
        value => {
            let text = value.to_string();
            let cut: String = text.chars().take(SHOWN).collect();
            if cut.len() < text.len() { cut + "…" } else { cut }
        }
    }
}

#[cfg(test)]
mod tests {
    use assay_guidelines::profile::{Check, Comparison};
    use serde_json::{Value, json};

    use super::super::collected::{COLLECTED_SCHEMA, Collected, ServiceDescription};
    use super::{Compared, compare, find};

    fn holds(comparison: Comparison, wanted: &[Value], value: Option<&Value>) -> bool {
        let collected = Collected {
            schema: COLLECTED_SCHEMA.to_owned(),
            service: ServiceDescription::default(),
            complete: true,
            notes: Vec::new(),
            resources: indexmap::IndexMap::new(),
        };
        compare(&collected, &Check { comparison, values: wanted.to_vec() }, value) == Compared::Yes
    }

    #[test]
    fn each_comparison_holds_and_does_not() {
        use Comparison::{
            Absent, AllOf, AnyOf, Equal, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual, NotEqual, Pattern,
            Present, Range,
        };
        let cases: &[(Comparison, Value, Value, Value)] = &[
            (AnyOf, json!(["a", "b"]), json!("b"), json!("c")),
            (AnyOf, json!(["a", "b"]), json!(["c", "a"]), json!(["c"])),
            (AllOf, json!(["a", "b"]), json!(["b", "c", "a"]), json!(["a"])),
            (Equal, json!(["a", "b"]), json!("a"), json!("c")),
            (Equal, json!([1]), json!(1.0), json!("1")),
            (Equal, json!([true]), json!(true), json!(1)),
            (NotEqual, json!(["a"]), json!("b"), json!("a")),
            (GreaterThan, json!([2]), json!(3), json!(2)),
            (GreaterThanOrEqual, json!([2]), json!(2), json!(1.9)),
            (LessThan, json!([2]), json!(1), json!(2)),
            (LessThanOrEqual, json!([2]), json!(2), json!("1")),
            (Range, json!([1, 3, 2]), json!(3), json!(4)),
            (Range, json!([null, 3]), json!(-7), json!(3.5)),
            (Pattern, json!(["^a+$", "^b$"]), json!("aa"), json!("ab")),
        ];
        for (comparison, wanted, good, bad) in cases {
            let wanted = wanted.as_array().expect("a list");
            assert!(holds(*comparison, wanted, Some(good)), "{comparison:?} {wanted:?} {good}");
            assert!(!holds(*comparison, wanted, Some(bad)), "{comparison:?} {wanted:?} {bad}");
            assert!(!holds(*comparison, wanted, None), "{comparison:?} of nothing");
        }
        assert!(holds(Absent, &[], None) && !holds(Absent, &[], Some(&Value::Null)));
        assert!(holds(Present, &[], Some(&Value::Null)) && !holds(Present, &[], None));
    }

    #[test]
    fn a_property_is_looked_for_upwards_and_a_path_from_the_root() {
        let root = json!({"A": 1, "B": {"C": {"D": 2}}, "L": [{"x~/y": 3}]});
        let root = root.as_object().expect("an object");
        let inner = root["B"]["C"].as_object().expect("an object");
        let scope = [root, inner];
        assert_eq!(find("D", &scope), Some(&json!(2)));
        assert_eq!(find("A", &scope), Some(&json!(1)));
        assert_eq!(find("/B/C/D", &scope), Some(&json!(2)));
        assert_eq!(find("/L/0/x~0~1y", &scope), Some(&json!(3)));
        assert_eq!(find("/L/1", &scope), None);
        assert_eq!(find("Z", &scope), None);
    }
}
