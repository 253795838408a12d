//! Keypairs.

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::fixture::{Server, require_microversion, require_no_body};
use super::shapes::{self, checked};

/// The microversion that brought types of keypairs.
const VERSION: &str = "2.2";

/// A keypair of type x509 is created, shown and listed with this type.
///
/// Its name and fingerprint should be the same everywhere, and it should be gone once it is deleted.
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
    require_eq!(created, created.value()["type"], "x509", "the new keypair must have the type that was sent");
    expect_eq!(created, created.value()["name"], name, "the new keypair should have the name that was sent");

    let path = format!("os-keypairs/{}", encode(&name));
    let shown = compute.get(&path).require(200).await?;
    require_microversion(&shown, VERSION)?;
    let shown = checked(&shown, &shapes::keypair())?.get("keypair")?;
    require_eq!(shown, shown.value()["type"], "x509", "the keypair must be shown with its type");
    let fingerprint = &created.value()["fingerprint"];
    expect_eq!(shown, &shown.value()["fingerprint"], fingerprint, "the keypair should be shown with its fingerprint");

    let listed = compute.get("os-keypairs").require(200).await?;
    require_microversion(&listed, VERSION)?;
    let listed = checked(&listed, &shapes::keypairs(true))?.get("keypairs")?;
    let found: Vec<_> = listed.elements()?.into_iter().filter(|one| one.value()["keypair"]["name"] == *name).collect();
    for keypair in &found {
        require_eq!(keypair, keypair.value()["keypair"]["type"], "x509", "the keypair must be listed with its type");
    }
    expect_eq!(listed, found.len(), 1, "the list should hold the keypair, once");

    require_microversion(&compute.delete(&path).require(204).await?, VERSION)?;
    let gone = compute.get(&path).send().await?;
    expect_eq!(gone, gone.status(), 404, "the deleted keypair should not be found any more");
    if gone.status() == 404 {
        planned.removed();
    }
    Ok(())
}

/// A server that is created with a keypair is shown with the keypair's name; then the server can be deleted, and the keypair.
///
/// The keypair should be listed.
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
    cx.will_create(Resource::new(Kind::Keypair, &name))?;
    let created = compute.post("os-keypairs").json(&json!({"keypair": {"name": name}})).require(200).await?;
    checked(&created, &shapes::created_keypair(false))?;
    let listed = checked(&compute.get("os-keypairs").require(200).await?, &shapes::keypairs(false))?.get("keypairs")?;
    let found = listed.elements()?.iter().any(|one| one.value()["keypair"]["name"] == *name);
    expect!(listed, found, "the list should hold the new keypair");

    let server = Server::make(cx, json!({"key_name": name})).await?;
    let shown = server.show(cx).await?;
    require_eq!(shown, shown.value()["key_name"], name, "the server must be shown with the name of its keypair");
    // Before its keypair, which not every service may let go of as long as a server has it.
    server.delete(cx).await?;
    // The clean-up sees that it is gone.
    require_no_body(&compute.delete(&format!("os-keypairs/{}", encode(&name))).require(202).await?)
}
