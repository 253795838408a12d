//! Which certificates are trusted, and which one proves who asks.

use std::path::{Path, PathBuf};

use reqwest::ClientBuilder;

use super::error::{TransportError, causes};
use super::trust;

/// How a deployment's certificates are handled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// A file of certificates to trust beside the system's.
    pub ca: Option<PathBuf>,
    /// The same in PEM, where they stand in no file.
    pub authority: Option<String>,
    /// The file of the user's own certificate.
    pub certificate: Option<PathBuf>,
    /// The file of that certificate's key, when it stands apart.
    pub key: Option<PathBuf>,
    /// Whether any certificate is taken.
    pub insecure: bool,
    /// Whether a service without TLS gets tokens of an identity service with TLS.
    pub cleartext: bool,
}

/// Connections that handle certificates as told.
pub(super) fn prepare(mut builder: ClientBuilder, tls: &Tls) -> Result<ClientBuilder, TransportError> {
    builder = builder.tls_danger_accept_invalid_certs(tls.insecure);
    let mut own = None;
    if let Some(path) = &tls.certificate {
        let mut pem = read(path)?;
        if let Some(key) = &tls.key {
            pem.push(b'\n');
            pem.extend(read(key)?);
        }
        let identity = reqwest::Identity::from_pem(&pem)
            .map_err(|error| TransportError::Certificate { path: path.clone(), reason: causes(&error) })?;
        builder = builder.identity(identity);
        own = Some(pem);
    }
    let named = match (&tls.ca, &tls.authority) {
        (Some(path), _) => Some((path.clone(), read(path)?)),
        (None, Some(pem)) => Some((PathBuf::from("the authority's certificate"), pem.clone().into_bytes())),
        (None, None) => None,
    };
    if let Some((path, pem)) = named {
        let wrong = |reason: String| TransportError::Certificate { path: path.clone(), reason };
        let named = trust::certificates(&pem).map_err(wrong)?;
        if !tls.insecure {
            let config = trust::config(named, own.as_deref()).map_err(wrong)?;
            builder = builder.tls_backend_preconfigured(config);
        }
    }
    Ok(builder)
}

/// Whether a text holds certificates in PEM form.
pub(crate) fn check_authority(pem: &str) -> Result<(), String> {
    for certificate in trust::certificates(pem.as_bytes())? {
        x509_parser::parse_x509_certificate(&certificate).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, TransportError> {
    /// All the authorities of a system need less than a tenth of it.
    const LARGEST: u64 = 8 * 1024 * 1024;
    assay_text::files::read(path, LARGEST)
        .map_err(|error| TransportError::Certificate { path: path.to_owned(), reason: error.to_string() })
}
