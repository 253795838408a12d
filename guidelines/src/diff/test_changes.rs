//! Tests that came, went, were renamed or moved, and their flags.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::facts::{Facts, joined, sorted, yes_no};
use super::{Area, Change, Found, Kind};
use crate::census::{Listed, tests};
use crate::model::{Flag, Guideline};

pub fn compare(found: &mut Found, old: &Guideline, new: &Guideline) {
    let (before, after) = (tests(old), tests(new));
    let renamed = renamed(&before, &after);
    for (&name, listed) in &before {
        let now = renamed.get(name).copied().unwrap_or(name);
        let Some(later) = after.get(now) else {
            found.0.push(came_or_went(Kind::Removed, name, listed));
            if let Some(flag) = listed.flag {
                found.0.push(set_or_lifted(Kind::Removed, name, listed, flag));
            }
            continue;
        };
        if now != name {
            let change = Change::new(Area::Test, Kind::Renamed, now, joined(&later.capabilities).as_deref());
            let (before, after) = (Some(name.to_owned()), Some(now.to_owned()));
            found.0.push(Change { before, after, note: later.test.uuid.clone(), ..change });
        }
        found.compare(Area::Test, now, None, facts(listed), facts(later));
        compare_flags(found, now, listed, later);
    }
    let known: Vec<&str> = renamed.into_values().collect();
    for (&name, listed) in after.iter().filter(|(name, _)| !before.contains_key(*name) && !known.contains(name)) {
        found.0.push(came_or_went(Kind::Added, name, listed));
        if let Some(flag) = listed.flag {
            found.0.push(set_or_lifted(Kind::Added, name, listed, flag));
        }
    }
}

/// The new names of tests that have another: the alias says so, or the UUID, where it is that of one test alone.
fn renamed<'a>(
    before: &IndexMap<&'a str, Listed<'a>>,
    after: &IndexMap<&'a str, Listed<'a>>,
) -> HashMap<&'a str, &'a str> {
    let gone: Vec<(&str, &Listed<'_>)> =
        before.iter().filter(|(name, _)| !after.contains_key(*name)).map(|(name, listed)| (*name, listed)).collect();
    let come: Vec<(&str, &Listed<'_>)> =
        after.iter().filter(|(name, _)| !before.contains_key(*name)).map(|(name, listed)| (*name, listed)).collect();
    let (mut by_alias, mut by_uuid) = (HashMap::new(), HashMap::new());
    for &(name, listed) in &come {
        by_alias.extend(listed.test.aliases.iter().map(|alias| (alias.as_str(), name)));
        if let Some(uuid) = &listed.test.uuid {
            by_uuid.entry(uuid).or_insert_with(|| (Vec::new(), Vec::new())).1.push(name);
        }
    }
    for &(name, listed) in &gone {
        if let Some(uuid) = &listed.test.uuid {
            by_uuid.entry(uuid).or_insert_with(|| (Vec::new(), Vec::new())).0.push(name);
        }
    }
    let mut renamed = HashMap::new();
    let mut taken = std::collections::HashSet::new();
    for (name, listed) in gone {
        let own_alias = || {
            let alias = |now: &&str| listed.test.aliases.iter().any(|alias| alias == now);
            come.iter().map(|(now, _)| *now).find(alias)
        };
        let alone = || match listed.test.uuid.as_ref().and_then(|uuid| by_uuid.get(uuid)) {
            Some((old, new)) if old.len() == 1 => new.first().copied().filter(|_| new.len() == 1),
            _ => None,
        };
        if let Some(now) = by_alias.get(name).copied().or_else(own_alias).or_else(alone)
            && taken.insert(now)
        {
            renamed.insert(name, now);
        }
    }
    renamed
}

fn facts(listed: &Listed<'_>) -> Facts {
    vec![
        ("state", listed.state.map(|state| state.name().to_owned())),
        ("capabilities", sorted(&listed.capabilities)),
        ("uuid", listed.test.uuid.clone()),
        ("interface", listed.test.interface.map(|interface| interface.name().to_owned())),
        ("manual", listed.test.manual.then(|| yes_no(true))),
        ("aliases", sorted(&listed.test.aliases)),
        ("attributes", sorted(&listed.test.attributes)),
    ]
}

fn came_or_went(kind: Kind, name: &str, listed: &Listed<'_>) -> Change {
    let change = Change::new(Area::Test, kind, name, joined(&listed.capabilities).as_deref());
    let state = listed.state.map(|state| state.name().to_owned());
    let (before, after) = if kind == Kind::Added { (None, state) } else { (state, None) };
    Change { fact: Some("state".into()), before, after, note: listed.test.uuid.clone(), ..change }
}

fn set_or_lifted(kind: Kind, name: &str, listed: &Listed<'_>, flag: &Flag) -> Change {
    let change = Change::new(Area::Flag, kind, name, joined(&listed.flagged).as_deref());
    let code = Some(flag.code.clone().unwrap_or_else(|| "without a code".to_owned()));
    let (before, after) = if kind == Kind::Added { (None, code) } else { (code, None) };
    Change { before, after, note: Some(flag.reason.clone()), ..change }
}

fn compare_flags(found: &mut Found, name: &str, before: &Listed<'_>, after: &Listed<'_>) {
    match (before.flag, after.flag) {
        (None, None) => {}
        (Some(flag), None) => found.0.push(set_or_lifted(Kind::Removed, name, before, flag)),
        (None, Some(flag)) => found.0.push(set_or_lifted(Kind::Added, name, after, flag)),
        (Some(was), Some(is)) => {
            found.compare(Area::Flag, name, None, flag_facts(was, before), flag_facts(is, after));
        }
    }
}

fn flag_facts(flag: &Flag, listed: &Listed<'_>) -> Facts {
    // A flag in some of its capabilities only does not excuse the test in the others.
    let partly = (listed.flagged.len() < listed.capabilities.len()).then(|| sorted(&listed.flagged)).flatten();
    vec![
        ("code", flag.code.clone()),
        ("date", flag.date.map(|day| day.to_string())),
        ("reason", Some(flag.reason.clone())),
        ("action", Some(flag.action.clone())),
        ("link", flag.link.clone()),
        ("expires", flag.expires.map(|day| day.to_string())),
        ("only in", partly),
    ]
}
