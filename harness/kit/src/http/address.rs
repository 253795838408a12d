//! Addresses of requests.

/// A path under an address, with one slash between them.
#[must_use]
pub fn join(base: &str, path: &str) -> String {
    let base = base.trim_end_matches('/');
    match path {
        "" => base.to_owned(),
        _ if path.starts_with('?') => format!("{base}{path}"),
        _ => format!("{base}/{}", path.trim_start_matches('/')),
    }
}

/// A name as one segment of a path: everything but unreserved characters is percent-encoded (RFC 3986, section 2.3).
#[must_use]
pub fn encode(name: &str) -> String {
    use std::fmt::Write as _;
    name.bytes().fold(String::with_capacity(name.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(byte as char);
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
