//! Flavors.

use assay_kit::http::address::encode;
use assay_kit::pages;
use assay_kit::prelude::*;

use super::shapes::{self, checked};

/// The flavor that servers have here is in the list of flavors, with the name and links that it is shown with; and so is each
/// other that the list in detail has.
#[conformance(
    id = "compute.flavors.list",
    spec = "compute-v2.1#list-flavors",
    covers = "e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59",
    needs = [Compute],
)]
async fn list(cx: &Cx) -> Outcome {
    let others = ids(cx, "flavors/detail").await?;
    let listed = checked(&cx.compute()?.get("flavors").require(200).await?, &shapes::flavors())?;
    let form = |flavor: &Value| json!({"id": flavor["id"], "name": flavor["name"], "links": flavor["links"]});
    require_flavors(cx, &listed, &others, form).await
}

/// The flavor that servers have here is in the list of flavors in detail, just as it is shown; and so is each other that the
/// list of flavors has.
#[conformance(
    id = "compute.flavors.list-detailed",
    spec = "compute-v2.1#list-flavors-with-details",
    covers = "6e85fde4-b3cd-4137-ab72-ed5f418e8c24",
    needs = [Compute],
)]
async fn list_detailed(cx: &Cx) -> Outcome {
    let others = ids(cx, "flavors").await?;
    let listed = checked(&cx.compute()?.get("flavors/detail").require(200).await?, &shapes::flavors_in_detail())?;
    require_flavors(cx, &listed, &others, Value::clone).await
}

/// A flavor, as it is shown.
pub(super) async fn shown(cx: &Cx, id: &str) -> Outcome<Json> {
    let shown = cx.compute()?.get(&path(id)).require(200).await?;
    let flavor = checked(&shown, &shapes::flavor())?.get("flavor")?;
    expect_eq!(flavor, flavor.value()["id"], id, "the flavor that is shown should be the one that was asked for");
    Ok(flavor)
}

fn path(id: &str) -> String {
    format!("flavors/{}", encode(id))
}

/// The ids of the flavors in the other list. None where that list is broken: its own test sees to it.
async fn ids(cx: &Cx, path: &str) -> Outcome<Vec<String>> {
    let answer = cx.compute()?.get(path).send().await?;
    let Ok(body) = answer.json() else { return Ok(Vec::new()) };
    let flavors = body.value()["flavors"].as_array().into_iter().flatten();
    Ok(flavors.filter_map(|flavor| flavor["id"].as_str().map(str::to_owned)).collect())
}

/// Ends the test as failed unless a list has the flavor that servers have here, and the others that were listed elsewhere just
/// before, each in this form of what is shown of it.
///
/// The flavor of servers was found in one of the lists, so what a list lacks is noticed by these others only.
async fn require_flavors(cx: &Cx, listed: &Json, others: &[String], form: fn(&Value) -> Value) -> Outcome {
    let (flavors, choices) = (listed.get("flavors")?, cx.choices().await?);
    let (known, usual) = (flavors.elements()?, choices.flavor()?.id.as_str());
    let is_listed = |id: &str| known.iter().any(|flavor| flavor.value()["id"] == *id);
    let goes_on = pages::link(listed.value(), "flavors").is_some();
    // That of servers may be on a later page: then the first one that is listed stands for it.
    let first = known.first().and_then(|flavor| flavor.value()["id"].as_str());
    let id = if goes_on && !is_listed(usual) { first.unwrap_or(usual) } else { usual };
    require_listed(&flavors, &form(shown(cx, id).await?.value()))?;
    if goes_on {
        return Ok(());
    }
    for id in others {
        if is_listed(id) {
            continue;
        }
        let shown = cx.compute()?.get(&path(id)).send().await?;
        // Otherwise it was deleted meanwhile.
        if shown.status() == 200 {
            require_listed(&flavors, &form(shown.json()?.get("flavor")?.value()))?;
        }
    }
    Ok(())
}

/// Ends the test as failed unless a list has a flavor in just this form.
fn require_listed(flavors: &Json, wanted: &Value) -> Outcome {
    let known = flavors.elements()?;
    if known.iter().any(|flavor| flavor.value() == wanted) {
        return Ok(());
    }
    if let Some(flavor) = known.iter().find(|flavor| flavor.value()["id"] == wanted["id"]) {
        let seen = Some(flavor.value().to_string());
        return Err(flavor.fail("a flavor must be listed as it is shown".into(), Some(wanted.to_string()), seen));
    }
    let requirement = format!("the list must hold flavor {}, which can be shown", wanted["id"]);
    Err(flavors.fail(requirement, Some(wanted.to_string()), None))
}
