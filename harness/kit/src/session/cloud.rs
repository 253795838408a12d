//! An entry of `clouds.yaml`, as far as Assay uses it.

use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;

use super::credentials::Credentials;
use super::principal::Principal;
use crate::http::Tls;

/// What a token is to be valid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A project.
    Project(Principal),
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
    /// The files that it was read from.
    pub sources: Vec<Source>,
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
