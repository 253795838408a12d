//! UUIDs of names: where others give a test a name and no UUID, it has the one that follows from its name.

use sha1::{Digest, Sha1};

/// The UUID (version 5) of a name in a name space.
pub(crate) fn of(space: [u8; 16], name: &str) -> String {
    let digest = Sha1::new().chain_update(space).chain_update(name).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_sha1_bytes(bytes).into_uuid().to_string()
}
