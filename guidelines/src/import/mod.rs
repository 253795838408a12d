//! Reads guidelines in the formats that the OpenStack interoperability programme published them in: JSON of the schemas
//! 1.2 to 2.0, add-ons and verticals included.
//!
//! The published files are read as they really are, not as their schemas say. What could not be taken over as it was
//! is a [`Repair`] with its place; nothing else is changed or left out.

mod capabilities;
mod designated;
mod head;
pub(crate) mod json;
mod reader;
mod repair;
mod targets;
mod test;

use std::path::Path;

use crate::follow::Followed;
use crate::load::{self, LARGEST};
use crate::model::{Guideline, SCHEMA};
use crate::node;
use crate::problem::{Code, Collector, Errors};
use crate::refstack::OURS;

pub use repair::{Kind, Repair};

use reader::{Place, Reader};

/// A guideline that was imported.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The guideline.
    pub guideline: Guideline,
    /// What is not in it as it was in the file, in the order of the file.
    pub repairs: Vec<Repair>,
}

impl Imported {
    /// The guideline as the text of a file.
    #[must_use]
    pub fn yaml(&self) -> String {
        yaml(&self.guideline)
    }
}

/// A guideline as the text of a file.
#[must_use]
pub fn yaml(guideline: &Guideline) -> String {
    let text = serde_yaml::to_string(guideline).unwrap_or_default();
    format!("# yaml-language-server: $schema=../guideline.schema.json\n\n{text}")
}

/// Reads a published file. Its name decides which guideline it is where it contradicts the id in it.
pub fn import_file(path: impl AsRef<Path>) -> Result<Imported, Errors> {
    let path = path.as_ref();
    import_read(path, &text_of(path)?)
}

/// The text of a published file, which may be a pipe that is read only once.
pub fn text_of(path: impl AsRef<Path>) -> Result<String, Errors> {
    load::plain_text_of("guideline", path.as_ref())
}

/// Reads a published file whose text is at hand.
pub fn import_read(path: &Path, text: &str) -> Result<Imported, Errors> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    import(&path.display().to_string(), &stem, text)
}

/// Reads a published file from its text. `name` is what errors call it, `stem` is its name without folder and ending.
pub fn import(name: &str, stem: &str, text: &str) -> Result<Imported, Errors> {
    if text.len() > LARGEST {
        return Err(load::too_large("guideline", name));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Collector::of(&crate::kind::GUIDELINE, name, text);
    if !json::is_json(text, &mut found) {
        return Err(found.into_errors());
    }
    let text = json::without_surrogates(text);
    let mut found = Collector::of(&crate::kind::GUIDELINE, name, &text);
    let Some(root) = node::tree(&text, &mut found) else {
        return Err(found.into_errors());
    };
    let root = Place::root(&root);
    let mut reader = Reader::new(&text);
    let Some(guideline) = guideline(&mut reader, &root, stem, &mut found) else {
        return Err(found.into_errors());
    };
    let mut repairs = reader.repairs;
    repairs.sort_by_key(|repair| (repair.line, repair.column));
    let imported = Imported { guideline, repairs };
    // What comes out must be what the loader takes; should it not, that is said before anybody relies on it.
    load::parse(&format!("{name}, as it was read"), &imported.yaml())?;
    Ok(imported)
}

fn guideline(reader: &mut Reader<'_>, root: &Place<'_>, stem: &str, found: &mut Collector) -> Option<Guideline> {
    if !root.is_map() {
        let help = "a guideline is an object with `capabilities`, `components` and an `id`".to_owned();
        found.add(Code::WrongType, &root.node.span, format!("the file holds {}", root.shown()), help);
        return None;
    }
    let file = reader.fields(
        root,
        &[
            "metadata",
            "platforms",
            "add-ons",
            "components",
            "capabilities",
            "designated_sections",
            "test_repositories",
            "id",
            "schema",
            "reference",
            "source",
            "status",
            "replaces",
            "target_approval",
            "cutoff_score",
            "releases",
            "platform",
            "test-repositories",
            "designated-sections",
            "criteria",
            OURS,
        ],
    );
    for key in ["capabilities", "components"] {
        if !file.get(key).is_some_and(Place::is_map) {
            let help = format!("a guideline has `{key}`; is this the right file?");
            found.add(Code::MissingKey, &root.node.span, format!("the file lacks the object `{key}`"), help);
        }
    }
    if !found.is_empty() {
        return None;
    }
    let head = head::read(reader, root, &file, stem, found)?;
    let scoring = head.scoring;
    let capabilities = capabilities::read(reader, &file, scoring.as_ref());
    let (designated_sections, test_repositories) = designated::read(reader, &file);
    let components = targets::components(reader, &file, &capabilities, &designated_sections);
    let targets = targets::targets(reader, root, &file, &components);
    let mut guideline = Guideline {
        schema: SCHEMA.to_owned(),
        id: head.id,
        title: head.title,
        status: head.status,
        approved: head.approved,
        replaces: head.replaces,
        releases: head.releases,
        provenance: head.provenance,
        published: head.published,
        rule: head.rule,
        scoring,
        targets,
        components,
        capabilities,
        designated_sections,
        test_repositories,
        followed: Followed::default(),
    };
    capabilities::unlisted(reader, &file, &mut guideline);
    Some(guideline)
}
