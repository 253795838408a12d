//! What tests of Redfish services share: the resources that belong to a system, actions and their tasks, and refusals.

use std::time::{Duration, Instant};

use assay_kit::prelude::*;

/// How long a machine may take to be turned on or off.
pub const POWER: Duration = Duration::from_secs(90);
/// How long what was written may take to read back.
pub const SETTLING: Duration = Duration::from_secs(30);
/// How long is watched that nothing happens.
pub const QUIET: Duration = Duration::from_secs(5);

/// What the link of that name leads to; skips the test where it is not offered.
pub async fn offered(cx: &Cx, redfish: &Redfish, from: &Json, link: &str) -> Outcome<Json> {
    let found = redfish.follow(from, link).await?;
    found.ok_or_else(|| {
        cx.skip(
            Lack::feature(Service::Redfish, link),
            format!("`{}` offers no {link}: {} has no such link", redfish.name(), at(from)),
        )
    })
}

/// The path of a resource, as it says itself.
pub fn at(resource: &Json) -> String {
    resource.value()["@odata.id"].as_str().unwrap_or("the resource").to_owned()
}

/// Whether two paths are the same, with or without a slash at the end.
pub fn same_path(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

/// Requires that a collection counts its members rightly, over all its pages; gives their paths.
pub async fn counted(redfish: &Redfish, collection: &Json) -> Outcome<Vec<String>> {
    let paths = redfish.member_paths(collection).await?;
    let count = collection.get("Members@odata.count")?.integer()?;
    let members = i64::try_from(paths.len()).unwrap_or(i64::MAX);
    require_eq!(collection, count, members, "`Members@odata.count` of {} is the number of its members", at(collection));
    Ok(paths)
}

/// Links of a resource that were looked at, for all that are broken to be told at once.
#[derive(Debug, Default)]
pub struct Links {
    broken: Vec<String>,
    evidence: Option<Response>,
}

impl Links {
    /// Looks whether a path answers with what names itself so.
    pub async fn look(&mut self, redfish: &Redfish, name: &str, path: &str) -> Outcome<Option<Json>> {
        let answer = redfish.get(path).send().await?;
        let json = (answer.status() == 200).then(|| answer.json()).and_then(Result::ok);
        let named = json.as_ref().is_some_and(|json| same_path(&at(json), path));
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

    /// Notes what else is wrong.
    pub fn wrong(&mut self, what: String) {
        self.broken.push(what);
    }

    /// Requires that none was broken.
    pub fn all_lead_somewhere(self, from: &Json) -> Outcome {
        let requirement = format!("each link of {} leads to what it names: what is linked is offered", at(from));
        let actual = self.broken.join("; ");
        match self.evidence {
            _ if self.broken.is_empty() => Ok(()),
            Some(evidence) => Err(evidence.fail(requirement, None, Some(actual))),
            None => Err(from.fail(requirement, None, Some(actual))),
        }
    }
}

/// Requires the body of an error (DSP0266, "Error responses"); gives its `error`.
pub fn error(answer: &Response) -> Outcome<Json> {
    let error = answer.json()?.get("error")?;
    error.get("code")?.text()?;
    error.get("message")?.text()?;
    Ok(error)
}

/// Requires that a request was refused as a bad one, with the body of an error; gives its `error`.
pub fn refused(answer: &Response) -> Outcome<Json> {
    answer.require_status(400)?;
    error(answer)
}

/// Expects a message of the Base registry with one of these names.
pub fn expect_message(error: &Json, names: &[&str]) {
    let messages = error.value()["@Message.ExtendedInfo"].as_array().cloned().unwrap_or_default();
    let ids: Vec<&str> = messages.iter().filter_map(|message| message["MessageId"].as_str()).collect();
    let named = ids.iter().any(|id| names.contains(&id.rsplit('.').next().unwrap_or_default()));
    expect!(error, named, "the error has the message {}; it has {}", names.join(" or "), ids.join(", "));
}

/// Requires that a change was accepted and, where it goes on by itself, that its task completes.
pub async fn done(cx: &Cx, redfish: &Redfish, answer: &Response, within: Duration) -> Outcome {
    answer.require_status([200, 202, 204])?;
    if answer.status() != 202 {
        return Ok(());
    }
    let body = answer.json().ok();
    let monitor = match (answer.header("location"), body.as_ref()) {
        (Some(_), _) => redfish.location(answer)?,
        (None, Some(body)) if body.value()["@odata.type"].as_str().is_some_and(|kind| kind.contains("#Task")) => {
            at(body)
        }
        // It says that it goes on, and not how to see it: what was asked for is looked at alone.
        _ => {
            expect!(answer, false, "what is accepted with 202 names a task monitor in the header Location");
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
        return Err(last.fail(format!("the task {monitor} comes to an end"), expected, Some(actual)));
    }
    // A monitor may be gone once its task is over.
    last.require_status([200, 201, 204, 404, 410])?;
    if let Some(state) = state(&last) {
        require_eq!(last, state, "Completed", "the task {monitor} is completed");
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
    let answer = redfish.patch(path, changes).await?;
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
        let path = target.text()?.to_owned();
        require!(
            target,
            path.starts_with('/') && !path.starts_with("//"),
            "the target of {name} is a path of this service"
        );
        let info = match offer.find("@Redfish.ActionInfo") {
            Some(info) => {
                let path = info.text()?.to_owned();
                require!(info, path.starts_with('/') && !path.starts_with("//"), "the ActionInfo of {name} is a path");
                Some(redfish.show(&path).await?)
            }
            None => None,
        };
        Ok(Some(Self { target: path, offer, info }))
    }

    /// The values that a parameter may have, as far as the service tells; none when it does not.
    pub fn allowed(&self, parameter: &str) -> Outcome<Option<Vec<String>>> {
        if let Some(values) = self.offer.find(&format!("{parameter}@Redfish.AllowableValues")) {
            return texts(&values).map(Some);
        }
        let Some(info) = &self.info else { return Ok(None) };
        for described in info.get("Parameters")?.elements()? {
            if described.get("Name")?.text()? == parameter
                && let Some(values) = described.find("AllowableValues")
            {
                return texts(&values).map(Some);
            }
        }
        Ok(None)
    }

    /// Asks for it, whatever is answered.
    pub async fn ask(&self, redfish: &Redfish, parameters: &Value) -> Outcome<Response> {
        redfish.client().post(&self.target).json(parameters).send().await
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
        system.fail("a system offers the action #ComputerSystem.Reset".into(), None, actual)
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
    let answer = action.ask(redfish, &json!({"ResetType": kind})).await?;
    if answer.status() >= 400 {
        // It was not taken: nothing will come.
        machine.has_turned()?;
    }
    done(cx, redfish, &answer, within).await?;
    let system = seen(cx, redfish, &machine.path, within, |system| system["PowerState"] == to).await?;
    require_eq!(system, system.value()["PowerState"], to, "PowerState is {to} within {} s of {kind}", within.as_secs());
    machine.has_turned()
}

/// Brings a machine to this power, if it has another.
pub async fn powered(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine, to: &str) -> Outcome {
    let system = redfish.show(&machine.path).await?;
    if system.get("PowerState")?.text()? == to {
        return Ok(());
    }
    let kind = if to == "On" { "On" } else { "ForceOff" };
    turn(cx, redfish, machine, kind, to, POWER).await
}

/// The parts of a resource that a request which is refused must not change.
pub fn parts(resource: &Json, keys: &[&str]) -> Value {
    keys.iter().map(|key| resource.value()[*key].clone()).collect()
}

/// A text that is there and not empty.
pub fn filled(resource: &Json, key: &str) -> Outcome {
    let text = resource.get(key)?;
    require!(text, !text.text()?.trim().is_empty(), "`{key}` of {} is not empty", at(resource));
    Ok(())
}

/// Whether a resource says that nothing is where it stands.
pub fn is_absent(resource: &Json) -> bool {
    resource.value()["Status"]["State"] == "Absent"
}

/// Expects each of these to be there.
pub fn expect_members(resource: &Json, keys: &[&str]) {
    let missing: Vec<&str> = keys.iter().copied().filter(|key| resource.find(key).is_none()).collect();
    expect!(resource, missing.is_empty(), "{} has {}", at(resource), missing.join(", "));
}
