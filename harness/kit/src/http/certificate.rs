//! The certificate of a service, looked at whether it is good or not.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::client::Client;
use super::{RawRequest, Tls, Transport, TransportError};
use crate::guard::Permit;
use crate::outcome::{Outcome, Stop};

/// How long a handshake, or an answer in plain text, may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// When the certificate of a service holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validity {
    /// From when on.
    pub from: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
}

impl Client {
    /// Whether its address is one of TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.caller.api.starts_with("https://")
    }

    /// Whether the user takes any certificate.
    #[must_use]
    pub fn is_insecure(&self) -> bool {
        self.caller.session.cloud().tls.insecure
    }

    /// When the service's certificate holds, by a handshake of at least TLS 1.2 that takes any certificate.
    pub async fn certificate(&self) -> Outcome<Validity> {
        let url = self.address()?;
        let wrong = |what: String| Stop::Error(format!("{url}: {what}"));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Any(provider)))
            .with_no_client_auth();
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host).map_err(|error| wrong(error.to_string()))?;
        let shaken = tokio::time::timeout(PATIENCE, async {
            let stream = connect(&url).await?;
            TlsConnector::from(Arc::new(config)).connect(name, stream).await
        });
        let shaken = shaken.await.map_err(|_| wrong(format!("no handshake within {} s", PATIENCE.as_secs())))?;
        let stream = shaken.map_err(|error| wrong(format!("no handshake of TLS 1.2 or later: {error}")))?;
        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let shown = shown.ok_or_else(|| wrong("it shows no certificate".into()))?;
        let (_, certificate) = X509Certificate::from_der(shown)
            .map_err(|error| wrong(format!("what it shows is no X.509 certificate: {error}")))?;
        let time =
            |time: x509_parser::time::ASN1Time| DateTime::from_timestamp(time.timestamp(), 0).unwrap_or_default();
        let validity = certificate.validity();
        Ok(Validity { from: time(validity.not_before), until: time(validity.not_after) })
    }

    /// Asks for a path as somebody who verifies certificates; what is wrong with the service's one, if anything is.
    pub async fn verify_certificate(&self, path: &str) -> Outcome<Result<(), String>> {
        let cloud = self.caller.session.cloud();
        let transport = Transport::new(&Tls { insecure: false, ..cloud.tls.clone() }, cloud.silence)?;
        let headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        let url = self.url(path);
        let permit =
            Permit::harmless("GET", &url).ok_or_else(|| Stop::Error("a defect of Assay: no leave to read".into()))?;
        let request = RawRequest { method: "GET".into(), url, headers, body: Bytes::new(), account: None, permit };
        match transport.send(&self.caller.log, &request).await {
            Ok(_) => Ok(Ok(())),
            Err(TransportError::Failed { reason, .. }) if reason.contains("certificate") => Ok(Err(reason)),
            Err(error) => Err(error.into()),
        }
    }

    /// What the port of TLS answers to a request in plain text, its beginning; empty when it closes the connection.
    pub async fn in_plain_text(&self, path: &str) -> Outcome<String> {
        let url = self.address()?;
        let host = url.host_str().unwrap_or_default();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nConnection: close\r\n\r\n");
        let mut answer = vec![0; 4096];
        let asked = tokio::time::timeout(PATIENCE, async {
            let mut stream = connect(&url).await?;
            stream.write_all(request.as_bytes()).await?;
            stream.read(&mut answer).await
        });
        // A connection that is closed, reset or left silent says no.
        let length = asked.await.ok().and_then(Result::ok).unwrap_or_default();
        Ok(self.caller.log.redactor().text(&String::from_utf8_lossy(&answer[..length])))
    }

    fn address(&self) -> Outcome<Url> {
        Url::parse(&self.caller.api).map_err(|error| Stop::Error(format!("{}: {error}", self.caller.api)))
    }
}

async fn connect(url: &Url) -> std::io::Result<TcpStream> {
    let addresses = url.socket_addrs(|| None)?;
    TcpStream::connect(addresses.as_slice()).await
}

/// Takes any certificate: the handshake is made to look at it, and nothing is sent.
#[derive(Debug)]
struct Any(Arc<CryptoProvider>);

impl ServerCertVerifier for Any {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
