//! `assay doctor`: can this deployment be tested, which accounts are missing, what would be skipped and why.

use std::collections::BTreeMap;
use std::sync::Arc;

use assay_kit::deployment::Found;
use assay_kit::http::redact::Redactor;
use assay_kit::session::clouds::Scope;
use assay_kit::{Deployment, Recorder, Role, Service, Stop, TestLog};
use assay_runner::{Filter, Plan};
use serde_json::{Value, json};

use super::{registered, target};
use crate::accounts::Chosen;
use crate::args::DoctorArguments;
use crate::execution::{new_run_id, outlook};
use crate::exit::{Code, Failure};
use crate::output::{columns, data};

/// From how many seconds on clocks that differ are worth a warning: tokens and temporary URLs go by them.
const CLOCK: i64 = 30;

pub async fn run(arguments: DoctorArguments) -> Result<Code, Failure> {
    let registered = registered()?;
    let plan = match &arguments.guideline {
        None => Plan::all(&registered, &Filter::default()),
        Some(id) => {
            let loaded = arguments.guidelines.get(id)?;
            let name = target(&loaded, arguments.target.as_deref())?;
            let chosen = loaded.guideline.target(&name).map_err(Failure::usage)?;
            Plan::of(&loaded.guideline, chosen, &registered, &Filter::default()).map_err(Failure::usage)?
        }
    };
    let chosen = arguments.clouds.choose().await?;
    let recorder = Recorder::new(None, Redactor::default()).map_err(Failure::defect)?;
    let deployment = chosen.connect(&new_run_id(), &recorder).await?;

    let log = recorder.log("doctor");
    let mut accounts = Vec::new();
    for (role, cloud) in &chosen.clouds {
        let session = deployment.session(*role).map_err(Failure::defect)?;
        let login = session.login(&log).await.map_err(Failure::unreachable)?;
        accounts.push(json!({
            "role": role, "cloud": cloud.name, "method": cloud.credentials.method(), "user": login.user_name,
            "project": login.project_name, "roles": login.roles, "expires": login.expires,
            "clock_seconds": login.served.map(|served| (login.issued - served).num_seconds()),
            "certificates_verified": !cloud.tls.insecure,
        }));
    }
    // A deployment file names few services: the others need not be said to be absent.
    let whole_cloud = chosen.clouds.iter().any(|(_, cloud)| !cloud.credentials.standalone());
    let mut services: Vec<Value> = Service::ALL
        .into_iter()
        .map(|service| state(&service.to_string(), deployment.service(service)))
        .filter(|service| whole_cloud || service["state"] != "absent")
        .collect();
    let redfish = deployment.redfish_services().iter();
    services.extend(redfish.map(|service| state(&format!("redfish {}", service.wish.name), &service.found)));
    let machines = machines(&deployment, &log).await;
    let guests = outlook(&deployment, &recorder, &plan.tests).await;
    let mut obstacles: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut unreachable = false;
    for test in &plan.tests {
        if let Some(stop) = test.needs.iter().find_map(|need| deployment.lacks(*need)) {
            unreachable |= matches!(stop, Stop::Error(_));
            obstacles.entry(stop.to_string()).or_default().push(test.id);
        }
    }
    let held_up: usize = obstacles.values().map(Vec::len).sum();
    let warnings = warnings(&accounts, &chosen);
    let found = json!({
        "accounts": accounts, "services": services, "machines": machines, "guests": guests, "warnings": warnings,
        "tests": {"selected": plan.tests.len(), "can_run": plan.tests.len() - held_up, "missing": plan.missing},
        "not_run": obstacles,
    });
    data(&if arguments.json { format!("{found:#}\n") } else { text(&found) })?;
    if unreachable { Ok(Code::Unreachable) } else { Ok(Code::Done) }
}

fn state(service: &str, found: &Found) -> Value {
    match found {
        Found::Ready { api, version, .. } => {
            json!({"service": service, "state": "ready", "url": api, "version": version})
        }
        Found::Absent(reason) => json!({"service": service, "state": "absent", "reason": reason}),
        Found::Unreachable(reason) => json!({"service": service, "state": "unreachable", "reason": reason}),
    }
}

/// The machines that tests may change.
async fn machines(deployment: &Arc<Deployment>, log: &Arc<TestLog>) -> Vec<Value> {
    let nodes = deployment.machines().map(|(name, id)| match id {
        Ok(id) => json!({"service": "baremetal", "machine": name, "id": id}),
        Err(reason) => json!({"service": "baremetal", "machine": name, "reason": reason}),
    });
    let mut found: Vec<Value> = nodes.collect();
    for redfish in deployment.redfish(log).unwrap_or_default() {
        let service = format!("redfish {}", redfish.name());
        match redfish.machines().await {
            Ok(machines) => found.extend(machines.iter().map(|machine| {
                json!({"service": service, "machine": machine.value()["Id"], "id": machine.value()["@odata.id"]})
            })),
            Err(Stop::Skip(_)) => {}
            Err(stop) => found.push(json!({"service": service, "machine": null, "reason": stop.to_string()})),
        }
    }
    found
}

fn warnings(accounts: &[Value], chosen: &Chosen) -> Vec<String> {
    let mut warnings = Vec::new();
    for (account, (role, cloud)) in accounts.iter().zip(&chosen.clouds) {
        let name = &cloud.name;
        if let Some(seconds) = account["clock_seconds"].as_i64().filter(|seconds| seconds.abs() > CLOCK) {
            warnings.push(format!("this machine's clock differs from the deployment's by {seconds} s: set it"));
        }
        // Who operates bare metal is an administrator, and is in no project.
        let operates = cloud.scope == Scope::System;
        if *role == Role::Member
            && !operates
            && account["roles"].as_array().is_some_and(|roles| roles.contains(&json!("admin")))
        {
            warnings.push(format!("`{name}` is an administrator; a plain member is what guidelines are about"));
        }
        if account["project"].is_null() && !operates && !cloud.credentials.standalone() {
            warnings.push(format!("the token of `{name}` has no project; name one in clouds.yaml"));
        }
        if cloud.tls.insecure {
            warnings.push(format!("the certificates of `{name}` are not verified"));
        }
    }
    warnings.dedup();
    warnings
}

fn text(found: &Value) -> String {
    let cell = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut text = String::from("Accounts\n");
    let given = found["accounts"].as_array().into_iter().flatten();
    let mut rows: Vec<Vec<String>> = given
        .map(|account| {
            let roles: Vec<_> = account["roles"].as_array().into_iter().flatten().map(&cell).collect();
            let mut row = vec![
                format!("  {}", cell(&account["role"])),
                format!("`{}`", cell(&account["cloud"])),
                format!("user {}", cell(&account["user"])),
            ];
            if !roles.is_empty() || !account["project"].is_null() {
                row.extend([format!("project {}", cell(&account["project"])), format!("roles {}", roles.join(", "))]);
            }
            row
        })
        .collect();
    let whole_cloud = found["accounts"].as_array().into_iter().flatten().any(|account| !account["project"].is_null());
    for role in Role::ALL.into_iter().filter(|_| whole_cloud) {
        if !rows.iter().any(|row| row[0].trim() == role.to_string()) {
            rows.push(vec![format!("  {role}"), format!("not given ({} NAME)", role.option())]);
        }
    }
    text.push_str(&columns(&rows));
    text.push_str("\nServices\n");
    let services = found["services"].as_array().into_iter().flatten();
    let rows: Vec<_> = services
        .map(|service| {
            let detail = if service["state"] == "ready" { &service["url"] } else { &service["reason"] };
            let version = service["version"].as_str().unwrap_or_default().to_owned();
            vec![format!("  {}", cell(&service["service"])), cell(&service["state"]), version, cell(detail)]
        })
        .collect();
    text.push_str(&columns(&rows));
    let machines: Vec<_> = found["machines"].as_array().into_iter().flatten().collect();
    if !machines.is_empty() {
        text.push_str("\nMachines that tests may change\n");
        let row = |machine: &&Value| {
            let detail = if machine["id"].is_null() { &machine["reason"] } else { &machine["id"] };
            vec![format!("  {}", cell(&machine["service"])), cell(&machine["machine"]), cell(detail)]
        };
        text.push_str(&columns(&machines.iter().map(row).collect::<Vec<_>>()));
    }
    if let Some(guests) = found["guests"].as_str() {
        text.push_str(&format!("\nLogging in to servers\n  {guests}\n"));
    }
    for warning in found["warnings"].as_array().into_iter().flatten() {
        text.push_str(&format!("\nwarning: {}", cell(warning)));
    }
    let tests = &found["tests"];
    text.push_str(&format!("\n{} of {} tests can run", tests["can_run"], tests["selected"]));
    let missing = tests["missing"].as_array().map_or(0, Vec::len);
    if missing > 0 {
        text.push_str(&format!("; {missing} more have no native implementation yet"));
    }
    text.push('\n');
    for (reason, tests) in found["not_run"].as_object().into_iter().flatten() {
        let tests: Vec<_> = tests.as_array().into_iter().flatten().map(cell).collect();
        text.push_str(&format!("\n{} would not run: {reason}\n", tests.len()));
        for test in tests {
            text.push_str(&format!("  {test}\n"));
        }
    }
    if found["not_run"].as_object().is_some_and(serde_json::Map::is_empty) {
        text.push_str("nothing would be skipped\n");
    }
    text
}
