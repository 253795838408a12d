//! Allocations: a node is claimed by what it has to offer.

use std::time::Duration;

use assay_kit::prelude::*;
use assay_kit::{Planned, Request};

use super::fixture::{Refusal as _, at, contended, merge, path, patiently, refused, require_holds, show};
use super::steps::bring;

/// How long it may take to find a node.
const CLAIM: Duration = Duration::from_secs(60);
/// How often one is asked for where requests at the same time stop each other in the service's database.
const TRIES: u32 = 3;

/// An allocation that a test asked for.
struct Made {
    id: String,
    path: String,
    planned: Planned,
}

impl Made {
    /// Asks for one of a new name with these members, and waits until it comes to this end; gives what it is then.
    ///
    /// One that another request stopped in the service's database is deleted, and another is asked for.
    async fn new(cx: &Cx, ironic: &Client, members: &Value, state: &str) -> Outcome<(Self, Json)> {
        let mut tries = 1;
        loop {
            let (_, planned, request) = ask(cx, ironic, members)?;
            let answer = patiently(cx, request).await?;
            answer.require_status(201)?;
            let id = answer.json()?.get("uuid")?.text()?.to_owned();
            planned.created(&id);
            let made = Self { path: path("allocations", &id), id, planned };
            let settled = |seen: &Json| seen.value()["state"] != "allocating";
            let seen = cx.settled(CLAIM, || show(ironic, &made.path), settled).await?;
            let error = seen.value()["last_error"].as_str().unwrap_or_default().to_owned();
            if tries < TRIES && (!settled(&seen) || contended(&error)) {
                let why = format!("{}, last error {error:?}", seen.value()["state"]);
                seen.deviate("requests at the same time should not stop an allocation".into(), None, Some(why));
                tries += 1;
                made.delete(cx, ironic).await?;
                continue;
            }
            if seen.value()["state"] == state {
                return Ok((made, seen));
            }
            let actual = format!("{}, last error {error:?}", seen.value()["state"]);
            return Err(seen.fail(
                "an allocation must come to this state".into(),
                Some(state.to_owned()),
                Some(actual),
            ));
        }
    }

    /// Deletes it and sees it gone.
    async fn delete(&self, cx: &Cx, ironic: &Client) -> Outcome {
        patiently(cx, ironic.delete(&self.path)).await?.require_status(204)?;
        ironic.get(&self.path).require_refusal(404).await?;
        self.planned.removed();
        Ok(())
    }
}

/// A request for one of a new name, which is announced.
fn ask(cx: &Cx, ironic: &Client, members: &Value) -> Outcome<(String, Planned, Request)> {
    let name = cx.name("allocation");
    let mut body = json!({"name": name});
    merge(&mut body, members);
    let planned = cx.will_create(Resource::new(Kind::Allocation, &name))?;
    Ok((name, planned, ironic.post("allocations").json(&body)))
}

/// An allocation by resource class and traits must claim an available machine, and each must name the other. A second
/// allocation must fail and take nothing from the first. Once the allocation is deleted, the machine must belong to nobody.
#[conformance(
    id = "baremetal.allocations.claim",
    spec = "baremetal-v1#create-allocation",
    covers = "9177a4c9-a6ec-4c76-9b62-c79d86f6b666",
    needs = [BareMetal, BareMetalMicroversion("1.52"), Machine],
    holds = [Machines],
    seconds = 3,
    timeout = 9000,
)]
async fn claim(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.52")?;
    let class = machine.found.get("resource_class")?;
    if class.value().is_null() {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "resource class"),
            "the machine has no resource class by which it could be claimed",
        ));
    }
    if machine.found.value()["power_state"].is_null() {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "power state"),
            "nobody knows whether the machine is on: such a one is never claimed",
        ));
    }
    bring(cx, &ironic, &machine, "available").await?;
    let traits = show(&ironic, &format!("{}/traits", machine.path())).await?.get("traits")?.value().clone();
    let wanted = json!({"resource_class": class.value(), "candidate_nodes": [machine.id], "traits": traits});
    let (first, claimed) = Made::new(cx, &ironic, &wanted, "active").await?;
    require_holds(&claimed, &json!({"node_uuid": machine.id, "last_error": null}), "an allocation")?;
    let of_node = show(&ironic, &format!("{}/allocation", machine.path())).await?;
    require_holds(&of_node, &json!({"uuid": first.id, "state": "active"}), "the allocation of the machine")?;
    let node = show(&ironic, &machine.path()).await?;
    require_holds(&node, &json!({"allocation_uuid": first.id, "instance_uuid": first.id}), "a claimed machine")?;
    let (second, failed) = Made::new(cx, &ironic, &wanted, "error").await?;
    require!(failed, !failed.value()["last_error"].is_null(), "an allocation that finds no node must say why");
    require!(failed, failed.value()["node_uuid"].is_null(), "an allocation that finds no node must name none");
    let seen = show(&ironic, &machine.path()).await?;
    require_eq!(seen, seen.value()["instance_uuid"], first.id.as_str(), "the machine must be claimed still");
    second.delete(cx, &ironic).await?;
    first.delete(cx, &ironic).await?;
    let node = show(&ironic, &machine.path()).await?;
    require_holds(&node, &json!({"allocation_uuid": null, "instance_uuid": null}), "a machine that is free again")
}

/// An allocation that fits no node must end in the state `error`, say why, and name no node. Once deleted, it must be gone.
#[conformance(
    id = "baremetal.allocations.nothing-fits",
    spec = "baremetal-v1#create-allocation",
    covers = "6367ef80-afc5-4643-9433-71df23bd1155",
    needs = [BareMetal, BareMetalMicroversion("1.52")],
)]
async fn nothing_fits(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.52")?;
    let wanted = json!({"resource_class": cx.name("class")});
    let (made, failed) = Made::new(cx, &ironic, &wanted, "error").await?;
    require!(failed, !failed.value()["last_error"].is_null(), "an allocation that finds no node must say why");
    require!(failed, failed.value()["node_uuid"].is_null(), "an allocation that finds no node must name none");
    made.delete(cx, &ironic).await
}

/// An allocation without a resource class, of an unknown node, with an invalid trait or with the name of another one must be
/// refused. None must be made.
#[conformance(
    id = "baremetal.allocations.refused",
    spec = "baremetal-v1#create-allocation",
    covers = "77dae2dc-83b2-4c37-8aa3-71e06e935838",
    needs = [BareMetal, BareMetalMicroversion("1.52")],
)]
async fn refusals(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.52")?;
    let class = cx.name("class");
    let nobody = cx.unused_uuid();
    let wrong = [
        // A service that takes it could claim nothing: the only candidate is nobody.
        (json!({"candidate_nodes": [nobody]}), "resource_class"),
        (json!({"resource_class": class, "candidate_nodes": [nobody]}), nobody.as_str()),
        (json!({"resource_class": class, "traits": ["nope"]}), "nope"),
    ];
    for (members, names) in wrong {
        let (name, _, request) = ask(cx, &ironic, &members)?;
        refused(cx, request, 400, names).await?;
        ironic.get(&path("allocations", &name)).require_refusal(404).await?;
    }
    let (name, planned, request) = ask(cx, &ironic, &json!({"resource_class": class}))?;
    let answer = patiently(cx, request).await?;
    answer.require_status(201)?;
    let made = answer.json()?;
    planned.created(made.get("uuid")?.text()?);
    let twice = json!({"name": name, "resource_class": class});
    refused(cx, ironic.post("allocations").json(&twice), 409, &name).await?;
    let shown = show(&ironic, &path("allocations", &name)).await?;
    require_holds(&shown, &json!({"uuid": made.get("uuid")?.value()}), "the allocation that there was")
}
