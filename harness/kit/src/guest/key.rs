//! The keypair that a run logs in with: made at run time, kept in memory, written nowhere.

use std::sync::Arc;

use russh::keys::{Algorithm, EcdsaCurve, PrivateKey, PrivateKeyWithHashAlg};

use crate::outcome::{Outcome, Stop};

/// A new key, which one server lets in.
#[derive(Debug, Clone)]
pub struct Key(Arc<PrivateKey>);

impl Key {
    /// A new one: ECDSA over P-256, which small and old SSH servers understand as well (RFC 5656).
    pub fn generate() -> Outcome<Self> {
        let algorithm = Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 };
        let key = PrivateKey::random(&mut russh::keys::key::safe_rng(), algorithm);
        key.map(|key| Self(Arc::new(key))).map_err(|error| Stop::Error(format!("cannot make an SSH key: {error}")))
    }

    /// The public half, as a keypair is imported and as `authorized_keys` has it.
    pub fn public(&self) -> Outcome<String> {
        let text = self.0.public_key().to_openssh();
        text.map_err(|error| Stop::Error(format!("cannot write the public half of an SSH key: {error}")))
    }

    pub(super) fn to_log_in(&self) -> PrivateKeyWithHashAlg {
        PrivateKeyWithHashAlg::new(self.0.clone(), None)
    }
}
