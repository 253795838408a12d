//! An entry of `clouds.yaml`, as far as Assay uses it.

use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;

use super::catalog::{Catalog, Endpoint};
use super::credentials::Credentials;
use super::principal::{Domain, Principal};
use super::services::ServiceSettings;
use crate::http::Tls;
use crate::need::Service;

/// What a token is to be valid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A project.
    Project(Principal),
    /// A domain.
    Domain(Domain),
    /// What somebody has entrusted the user with, by the id of the trust.
    Trust(String),
    /// The deployment as a whole, for those who operate it.
    System,
    /// Nothing in particular, or what the credentials bring along.
    Unscoped,
}

/// An entry of clouds.yaml, as far as Assay uses it.
#[derive(Debug, Clone)]
pub struct Cloud {
    /// Its name.
    pub name: String,
    /// The identity service's address; that of the service itself where it stands alone.
    pub auth_url: String,
    /// Who logs in, and how.
    pub credentials: Credentials,
    /// What for.
    pub scope: Scope,
    /// Which endpoints of the catalog are used; `public` unless said otherwise.
    pub interface: String,
    /// Which region's.
    pub region: Option<String>,
    /// How certificates are handled.
    pub tls: Tls,
    /// How long a server may be silent, when the entry says so (`api_timeout`).
    pub silence: Option<Duration>,
    /// Endpoints that stand for the catalog's, by service type.
    pub overrides: IndexMap<String, String>,
    /// What is said of single services, by service type.
    pub services: IndexMap<String, ServiceSettings>,
    /// What is worth knowing of the entry, in sentences.
    pub notes: Vec<String>,
    /// The files that it was read from.
    pub sources: Vec<Source>,
}

impl Cloud {
    /// An account of a service that stands alone, without an identity service and its catalog.
    #[must_use]
    pub fn standalone(name: &str, address: &str, credentials: Credentials, tls: Tls) -> Self {
        Self {
            name: name.to_owned(),
            auth_url: address.to_owned(),
            credentials,
            scope: Scope::Unscoped,
            interface: "public".to_owned(),
            region: None,
            tls,
            silence: None,
            overrides: IndexMap::new(),
            services: IndexMap::new(),
            notes: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// What is said of a service alone.
    #[must_use]
    pub fn settings(&self, service: Service) -> Option<&ServiceSettings> {
        self.services.get(service.types()[0])
    }

    /// The address that the user names for a service.
    #[must_use]
    pub fn named(&self, service: Service) -> Option<&String> {
        service.types().iter().find_map(|name| self.overrides.get(*name))
    }

    /// The endpoint of a service that a catalog has for this account: of its interface and region, or those of the service alone.
    ///
    /// # Errors
    ///
    /// Why it is missing, with what there is instead.
    pub fn endpoint<'a>(&self, catalog: &'a Catalog, service: Service) -> Result<&'a Endpoint, String> {
        let settings = self.settings(service);
        let interface = settings.and_then(|settings| settings.interface.as_ref()).unwrap_or(&self.interface);
        let region = settings.and_then(|settings| settings.region.as_ref()).or(self.region.as_ref());
        catalog.find(service, interface, region.map(String::as_str))
    }
}

/// A file that clouds were read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub file: PathBuf,
    /// The variable that names such a file.
    pub variable: &'static str,
    /// Whether the search found it in the working directory, and the user did not name it. A stranger may have written it.
    pub is_here: bool,
}
