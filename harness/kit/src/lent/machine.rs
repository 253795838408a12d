//! A node of the bare-metal service that a test may change.

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
    /// in now, however the test ends. The test names `Machine` in `needs` and `Machines` in `holds`.
    pub async fn machine(&self) -> Outcome<Machine> {
        let borrowed = self.deployment().borrow_machine()?;
        let (name, id) = (borrowed.name().to_owned(), borrowed.id().to_owned());
        self.undo().keep(borrowed);
        announce(self, &name, &id).await
    }

    /// Like [`Cx::machine`], one whose node, as the newest microversion describes it, is as it should be; none where no listed
    /// one is. It is waited for while another test has it.
    pub async fn machine_that(&self, fits: impl Fn(&Value) -> bool) -> Outcome<Option<Machine>> {
        let fit = those(self, fits).await?;
        if fit.is_empty() {
            return Ok(None);
        }
        let look = || async { Ok(self.deployment().borrow_machine_of(&fit)) };
        // The time of the test ends this.
        let borrowed = self.settled(Duration::from_secs(86_400), look, Option::is_some).await?;
        let Some(borrowed) = borrowed else { return Ok(None) };
        let (name, id) = (borrowed.name().to_owned(), borrowed.id().to_owned());
        self.undo().keep(borrowed);
        announce(self, &name, &id).await.map(Some)
    }
}

/// The UUIDs of the listed nodes that are as they should be.
async fn those(cx: &Cx, fits: impl Fn(&Value) -> bool) -> Outcome<Vec<String>> {
    let client = newest(&cx.bare_metal()?);
    let mut found = Vec::new();
    for (_, id) in cx.deployment().machines() {
        if let Ok(id) = id
            && fits(show(&client, id).await?.value())
        {
            found.push(id.to_owned());
        }
    }
    Ok(found)
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
