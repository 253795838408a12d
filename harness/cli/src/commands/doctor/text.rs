//! What `assay doctor` finds, as people read it.

use assay_kit::Role;
use assay_text::visible_line;
use serde_json::Value;

use super::findings::{Account, Choice, Findings, Id, Machine, Service, State};
use crate::output::columns;

/// All that was found. What a deployment says is one line, whatever stands in it.
pub fn text(found: &Findings) -> String {
    let mut text = format!("Accounts\n{}", columns(&accounts(&found.accounts)));
    text.push_str("\nServices\n");
    text.push_str(&columns(&found.services.iter().map(service).collect::<Vec<_>>()));
    if !found.machines.is_empty() {
        text.push_str("\nMachines that tests may change\n");
        text.push_str(&columns(&found.machines.iter().map(machine).collect::<Vec<_>>()));
    }
    if !found.choices.is_empty() {
        text.push_str("\nWhat tests use\n");
        text.push_str(&columns(&found.choices.iter().map(choice).collect::<Vec<_>>()));
    }
    if !found.other_hosts.is_empty() {
        text.push_str("\nHosts beside the identity service's to which tokens are sent\n");
        text.extend(found.other_hosts.iter().map(|host| format!("  {}\n", visible_line(host))));
    }
    if !found.proxies.is_empty() {
        text.push_str("\nProxies that the environment names\n");
        let rows = found.proxies.iter().map(|proxy| vec![format!("  {}", proxy.variable), proxy.url.clone()]);
        text.push_str(&columns(&rows.collect::<Vec<_>>()));
    }
    if let Some(guests) = &found.guests {
        text.push_str(&format!("\nLogging in to servers\n  {}\n", visible_line(guests)));
    }
    for warning in &found.warnings {
        text.push_str(&format!("\nwarning: {}", visible_line(warning)));
    }
    text.push_str(&format!("\n{} of {} tests can run", found.tests.can_run, found.tests.selected));
    let missing = found.tests.missing.len();
    if missing > 0 {
        text.push_str(&format!("; {missing} more have no native implementation yet"));
    }
    text.push('\n');
    for (reason, tests) in &found.not_run {
        text.push_str(&format!("\n{} would not run: {}\n", tests.len(), visible_line(reason)));
        text.extend(tests.iter().map(|test| format!("  {test}\n")));
    }
    if found.not_run.is_empty() {
        text.push_str("nothing would be skipped\n");
    }
    text
}

/// The accounts that are given, and those of a cloud that are not.
fn accounts(given: &[Account]) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = given.iter().map(account).collect();
    let whole_cloud = given.iter().any(|account| account.project.is_some());
    for role in Role::ALL.into_iter().filter(|_| whole_cloud) {
        if !given.iter().any(|account| account.role == role) {
            rows.push(vec![format!("  {role}"), format!("not given ({} NAME)", role.option())]);
        }
    }
    rows
}

fn account(account: &Account) -> Vec<String> {
    let mut row = vec![
        format!("  {}", account.role),
        format!("`{}`", visible_line(&account.cloud)),
        format!("user {}", visible_line(&account.user)),
    ];
    if !account.roles.is_empty() || account.project.is_some() {
        let place = match &account.domain {
            Some(domain) => format!("domain {}", visible_line(domain)),
            None => format!("project {}", visible_line(account.project.as_deref().unwrap_or("null"))),
        };
        let roles: Vec<_> = account.roles.iter().map(|role| visible_line(role)).collect();
        row.extend([place, format!("roles {}", roles.join(", "))]);
    }
    row
}

fn service(found: &Service) -> Vec<String> {
    let (state, version, detail) = match &found.state {
        State::Ready { url, version } => ("ready", version.as_str(), url),
        State::Absent { reason } => ("absent", "", reason),
        State::Unreachable { reason } => ("unreachable", "", reason),
    };
    vec![format!("  {}", found.name), state.to_owned(), version.to_owned(), detail.clone()]
}

fn choice(found: &Choice) -> Vec<String> {
    let name = found.name.as_deref().or(found.id.as_deref()).unwrap_or("none");
    vec![format!("  {}", found.what), visible_line(name), visible_line(&found.why)]
}

fn machine(found: &Machine) -> Vec<String> {
    let said = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let detail = match &found.id {
        Id::Id(id) => said(id),
        Id::Reason(reason) => reason.clone(),
    };
    vec![format!("  {}", found.service), said(&found.name), detail]
}
