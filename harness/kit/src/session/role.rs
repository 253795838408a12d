//! The accounts that a run is given.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Which of the accounts given to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Role {
    /// The plain member whose cloud is tested: `--cloud`; the user of an Ironic API that stands alone.
    Member,
    /// A second member, of another project: `--alt-cloud`.
    Alt,
    /// A reseller administrator: `--reseller-cloud`.
    Reseller,
    /// An account whose password may be changed: `--spare-cloud`.
    Spare,
    /// The manager of a domain: `--domain-manager-cloud`.
    DomainManager,
    /// The manager of another domain: `--alt-domain-manager-cloud`.
    AltDomainManager,
    /// The user of a Redfish service, by its place in the deployment file, from 0.
    Redfish(u16),
}

impl Role {
    /// Those of a cloud.
    pub const ALL: [Self; 6] =
        [Self::Member, Self::Alt, Self::Reseller, Self::Spare, Self::DomainManager, Self::AltDomainManager];
    /// Those who manage a domain each, and are in no project.
    pub const MANAGERS: [Self; 2] = [Self::DomainManager, Self::AltDomainManager];

    /// Whether it manages a domain.
    #[must_use]
    pub fn manages(self) -> bool {
        Self::MANAGERS.contains(&self)
    }

    /// The option that gives it.
    #[must_use]
    pub fn option(self) -> &'static str {
        match self {
            Self::Member => "--cloud",
            Self::Alt => "--alt-cloud",
            Self::Reseller => "--reseller-cloud",
            Self::Spare => "--spare-cloud",
            Self::DomainManager => "--domain-manager-cloud",
            Self::AltDomainManager => "--alt-domain-manager-cloud",
            Self::Redfish(_) => "--deployment",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member => f.write_str("member"),
            Self::Alt => f.write_str("alt"),
            Self::Reseller => f.write_str("reseller"),
            Self::Spare => f.write_str("spare"),
            Self::DomainManager => f.write_str("domain-manager"),
            Self::AltDomainManager => f.write_str("alt-domain-manager"),
            Self::Redfish(at) => write!(f, "redfish-{at}"),
        }
    }
}

/// A text names no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no account: member, alt, reseller, spare, domain-manager, alt-domain-manager or redfish-N")]
pub struct NoRole(String);

impl FromStr for Role {
    type Err = NoRole;

    fn from_str(text: &str) -> Result<Self, NoRole> {
        let redfish = || text.strip_prefix("redfish-").and_then(|at| at.parse().ok()).map(Self::Redfish);
        let found = Self::ALL.into_iter().find(|role| role.to_string() == text).or_else(redfish);
        found.ok_or_else(|| NoRole(text.to_owned()))
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.to_string()
    }
}

impl TryFrom<String> for Role {
    type Error = NoRole;

    fn try_from(text: String) -> Result<Self, NoRole> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_reads_back_as_it_was_written() {
        for role in Role::ALL.into_iter().chain([Role::Redfish(0), Role::Redfish(12)]) {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        assert_eq!("redfish-x".parse::<Role>(), Err(NoRole("redfish-x".into())));
    }
}
