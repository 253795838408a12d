//! Which type the tests' volumes have, where the deployment offers several.

use assay_kit::prelude::*;

use super::fixture::Made;

/// The type to ask for; none where the deployment's own choice is used. It is tried once in a run, and only where there is
/// another: the default type may be one that no volume can be made of.
pub(super) async fn volume_type(cx: &Cx) -> Outcome<Option<String>> {
    const KEY: &str = "block-storage.type";
    let chosen = cx.shared(KEY, |cx| async move { choose(&cx).await }).await?;
    Ok((*chosen).clone())
}

async fn choose(cx: &Cx) -> Outcome<Option<String>> {
    // Who may not see the types has nothing to choose from.
    let Ok(types) = Pages::new(&cx.block_storage()?, "types").key("volume_types").all().await else { return Ok(None) };
    let names: Vec<String> = types.iter().filter_map(|one| Some(one.value()["name"].as_str()?.to_owned())).collect();
    if names.len() < 2 {
        return Ok(None);
    }
    let Some(refused) = works(cx, None).await? else { return Ok(None) };
    for name in names {
        if works(cx, Some(&name)).await?.is_none() {
            let requirement =
                format!("a volume without a type should become available, as one of the type `{name}` does");
            cx.deviate(requirement, None, Some(refused));
            return Ok(Some(name));
        }
    }
    // None does: the tests say what happens.
    Ok(None)
}

/// Makes a volume of a type, and removes it; gives why none could be made.
async fn works(cx: &Cx, name: Option<&str>) -> Outcome<Option<String>> {
    let members = name.map_or_else(|| json!({}), |name| json!({"volume_type": name}));
    let made = match Made::of_any_type(cx, &members).await {
        Ok(made) => made,
        Err(Stop::Fail(finding)) => return Ok(Some(Stop::Fail(finding).to_string())),
        Err(stop) => return Err(stop),
    };
    let available = made.available(cx).await;
    // What becomes of it is not what this is about: the clean-up looks after it.
    let _ = made.remove(cx).await;
    match available {
        Ok(_) => Ok(None),
        Err(Stop::Fail(finding)) => Ok(Some(Stop::Fail(finding).to_string())),
        Err(stop) => Err(stop),
    }
}
