//! Versions of the API.

use assay_kit::prelude::*;

use super::shapes;

/// The list of versions, asked for without a token, answers 300 and describes each version with its status, links,
/// microversions and media types.
///
/// One should be version 3, in force, with microversions of the same number.
#[conformance(
    id = "block-storage.versions.list",
    spec = "block-storage-v3#list-all-api-versions",
    covers = "77838fc4-b49b-4c64-9533-166762517369",
    needs = [BlockStorage],
)]
async fn list(cx: &Cx) -> Outcome {
    let list = cx.block_storage()?.at_root().without_token().get("/").require(300).await?.json()?;
    shapes::versions().require(&list)?;
    let versions = list.get("versions")?;
    let third = versions.elements()?.into_iter().find(|version| version.value()["id"] == "v3.0");
    let Some(third) = third else {
        expect!(versions, false, "the list should have version 3");
        return Ok(());
    };
    expect_eq!(third, third.get("status")?.value(), "CURRENT", "version 3 should be in force");
    for key in ["min_version", "version"] {
        let number = third.get(key)?;
        expect!(number, number.text()?.starts_with("3."), "`{key}` of version 3 should be a microversion of it");
    }
    Ok(())
}
