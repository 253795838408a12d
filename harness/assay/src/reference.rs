//! Starts the reference deployment for the command.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;

use assay_cli::reference::{Endpoint, Running, Served, ServedMetal};
use assay_reference::{Options, Reference, Standalone, StandaloneLogin};

/// Who operates its bare-metal service where that stands alone.
const OPERATOR: &str = "operator";

/// The deployment, with its bare-metal service by itself.
#[derive(Debug)]
struct Started {
    reference: Reference,
    standalone: Option<Standalone>,
}

impl Running for Started {
    fn stop(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            drop(self.standalone);
            self.reference.stop().await;
        })
    }
}

/// Starts it at an address, with or without its bare metal.
pub fn start(listen: SocketAddr, with_metal: bool) -> Pin<Box<dyn Future<Output = io::Result<Served>> + Send>> {
    Box::pin(async move {
        let own = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let options = Options { listen, redfish_tls: with_metal.then_some(own), ..Options::default() };
        let reference = assay_reference::start(options).await?;
        let (url, clouds_yaml) = (reference.url().to_owned(), reference.clouds_yaml());
        let (mut standalone, mut metal) = (None, None);
        if with_metal {
            // Made up for each start, as the accounts' own are.
            let password = uuid::Uuid::new_v4().simple().to_string();
            let login = StandaloneLogin::Basic { user: OPERATOR.into(), password: password.clone() };
            let service = reference.serve_bare_metal(own, login).await?;
            let ironic = Endpoint { url: service.url().to_owned(), user: OPERATOR.to_owned(), password };
            let redfish = Endpoint {
                url: reference.redfish_tls_url().unwrap_or_else(|| reference.redfish_url().to_owned()),
                user: reference.redfish_user().to_owned(),
                password: reference.redfish_password().to_owned(),
            };
            metal = Some(ServedMetal { ironic, redfish, certificate: reference.redfish_certificate().to_owned() });
            standalone = Some(service);
        }
        Ok(Served { url, clouds_yaml, metal, running: Box::new(Started { reference, standalone }) })
    })
}
