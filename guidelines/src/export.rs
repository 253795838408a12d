//! Writes guidelines in the format of the OpenStack interoperability programme, as RefStack and its client read it.
//!
//! What schema 2.0 has no place for stands under the key `assay`, which other readers pass over; with it, an import of
//! what was exported gives the same guideline.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::model::{
    ByState, Capability, DesignatedProject, DesignationState, Flag, Guideline, Requirement, Target, TargetKind, Test,
};
use crate::refstack::{
    OURS, OfCapability, OfComponent, OfFlag, OfGuideline, OfRequirement, OfTarget, OfTest, REFERENCE, id_of,
    published_id, requirement, target_of,
};

/// A guideline cannot be written as JSON.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {guideline} as JSON")]
pub struct Error {
    /// The id of the guideline.
    pub guideline: String,
    /// Why.
    pub source: serde_json::Error,
}

/// A guideline as a file of schema 2.0.
pub fn export(guideline: &Guideline) -> Result<String, Error> {
    let failed = |source| Error { guideline: guideline.id.clone(), source };
    let mut text = file(guideline).and_then(|file| serde_json::to_string_pretty(&file)).map_err(failed)?;
    text.push('\n');
    Ok(text)
}

type Made = Result<Value, serde_json::Error>;

fn file(guideline: &Guideline) -> Made {
    let mut file = Map::new();
    file.insert("metadata".to_owned(), metadata(guideline)?);
    for (key, kind) in [("platforms", TargetKind::Program), ("add-ons", TargetKind::AddOn)] {
        let targets = guideline.targets.iter().filter(|(_, target)| target.kind == kind);
        let targets = targets.map(|(name, of)| {
            let title = title(guideline, name, of);
            let value = target(&title, name, of)?;
            Ok((title, value))
        });
        let targets = targets.collect::<Result<Map<_, _>, _>>()?;
        if !targets.is_empty() {
            file.insert(key.to_owned(), Value::Object(targets));
        }
    }
    let components = guideline.components.iter().map(|(name, component)| {
        let mut value = json!({"capabilities": by_state(&component.capabilities, true)});
        let sections = by_state(&component.designated_sections, false);
        value["designated_sections"] = sections;
        let ours = OfComponent {
            interfaces: component.interfaces.clone(),
            parameters: component.parameters.clone(),
            beside: component.beside.clone(),
        };
        if ours != OfComponent::default() {
            value[OURS] = serde_json::to_value(ours)?;
        }
        Ok((name.clone(), value))
    });
    let components = components.collect::<Result<Map<_, _>, serde_json::Error>>()?;
    file.insert("components".to_owned(), Value::Object(components));
    let capabilities = guideline.capabilities.iter().map(|(name, of)| Ok((name.clone(), capability(of)?)));
    file.insert("capabilities".to_owned(), Value::Object(capabilities.collect::<Result<_, serde_json::Error>>()?));
    let designated = guideline.designated_sections.iter().map(|(name, of)| (name.clone(), designated(of)));
    file.insert("designated_sections".to_owned(), designated.collect());
    let repositories = guideline.test_repositories.iter().map(|(name, of)| {
        let mut value = json!({"repository": of.repository});
        set(&mut value, "reference", of.reference.as_deref());
        set(&mut value, "description", of.summary.as_deref());
        (name.clone(), value)
    });
    file.insert("test_repositories".to_owned(), repositories.collect());
    Ok(Value::Object(file))
}

fn metadata(guideline: &Guideline) -> Made {
    let published = guideline.published.as_ref();
    let mut value = json!({
        "id": published_id(&guideline.id),
        "schema": "2.0",
        "reference": published.and_then(|published| published.reference.as_deref()).unwrap_or(REFERENCE),
    });
    set(&mut value, "source", published.and_then(|published| published.source.as_deref()));
    if let Some(scoring) = &guideline.scoring {
        let criteria = scoring.criteria.iter().map(|(name, of)| {
            (name.clone(), json!({"name": of.title, "description": of.summary, "weight": of.weight}))
        });
        let mut block = json!({});
        if let Some(cutoff) = scoring.cutoff {
            block["cutoff_score"] = cutoff.into();
        }
        block["criteria"] = criteria.collect();
        value["scoring"] = block;
    }
    let mut approval = json!({});
    let planned = match published {
        Some(published) => published.target_approval.clone(),
        None => guideline.approved.map(|day| day.to_string()),
    };
    set(&mut approval, "target_approval", planned.as_deref());
    let replaces = guideline.replaces.as_deref().map(published_id);
    set(&mut approval, "replaces", replaces.as_deref());
    approval["releases"] = json!(guideline.releases);
    approval["status"] = guideline.status.name().into();
    value["os_trademark_approval"] = approval;
    // Whatever the published id tells of what is replaced is not said twice.
    let told = replaces.as_deref().and_then(id_of) == guideline.replaces;
    value[OURS] = serde_json::to_value(OfGuideline {
        id: guideline.id.clone(),
        title: guideline.title.clone(),
        approved: guideline.approved,
        replaces: guideline.replaces.clone().filter(|_| !told),
        provenance: guideline.provenance.clone(),
        published: guideline.published.clone(),
        rule: guideline.rule,
    })?;
    Ok(value)
}

/// Titles are keys in the file: where two targets have one, the name tells them apart.
fn title(guideline: &Guideline, name: &str, target: &Target) -> String {
    let same = guideline.targets.values().filter(|other| other.title == target.title && other.kind == target.kind);
    if same.count() > 1 { format!("{} ({name})", target.title) } else { target.title.clone() }
}

fn target(title: &str, name: &str, target: &Target) -> Made {
    let own = target.components.iter().map(|name| Ok(json!({"name": name})));
    let others = target.requires.iter().map(required);
    let mut value = json!({"description": target.summary});
    if target.kind == TargetKind::AddOn {
        value["components"] = own.collect::<Made>()?;
        if !target.requires.is_empty() {
            value["required_platform_components"] = others.collect::<Made>()?;
        }
    } else {
        value["components"] = own.chain(others).collect::<Made>()?;
    }
    if target_of(title) != name || target.title != title {
        let published = (target.title != title).then(|| target.title.clone());
        value[OURS] = serde_json::to_value(OfTarget { target: name.to_owned(), title: published })?;
    }
    Ok(value)
}

fn required(required: &Requirement) -> Made {
    let name = required.published_as.as_ref().unwrap_or(&required.component);
    let source = required.source.clone().unwrap_or_else(|| {
        let file = published_id(&required.guideline);
        format!("https://opendev.org/openstack/interop/raw/branch/master/{file}.json")
    });
    let mut value = json!({"name": name, "source": source});
    if requirement(name, &source).as_ref() != Some(required) {
        value[OURS] = serde_json::to_value(OfRequirement {
            guideline: required.guideline.clone(),
            component: required.component.clone(),
            published_source: required.source.is_some(),
        })?;
    }
    Ok(value)
}

/// The lists by state; empty ones too, where readers expect them.
fn by_state(sorted: &ByState, empty: bool) -> Value {
    let lists = sorted.lists().into_iter().filter(|(_, names)| empty || !names.is_empty());
    lists.map(|(state, names)| (state.name().to_owned(), json!(names))).collect()
}

fn capability(capability: &Capability) -> Made {
    let tests = capability.tests.iter().map(|of| Ok((of.name.clone(), test(of)?)));
    let mut value = json!({
        "achievements": capability.achievements,
        "admin": capability.admin,
        "description": capability.summary,
        "project": capability.project,
        "required_since": capability.required_since.as_deref().unwrap_or_default(),
        "tests": tests.collect::<Result<Map<_, _>, serde_json::Error>>()?,
    });
    let ours = OfCapability {
        title: capability.title.clone(),
        published_as: capability.published_as.clone(),
        misspelt: capability.misspelt.clone(),
        guidelines: capability.guidelines.clone(),
        origin: capability.origin,
        unlisted: capability.unlisted.clone(),
        state: capability.state,
        untested: capability.untested.clone(),
        operations: capability.operations.clone(),
        sources: capability.sources.clone(),
    };
    if ours != OfCapability::default() {
        value[OURS] = serde_json::to_value(ours)?;
    }
    Ok(value)
}

fn test(test: &Test) -> Made {
    // A test without a UUID has an empty one: readers expect the key.
    let id = test.uuid.as_deref().map_or_else(String::new, |uuid| format!("id-{uuid}"));
    let mut value = json!({"idempotent_id": id});
    if !test.aliases.is_empty() {
        value["aliases"] = json!(test.aliases);
    }
    if let Some(of) = &test.flag {
        value["flagged"] = flag(of)?;
    }
    let ours = OfTest { interface: test.interface, manual: test.manual, attributes: test.attributes.clone() };
    if ours != OfTest::default() {
        value[OURS] = serde_json::to_value(ours)?;
    }
    Ok(value)
}

fn flag(flag: &Flag) -> Made {
    let written = flag.published_as.as_ref().or(flag.code.as_ref()).filter(|_| flag.code.is_some());
    let code = written.map_or_else(String::new, |code| format!("{code} "));
    let ours = OfFlag {
        code: flag.code.clone(),
        published_as: flag.published_as.clone(),
        link: flag.link.clone(),
        expires: flag.expires,
    };
    Ok(json!({
        "reason": format!("{code}{}", flag.reason),
        "action": flag.action,
        "date": flag.date.map(|day| day.to_string()).unwrap_or_default(),
        OURS: serde_json::to_value(ours)?,
    }))
}

/// The sections of a project by state: that of the project first, then those of single sections.
fn designated(project: &DesignatedProject) -> Value {
    let of = |state: DesignationState| {
        let sections = project.sections.iter().filter(|(_, section)| section.state.unwrap_or(project.state) == state);
        let sections: Map<String, Value> = sections
            .map(|(name, section)| {
                let mut value = json!({});
                set(&mut value, "description", section.summary.as_deref());
                value["designated"] = section.designated.into();
                (name.clone(), value)
            })
            .collect();
        (!sections.is_empty() || state == project.state)
            .then(|| (state.name().to_owned(), json!({"guidance": project.guidance, "sections": sections})))
    };
    let others = DesignationState::ALL.into_iter().filter(|state| *state != project.state);
    std::iter::once(project.state).chain(others).filter_map(of).collect()
}

fn set(value: &mut Value, key: &str, text: Option<&(impl Serialize + ?Sized)>) {
    if let Some(text) = text {
        value[key] = json!(text);
    }
}
