//! Extensions of the API.

use assay_kit::prelude::*;

use super::shapes;

/// The list of extensions describes each, and one is called `Hosts`.
///
/// No two should have the same alias, since that is what tells them apart.
#[conformance(
    id = "block-storage.extensions.list",
    spec = "block-storage-v3#list-known-api-extensions",
    covers = "94607eb0-43a5-47ca-82aa-736b41bd2e2c",
    needs = [BlockStorage],
)]
async fn list(cx: &Cx) -> Outcome {
    let list = cx.block_storage()?.get("extensions").require(200).await?.json()?;
    shapes::extensions().require(&list)?;
    let extensions = list.get("extensions")?;
    let (mut names, mut aliases) = (Vec::new(), Vec::new());
    for extension in extensions.elements()? {
        names.push(extension.get("name")?.text()?.to_owned());
        aliases.push(extension.get("alias")?.text()?.to_owned());
    }
    require!(extensions, names.iter().any(|name| name == "Hosts"), "an extension in the list must be called `Hosts`");
    aliases.sort();
    let all = aliases.len();
    aliases.dedup();
    expect_eq!(extensions, aliases.len(), all, "each extension should have an alias of its own");
    Ok(())
}
