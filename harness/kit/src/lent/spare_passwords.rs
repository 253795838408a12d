//! The password of the spare account, which a test may change.

use crate::context::Cx;
use crate::http::client::Client;
use crate::need::Service;
use crate::outcome::Outcome;
use crate::resources::spare_password::{name, secret};
use crate::resources::{Kind, Resource};
use crate::session::Role;
use crate::undo::Planned;

/// The passwords that a test may give the spare account.
#[derive(Debug)]
pub struct SparePasswords {
    planned: Planned,
    client: Client,
    name: String,
}

impl SparePasswords {
    fn announce(cx: &Cx) -> Outcome<Self> {
        cx.password(Role::Spare)?;
        let client = cx.client(Role::Spare, Service::Identity)?;
        let name = name(cx.deployment().run_id());
        let planned = cx.will_create(Resource::new(Kind::SparePassword, &name).of(Role::Spare))?;
        Ok(Self { planned, client, name })
    }

    /// A password that the account never had: a secret, which the redactor knows. Ask for it right before it is set.
    pub fn next(&self) -> Outcome<String> {
        let step = self.client.caller.session.next_step(0);
        self.planned.created(&step.to_string());
        secret(&self.client, &self.name, step)
    }
}

impl Cx {
    /// The spare account, whose password may be changed from now on: it is put back however the test ends.
    pub fn spare_passwords(&self) -> Outcome<SparePasswords> {
        SparePasswords::announce(self)
    }
}
