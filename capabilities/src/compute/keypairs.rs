//! Keypairs.

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::fixture::{Server, require_microversion};
use super::shapes::{self, checked};

/// The microversion that brought types of keypairs.
const VERSION: &str = "2.2";

/// A keypair of type x509 is created, shown and listed with this type.
///
/// Its name and fingerprint are promised to be the same everywhere, and it to be gone once it is deleted.
#[conformance(
    id = "compute.keypairs.create-with-type",
    spec = "compute-v2.1#import-or-create-keypair",
    covers = "89d59d43-f735-441a-abcf-0601727f47b6",
    needs = [ComputeMicroversion("2.2")],
    seconds = 2,
)]
async fn create_with_type(cx: &Cx) -> Outcome {
    let (compute, name) = (cx.compute()?.microversion(Service::Compute, VERSION), cx.name("keypair"));
    let body = json!({"keypair": {"name": name, "type": "x509"}});
    let planned = cx.will_create(Resource::new(Kind::Keypair, &name))?;
    let created = compute.post("os-keypairs").json(&body).require(201).await?;
    require_microversion(&created, VERSION)?;
    let created = checked(&created, &shapes::created_keypair(true))?.get("keypair")?;
    require_eq!(created, created.value()["type"], "x509", "a new keypair has the type that was sent");
    expect_eq!(created, created.value()["name"], name, "a new keypair has the name that was sent");

    let path = format!("os-keypairs/{}", encode(&name));
    let shown = compute.get(&path).require(200).await?;
    require_microversion(&shown, VERSION)?;
    let shown = checked(&shown, &shapes::keypair())?.get("keypair")?;
    require_eq!(shown, shown.value()["type"], "x509", "a keypair is shown with its type");
    let fingerprint = &created.value()["fingerprint"];
    expect_eq!(shown, &shown.value()["fingerprint"], fingerprint, "a keypair is shown with its fingerprint");

    let listed = compute.get("os-keypairs").require(200).await?;
    require_microversion(&listed, VERSION)?;
    let listed = checked(&listed, &shapes::keypairs(true))?.get("keypairs")?;
    let found: Vec<_> = listed.elements()?.into_iter().filter(|one| one.value()["keypair"]["name"] == *name).collect();
    for keypair in &found {
        require_eq!(keypair, keypair.value()["keypair"]["type"], "x509", "a keypair is listed with its type");
    }
    expect_eq!(listed, found.len(), 1, "a keypair is listed, once");

    require_microversion(&compute.delete(&path).require(204).await?, VERSION)?;
    let gone = compute.get(&path).send().await?;
    expect_eq!(gone, gone.status(), 404, "a deleted keypair is not found any more");
    planned.removed();
    Ok(())
}

/// A server that is created with a keypair is shown with the keypair's name.
#[conformance(
    id = "compute.keypairs.create-server-with-keypair",
    spec = "compute-v2.1#import-or-create-keypair",
    covers = "f9e15296-d7f9-4e62-b53f-a04e89160833",
    needs = [Compute],
    holds = [Servers],
    seconds = 5,
)]
async fn create_server_with_keypair(cx: &Cx) -> Outcome {
    let (compute, name) = (cx.compute()?, cx.name("keypair"));
    let planned = cx.will_create(Resource::new(Kind::Keypair, &name))?;
    let created = compute.post("os-keypairs").json(&json!({"keypair": {"name": name}})).require(200).await?;
    checked(&created, &shapes::created_keypair(false))?;
    let listed = checked(&compute.get("os-keypairs").require(200).await?, &shapes::keypairs(false))?.get("keypairs")?;
    let found = listed.elements()?.iter().any(|one| one.value()["keypair"]["name"] == *name);
    expect!(listed, found, "a new keypair is listed");

    let server = Server::make(cx, json!({"key_name": name})).await?;
    let shown = server.show(cx).await?;
    require_eq!(shown, shown.value()["key_name"], name, "a server is shown with the name of its keypair");
    compute.delete(&format!("os-keypairs/{}", encode(&name))).require(202).await?;
    planned.removed();
    Ok(())
}
