//! Who may log in, and what each may do (`AccountService`, `ManagerAccount`, `Role`).

use std::collections::BTreeSet;

use assay_kit::prelude::*;

use super::fixture::{Links, at, expect_members, offered, refused, working};

/// Each account that has a user must have an existing role, and no password must be shown. Each list must count its members
/// correctly, and lead to them.
///
/// Each account should have a user name, a role, and say whether it is enabled. The user of the deployment file should be
/// listed.
#[conformance(
    id = "redfish.accounts.list",
    spec = "redfish-schema#manageraccount",
    covers = "7cc4a63c-617c-4c62-8eaa-128ba0eebc41",
    needs = [Redfish],
)]
async fn list(cx: &Cx, redfish: &Redfish) -> Outcome {
    let root = redfish.root().await?;
    let service = working(cx, redfish, &root, "AccountService").await?;
    expect_members(&service, &["MinPasswordLength", "AccountLockoutThreshold", "Roles"]);
    let mut links = Links::default();
    let roles = match redfish.path(&service, "Roles")? {
        Some(path) => links.collection(redfish, "Roles", &path).await?,
        None => Vec::new(),
    };
    let accounts = offered(cx, redfish, &service, "Accounts").await?;
    let members = links.members(redfish, "Accounts", &accounts).await?;
    links.all_lead_somewhere(&service)?;
    let mut names = BTreeSet::new();
    for role in &roles {
        role.get("Id")?.text()?;
        names.extend(["Id", "RoleId"].into_iter().filter_map(|key| role.value()[key].as_str()));
        expect_members(role, &["AssignedPrivileges"]);
    }
    require!(accounts, !members.is_empty(), "there must be an account");
    let mut users = BTreeSet::new();
    for account in &members {
        expect_members(account, &["UserName", "Enabled", "RoleId"]);
        let password = &account.value()["Password"];
        let shown = password.as_str().is_some_and(|text| text.chars().any(|letter| letter != '*'));
        require!(account, !shown, "the password of {} must not be shown", at(account));
        expect!(account, password.is_null(), "the password of {} should be null", at(account));
        // Some services list places for accounts that nobody has.
        let Some(user) = account.value()["UserName"].as_str().filter(|user| !user.is_empty()) else { continue };
        users.insert(user);
        if let Some(role) = account.value()["RoleId"].as_str().filter(|_| !roles.is_empty()) {
            require!(account, names.contains(role), "the role `{role}` of {} must be one of the roles", at(account));
        }
    }
    if let Some((user, _)) = redfish.credentials() {
        expect!(accounts, users.contains(user), "the user of the deployment file should be among the accounts");
    }
    Ok(())
}

/// An account with an empty password and an unknown role must be refused, and is not made.
#[conformance(
    id = "redfish.accounts.refused",
    spec = "redfish-schema#manageraccount",
    covers = "48891cef-9e5d-4d6b-99f3-8adc8ccf5f76",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn account_refused(cx: &Cx, redfish: &Redfish) -> Outcome {
    let root = redfish.root().await?;
    let service = working(cx, redfish, &root, "AccountService").await?;
    let path = at(&working(cx, redfish, &service, "Accounts").await?);
    let name = cx.name("user");
    cx.will_create(Resource::new(Kind::RedfishAccount, &name).of(redfish.client().role()))?;
    let account = json!({"UserName": name, "Password": "", "RoleId": "Assay"});
    let answer = redfish.client().post(&path).json(&account).send().await?;
    // A service that makes no accounts at all says so.
    if answer.status() != 405 {
        refused(&answer, &[])?;
    }
    let after = redfish.show(&path).await?;
    let made = redfish.members(&after).await?.iter().any(|account| account.value()["UserName"] == name.as_str());
    require!(after, !made, "no account may be made of what was refused");
    Ok(())
}
