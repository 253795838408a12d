//! Who may log in, and what each may do (`AccountService`, `ManagerAccount`, `Role`).

use std::collections::BTreeSet;

use assay_kit::prelude::*;

use super::fixture::{at, counted, expect_members, offered, refused};

/// Each account must have a user name and an existing role. The user of the deployment file must be listed, and no password
/// must be shown.
#[conformance(
    id = "redfish.accounts.list",
    spec = "redfish-schema#manageraccount",
    covers = "7cc4a63c-617c-4c62-8eaa-128ba0eebc41",
    needs = [Redfish],
)]
async fn list(cx: &Cx, redfish: &Redfish) -> Outcome {
    let root = redfish.root().await?;
    let service = offered(cx, redfish, &root, "AccountService").await?;
    expect_members(&service, &["MinPasswordLength", "AccountLockoutThreshold"]);
    let mut roles = BTreeSet::new();
    let listed = offered(cx, redfish, &service, "Roles").await?;
    for role in redfish.members(&listed).await? {
        let name = role.find("RoleId").filter(|id| id.value().is_string());
        roles.extend([role.get("Id")?.text()?.to_owned(), name.unwrap_or(role.get("Id")?).text()?.to_owned()]);
        role.get("AssignedPrivileges")?.elements()?;
    }
    let accounts = offered(cx, redfish, &service, "Accounts").await?;
    let paths = counted(redfish, &accounts).await?;
    require!(accounts, !paths.is_empty(), "there is an account");
    let mut users = BTreeSet::new();
    for account in redfish.members(&accounts).await? {
        users.insert(account.get("UserName")?.text()?.to_owned());
        account.get("Enabled")?.truth()?;
        let role = account.get("RoleId")?;
        require!(
            role,
            roles.contains(role.text()?),
            "the role `{}` of {} is one that there is",
            role.text()?,
            at(&account)
        );
        let shown = !account.value()["Password"].is_null();
        require!(account, !shown, "the password of {} is not shown", at(&account));
    }
    if let Some((user, _)) = redfish.credentials() {
        require!(accounts, users.contains(user), "the user of the deployment file is among the accounts");
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
    let service = offered(cx, redfish, &root, "AccountService").await?;
    let accounts = offered(cx, redfish, &service, "Accounts").await?;
    let path = at(&accounts);
    let before = redfish.member_paths(&accounts).await?.len();
    let name = cx.name("user");
    cx.will_create(Resource::new(Kind::RedfishAccount, &name).of(redfish.client().role()))?;
    let account = json!({"UserName": name, "Password": "", "RoleId": "Assay"});
    let answer = redfish.client().post(&path).json(&account).send().await?;
    refused(&answer)?;
    let after = redfish.show(&path).await?;
    require_eq!(after, redfish.member_paths(&after).await?.len(), before, "there are as many accounts as before");
    Ok(())
}
