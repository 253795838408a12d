//! What proves that something is the run's: its own description, read by its id.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use assay_text::excerpt;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::path::is_id;
use super::proved::Proved;
use super::{Guard, Wanted, owners, refuse};
use crate::clock::time;
use crate::http::Caller;
use crate::http::address::encode;
use crate::http::response::Response;
use crate::need::Service;
use crate::outcome::{Outcome, Stop};
use crate::resources::Kind;
use crate::resources::facts::{Proof, Telling};
use crate::session::Role;

/// How far the clocks of a deployment's machines may differ.
const SKEW: TimeDelta = TimeDelta::seconds(60);
/// What is waited for something that was made a moment ago to be found.
const PAUSES: [u64; 3] = [100, 400, 1000];

impl Guard {
    /// Reads something by its id and says whether it is the run's.
    pub(crate) async fn prove(&self, caller: &Caller, kind: Kind, id: &str) -> Outcome<Proved> {
        if self.is_proved(caller.role(), kind, id) {
            return Ok(Proved::Yes);
        }
        self.read(caller, kind, id).await
    }

    /// The same, as it is now: whatever was proved before may be gone.
    pub(crate) async fn read(&self, caller: &Caller, kind: Kind, id: &str) -> Outcome<Proved> {
        let facts = kind.facts();
        let Proof::Read(telling) = facts.proof else {
            return Ok(Proved::No(format!("a {} is not known by an id", facts.name)));
        };
        if !is_id(id) {
            return Ok(Proved::No(format!("the id of the {} is invalid", facts.name)));
        }
        let answer = match self.reader(caller, kind, &telling, id) {
            Some(read) => read.await?,
            None => return Ok(Proved::No(format!("there is no {} service to read it from", facts.service))),
        };
        let description = match answer.status() {
            404 | 410 => return Ok(Proved::Gone),
            // Of domains, a manager is shown its own alone: another one may be there.
            403 if caller.role().manages() && kind != Kind::Domain => {
                return if self.unlisted(caller, &telling, id).await? {
                    Ok(Proved::Gone)
                } else {
                    Err(untold(&answer, 403))
                };
            }
            200 => match serde_json::from_slice::<Value>(answer.bytes()) {
                Ok(description) => description,
                Err(error) => return Ok(Proved::No(format!("{answer} is no JSON ({error})"))),
            },
            // Another time it may tell.
            status => return Err(untold(&answer, status)),
        };
        let judged = self.judge(caller, kind, id, &description);
        if let (Err(why), Kind::Port) = (&judged, kind) {
            // Services make ports by themselves, for what is proved to be the run's.
            if let Some(device) = self.device(caller, &description).await? {
                return Ok(if device { self.proven(caller, kind, id) } else { Proved::No(why.clone()) });
            }
        }
        Ok(match judged {
            Ok(()) => self.proven(caller, kind, id),
            Err(why) => Proved::No(why),
        })
    }

    /// Whether the list of all that a manager sees of a kind is there, and has nothing of this id. The identity service cannot tell the
    /// domain of what is not there, and answers whoever has rights within one alone that it is forbidden.
    async fn unlisted(&self, caller: &Caller, telling: &Telling, id: &str) -> Outcome<bool> {
        let Some(api) = self.api(caller.role(), Service::Identity) else { return Ok(false) };
        let (owner, collection) = (caller.at(api), telling.collection);
        let shown = Box::pin(async move { owner.read("GET", collection).await }).await?;
        let body: Value = serde_json::from_slice(shown.bytes()).unwrap_or_default();
        let whole = shown.status() == 200 && body["truncated"] != true && body["links"]["next"].is_null();
        let listed = body[collection].as_array().filter(|_| whole);
        Ok(listed.is_some_and(|listed| listed.iter().all(|entry| telling.id(entry).is_some_and(|told| told != id))))
    }

    fn proven(&self, caller: &Caller, kind: Kind, id: &str) -> Proved {
        self.known().proved.insert((caller.role(), kind, id.to_owned()));
        Proved::Yes
    }

    /// The request that reads a thing, as its owner. Boxed: reading is asking leave again.
    fn reader<'a>(
        &'a self,
        caller: &'a Caller,
        kind: Kind,
        telling: &Telling,
        id: &str,
    ) -> Option<Pin<Box<dyn Future<Output = Outcome<Response>> + Send + 'a>>> {
        let service = kind.facts().service;
        let api = self.api(caller.role(), service)?;
        let mut owner = caller.at(api);
        if service == Service::BareMetal {
            owner = owner.microversion(service, "latest");
        }
        let collection = match kind {
            Kind::ApplicationCredential | Kind::Ec2Credential => {
                format!("users/{}/{}", encode(&self.user(caller.role())?), telling.collection)
            }
            _ => telling.collection.to_owned(),
        };
        let path = format!("{collection}/{}", encode(id));
        Some(Box::pin(async move { owner.read("GET", &path).await }))
    }

    /// The API of a service, as an account sees it.
    pub(crate) fn api(&self, role: Role, service: Service) -> Option<String> {
        let apis = &self.places.get()?.apis;
        apis.iter().find(|(of, at, _)| (*of, *at) == (role, service)).map(|(_, _, api)| api.clone())
    }

    /// Whether the device that a service made a port for is the run's; `None` for a port without a device. A port with a name was made by
    /// somebody, who attached it.
    async fn device(&self, caller: &Caller, port: &Value) -> Outcome<Option<bool>> {
        let port = port.get("port").unwrap_or(port);
        let text = |key: &str| port[key].as_str().filter(|text| !text.is_empty());
        let (Some(owner), Some(device)) = (text("device_owner"), text("device_id")) else { return Ok(None) };
        if text("name").is_some() || text("description").is_some() {
            return Ok(None);
        }
        let created = port["created_at"].as_str().and_then(time);
        if created.zip(self.start_by(caller, Service::Network)).is_some_and(|(created, start)| is_older(created, start))
        {
            return Ok(None);
        }
        // What belongs to a router stands in a network, which may be somebody else's.
        let network = text("network_id").map(|network| (Kind::Network, network));
        let owners = if owner.starts_with("compute:") {
            [Some((Kind::Server, device)), None]
        } else if owner.starts_with("network:router") || owner.starts_with("network:ha_router") {
            [Some((Kind::Router, device)), network]
        } else if owner.starts_with("network:dhcp") || owner.starts_with("network:distributed") {
            [network, None]
        } else {
            [None, None]
        };
        let mut all = owners[0].is_some();
        for (kind, id) in owners.into_iter().flatten() {
            all &= Box::pin(self.prove(caller, kind, id)).await? == Proved::Yes;
        }
        Ok(Some(all))
    }

    /// Ends the test unless something is the run's.
    pub(super) async fn require(&self, caller: &Caller, wanted: &Wanted<'_>, kind: Kind, id: &str) -> Outcome {
        if kind == Kind::Node && self.is_lent_node(id) {
            return self.weigh_node(caller, wanted, id).await;
        }
        // It is asked to be deleted, and nothing else.
        let idle = kind == Kind::SecurityGroup && wanted.method == "DELETE" && self.known().idle_groups.contains(id);
        if self.is_nobodys(id) || idle {
            return Ok(());
        }
        let mut pauses = PAUSES.into_iter();
        loop {
            if owners(caller.role(), kind).skip(1).any(|owner| self.is_proved(owner, kind, id)) {
                return Ok(());
            }
            match self.prove(caller, kind, id).await? {
                Proved::Yes => return Ok(()),
                // A name that the run generated is nobody's id.
                Proved::Gone if wanted.nobody || assay_record::naming::is_generated(id, self.run()) => return Ok(()),
                // A test asks for what it has deleted, to see that it is gone.
                Proved::Gone if self.known().gone.contains(&(caller.role(), kind, id.to_owned())) => return Ok(()),
                Proved::Gone => {
                    let Some(pause) = pauses.next() else {
                        let why = format!("no {} has the id that the deployment gave", kind.facts().name);
                        return Err(refuse(caller, wanted, &why));
                    };
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                Proved::No(why) => return Err(refuse(caller, wanted, &why)),
            }
        }
    }

    /// Ends the test unless what belongs to a thing, and has no name, belongs to the run's.
    pub(super) async fn require_part(
        &self,
        caller: &Caller,
        wanted: &Wanted<'_>,
        service: Service,
        collection: &'static str,
        id: &str,
    ) -> Outcome {
        if self.is_nobodys(id) || self.known().parts.contains(&(collection, id.to_owned())) {
            return Ok(());
        }
        if !is_id(id) {
            return Err(refuse(caller, wanted, "its id is invalid"));
        }
        let (at, wrapped, parent, kind) = match service {
            Service::BareMetal => (service, "", "node_uuid", Kind::Node),
            // Compute hands its security groups on to Networking, which has the same ids.
            _ => (Service::Network, "security_group_rule", "security_group_id", Kind::SecurityGroup),
        };
        let Some(api) = self.api(caller.role(), at) else {
            return Err(refuse(caller, wanted, &format!("there is no {at} service to read it from")));
        };
        let mut owner = caller.at(api);
        if service == Service::BareMetal {
            owner = owner.microversion(service, "latest");
        }
        let path = format!("{collection}/{}", encode(id));
        let shown = Box::pin(async move { owner.read("GET", &path).await }).await?;
        let description: Value = serde_json::from_slice(shown.bytes()).unwrap_or_default();
        let description = description.get(wrapped).unwrap_or(&description);
        match description[parent].as_str().filter(|_| shown.status() == 200) {
            Some(parent) => {
                Box::pin(self.require(caller, wanted, kind, parent)).await?;
                self.known().parts.insert((collection, id.to_owned()));
                Ok(())
            }
            None if shown.status() == 404 && wanted.nobody => Ok(()),
            None => Err(refuse(caller, wanted, &format!("{shown} answered {} and names no owner", shown.status()))),
        }
    }

    /// Whether a description is that of something of the run's; why not, if it is not.
    pub(super) fn judge(&self, caller: &Caller, kind: Kind, id: &str, description: &Value) -> Result<(), String> {
        let role = caller.role();
        let facts = kind.facts();
        let Proof::Read(telling) = facts.proof else { return Err("nothing tells whose it is".into()) };
        let it = if telling.wrapped.is_empty() { description } else { &description[telling.wrapped] };
        let text = |key: &str| it[key].as_str().filter(|text| !text.is_empty());
        let name = facts.name;
        if telling.id(it).is_none_or(|told| told != id) {
            return Err(format!("what is found under the id of a {name} has another id"));
        }
        let label = telling.label(it);
        if !label.is_some_and(|label| self.is_ours(kind, label)) {
            let called = label.unwrap_or("nothing");
            return Err(format!("the {name} with that id is called `{}`: this run did not make it", excerpt(called)));
        }
        let whose = if kind.is_of_domain() { "domain" } else { "project" };
        let projects: Vec<&str> = telling.project.iter().filter_map(|key| text(key)).collect();
        match (projects.is_empty(), self.owner(role, kind)) {
            (true, _) if telling.told => return Err(format!("the {name} with that id does not tell its {whose}")),
            (true, _) => {}
            (false, None) => return Err(format!("it is unknown which {whose} the {role} account is in")),
            (false, Some(own)) if projects.iter().all(|project| *project == own) => {}
            (false, Some(_)) => return Err(format!("the {name} with that id belongs to another {whose}")),
        }
        if let (Some(told), Some(own)) = (text(telling.user), self.user(role))
            && told != own
        {
            return Err(format!("the {name} with that id belongs to another user"));
        }
        match (&it[telling.created], self.start_by(caller, facts.service)) {
            (Value::Null, _) | (_, None) => Ok(()),
            (told, Some(start)) => match told.as_str().and_then(time) {
                None => Err(format!("the {name} with that id tells no time of creation that can be read (`{told}`)")),
                Some(created) if is_older(created, start) => Err(format!(
                    "the {name} with that id was created at {created}, before the run began at {start}{CLOCKS}"
                )),
                Some(_) => Ok(()),
            },
        }
    }

    /// When the run began by the clock of a service, as far as its answers told: it may be another one than the identity
    /// service's, by which the beginning is known.
    pub(super) fn start_by(&self, caller: &Caller, service: Service) -> Option<DateTime<Utc>> {
        let start = self.known().start?;
        let Some(api) = self.api(caller.role(), service) else { return Some(start) };
        let clocks = caller.session.transport().clocks();
        let apart = clocks.now(&api) - clocks.now(&caller.session.cloud().auth_url);
        Some(start.checked_add_signed(apart).unwrap_or(start))
    }

    /// Whether a container is the run's: its address is its name, and it must not be older than the run.
    pub(crate) async fn container(&self, caller: &Caller, role: Role, name: &str) -> Outcome<Proved> {
        if !self.is_ours(Kind::Container, name) {
            return Ok(Proved::No(format!("the container `{name}` has no name of this run")));
        }
        let Some(api) = self.api(role, Service::ObjectStorage) else {
            return Ok(Proved::No("there is no object storage".into()));
        };
        let owner = caller.at(api);
        let path = encode(name);
        let shown = Box::pin(async move { owner.read("HEAD", &path).await }).await?;
        Ok(match shown.status() {
            404 => Proved::Gone,
            200..300 => {
                #[expect(clippy::cast_possible_truncation, reason = "whole seconds are enough")]
                let stamp = |text: &str| DateTime::from_timestamp(text.parse::<f64>().ok()? as i64, 0);
                match (shown.header("x-timestamp"), self.start_by(caller, Service::ObjectStorage)) {
                    (None, _) | (_, None) => Proved::Yes,
                    (Some(told), Some(start)) => match stamp(told) {
                        None => Proved::No(format!("the container `{name}` tells no time that can be read")),
                        Some(created) if is_older(created, start) => Proved::No(format!(
                            "the container `{name}` was created at {created}, before the run began at {start}{CLOCKS}"
                        )),
                        Some(_) => Proved::Yes,
                    },
                }
            }
            status => return Err(untold(&shown, status)),
        })
    }

    /// Ends the test unless a token may be revoked: it was made by a login of the run's own, and nothing else rests on it.
    pub(super) async fn weigh_token(&self, caller: &Caller, wanted: &Wanted<'_>) -> Outcome {
        let subject = wanted.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-subject-token"));
        let Some((_, subject)) = subject else {
            return Err(refuse(caller, wanted, "it names no token"));
        };
        let given = caller.session.cloud().credentials.secrets().contains(&subject.as_str());
        let own = caller.session.known_login().await.is_some_and(|login| login.token == *subject);
        if given || own {
            return Err(refuse(caller, wanted, "the token is the account's own"));
        }
        Ok(())
    }
}

/// What else may be the reason for a time of creation before the run.
const CLOCKS: &str =
    " (unless the service's clock and the `Date` of its answers differ: then set the one that is wrong)";

/// Whose something is was not told.
fn untold(answer: &Response, status: u16) -> Stop {
    Stop::Error(format!("whose it is cannot be told: {answer} answered {status}"))
}

/// Whether something was created before the run began, by clocks that may differ a little. The beginning may be anything: a
/// run's folder tells it.
fn is_older(created: DateTime<Utc>, start: DateTime<Utc>) -> bool {
    start.checked_sub_signed(SKEW).is_some_and(|earliest| created < earliest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_at_the_end_of_time_is_one_like_any_other() {
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        assert!(!is_older(first, first) && !is_older(last, first) && is_older(first, last));
        assert!(!is_older(last - SKEW, last));
    }
}
