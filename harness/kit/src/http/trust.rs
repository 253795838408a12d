//! Whom a connection trusts when the user names a file of certificates: the authorities in it beside the system's, and a
//! server that shows a certificate which stands in it as it is.
//!
//! The latter is what controllers of machines have by default: a certificate that signs itself, and often calls itself an
//! authority, which no server's certificate may do where it is verified by the authorities alone.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};
use rustls_platform_verifier::Verifier;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The certificates of a file in PEM form.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if found.is_empty() => Err("no certificate in PEM form stands in it".into()),
        found => found.map_err(|error| error.to_string()),
    }
}

/// Connections that trust these certificates, and show `own` (a certificate and its key, in PEM form) when asked who they are.
pub(super) fn config(named: Vec<CertificateDer<'static>>, own: Option<&[u8]>) -> Result<ClientConfig, String> {
    let wrong = |error: rustls::Error| error.to_string();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let others = Verifier::new_with_extra_roots(named.iter().cloned(), provider.clone()).map_err(wrong)?;
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(wrong)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trust { named, others, provider }));
    let Some(own) = own else { return Ok(builder.with_no_client_auth()) };
    let key = PrivateKeyDer::from_pem_slice(own).map_err(|error| error.to_string())?;
    builder.with_client_auth_cert(certificates(own)?, key).map_err(wrong)
}

#[derive(Debug)]
struct Trust {
    named: Vec<CertificateDer<'static>>,
    others: Verifier,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        further: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if !self.named.iter().any(|named| named == shown) {
            return self.others.verify_server_cert(shown, further, host, ocsp, now);
        }
        let (_, certificate) =
            X509Certificate::from_der(shown).map_err(|_| rustls::Error::from(CertificateError::BadEncoding))?;
        let (from, until) = (certificate.validity().not_before, certificate.validity().not_after);
        let today = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let time = |seconds: i64| {
            UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
        };
        if today < from.timestamp() {
            let not_before = time(from.timestamp());
            return Err(CertificateError::NotValidYetContext { time: now, not_before }.into());
        }
        if today > until.timestamp() {
            return Err(CertificateError::ExpiredContext { time: now, not_after: time(until.timestamp()) }.into());
        }
        verify_server_name(&ParsedCertificate::try_from(shown)?, host)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
