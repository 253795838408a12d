//! The designated sections of a published file, and where its tests live.

use indexmap::IndexMap;

use crate::model::{DesignatedProject, DesignatedSection, DesignationState, TestRepository};
use crate::nearest::quoted;

use super::reader::{Fields, Place, Reader};
use super::repair::Kind;

/// What stands in published files where there is nothing to say.
const NOTHING: [&str; 3] = ["not provided", "none provided", "not given"];

/// Reads both.
pub(super) fn read(
    reader: &mut Reader<'_>,
    file: &Fields<'_>,
) -> (IndexMap<String, DesignatedProject>, IndexMap<String, TestRepository>) {
    (sections(reader, file), repositories(reader, file))
}

/// The sections stand by project and then by state in 2.0, and the other way round before.
fn sections(reader: &mut Reader<'_>, file: &Fields<'_>) -> IndexMap<String, DesignatedProject> {
    let mut projects = IndexMap::new();
    for (outer, place) in file.get("designated_sections").map(|place| reader.entries(place)).unwrap_or_default() {
        for (inner, place) in reader.entries(&place) {
            group(reader, &mut projects, outer, inner, &place);
        }
    }
    for (outer, place) in file.get("designated-sections").map(|place| reader.entries(place)).unwrap_or_default() {
        for (inner, place) in reader.entries(&place) {
            group(reader, &mut projects, inner, outer, &place);
        }
    }
    projects
}

/// Adds the sections of a project in one state.
fn group(
    reader: &mut Reader<'_>,
    projects: &mut IndexMap<String, DesignatedProject>,
    project: &str,
    state: &str,
    place: &Place<'_>,
) {
    let Some(state) = DesignationState::ALL.into_iter().find(|known| known.name() == state) else {
        reader.leave_out(place, &format!("{} is no state of designated sections", quoted(state)));
        return;
    };
    if project.trim().is_empty() {
        reader.leave_out(place, "it names no project");
        return;
    }
    let fields = reader.fields(place, &["guidance", "comment", "sections", "required"]);
    if let Some(place) = fields.get("required")
        && reader.truth(place).is_some_and(|required| required != (state == DesignationState::Required))
    {
        reader.leave_out(place, &format!("the state is {}", state.name()));
    }
    let guidance = words(reader, &fields, ["guidance", "comment"]);
    let mut sections = IndexMap::new();
    for (name, place) in fields.get("sections").map(|place| reader.entries(place)).unwrap_or_default() {
        if name.trim().is_empty() {
            reader.leave_out(&place, "the section has no name");
            continue;
        }
        let fields = reader.fields(&place, &["description", "comment", "designated"]);
        let Some(designated) = fields.get("designated").and_then(|place| reader.truth(place)) else {
            reader.leave_out(&place, "it does not say whether it is designated");
            continue;
        };
        let summary = words(reader, &fields, ["description", "comment"]);
        sections.insert(name.to_owned(), DesignatedSection { designated, state: None, summary });
    }
    let Some(known) = projects.get_mut(project) else {
        let guidance = guidance.unwrap_or_else(|| {
            reader.note(Kind::EmptyText, place, "there is no guidance; the name of the project stands for it");
            project.to_owned()
        });
        projects.insert(project.to_owned(), DesignatedProject { state, guidance, sections });
        return;
    };
    if let Some(place) = fields.get("guidance").filter(|_| guidance.as_ref() != Some(&known.guidance)) {
        reader.leave_out(place, "the project has a guidance already, of another state");
    }
    for (name, section) in sections {
        if known.sections.contains_key(&name) {
            reader.note(Kind::ListedTwice, place, format!("the section {} stands there already", quoted(&name)));
            continue;
        }
        let state = (known.state != state).then_some(state);
        known.sections.insert(name, DesignatedSection { state, ..section });
    }
}

/// Two texts as one; none where neither says anything.
fn words(reader: &mut Reader<'_>, fields: &Fields<'_>, keys: [&str; 2]) -> Option<String> {
    let texts = keys.map(|key| {
        let text = fields.get(key).and_then(|place| reader.text(place));
        text.filter(|text| !NOTHING.contains(&text.to_lowercase().as_str()))
    });
    match texts {
        [Some(first), Some(second)] => Some(format!("{} {second}", with_stop(&first))),
        [first, second] => first.or(second),
    }
}

fn with_stop(text: &str) -> String {
    if text.ends_with(['.', '!', '?', ':', ';']) { text.to_owned() } else { format!("{text};") }
}

fn repositories(reader: &mut Reader<'_>, file: &Fields<'_>) -> IndexMap<String, TestRepository> {
    let mut found = IndexMap::new();
    let all = file.any(&["test_repositories", "test-repositories"]);
    for (name, place) in all.map(|place| reader.entries(place)).unwrap_or_default() {
        if name.trim().is_empty() {
            reader.leave_out(&place, "the repository has no name");
            continue;
        }
        let fields = reader.fields(&place, &["repository", "url", "reference", "git-sha", "description"]);
        let mut text = |keys: &[&str]| fields.any(keys).and_then(|place| reader.text(place));
        let (repository, reference) = (text(&["repository", "url"]), text(&["reference", "git-sha"]));
        let summary = text(&["description"]);
        match repository {
            Some(repository) => {
                found.insert(name.to_owned(), TestRepository { repository, reference, summary });
            }
            None => reader.leave_out(&place, "it does not say where the repository is"),
        }
    }
    found
}
