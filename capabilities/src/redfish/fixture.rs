//! What tests of Redfish services share: the resources that belong to a system, actions and their tasks, and refusals.

use std::time::{Duration, Instant};

use assay_kit::prelude::*;

/// How long a machine may take to be turned on or off.
pub const POWER: Duration = Duration::from_secs(90);
/// How long what was written may take to read back.
pub const SETTLING: Duration = Duration::from_secs(45);
/// How long is watched that nothing happens.
pub const QUIET: Duration = Duration::from_secs(5);
/// How many members of a collection are looked at, each with a request of its own.
const LOOKED_AT: usize = 200;

/// What the link of that name leads to; skips the test where it is not offered. One that leads nowhere fails the test: it is
/// for the one test whose matter this link is.
pub async fn offered(cx: &Cx, redfish: &Redfish, from: &Json, link: &str) -> Outcome<Json> {
    let found = redfish.follow(from, link).await?;
    found.ok_or_else(|| {
        cx.skip(
            Lack::feature(Service::Redfish, link),
            format!("`{}` offers no {link}: {} has no such link", redfish.name(), at(from)),
        )
    })
}

/// The same, for all other tests: one that leads nowhere skips them.
pub async fn working(cx: &Cx, redfish: &Redfish, from: &Json, link: &str) -> Outcome<Json> {
    match offered(cx, redfish, from, link).await {
        Err(Stop::Fail(_)) => Err(cx.skip(
            Lack::feature(Service::Redfish, link),
            format!("the link {link} of {} leads nowhere, which another test reports", at(from)),
        )),
        found => found,
    }
}

/// What the link of that name leads to, where there is one and it leads somewhere: another test reports one that does not.
pub async fn reached(redfish: &Redfish, from: &Json, link: &str) -> Outcome<Option<Json>> {
    match redfish.follow(from, link).await {
        Err(Stop::Fail(_)) => Ok(None),
        found => found,
    }
}

/// The members of a collection that can be read; skips the test where there are some, and none can. Another test reports
/// those that cannot.
pub async fn readable(cx: &Cx, redfish: &Redfish, collection: &Json, of: &str) -> Outcome<Vec<Json>> {
    let members = redfish.members(collection).await?;
    let listed = collection.value()["Members"].as_array().is_some_and(|members| !members.is_empty());
    if listed && members.is_empty() {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, of),
            format!("no member of {} can be read, which another test reports", at(collection)),
        ));
    }
    Ok(members)
}

/// The path of a resource, as it says itself.
pub fn at(resource: &Json) -> String {
    resource.value()["@odata.id"].as_str().unwrap_or("the resource").to_owned()
}

/// Whether two paths are the same; a slash at the end and the case of letters make no difference.
pub fn same_path(one: &str, other: &str) -> bool {
    one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}

/// Requires that a collection counts its members rightly, over all its pages; gives their paths. Another test reports an
/// invalid member.
pub async fn counted(redfish: &Redfish, collection: &Json) -> Outcome<Vec<String>> {
    let links = redfish.member_links(collection).await?;
    let count = collection.get("Members@odata.count")?.integer()?;
    let members = i64::try_from(links.len()).unwrap_or(i64::MAX);
    require_eq!(
        collection,
        count,
        members,
        "`Members@odata.count` of {} must be the number of its members",
        at(collection)
    );
    Ok(links.into_iter().filter_map(Result::ok).collect())
}

/// Links that were looked at, for all that are broken to be told at once.
#[derive(Debug, Default)]
pub struct Links {
    broken: Vec<String>,
    evidence: Option<Response>,
}

impl Links {
    /// Looks whether a path answers with what names itself so, or as the path that it is led on to: a service may have other
    /// names for a part of its model (DSP0266, "HTTP redirect").
    pub async fn look(&mut self, redfish: &Redfish, name: &str, path: &str) -> Outcome<Option<Json>> {
        let answer = redfish.get(path).send().await?;
        let json = (answer.status() == 200).then(|| redfish.read(&answer)).and_then(Result::ok);
        let names = [Some(path.to_owned()), redfish.path_of(answer.url())];
        let names = || names.iter().flatten();
        let named = json.as_ref().is_some_and(|json| names().any(|name| same_path(&at(json), name)));
        let is_other = |json: &Json| !names().any(|name| at(json).trim_end_matches('/') == name.trim_end_matches('/'));
        if let Some(json) = json.as_ref().filter(|json| named && is_other(json)) {
            let promise = "a resource should name itself in the case of letters that leads to it";
            json.deviate_once(promise.to_owned(), Some(path.to_owned()), Some(at(json)));
        }
        if !named {
            let seen = match (&json, answer.status()) {
                (Some(json), _) => format!("is {}", at(json)),
                (None, 200) => "is no JSON".to_owned(),
                (None, status) => format!("answers {status}"),
            };
            self.broken.push(format!("{name} ({path}) {seen}"));
            self.evidence = Some(answer);
        }
        Ok(json.filter(|_| named))
    }

    /// Looks at a path, which is a collection, and at its members; gives those that answer with what names itself so.
    pub async fn collection(&mut self, redfish: &Redfish, name: &str, path: &str) -> Outcome<Vec<Json>> {
        match self.look(redfish, name, path).await? {
            Some(collection) => self.members(redfish, name, &collection).await,
            None => Ok(Vec::new()),
        }
    }

    /// Looks at the members of a collection, and whether it counts them correctly.
    pub async fn members(&mut self, redfish: &Redfish, name: &str, collection: &Json) -> Outcome<Vec<Json>> {
        if collection.find("Members").is_none() {
            self.broken.push(format!("{name} ({}) is a collection without `Members`", at(collection)));
            return Ok(Vec::new());
        }
        let links = redfish.member_links(collection).await?;
        let count = &collection.value()["Members@odata.count"];
        if *count != links.len() {
            self.broken.push(format!("{name} ({}) counts {count} members, and has {}", at(collection), links.len()));
        }
        let mut found = Vec::new();
        for link in links.iter().take(LOOKED_AT) {
            match link {
                Ok(path) => found.extend(self.look(redfish, name, path).await?),
                Err(stop) => {
                    self.broken.push(format!("{name} ({}) has an invalid member: {stop}", at(collection)));
                }
            }
        }
        Ok(found)
    }

    /// Requires that none was broken.
    pub fn all_lead_somewhere(self, from: &Json) -> Outcome {
        let requirement = format!(
            "each link of {} must lead to a resource that names itself so, and each collection must count its members",
            at(from)
        );
        let actual = self.broken.join("; ");
        match self.evidence {
            _ if self.broken.is_empty() => Ok(()),
            Some(evidence) => Err(evidence.fail(requirement, None, Some(actual))),
            None => Err(from.fail(requirement, None, Some(actual))),
        }
    }
}

/// Skips the test where a change was refused for its tag alone, whichever was sent: it was not looked at. What the service
/// makes of its tags is told as a deviation.
pub fn judged(answer: &Response) -> Outcome {
    if answer.method() != "PATCH" || !matches!(answer.status(), 412 | 428) {
        return Ok(());
    }
    let status = answer.status();
    let reason = format!("{answer} answers {status} whatever stands in `If-Match`: nothing there can be changed");
    Err(Stop::skip(Lack::feature(Service::Redfish, "If-Match"), reason))
}

/// Requires that a request was refused as a bad one (DSP0266, "Status codes"): with 400 as it should be, it has the body of
/// an error, with a message that should be one of these of the Base registry.
pub fn refused(answer: &Response, names: &[&str]) -> Outcome {
    judged(answer)?;
    answer.require_status(400..=499)?;
    expect_eq!(answer, answer.status(), 400, "what is wrong with a request should be answered with 400");
    if answer.status() == 400 {
        answer.json()?.get("error")?;
    }
    expect_error(answer, names);
    Ok(())
}

/// Expects the body of an error (DSP0266, "Error responses"), with a message that is one of these of the Base registry.
pub fn expect_error(answer: &Response, names: &[&str]) {
    let Some(error) = answer.json().ok().and_then(|body| body.find("error")) else {
        expect!(answer, false, "an answer that refuses should say why, in `error`");
        return;
    };
    let told = ["code", "message"].iter().all(|key| error.value()[*key].is_string());
    expect!(error, told, "`error` should have `code` and `message`");
    let messages = error.value()["@Message.ExtendedInfo"].as_array().cloned().unwrap_or_default();
    let ids: Vec<&str> = messages.iter().filter_map(|message| message["MessageId"].as_str()).collect();
    let named = ids.iter().any(|id| names.contains(&id.rsplit('.').next().unwrap_or_default()));
    let wanted = names.join(" or ");
    expect!(error, named || names.is_empty(), "the error should have the message {wanted}; it has {}", ids.join(", "));
}

/// Requires that a change was accepted.
pub fn accepted(answer: &Response) -> Outcome {
    judged(answer)?;
    answer.require_status(200..=299)?;
    let status = answer.status();
    let usual = [200, 202, 204].contains(&status);
    expect!(answer, usual, "a change should be answered with 200, 202 or 204, not {status}");
    Ok(())
}

/// Requires that a change was accepted and, where it goes on by itself, that its task completes.
pub async fn done(cx: &Cx, redfish: &Redfish, answer: &Response, within: Duration) -> Outcome {
    accepted(answer)?;
    if answer.status() != 202 {
        return Ok(());
    }
    let body = redfish.read(answer).ok();
    let monitor = match (answer.header("location"), body.as_ref()) {
        (Some(_), _) => redfish.location(answer)?,
        (None, Some(body)) if body.value()["@odata.type"].as_str().is_some_and(|kind| kind.contains("#Task")) => {
            at(body)
        }
        // It says that it goes on, and not how to see it: what was asked for is looked at alone.
        _ => {
            expect!(answer, false, "an answer with 202 should name a task monitor in the header Location");
            return Ok(());
        }
    };
    let begun = Instant::now();
    let look = || async { redfish.get(&monitor).send().await };
    let over = |answer: &Response| answer.status() != 202 && !goes_on(answer);
    let last = cx.settled(within, look, over).await?;
    let expected = Some(format!("an end within {} s", within.as_secs()));
    if !over(&last) {
        let actual = format!("not after {} s", begun.elapsed().as_secs());
        return Err(last.fail(format!("the task {monitor} must come to an end"), expected, Some(actual)));
    }
    // A monitor may be gone once its task is over.
    last.require_status([200, 201, 204, 404, 410])?;
    if let Some(state) = state(&last) {
        require_eq!(last, state, "Completed", "the task {monitor} must be completed");
    }
    Ok(())
}

fn state(answer: &Response) -> Option<String> {
    Some(answer.json().ok()?.find("TaskState")?.value().as_str()?.to_owned())
}

fn goes_on(answer: &Response) -> bool {
    let ends = ["Completed", "Killed", "Exception", "Cancelled", "Interrupted"];
    state(answer).is_some_and(|state| !ends.contains(&state.as_str()))
}

/// Requires that a change of a resource's properties is accepted.
pub async fn patched(cx: &Cx, redfish: &Redfish, path: &str, changes: &Value) -> Outcome<Response> {
    let answer = redfish.change(path, changes).await?;
    done(cx, redfish, &answer, SETTLING).await?;
    Ok(answer)
}

/// Looks at a resource until it is as it should be, or the time is up; gives it as it was seen last.
pub async fn seen(
    cx: &Cx,
    redfish: &Redfish,
    path: &str,
    within: Duration,
    settled: impl Fn(&Value) -> bool,
) -> Outcome<Json> {
    cx.settled(within, || redfish.show(path), |seen| settled(seen.value())).await
}

/// An action that a resource offers.
#[derive(Debug, Clone)]
pub struct Action {
    /// Where it is asked for.
    pub target: String,
    /// What says so.
    pub offer: Json,
    /// Its `@Redfish.ActionInfo`, where there is one.
    pub info: Option<Json>,
}

impl Action {
    /// The action of that name, such as `#ComputerSystem.Reset`; none where it is not offered.
    pub async fn find(redfish: &Redfish, resource: &Json, name: &str) -> Outcome<Option<Self>> {
        let Some(offer) = resource.find("Actions").and_then(|actions| actions.find(name)) else { return Ok(None) };
        let target = offer.get("target")?;
        // It may be a whole address (DSP0266, "Actions").
        let Some(path) = redfish.path_of(target.text()?).filter(|path| path.starts_with("/redfish/")) else {
            let requirement = format!("the target of {name} must be a path of this service");
            return Err(target.fail(requirement, None, Some(target.value().to_string())));
        };
        let info = offer.value()["@Redfish.ActionInfo"].as_str().and_then(|info| redfish.path_of(info));
        let info = match info {
            Some(info) => match redfish.show(&info).await {
                Ok(info) => Some(info),
                // The action is there all the same.
                Err(Stop::Fail(_)) => None,
                Err(stop) => return Err(stop),
            },
            None => None,
        };
        Ok(Some(Self { target: path, offer, info }))
    }

    /// Whether what its `@Redfish.ActionInfo` names cannot be read.
    pub fn lacks_info(&self) -> bool {
        self.info.is_none() && !self.offer.value()["@Redfish.ActionInfo"].is_null()
    }

    /// The values that a parameter may have, as far as the service tells; none when it does not.
    pub fn allowed(&self, parameter: &str) -> Outcome<Option<Vec<String>>> {
        let described = || {
            let parameters = self.info.as_ref()?.find("Parameters")?.elements().ok()?;
            parameters.iter().find(|described| described.value()["Name"] == parameter)?.find("AllowableValues")
        };
        let values = self.offer.find(&format!("{parameter}@Redfish.AllowableValues")).or_else(described);
        values.filter(|values| !values.value().is_null()).map(|values| texts(&values)).transpose()
    }

    /// Asks for it, whatever is answered; again while the service says that it is busy.
    pub async fn ask(&self, redfish: &Redfish, parameters: &Value) -> Outcome<Response> {
        redfish.ask(&self.target, parameters).await
    }
}

/// The texts of an array.
pub fn texts(values: &Json) -> Outcome<Vec<String>> {
    values.elements()?.iter().map(|value| value.text().map(str::to_owned)).collect()
}

/// The action that resets a system, which each has to offer.
pub async fn reset(redfish: &Redfish, system: &Json) -> Outcome<Action> {
    let action = Action::find(redfish, system, "#ComputerSystem.Reset").await?;
    action.ok_or_else(|| {
        let actual = Some(system.value()["Actions"].to_string());
        system.fail("a system must offer the action #ComputerSystem.Reset".into(), None, actual)
    })
}

/// Resets a machine so that its power becomes `On` or `Off`, and waits until it is.
pub async fn turn(
    cx: &Cx,
    redfish: &Redfish,
    machine: &RedfishMachine,
    kind: &str,
    to: &str,
    within: Duration,
) -> Outcome {
    let action = reset(redfish, &machine.found).await?;
    machine.will_turn(to)?;
    let answer = redfish.act(&action.target, &json!({"ResetType": kind})).await?;
    if answer.status() >= 400 {
        // It was not taken: nothing will come.
        machine.has_turned()?;
    }
    done(cx, redfish, &answer, within).await?;
    let system = seen(cx, redfish, &machine.path, within, |system| system["PowerState"] == to).await?;
    let seconds = within.as_secs();
    require_eq!(system, system.value()["PowerState"], to, "`PowerState` must be {to} within {seconds} s of {kind}");
    machine.has_turned()
}

/// Brings a machine to this power, if it has another.
pub async fn powered(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine, to: &str) -> Outcome {
    let system = redfish.show(&machine.path).await?;
    if system.value()["PowerState"] == to {
        return Ok(());
    }
    let kind = if to == "On" { "On" } else { "ForceOff" };
    turn(cx, redfish, machine, kind, to, POWER).await
}

/// The parts of a resource that a request which is refused must not change.
pub fn parts(resource: &Json, keys: &[&str]) -> Value {
    keys.iter().map(|key| resource.value()[*key].clone()).collect()
}

/// Requires that a resource has each of these texts, which may be null, and expects that they say something.
pub fn told(resource: &Json, keys: &[&str]) -> Outcome {
    for key in keys {
        let found = resource.get(key)?;
        let value = found.value();
        require!(found, value.is_string() || value.is_null(), "`{key}` of {} must be a text", at(resource));
        let filled = value.as_str().is_some_and(|text| !text.trim().is_empty());
        expect!(found, filled, "`{key}` of {} should not be empty; it is {value}", at(resource));
    }
    Ok(())
}

/// Whether a resource says that nothing is where it stands.
pub fn is_absent(resource: &Json) -> bool {
    resource.value()["Status"]["State"] == "Absent"
}

/// Expects each of these to be there.
pub fn expect_members(resource: &Json, keys: &[&str]) {
    let missing: Vec<&str> = keys.iter().copied().filter(|key| resource.find(key).is_none()).collect();
    expect!(resource, missing.is_empty(), "{} should have {}", at(resource), missing.join(", "));
}

/// Expects that a resource tells its state.
pub fn expect_state(resource: &Json) {
    let told = resource.value()["Status"]["State"].is_string();
    expect!(resource, told, "{} should tell its state in `Status.State`", at(resource));
}
