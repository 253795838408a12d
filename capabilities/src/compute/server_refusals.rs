//! Servers that must not be created, changed, shown or deleted.

use assay_kit::Statuses;
use assay_kit::prelude::*;

use super::fixture::{Reading, request, with};
use crate::refusal::{Refusal as _, require_refused};

/// A server without a name must be refused with 400.
#[conformance(
    id = "compute.servers.create-with-empty-name",
    spec = "compute-v2.1#create-server",
    covers = "dbbfd247-c40c-449e-8f6c-d2aa7c7da7cf",
    needs = [Compute],
)]
async fn create_with_empty_name(cx: &Cx) -> Outcome {
    create_refused(cx, json!({"name": ""}), 400).await
}

/// A server whose name is a number must be refused with 400.
#[conformance(
    id = "compute.servers.create-with-number-as-name",
    spec = "compute-v2.1#create-server",
    covers = "fd57f159-68d6-4c2a-902b-03070828a87e",
    needs = [Compute],
)]
async fn create_with_number_as_name(cx: &Cx) -> Outcome {
    create_refused(cx, json!({"name": 12345}), 400).await
}

/// A server with a name of 256 letters must be refused with 400.
#[conformance(
    id = "compute.servers.create-with-long-name",
    spec = "compute-v2.1#create-server",
    covers = "c3e0fb12-07fc-4d76-a22e-37409887afe8",
    needs = [Compute],
)]
async fn create_with_long_name(cx: &Cx) -> Outcome {
    create_refused(cx, json!({"name": "a".repeat(256)}), 400).await
}

/// A server with an image that cannot exist must be refused with 400.
///
/// Nothing should be created.
#[conformance(
    id = "compute.servers.create-with-invalid-image",
    spec = "compute-v2.1#create-server",
    covers = "fcba1052-0a50-4cf3-b1ac-fae241edf02f",
    needs = [Compute],
)]
async fn create_with_invalid_image(cx: &Cx) -> Outcome {
    create_refused(cx, json!({"imageRef": -1}), 400).await
}

/// A server with a flavor that cannot exist must be refused with 400.
///
/// Nothing should be created.
#[conformance(
    id = "compute.servers.create-with-invalid-flavor",
    spec = "compute-v2.1#create-server",
    covers = "18f5227f-d155-4429-807c-ccb103887537",
    needs = [Compute],
)]
async fn create_with_invalid_flavor(cx: &Cx) -> Outcome {
    create_refused(cx, json!({"flavorRef": -1}), 400).await
}

/// A server on a network whose id is no UUID must be refused with 400.
///
/// Nothing should be created.
#[conformance(
    id = "compute.servers.create-with-invalid-network",
    spec = "compute-v2.1#create-server",
    covers = "4e72dc2d-44c5-4336-9667-f7972e95c402",
    needs = [Compute],
)]
async fn create_with_invalid_network(cx: &Cx) -> Outcome {
    let networks = json!([{"fixed_ip": "10.0.1.1", "uuid": "a-b-c-d-e-f-g-h-i-j"}]);
    create_refused(cx, json!({"networks": networks}), 400).await
}

/// A server with an invalid IPv6 access address must be refused with 400.
///
/// Nothing should be created.
#[conformance(
    id = "compute.servers.create-with-invalid-access-address",
    spec = "compute-v2.1#create-server",
    covers = "5226dd80-1e9c-4d8a-b5f9-b26ca4763fd0",
    needs = [Compute],
)]
async fn create_with_invalid_access_address(cx: &Cx) -> Outcome {
    create_refused(cx, json!({"accessIPv6": "notvalid"}), 400).await
}

/// A server with a metadata value of 260 letters must be refused with 400 or 413.
///
/// Nothing should be created.
#[conformance(
    id = "compute.servers.create-with-long-metadata",
    spec = "compute-v2.1#create-server",
    covers = "7fc74810-0bd2-4cd7-8244-4f33a9db865a",
    needs = [Compute],
)]
async fn create_with_long_metadata(cx: &Cx) -> Outcome {
    create_refused(cx, json!({"metadata": {"a": "b".repeat(260)}}), [400, 413]).await
}

/// Asks for a server with these members, which must be refused.
async fn create_refused(cx: &Cx, members: Value, statuses: impl Statuses) -> Outcome {
    let (compute, name) = (cx.compute()?, cx.name("refused"));
    let is_named = members.get("name").is_none();
    let body = with(request(cx, &name).await?, members);
    let planned = if is_named { Some(cx.will_create(Resource::new(Kind::Server, &name))?) } else { None };
    let response = compute.post("servers").json(&body).send().await?;
    if (200..300).contains(&response.status())
        && let Some(id) = response.json()?.value()["server"]["id"].as_str()
    {
        // It must go away again. A name that is not the run's own would match what is not ours: it has its id.
        match &planned {
            Some(planned) => planned.created(id),
            None => {
                cx.will_create(Resource { id: Some(id.to_owned()), ..Resource::new(Kind::Server, &name) })?.created(id);
            }
        }
    }
    require_refused(&response, statuses)?;
    if planned.is_some() {
        let list = compute.get("servers").query("name", &name).send().await?;
        let servers = list.json().map_or(Value::Null, |list| list.value()["servers"].clone());
        expect_eq!(response, servers, json!([]), "a refused server should not be created");
    }
    Ok(())
}

/// Showing an unknown server must answer 404.
#[conformance(
    id = "compute.servers.show-unknown",
    spec = "compute-v2.1#show-server-details",
    covers = "3436b02f-1b1e-4f03-881e-c6a602327439",
    needs = [Compute],
)]
async fn show_unknown(cx: &Cx) -> Outcome {
    cx.compute()?.get(&format!("servers/{}", cx.unused_uuid())).require_refusal(404).await.map(drop)
}

/// A server that does not exist cannot be renamed: it is not found.
#[conformance(
    id = "compute.servers.rename-unknown",
    spec = "compute-v2.1#update-server",
    covers = "aa8eed43-e2cb-4ebf-930b-da14f6a21d81",
    needs = [Compute],
)]
async fn rename_unknown(cx: &Cx) -> Outcome {
    let body = json!({"server": {"name": cx.name("renamed")}});
    let path = format!("servers/{}", cx.unused_uuid());
    cx.compute()?.put(&path).json(&body).require_refusal(404).await.map(drop)
}

/// A server cannot be given an empty name (400), and stays active.
///
/// It should keep its name.
#[conformance(
    id = "compute.servers.rename-to-empty-name",
    spec = "compute-v2.1#update-server",
    covers = "38204696-17c6-44da-9590-40f87fb5a899",
    needs = [Compute],
    shares = ["compute.server"],
)]
async fn rename_to_empty_name(cx: &Cx) -> Outcome {
    rename_refused(cx, "").await
}

/// A server cannot be given a name of 256 letters (400), and stays active.
///
/// It should keep its name.
#[conformance(
    id = "compute.servers.rename-to-long-name",
    spec = "compute-v2.1#update-server",
    covers = "5c8e244c-dada-4590-9944-749c455b431f",
    needs = [Compute],
    shares = ["compute.server"],
)]
async fn rename_to_long_name(cx: &Cx) -> Outcome {
    rename_refused(cx, &"a".repeat(256)).await
}

async fn rename_refused(cx: &Cx, name: &str) -> Outcome {
    let reading = Reading::shared(cx).await?;
    let body = json!({"server": {"name": name}});
    let refused = cx.compute()?.put(&reading.server.path).json(&body).require_refusal(400).await?;
    let shown = reading.server.wait_for(cx, "ACTIVE").await?;
    expect_eq!(
        refused,
        shown.value()["name"],
        reading.server.name,
        "a server that is not renamed should keep its name"
    );
    Ok(())
}

/// A server whose id is a negative number cannot be deleted: it is not found.
#[conformance(
    id = "compute.servers.delete-with-negative-id",
    spec = "compute-v2.1#delete-server",
    covers = "75f79124-277c-45e6-a373-a1d6803f4cc4",
    needs = [Compute],
)]
async fn delete_with_negative_id(cx: &Cx) -> Outcome {
    cx.compute()?.delete("servers/-1").of_nobody().require_refusal(404).await.map(drop)
}

/// A server whose id is a number of more than 63 bits cannot be deleted: it is not found.
#[conformance(
    id = "compute.servers.delete-with-long-id",
    spec = "compute-v2.1#delete-server",
    covers = "f4d7279b-5fd2-4bf2-9ba4-ae35df0d18c5",
    needs = [Compute],
)]
async fn delete_with_long_id(cx: &Cx) -> Outcome {
    cx.compute()?.delete(&format!("servers/{}", 1_u64 << 63)).of_nobody().require_refusal(404).await.map(drop)
}
