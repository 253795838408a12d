//! Which requests were about something that is not the run's.

use std::collections::BTreeSet;

use assay_hostile::{Answer, Exchange, Request};
use assay_record::naming::is_announceable;
use serde_json::Value;

/// What belongs to a run: its name, and every id that the deployment gave to what was created under that name.
struct Own {
    tokens: BTreeSet<String>,
    /// The ids of accounts, which stand in many paths.
    accounts: BTreeSet<String>,
}

impl Own {
    fn is_in(&self, text: &str) -> bool {
        self.tokens.iter().any(|token| text.contains(token.as_str()))
    }

    /// Takes what an answer says was created or joined by a request of the run's.
    fn learn(&mut self, answer: &str, key: &str) {
        let Ok(body) = serde_json::from_str::<Value>(answer) else { return };
        let wrapped = body.as_object().into_iter().flat_map(|body| body.values());
        let listed = body.as_object().into_iter().flat_map(|body| body.values()).filter_map(Value::as_array).flatten();
        for value in std::iter::once(&body).chain(wrapped).chain(listed) {
            self.tokens.extend(value[key].as_str().filter(|id| id.len() > 7).map(str::to_owned));
            self.tokens.extend(of_reference(value).map(str::to_owned));
        }
    }
}

impl Own {
    /// Takes the ids of what has, whole, a name of the run's, and of the ports of its servers.
    fn learn_named(&mut self, answer: Option<&Answer>, run: &str) {
        let Some(answer) = answer else { return };
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let members: Vec<_> = body.as_object().into_iter().flat_map(|body| body.values()).collect();
        let listed = members.iter().filter_map(|member| member.as_array()).flatten();
        for thing in listed.chain(members.iter().copied()) {
            let is_named = thing["name"].as_str().is_some_and(|name| is_announceable(name, run));
            let is_of_own = thing["device_id"].as_str().is_some_and(|device| self.tokens.contains(device));
            if is_named || is_of_own {
                self.tokens.extend(thing["id"].as_str().or(of_reference(thing)).map(str::to_owned));
            }
        }
    }
}

/// The id of a secret, which tells its address.
fn of_reference(thing: &Value) -> Option<&str> {
    thing["secret_ref"].as_str()?.rsplit('/').next()
}

/// The parts of a path that look like an id.
fn ids(path: &str) -> impl Iterator<Item = &str> {
    let is_id = |part: &&str| {
        let digits = part.chars().filter(char::is_ascii_hexdigit).count();
        digits == 32 && part.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-')
    };
    path.split('/').filter(is_id)
}

/// Where what the run created is, by what the deployment itself said: requests that show it.
pub fn created(seen: &[Exchange], run: &str) -> Vec<Request> {
    let mut shown = Vec::new();
    for Exchange { request, answer } in seen {
        let Some(answer) = answer.as_ref().filter(|answer| (200..300).contains(&answer.status)) else { continue };
        let path = request.path.trim_end_matches('/');
        let headers: Vec<_> =
            request.headers.iter().filter(|(name, _)| !name.starts_with("content-")).cloned().collect();
        let show =
            |path: String| Request { method: "GET".into(), path, headers: headers.clone(), ..Request::default() };
        let is_container = path.rsplit('/').nth(1).is_some_and(|account| account.starts_with("AUTH_"));
        if request.method == "PUT" && is_container && path.contains(run) {
            shown.push(show(path.to_owned()));
        }
        if request.method == "POST" && request.text().contains(run) && !path.ends_with("/action") {
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let things = std::iter::once(&body).chain(body.as_object().into_iter().flat_map(|body| body.values()));
            for id in things.flat_map(|thing| [&thing["id"], &thing["uuid"]]).filter_map(Value::as_str) {
                shown.push(show(format!("{path}/{id}")));
            }
            shown.extend(of_reference(&body).map(|id| show(format!("{path}/{id}"))));
            if let Some(at) = body["@odata.id"].as_str() {
                shown.push(show(at.to_owned()));
            }
            if let Some(name) = body["keypair"]["name"].as_str() {
                shown.push(show(format!("{path}/{name}")));
            }
        }
    }
    shown
}

/// A request that changes something and is not about something of the run's.
pub struct Stray {
    pub request: String,
    /// Whether the deployment did what was asked for.
    pub is_done: bool,
}

/// Each request that changes something and is not, by what the deployment itself said, about something of the run's.
/// `listed` are the machines that users gave: their names, ids and paths.
pub fn strays(seen: &[Exchange], run: &str, listed: &[String]) -> Vec<Stray> {
    let mut own = Own { tokens: BTreeSet::from([run.to_owned()]), accounts: BTreeSet::new() };
    own.tokens.extend([run.to_ascii_uppercase().replace('-', "_")]);
    own.tokens.extend(listed.iter().cloned());
    let mut strays = Vec::new();
    for Exchange { request, answer } in seen {
        let answer = answer.as_ref().filter(|answer| answer.status < 300);
        if request.path.ends_with("/auth/tokens") {
            let body: Value = answer.and_then(|answer| serde_json::from_slice(&answer.body).ok()).unwrap_or_default();
            let token = &body["token"];
            let ids = [&token["user"]["id"], &token["project"]["id"]].into_iter().filter_map(Value::as_str);
            own.accounts.extend(ids.map(str::to_owned));
            continue;
        }
        if request.reads() {
            // One request may create several, which only a list tells of.
            own.learn_named(answer, run);
            continue;
        }
        if is_own(request, &own) {
            if let Some(answer) = answer.filter(|_| matches!(request.method.as_str(), "POST" | "PUT")) {
                for key in ["id", "uuid", "port_id", "image_id", "@odata.id"] {
                    own.learn(answer.text(), key);
                }
                let location = answer.header("location").and_then(|location| ids(location).last());
                own.tokens.extend(location.map(str::to_owned));
            }
        } else {
            let request = format!("{} {} {}", request.method, request.target(), request.text());
            strays.push(Stray { request, is_done: answer.is_some() });
        }
    }
    strays
}

fn is_own(request: &Request, own: &Own) -> bool {
    let Request { method, path, .. } = request;
    let mut named = ids(path).filter(|id| !own.accounts.contains(*id)).peekable();
    // Every id in the path must be the run's. Where the path has no id, and something is created or an account is told something,
    // the run's name, or something of the run's, stands somewhere in the request.
    if named.peek().is_some() {
        return named.all(|id| own.tokens.contains(id));
    }
    if own.is_in(path) {
        return true;
    }
    if method == "DELETE" {
        let mut lines = request.text().lines().map(|line| line.trim_start_matches('/'));
        let many = request.query.as_deref().is_some_and(|query| query.contains("bulk-delete"));
        return many && lines.all(|line| own.tokens.iter().any(|token| line.starts_with(token)));
    }
    let headers = request.headers.iter().filter(|(name, _)| name.starts_with("x-") && name != "x-auth-token");
    let mut told = headers.flat_map(|(name, value)| [name, value]);
    let account = path.rsplit('/').next().is_some_and(|last| last.starts_with("AUTH_"));
    let of_an_account = ["quota-bytes", "temp-url-key"];
    // An archive is no text.
    own.is_in(&String::from_utf8_lossy(&request.body))
        || told.any(|text| own.is_in(text) || account && of_an_account.iter().any(|known| text.ends_with(known)))
        // A password of the spare account; a session that the command logs in with.
        || path.ends_with("/password")
        || path.ends_with("/SessionService/Sessions")
}
