//! `assay doctor`: can this deployment be tested, which accounts are missing, what would be skipped and why.

pub mod findings;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

use assay_kit::http::redact::Redactor;
use assay_kit::session::Scope;
use assay_kit::{Cx, Deployment, Json, Recorder, Role, Service, Stop, TestLog};
use assay_runner::{Filter, Plan};
use clap::Args;
use serde_json::Value;

use crate::accounts::Chosen;
use crate::arguments::clouds::CloudArguments;
use crate::arguments::guideline::{GuidelineArguments, target};
use crate::execution::{log_out, new_run_id, probe, proxies, surroundings};
use crate::exit::{Code, Failure};
use crate::output::{data, json, without_secrets};
use crate::registry::registered;
use findings::{Account, Choice, Findings, Id, Machine, Proxy, State, Tests};
use text::text;

/// `assay doctor`.
#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// The guideline whose tests are meant; all tests unless given.
    #[arg(long, value_name = "ID")]
    pub guideline: Option<String>,
    /// The target within the guideline.
    #[arg(long, value_name = "NAME", requires = "guideline")]
    pub target: Option<String>,
    /// The deployment and the accounts.
    #[command(flatten)]
    pub clouds: CloudArguments,
    /// Print what was found as JSON.
    #[arg(long)]
    pub json: bool,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
}

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
    without_secrets(recorder.redactor());
    let deployment = chosen.connect(&new_run_id(), &recorder).await?;
    let code = examine(&arguments, plan, &chosen, &deployment, &recorder).await;
    log_out(&deployment, &recorder).await;
    code
}

/// Looks at everything, and says what was found.
async fn examine(
    arguments: &DoctorArguments,
    plan: Plan,
    chosen: &Chosen,
    deployment: &Arc<Deployment>,
    recorder: &Arc<Recorder>,
) -> Result<Code, Failure> {
    let log = recorder.log("doctor");
    let mut accounts = Vec::new();
    for (role, cloud) in &chosen.clouds {
        let session = deployment.session(*role).map_err(Failure::defect)?;
        let login = session.login(&log).await.map_err(Failure::unreachable)?;
        accounts.push(Account {
            role: *role,
            cloud: cloud.name.clone(),
            method: session.method(),
            user: login.user_name.clone(),
            project: login.project_name.clone(),
            domain: login.domain_name.clone().filter(|_| role.manages()),
            roles: login.roles.clone(),
            expires: login.expires,
            clock_seconds: login.served.map(|served| (login.issued - served).num_seconds()),
            certificates_verified: !cloud.tls.insecure,
        });
    }
    // A deployment file names few services: the others need not be said to be absent.
    let whole_cloud = chosen.clouds.iter().any(|(_, cloud)| !cloud.credentials.standalone());
    let mut services: Vec<findings::Service> = Service::ALL
        .into_iter()
        .map(|service| findings::Service { name: service.to_string(), state: deployment.service(service).into() })
        .filter(|found| whole_cloud || !matches!(found.state, State::Absent { .. }))
        .collect();
    services.extend(deployment.redfish_services().iter().map(|redfish| findings::Service {
        name: format!("redfish {}", redfish.settings.name),
        state: (&redfish.found).into(),
    }));
    let machines = machines(deployment, &log).await;
    let cx = Cx::new(deployment.clone(), log.clone());
    let choices = choices(&cx, whole_cloud).await;
    let guests = probe(deployment, recorder, &plan.tests).await;
    let mut not_run: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    let mut unreachable = false;
    for test in &plan.tests {
        let lacks = match test.needs.iter().find_map(|need| deployment.lacks(*need)) {
            None => cx.lacks_choice(test.holds, test.shares).await,
            lacks => lacks,
        };
        if let Some(stop) = lacks {
            unreachable |= matches!(stop, Stop::Error(_));
            not_run.entry(stop.to_string()).or_default().push(test.id);
        }
    }
    let held_up: usize = not_run.values().map(Vec::len).sum();
    let mut warnings = warnings(&accounts, chosen);
    warnings.extend(surroundings(deployment));
    let selected = plan.tests.len();
    let found = Findings {
        schema: findings::SCHEMA,
        accounts,
        services,
        machines,
        choices,
        guests,
        warnings,
        other_hosts: deployment.other_hosts(),
        proxies: proxies().into_iter().map(|(variable, url)| Proxy { variable, url }).collect(),
        tests: Tests { selected, can_run: selected - held_up, missing: plan.missing },
        not_run,
    }
    .redacted(recorder.redactor());
    if arguments.json {
        json(&found)?;
    } else {
        data(&text(&found))?;
    }
    if unreachable { Ok(Code::Unreachable) } else { Ok(Code::Done) }
}

/// What tests use of what a cloud offers.
async fn choices(cx: &Cx, whole_cloud: bool) -> Vec<Choice> {
    if !whole_cloud {
        return Vec::new();
    }
    let explained = cx.choices_explained().await.unwrap_or_default();
    let choice = |choice: Option<(String, String)>| choice.map_or((None, None), |(name, id)| (Some(name), Some(id)));
    let told = explained.into_iter().map(|explained| {
        let (name, id) = choice(explained.choice);
        Choice { what: explained.what, name: name.filter(|name| !name.is_empty()), id, why: explained.why }
    });
    told.collect()
}

/// The machines that tests may change.
async fn machines(deployment: &Arc<Deployment>, log: &Arc<TestLog>) -> Vec<Machine> {
    let nodes = deployment.machines().map(|(name, id)| Machine {
        service: "baremetal".to_owned(),
        name: name.into(),
        id: id.map_or_else(|reason| Id::Reason(reason.to_owned()), |id| Id::Id(id.into())),
    });
    let mut found: Vec<Machine> = nodes.collect();
    for redfish in deployment.redfish(log).into_iter().flatten() {
        let service = format!("redfish {}", redfish.name());
        match redfish.machines().await {
            Ok(machines) => found.extend(machines.iter().map(Json::value).map(|machine| Machine {
                service: service.clone(),
                name: machine["Id"].clone(),
                id: Id::Id(machine["@odata.id"].clone()),
            })),
            Err(Stop::Skip(_)) => {}
            Err(stop) => found.push(Machine { service, name: Value::Null, id: Id::Reason(stop.to_string()) }),
        }
    }
    found
}

fn warnings(accounts: &[Account], chosen: &Chosen) -> Vec<String> {
    let mut warnings = Vec::new();
    for (account, (role, cloud)) in accounts.iter().zip(&chosen.clouds) {
        let name = &cloud.name;
        warnings.extend(cloud.notes.iter().cloned());
        if let Some(seconds) = account.clock_seconds.filter(|seconds| seconds.abs() > CLOCK) {
            warnings.push(format!("this machine's clock differs from the deployment's by {seconds} s: set it"));
        }
        // Who operates bare metal is an administrator, and is in no project.
        let operates = cloud.scope == Scope::System;
        if *role == Role::Member && !operates && account.roles.iter().any(|name| name == "admin") {
            warnings.push(format!("`{name}` is an administrator; a plain member is what guidelines are about"));
        }
        if role.manages() && !account.roles.iter().any(|name| name == "manager") {
            warnings.push(format!("`{name}` has not the role `manager` on its domain"));
        }
        if account.project.is_none() && account.domain.is_none() && !operates && !cloud.credentials.standalone() {
            warnings.push(format!("the token of `{name}` has no project; name one in clouds.yaml"));
        }
        if cloud.tls.insecure {
            warnings.push(format!("the certificates of `{name}` are not verified"));
        }
    }
    warnings.dedup();
    warnings
}
