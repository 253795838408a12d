//! The embedded reference deployment, as a cloud or as bare metal.
//!
//! It is in another package, and the program brings both together ([`provide`]): neither is built again for a change in the
//! other.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::OnceLock;

use assay_kit::http::Tls;
use assay_kit::metal::RedfishSettings;
use assay_kit::session::clouds::Clouds;
use assay_kit::session::{Cloud, Credentials};
use assay_kit::{Metal, Role};

use crate::deployment_file::{self, Auth, DeploymentFile, Ironic, Method, Redfish, TlsSettings};
use crate::exit::Failure;

/// Its name.
pub const REFERENCE: &str = "reference";
/// The machines that tests may change; there is another one, which they leave alone.
const NODES: [&str; 4] = ["reference-1", "reference-2", "reference-3", "reference-4"];
const SYSTEMS: [&str; 2] = ["reference-1", "reference-2"];

/// A reference deployment that was started.
#[derive(Debug)]
pub struct Served {
    /// Its address.
    pub url: String,
    /// A clouds.yaml with its accounts.
    pub clouds_yaml: String,
    /// Its bare metal, where that was asked for.
    pub metal: Option<ServedMetal>,
    /// Serves as long as this is there.
    pub running: Box<dyn Running>,
}

/// The bare metal of a reference deployment.
#[derive(Debug)]
pub struct ServedMetal {
    /// The bare-metal service, by itself.
    pub ironic: Endpoint,
    /// The Redfish service.
    pub redfish: Endpoint,
    /// The certificate of the Redfish service, in PEM.
    pub certificate: String,
}

/// A service and its user.
#[derive(Debug)]
pub struct Endpoint {
    /// Its address.
    pub url: String,
    /// Who may use it.
    pub user: String,
    /// The user's password, made up for this start.
    pub password: String,
}

/// Something that serves until it is stopped or dropped.
pub trait Running: std::fmt::Debug + Send + Sync {
    /// Ends it.
    fn stop(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// Starts a reference deployment at an address, with or without its bare metal.
pub type Start = fn(SocketAddr, bool) -> Pin<Box<dyn Future<Output = io::Result<Served>> + Send>>;

static START: OnceLock<Start> = OnceLock::new();

/// Says how a reference deployment is started in this program; the first word counts.
pub fn provide(start: Start) {
    let _ = START.set(start);
}

/// The running reference deployment; it ends when this is dropped.
#[derive(Debug)]
pub struct Embedded(Served);

impl Embedded {
    /// Starts it, with or without its bare metal.
    pub async fn start(listen: SocketAddr, with_metal: bool) -> Result<Self, Failure> {
        let Some(start) = START.get() else {
            return Err(Failure::usage(
                "this program was built without its reference deployment: name a cloud of clouds.yaml, or build it with the \
                 feature `reference`",
            ));
        };
        let served = start(listen, with_metal).await.map_err(|error| {
            let help = "name another address with --listen";
            Failure::usage(format!("the reference deployment cannot listen on {listen}: {error}; {help}"))
        })?;
        Ok(Self(served))
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// A clouds.yaml with its accounts.
    #[must_use]
    pub fn clouds_yaml(&self) -> &str {
        &self.0.clouds_yaml
    }

    /// The accounts of the cloud, the member first.
    pub fn clouds(&self) -> Result<Vec<(Role, Cloud)>, Failure> {
        let clouds = Clouds::from_text(REFERENCE, self.clouds_yaml()).map_err(Failure::defect)?;
        let entries = [
            (Role::Member, "reference"),
            (Role::Alt, "reference-alt"),
            (Role::Reseller, "reference-reseller"),
            (Role::Spare, "reference-spare"),
            (Role::DomainManager, "reference-domain-manager"),
            (Role::AltDomainManager, "reference-alt-domain-manager"),
        ];
        let chosen = entries.map(|(role, name)| clouds.get(name).map(|cloud| (role, cloud)));
        chosen.into_iter().collect::<Result<_, _>>().map_err(Failure::defect)
    }

    /// The accounts of its bare metal, and what tests may change there.
    #[must_use]
    pub fn metal(&self) -> (Vec<(Role, Cloud)>, Metal) {
        let Some(ServedMetal { ironic, redfish, certificate }) = &self.0.metal else {
            return (Vec::new(), Metal::default());
        };
        let account = |endpoint: &Endpoint, tls: Tls| {
            let (username, password) = (endpoint.user.clone(), endpoint.password.clone());
            Cloud::standalone(REFERENCE, &endpoint.url, Credentials::HttpBasic { username, password }, tls)
        };
        let tls = Tls { authority: Some(certificate.clone()), ..Tls::default() };
        let redfish = account(redfish, tls);
        let url = ironic.url.clone();
        let mut ironic = account(ironic, Tls::default());
        ironic.overrides.insert("baremetal".into(), url);
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let emulated =
            RedfishSettings { name: REFERENCE.into(), machines: names(&SYSTEMS), ..RedfishSettings::default() };
        let metal = Metal { ironic: true, machines: names(&NODES), redfish: vec![emulated] };
        (vec![(Role::Member, ironic), (Role::Redfish(0), redfish)], metal)
    }

    /// A deployment file for its bare metal. The certificate of its Redfish service goes into a file of that name.
    pub fn deployment_yaml(&self, certificate: &str) -> Result<String, Failure> {
        let Some(ServedMetal { ironic, redfish, .. }) = &self.0.metal else {
            return Err(Failure::defect("the reference deployment was started without its bare metal"));
        };
        let auth = |endpoint: &Endpoint| Auth {
            method: Method::HttpBasic,
            username: Some(endpoint.user.clone()),
            password: Some(endpoint.password.clone()),
            ..Auth::default()
        };
        let (_, metal) = self.metal();
        let file = DeploymentFile {
            schema: deployment_file::SCHEMA.into(),
            name: REFERENCE.into(),
            ironic: Some(Ironic {
                endpoint: Some(ironic.url.clone()),
                cloud: None,
                auth: auth(ironic),
                tls: TlsSettings::default(),
                machines: metal.machines,
            }),
            redfish: vec![Redfish {
                name: REFERENCE.into(),
                endpoint: redfish.url.clone(),
                auth: auth(redfish),
                tls: TlsSettings { ca: Some(certificate.into()), insecure: false },
                systems: Vec::new(),
                medium: None,
                bios_attribute: None,
                machines: metal.redfish.into_iter().flat_map(|service| service.machines).collect(),
            }],
            inventory: None,
        };
        serde_yaml::to_string(&file).map_err(Failure::defect)
    }

    /// The certificate of its Redfish service, in PEM; empty without bare metal.
    #[must_use]
    pub fn certificate(&self) -> &str {
        self.0.metal.as_ref().map_or("", |metal| &metal.certificate)
    }

    /// Ends it.
    pub async fn stop(self) {
        self.0.running.stop().await;
    }
}
