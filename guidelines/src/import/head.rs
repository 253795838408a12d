//! What a published file says of the guideline as a whole.

use chrono::NaiveDate;
use indexmap::IndexMap;
use regex_lite::Regex;

use crate::model::{Criterion, ID_PATTERN, Published, Rule, Scoring, Status};
use crate::nearest::quoted;
use crate::problem::{Code, Collector};
use crate::refstack::{OURS, OfGuideline, SCHEMAS, id_of, is_published_id, month};

use super::reader::{Fields, Place, Reader};
use super::repair::Kind;

/// What was read.
pub(super) struct Head {
    pub id: String,
    pub title: String,
    pub status: Status,
    pub approved: Option<NaiveDate>,
    pub replaces: Option<String>,
    pub releases: Vec<String>,
    pub provenance: Option<String>,
    pub published: Option<Published>,
    pub rule: Rule,
    pub scoring: Option<Scoring>,
}

/// Reads it from `metadata`, or from the root of files before 2.0.
pub(super) fn read<'a>(
    reader: &mut Reader<'_>,
    root: &Place<'a>,
    file: &Fields<'a>,
    stem: &str,
    found: &mut Collector,
) -> Option<Head> {
    let metadata = file.get("metadata").map(|place| {
        reader.fields(place, &["id", "schema", "reference", "source", "scoring", "os_trademark_approval", OURS])
    });
    let approval = metadata.as_ref().and_then(|metadata| metadata.get("os_trademark_approval"));
    let approval = approval.map(|place| reader.fields(place, &["target_approval", "replaces", "releases", "status"]));
    // Each key stands in its block in 2.0, and at the root before.
    let said = |key: &str| metadata.as_ref().and_then(|metadata| metadata.get(key)).or(file.get(key));
    let decided = |key: &str| approval.as_ref().and_then(|approval| approval.get(key)).or(file.get(key));

    let schema = schema(reader, root, said("schema"), metadata.is_some(), found)?;
    let ours: Option<OfGuideline> = reader.ours(said(OURS));
    let (id, contradicted) = id(reader, root, said("id"), ours.as_ref(), stem, found)?;
    let text = |reader: &mut Reader<'_>, place: Option<&Place<'a>>| place.and_then(|place| reader.text(place));
    let source = text(reader, said("source"));
    let reference = text(reader, said("reference"));
    let target_approval = text(reader, decided("target_approval"));
    let releases = decided("releases").map(|place| reader.names(place)).unwrap_or_default();
    let scoring = scoring(reader, metadata.as_ref(), file);
    let mut status = status(reader, root, decided("status"));
    let replaces = replaces(reader, decided("replaces"));
    if let Some(ours) = ours {
        let approved = approved(reader, root, decided("status"), &mut status, ours.approved.map(Day::Known));
        return Some(Head {
            id,
            title: ours.title,
            status,
            approved,
            replaces: ours.replaces.or(replaces),
            releases,
            provenance: ours.provenance,
            published: ours.published,
            rule: ours.rule,
            scoring,
        });
    }
    let day = target_approval.as_deref().and_then(Day::of).or_else(|| {
        let (_, version) = id.split_once('/')?;
        month(version).map(|(day, _)| Day::OfName(day))
    });
    let approved = match status {
        Status::Approved | Status::Superseded => {
            let place = decided("target_approval").or(decided("status"));
            approved(reader, root, place, &mut status, day)
        }
        Status::Draft | Status::Review => None,
    };
    let published = Published { schema, id: contradicted, source, reference, target_approval };
    let (family, version) = id.split_once('/').unwrap_or(("", &id));
    let title = match family.strip_prefix("openstack-") {
        Some("powered") | None => format!("OpenStack Powered {version}"),
        Some("dns") => format!("OpenStack Powered with DNS {version}"),
        Some("orchestration") => format!("OpenStack Powered with Orchestration {version}"),
        Some(other) => format!("OpenStack Powered {} {version}", other.to_uppercase()),
    };
    Some(Head {
        id,
        title,
        status,
        approved,
        replaces,
        releases,
        provenance: None,
        published: Some(published),
        rule: Rule::default(),
        scoring,
    })
}

fn schema(
    reader: &mut Reader<'_>,
    root: &Place<'_>,
    place: Option<&Place<'_>>,
    is_two: bool,
    found: &mut Collector,
) -> Option<String> {
    let Some(place) = place else {
        let schema = if is_two { "2.0" } else { "1.2" };
        reader.note(Kind::EmptyText, root, format!("the file does not say its schema; it is read as {schema}"));
        return Some(schema.to_owned());
    };
    let schema = reader.text(place).unwrap_or_default();
    if SCHEMAS.contains(&schema.as_str()) {
        return Some(schema);
    }
    let help = format!("the schemas {} can be read", SCHEMAS.join(", "));
    found.add(Code::UnknownSchema, &place.node.span, format!("the schema {} is not known", quoted(&schema)), help);
    None
}

/// The id, and the one in the file where the file's name contradicts it.
fn id(
    reader: &mut Reader<'_>,
    root: &Place<'_>,
    place: Option<&Place<'_>>,
    ours: Option<&OfGuideline>,
    stem: &str,
    found: &mut Collector,
) -> Option<(String, Option<String>)> {
    let is_id = |id: &str| Regex::new(ID_PATTERN).is_ok_and(|pattern| pattern.is_match(id)) && !id.ends_with("/latest");
    if let Some(ours) = ours.filter(|ours| is_id(&ours.id)) {
        return Some((ours.id.clone(), None));
    }
    let written = place.and_then(|place| reader.text(place));
    let at = place.unwrap_or(root);
    let by_name = is_published_id(stem).then(|| stem.to_owned());
    let published = match (written, by_name) {
        (Some(written), Some(name)) if written != name => {
            let message =
                format!("{} is not what the file is called; it is read as {}", quoted(&written), quoted(&name));
            reader.note(Kind::IdContradictsFile, at, message);
            return Some((id_of(&name)?, Some(written)));
        }
        (Some(written), _) => written,
        (None, Some(name)) => {
            reader.note(Kind::EmptyText, at, format!("the file has no id; its name says {}", quoted(&name)));
            name
        }
        (None, None) => {
            let help = "write its `id`, such as `2020.06`, or name the file so".to_owned();
            found.add(Code::MissingKey, &at.node.span, "the file does not say which guideline it is".to_owned(), help);
            return None;
        }
    };
    if let Some(id) = id_of(&published).filter(|id| is_id(id)) {
        return Some((id, None));
    }
    let help = "ids are such as `2020.06`, `dns.2020.06` or `next`".to_owned();
    found.add(Code::BadValue, &at.node.span, format!("{} is not an id", quoted(&published)), help);
    None
}

fn replaces(reader: &mut Reader<'_>, place: Option<&Place<'_>>) -> Option<String> {
    let place = place?;
    let published = reader.text(place)?;
    let id = id_of(&published);
    if id.is_none() {
        reader.leave_out(place, "it is no id of a guideline");
    }
    id
}

fn status(reader: &mut Reader<'_>, root: &Place<'_>, place: Option<&Place<'_>>) -> Status {
    let known = [Status::Draft, Status::Review, Status::Approved, Status::Superseded];
    let written = place.and_then(|place| reader.text(place));
    let status = known.into_iter().find(|status| written.as_deref() == Some(status.name()));
    status.unwrap_or_else(|| {
        let message = match written {
            Some(written) => format!("the status {} is not known; it is read as `draft`", quoted(&written)),
            None => "the file has no status; it is read as `draft`".to_owned(),
        };
        reader.note(Kind::MisspeltName, place.unwrap_or(root), message);
        Status::Draft
    })
}

/// How well the day of an approval is known.
enum Day {
    /// It is written.
    Known(NaiveDate),
    /// The day for which it was planned.
    Planned(NaiveDate),
    /// The month for which it was planned.
    OfMonth(NaiveDate),
    /// The month in the guideline's name.
    OfName(NaiveDate),
}

impl Day {
    /// What a planned approval says, such as `2017-09-10`, `2018.02` or `orchestration.2018.11`.
    fn of(text: &str) -> Option<Self> {
        if let Ok(day) = text.parse::<NaiveDate>() {
            return Some(Self::Planned(day));
        }
        let version = text.trim_start_matches(|letter: char| letter.is_ascii_lowercase()).trim_start_matches('.');
        month(version).filter(|(_, rest)| rest.is_empty()).map(|(day, _)| Self::OfMonth(day))
    }
}

/// The day of the approval, where there is one; what is approved on no known day becomes a draft.
fn approved(
    reader: &mut Reader<'_>,
    root: &Place<'_>,
    place: Option<&Place<'_>>,
    status: &mut Status,
    day: Option<Day>,
) -> Option<NaiveDate> {
    let place = place.unwrap_or(root);
    let (day, message) = match day {
        Some(Day::Known(day)) => return Some(day),
        Some(Day::Planned(day)) => (day, format!("{day} was planned, and is read as the day of the approval")),
        Some(Day::OfMonth(day)) => (day, format!("the day is not said; {day} is read as the day of the approval")),
        Some(Day::OfName(day)) => {
            (day, format!("the day is not said; {day}, by the guideline's name, is read as the day of the approval"))
        }
        None if *status == Status::Approved => {
            reader.note(Kind::ApprovalDay, place, "it is approved, and no day is said; it is read as a draft");
            *status = Status::Draft;
            return None;
        }
        None => return None,
    };
    reader.note(Kind::ApprovalDay, place, message);
    Some(day)
}

/// The scoring: a block of the metadata in 2.0, two keys at the root before.
fn scoring<'a>(reader: &mut Reader<'_>, metadata: Option<&Fields<'a>>, file: &Fields<'a>) -> Option<Scoring> {
    let block = metadata.and_then(|metadata| metadata.get("scoring"));
    let block = block.map(|place| reader.fields(place, &["cutoff_score", "criteria"]));
    let said = |key: &str| block.as_ref().and_then(|block| block.get(key)).or(file.get(key));
    let (cutoff, criteria) = (said("cutoff_score"), said("criteria"));
    if cutoff.is_none() && criteria.is_none() {
        return None;
    }
    let cutoff = cutoff.and_then(|place| reader.number(place));
    let mut found = IndexMap::new();
    for (name, place) in criteria.map(|place| reader.entries(place)).unwrap_or_default() {
        if name.trim().is_empty() {
            reader.leave_out(&place, "the criterion has no name");
            continue;
        }
        let fields = reader.fields(&place, &["name", "description", "Description", "weight"]);
        let title = fields.get("name").and_then(|place| reader.text(place));
        let summary = fields.any(&["description", "Description"]).and_then(|place| reader.text(place));
        let weight = fields.get("weight").and_then(|place| reader.number(place));
        if title.is_none() || summary.is_none() {
            reader.note(Kind::EmptyText, &place, "its own name stands for the name or description that is not there");
        }
        if weight.is_none() {
            reader.note(Kind::EmptyText, &place, "the criterion has no weight; it is read as 0");
        }
        let criterion = Criterion {
            title: title.unwrap_or_else(|| name.to_owned()),
            weight: weight.unwrap_or_default(),
            summary: summary.unwrap_or_else(|| name.to_owned()),
        };
        found.insert(name.to_owned(), criterion);
    }
    Some(Scoring { cutoff, criteria: found })
}
