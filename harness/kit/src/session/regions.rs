//! Which region of an entry of `clouds.yaml` is meant, and what the entry says of that region alone.

use std::path::Path;

use serde_yaml::Value;

use super::cloud_error::CloudError;
use super::yaml::{Node, lay_over};

/// A region that an entry knows, with its place there.
struct Region<'a> {
    name: String,
    values: Option<Node<'a>>,
}

/// Puts the region that is meant into an entry, with what is said of it alone: the wanted one, or the first that is known. What the
/// user wrote (`own`) knows them, or else the profile that it was laid over.
pub(super) fn settle(
    entry: &mut Value,
    own: &Value,
    file: &Path,
    place: &str,
    wanted: Option<&str>,
) -> Result<(), CloudError> {
    let mut known = known(&Node::new(own, file, place))?;
    let whole = entry.clone();
    if known.is_empty() {
        known = self::known(&Node::new(&whole, file, place))?;
    }
    let chosen = match wanted {
        None => known.first(),
        Some(wanted) if known.is_empty() => {
            let name = Value::from(wanted);
            lay_over(entry, &Value::Mapping([(Value::from("region_name"), name)].into_iter().collect()));
            return Ok(());
        }
        Some(wanted) => Some(known.iter().find(|region| region.name == wanted).ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|region| region.name.as_str()).collect();
            CloudError::Unusable {
                file: file.to_owned(),
                place: format!("{place}.region_name"),
                value: format!("`{wanted}` by OS_REGION_NAME"),
                help: format!("the cloud has {}: unset the variable, or name one of them", names.join(", ")),
            }
        })?),
    };
    let Some(Region { name, values }) = chosen else { return Ok(()) };
    let mut over =
        values.as_ref().map_or_else(|| Value::Mapping(serde_yaml::Mapping::new()), |node| node.value.clone());
    lay_over(
        &mut over,
        &Value::Mapping([(Value::from("region_name"), Value::from(name.as_str()))].into_iter().collect()),
    );
    lay_over(entry, &over);
    Ok(())
}

/// The regions of an entry: those of `regions`, or of `region_name`, which may be a list or hold commas.
fn known<'a>(entry: &Node<'a>) -> Result<Vec<Region<'a>>, CloudError> {
    if let Some(regions) = entry.find("regions") {
        let items = regions.value.as_sequence().ok_or_else(|| regions.wrong("a list"))?;
        let region = |(at, item): (usize, &'a Value)| {
            let node = Node::new(item, entry.file, &format!("{}.{at}", regions.place));
            match item {
                Value::String(name) => Ok(Region { name: name.clone(), values: None }),
                Value::Mapping(_) => {
                    let name = node.text("name")?.ok_or_else(|| CloudError::Missing {
                        file: entry.file.to_owned(),
                        place: format!("{}.name", node.place),
                        help: ": the name of the region".to_owned(),
                    })?;
                    Ok(Region { name, values: node.find("values").map(Node::mapping).transpose()? })
                }
                _ => Err(node.wrong("the name of a region, or a mapping of `name` and `values`")),
            }
        };
        return items.iter().enumerate().map(region).collect();
    }
    let Some(name) = entry.find("region_name") else { return Ok(Vec::new()) };
    let names: Vec<String> = if let Value::Sequence(items) = name.value {
        items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    } else {
        let text = entry.text("region_name")?.unwrap_or_default();
        text.split(',').map(|name| name.trim().to_owned()).collect()
    };
    Ok(names.into_iter().filter(|name| !name.is_empty()).map(|name| Region { name, values: None }).collect())
}
