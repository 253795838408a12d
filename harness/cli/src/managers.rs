//! Whether the accounts that are given as managers of domains are such: of a domain each, and no administrators.

use std::sync::Arc;

use assay_kit::session::{Cloud, Scope};
use assay_kit::{Deployment, Recorder, Role};

use crate::exit::Failure;

/// Refuses an entry of clouds.yaml that is given as a manager's, and is for no domain.
pub fn is_for_domain(role: Role, cloud: &Cloud) -> Result<(), Failure> {
    if !role.manages() || matches!(cloud.scope, Scope::Domain(_)) {
        return Ok(());
    }
    let what = match cloud.scope {
        Scope::Project(_) => "a project",
        Scope::System => "the system",
        Scope::Trust(_) => "a trust",
        Scope::Domain(_) | Scope::Unscoped => "nothing in particular",
    };
    Err(Failure::usage(format!(
        "{} names `{}`, which is for {what}: who manages a domain logs in for it (`domain_name` or `domain_id`, and no project)",
        role.option(),
        cloud.name
    )))
}

/// Refuses accounts that cannot show what a manager may do: an administrator may do more, and two managers of one domain are no
/// strangers to each other. Nobody is asked again: each login is remembered.
pub async fn are_fit(
    deployment: &Deployment,
    recorder: &Arc<Recorder>,
    clouds: &[(Role, Cloud)],
) -> Result<(), Failure> {
    let log = recorder.log("start");
    let mut first: Option<(&Cloud, String)> = None;
    for (role, cloud) in clouds.iter().filter(|(role, _)| role.manages()) {
        let session = deployment.session(*role).map_err(Failure::defect)?;
        let login = session.login(&log).await.map_err(Failure::unreachable)?;
        let (option, name) = (role.option(), &cloud.name);
        let Some(domain) = login.domain_id.clone() else {
            return Err(Failure::usage(format!("{option} names `{name}`, whose token is for no domain")));
        };
        if login.roles.iter().any(|role| role == "admin") {
            return Err(Failure::usage(format!(
                "{option} names `{name}`, which is an administrator: what a manager may not do would be allowed to it, and done"
            )));
        }
        match &first {
            Some((other, known)) if *known == domain => {
                return Err(Failure::usage(format!(
                    "{option} names `{name}`, which is of the same domain as `{}`: name the manager of another one",
                    other.name
                )));
            }
            _ => first = Some((cloud, domain)),
        }
    }
    Ok(())
}
