//! The manager of a domain: [scs-0302](https://docs.scs.community/standards/scs-0302-v1-domain-manager-role). The ids are ours, for
//! SCS lists no test cases.
//!
//! What must be refused is asked for only of what the run has made: in the other domain by the other manager, who looks afterwards
//! whether it is as it was.

mod beyond;
mod foreign;
mod grants;
mod members;
mod own;
mod relation;

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

/// What refuses something to whoever may do nothing of the kind: Keystone answers 403, and a service may hide instead that there is
/// such a thing (RFC 9110, section 15.5.4).
const REFUSED: [u16; 2] = [403, 404];

/// A kind of things that domains have.
#[derive(Debug, PartialEq, Eq)]
struct Thing {
    /// What a body calls one, and a message.
    one: &'static str,
    /// The path of all.
    all: &'static str,
    kind: Kind,
}

static USER: Thing = Thing { one: "user", all: "users", kind: Kind::User };
static GROUP: Thing = Thing { one: "group", all: "groups", kind: Kind::Group };
static PROJECT: Thing = Thing { one: "project", all: "projects", kind: Kind::Project };

impl Thing {
    /// What makes one: without a domain where none is named. Users cannot log in: they have no password, and are disabled.
    fn body(&self, name: &str, domain: Option<&str>) -> Value {
        let mut members = json!({"name": name, "description": "made by Assay"});
        if let Some(domain) = domain {
            members["domain_id"] = json!(domain);
        }
        if self.kind == Kind::User {
            members["enabled"] = json!(false);
        }
        json!({ self.one: members })
    }
}

/// Something that a manager has made in its domain.
#[derive(Debug)]
struct Made {
    thing: &'static Thing,
    id: String,
    name: String,
    path: String,
    planned: assay_kit::Planned,
}

/// The manager of a domain.
#[derive(Debug)]
struct Manager {
    role: Role,
    identity: Client,
    domain: String,
}

impl Manager {
    /// That of the domain that tests are about.
    async fn first(cx: &Cx) -> Outcome<Self> {
        Self::of(cx, Role::DomainManager).await
    }

    /// That of another domain.
    async fn other(cx: &Cx) -> Outcome<Self> {
        Self::of(cx, Role::AltDomainManager).await
    }

    async fn of(cx: &Cx, role: Role) -> Outcome<Self> {
        let Some(domain) = cx.login(role).await?.domain_id.clone() else {
            return Err(
                cx.skip(Lack::account(role.option()), format!("the token of the {role} account is for no domain"))
            );
        };
        Ok(Self { role, identity: cx.client(role, Service::Identity)?, domain })
    }

    /// Makes something in its domain, and reads it, which proves whose it is.
    async fn make(&self, cx: &Cx, thing: &'static Thing) -> Outcome<Made> {
        let name = cx.name(thing.one);
        let planned = cx.will_create(Resource::new(thing.kind, &name).of(self.role))?;
        let request = self.identity.post(thing.all).json(&thing.body(&name, Some(&self.domain)));
        let made = request.require(201).await?.json()?.get(thing.one)?;
        let id = made.get("id")?.text()?.to_owned();
        planned.created(&id);
        let path = format!("{}/{}", thing.all, encode(&id));
        let made = Made { thing, id, name, path, planned };
        let shown = self.show(&made).await?;
        for (key, value) in [("id", &made.id), ("name", &made.name), ("domain_id", &self.domain)] {
            require_eq!(shown, shown.value()[key], json!(value), "a new {} must be shown with its `{key}`", thing.one);
        }
        Ok(made)
    }

    /// What it is shown of something that it must see.
    async fn show(&self, made: &Made) -> Outcome<Json> {
        self.identity.get(&made.path).require(200).await?.json()?.get(made.thing.one)
    }

    /// Whether a list has something.
    async fn lists(&self, made: &Made, query: &[(&str, &str)]) -> Outcome<bool> {
        let pages = query
            .iter()
            .fold(Pages::new(&self.identity, made.thing.all), |pages, (name, value)| pages.query(name, value));
        // A list that is refused has nothing.
        let pages = pages.absent_if(403).absent_if(404);
        Ok(pages.all().await?.iter().any(|entry| entry.value()["id"] == made.id || entry.value()["name"] == made.name))
    }

    /// Deletes what it has made, and sees that it is gone.
    async fn delete(&self, made: &Made) -> Outcome {
        self.identity.delete(&made.path).require(204).await?;
        let gone = self.identity.get(&made.path).send().await?;
        let one = made.thing.one;
        // Of what is not there nobody knows the domain, so Keystone refuses to tell whoever manages one.
        require!(gone, REFUSED.contains(&gone.status()), "a {one} that was deleted must not be shown");
        require!(
            gone,
            !self.lists(made, &[("name", &made.name)]).await?,
            "a {one} that was deleted must not be listed"
        );
        made.planned.removed();
        Ok(())
    }

    /// The id of the role of this name, if the manager is shown one.
    async fn role_of(&self, name: &str) -> Outcome<Option<String>> {
        let listed = Pages::new(&self.identity, "roles").query("name", name).all().await?;
        let found = listed.iter().find(|role| role.value()["name"] == name);
        found.map(|role| Ok(role.get("id")?.text()?.to_owned())).transpose()
    }

    /// Tries to make something that it must not make; gives the answer, once all that came of it is noted. It is looked for in the
    /// domains of both, whatever the answer says.
    async fn tries_to_make(&self, cx: &Cx, other: &Self, thing: &Thing, domain: Option<&str>) -> Outcome<Response> {
        let name = cx.name(thing.one);
        let mut planned = Vec::new();
        for manager in [self, other] {
            planned.push((manager, cx.will_create(Resource::new(thing.kind, &name).of(manager.role))?));
        }
        let answer = self.identity.post(thing.all).json(&thing.body(&name, domain)).send().await?;
        let made: Value = serde_json::from_slice(answer.bytes()).unwrap_or_default();
        let made = &made[thing.one];
        if let Some(id) = made["id"].as_str() {
            let of = planned.iter().filter(|(manager, _)| made["domain_id"] == manager.domain);
            of.for_each(|(_, planned)| planned.created(id));
        }
        Ok(answer)
    }
}

/// Ends the test as failed unless something was refused: what it was, to do what.
fn must_refuse(answer: &Response, what: &str) -> Outcome {
    if REFUSED.contains(&answer.status()) {
        return Ok(());
    }
    let expected = Some("403 or 404".to_owned());
    Err(answer.fail(
        format!("a domain manager must not be able to {what}"),
        expected,
        Some(answer.status().to_string()),
    ))
}
