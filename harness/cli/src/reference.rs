//! The embedded reference deployment, as a cloud or as bare metal.

use std::net::{Ipv4Addr, SocketAddr};

use assay_kit::http::Tls;
use assay_kit::metal::RedfishSettings;
use assay_kit::session::Scope;
use assay_kit::session::clouds::Clouds;
use assay_kit::session::{Cloud, Credentials};
use assay_kit::{Metal, Role};
use assay_reference::{Options, Reference, Standalone, StandaloneLogin};
use indexmap::IndexMap;

use crate::deployment_file::{self, Auth, DeploymentFile, Ironic, Method, Redfish, TlsSettings};
use crate::exit::Failure;

/// Its name.
pub const REFERENCE: &str = "reference";
/// The machines that tests may change; there is another one, which they leave alone.
const NODES: [&str; 4] = ["reference-1", "reference-2", "reference-3", "reference-4"];
const SYSTEMS: [&str; 2] = ["reference-1", "reference-2"];
/// Who operates its bare-metal service where that stands alone.
const OPERATOR: &str = "operator";

/// The running reference deployment; it ends when this is dropped.
#[derive(Debug)]
pub struct Embedded {
    reference: Reference,
    metal: Option<Operated>,
}

/// Its bare-metal service, by itself.
#[derive(Debug)]
struct Operated {
    service: Standalone,
    password: String,
}

impl Embedded {
    /// Starts it, with or without its bare metal.
    pub async fn start(listen: SocketAddr, with_metal: bool) -> Result<Self, Failure> {
        let own = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let options = Options { listen, redfish_tls: with_metal.then_some(own), ..Options::default() };
        let cannot = |error| {
            let help = "name another address with --listen";
            Failure::usage(format!("the reference deployment cannot listen on {listen}: {error}; {help}"))
        };
        let reference = assay_reference::start(options).await.map_err(cannot)?;
        let metal = if with_metal {
            // Made up for each start, as the accounts' own are.
            let password = uuid::Uuid::new_v4().simple().to_string();
            let login = StandaloneLogin::Basic { user: OPERATOR.into(), password: password.clone() };
            Some(Operated { service: reference.serve_bare_metal(own, login).await.map_err(cannot)?, password })
        } else {
            None
        };
        Ok(Self { reference, metal })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        self.reference.url()
    }

    /// A clouds.yaml with its accounts.
    #[must_use]
    pub fn clouds_yaml(&self) -> String {
        self.reference.clouds_yaml()
    }

    /// The accounts of the cloud, the member first.
    pub fn clouds(&self) -> Result<Vec<(Role, Cloud)>, Failure> {
        let clouds = Clouds::from_text(REFERENCE, &self.clouds_yaml()).map_err(Failure::defect)?;
        let entries = [
            (Role::Member, "reference"),
            (Role::Alt, "reference-alt"),
            (Role::Reseller, "reference-reseller"),
            (Role::Spare, "reference-spare"),
        ];
        let chosen = entries.map(|(role, name)| clouds.get(name).map(|cloud| (role, cloud)));
        chosen.into_iter().collect::<Result<_, _>>().map_err(Failure::defect)
    }

    /// The accounts of its bare metal, and what tests may change there.
    #[must_use]
    pub fn metal(&self) -> (Vec<(Role, Cloud)>, Metal) {
        let Some(Operated { service, password }) = &self.metal else { return (Vec::new(), Metal::default()) };
        let account = |name: &str, url: &str, username: &str, password: &str, tls: Tls| Cloud {
            name: name.to_owned(),
            auth_url: url.to_owned(),
            credentials: Credentials::HttpBasic { username: username.to_owned(), password: password.to_owned() },
            scope: Scope::Unscoped,
            interface: "public".into(),
            region: None,
            tls,
            silence: None,
            overrides: IndexMap::new(),
            sources: Vec::new(),
        };
        let mut ironic = account(REFERENCE, service.url(), OPERATOR, password, Tls::default());
        ironic.overrides.insert("baremetal".into(), service.url().to_owned());
        let tls = Tls { authority: Some(self.reference.redfish_certificate().to_owned()), ..Tls::default() };
        let (user, password) = (self.reference.redfish_user(), self.reference.redfish_password());
        let redfish = account(REFERENCE, &self.redfish_url(), user, password, tls);
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let emulated =
            RedfishSettings { name: REFERENCE.into(), machines: names(&SYSTEMS), ..RedfishSettings::default() };
        let metal = Metal { ironic: true, machines: names(&NODES), redfish: vec![emulated] };
        (vec![(Role::Member, ironic), (Role::Redfish(0), redfish)], metal)
    }

    fn redfish_url(&self) -> String {
        self.reference.redfish_tls_url().unwrap_or_else(|| self.reference.redfish_url().to_owned())
    }

    /// A deployment file for its bare metal. The certificate of its Redfish service goes into a file of that name.
    pub fn deployment_yaml(&self, certificate: &str) -> Result<String, Failure> {
        let auth = |username: &str, password: &str| Auth {
            method: Method::HttpBasic,
            username: Some(username.to_owned()),
            password: Some(password.to_owned()),
            ..Auth::default()
        };
        let (_, metal) = self.metal();
        let ironic = self.metal.as_ref().map(|operated| Ironic {
            endpoint: Some(operated.service.url().to_owned()),
            cloud: None,
            auth: auth(OPERATOR, &operated.password),
            tls: TlsSettings::default(),
            machines: metal.machines.clone(),
        });
        let file = DeploymentFile {
            schema: deployment_file::SCHEMA.into(),
            name: REFERENCE.into(),
            ironic,
            redfish: vec![Redfish {
                name: REFERENCE.into(),
                endpoint: self.redfish_url(),
                auth: auth(self.reference.redfish_user(), self.reference.redfish_password()),
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

    /// The certificate of its Redfish service, in PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        self.reference.redfish_certificate()
    }

    /// Ends it.
    pub async fn stop(self) {
        drop(self.metal);
        self.reference.stop().await;
    }
}
