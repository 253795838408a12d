//! A node of the bare-metal service that a test may change.

use std::sync::PoisonError;
use std::time::Duration;

use serde_json::Value;

use crate::context::Cx;
use crate::json::Json;
use crate::outcome::{Outcome, Stop};
use crate::resources::bare_metal::newest;
use crate::resources::machine::{path, show};
use crate::resources::machine_settings::{self as settings};
use crate::resources::{Kind, Resource};
use crate::undo::Planned;

/// How long a node may be busy before a test takes it.
const BUSY: Duration = Duration::from_secs(60);

/// A node that tests may change, for one test.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Its UUID.
    pub id: String,
    /// The name that it is listed under.
    pub name: String,
    /// The node as it was found.
    pub found: Json,
}

impl Machine {
    /// The path of the node.
    #[must_use]
    pub fn path(&self) -> String {
        path(&self.id)
    }
}

impl Cx {
    /// A node of the bare-metal service that tests may change, for this test alone. It is put back into the state that it is
    /// in now, however the test ends. The test names `Machine` in `needs` and `Machines` in `holds`, and is run again with
    /// another node where it is skipped with this one.
    pub async fn machine(&self) -> Outcome<Machine> {
        let machine = borrow(self, self.untried_machines()).await?;
        machine
            .ok_or_else(|| Stop::Error("a defect of Assay: a test takes a machine without naming it in `needs`".into()))
    }

    /// Like [`Cx::machine`], one whose node, as the newest microversion describes it, is as it should be; none where no listed
    /// one is. It is waited for while another test has it.
    pub async fn machine_that(&self, fits: impl Fn(&Value) -> bool) -> Outcome<Option<Machine>> {
        let client = newest(&self.bare_metal()?);
        let mut fit = Vec::new();
        for id in self.untried_machines() {
            if fits(show(&client, &id).await?.value()) {
                fit.push(id);
            }
        }
        borrow(self, fit).await
    }

    /// The UUIDs of the listed nodes that this test has not had yet.
    #[must_use]
    pub fn untried_machines(&self) -> Vec<String> {
        let tried = self.tried().lock().unwrap_or_else(PoisonError::into_inner);
        self.deployment().machine_ids().filter(|id| !tried.contains(*id)).map(str::to_owned).collect()
    }
}

/// Takes one of these nodes, and waits for it while other tests have them all; `None` without a node.
async fn borrow(cx: &Cx, ids: Vec<String>) -> Outcome<Option<Machine>> {
    if ids.is_empty() {
        return Ok(None);
    }
    let look = || async { Ok(cx.deployment().borrow_machine_of(&ids)) };
    // The time of the test ends this. Who waits has no other node: it was given back before.
    let borrowed = cx.settled(Duration::from_secs(86_400), look, Option::is_some).await?;
    let Some(borrowed) = borrowed else { return Ok(None) };
    let (name, id) = (borrowed.name().to_owned(), borrowed.id().to_owned());
    cx.undo().keep(borrowed);
    cx.tried().lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
    announce(cx, &name, &id).await.map(Some)
}

/// Looks at a node and announces that it will be changed.
async fn announce(cx: &Cx, name: &str, id: &str) -> Outcome<Machine> {
    let client = newest(&cx.bare_metal()?);
    let node = cx.settled(BUSY, || show(&client, id), |node| node.value()["reservation"].is_null()).await?;
    let state = node.get("provision_state")?.text()?.to_owned();
    let refused =
        |why: &str| Err(Stop::Error(format!("machine `{name}` {why}: list another one in the deployment file")));
    if !matches!(state.as_str(), "available" | "manageable") {
        return refused(&format!("is in the state `{state}`, and tests take only one that is available or manageable"));
    }
    if node.value()["maintenance"] == true {
        return refused("is in maintenance");
    }
    if !node.value()["instance_uuid"].is_null() {
        return refused("belongs to an instance");
    }
    if node.value()["instance_info"].to_string().contains(settings::MASK) {
        // It goes with a deployment, and nobody could write it again.
        return refused("has secrets in its `instance_info`, which could not be put back");
    }
    let previous = settings::found(&client, id, &node).await?.to_string();
    let resource = Resource { previous: Some(previous), id: Some(id.to_owned()), ..Resource::new(Kind::Machine, name) };
    cx.deployment().guard().takes(cx.log_handle().id(), &resource);
    let _: Planned = cx.will_create(resource)?;
    Ok(Machine { id: id.to_owned(), name: name.to_owned(), found: node })
}
