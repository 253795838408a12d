//! Which names say that their value is secret.

/// What a name says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Nothing.
    Open,
    /// It is secret where it is a text, a number or a list of these: what an object of that name holds may be open.
    Scalar,
    /// It is secret, whatever it is.
    Secret,
}

/// The longest name that is looked at.
pub(super) const LONGEST: usize = 96;

/// Ends of names, in lower case and without `_`, `-`, `.` and spaces.
const SECRET: [&str; 19] = [
    "accesskey",
    "adminpass",
    "apikey",
    "authkey",
    "authtoken",
    "clientsecret",
    "encryptionkey",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "rootpass",
    "secret",
    "secretkey",
    "sessionkey",
    "tempurlkey",
    "tempurlkey2",
    "totp",
];

/// The same, of values that are no objects.
const SCALAR: [&str; 14] = [
    "apikeys",
    "authorization",
    "authreceipt",
    "cookie",
    "credential",
    "credentials",
    "jwt",
    "passphrases",
    "passwords",
    "secrets",
    "sig",
    "signature",
    "token",
    "tokens",
];

/// Whole names.
const WHOLE: [&str; 6] = ["bearer", "pass", "psk", "pw", "pwd", "userpass"];

/// What a name says of its value.
pub(super) fn class(name: &[u8]) -> Class {
    if name.len() > LONGEST {
        return Class::Open;
    }
    let is_filler = |byte: &u8| matches!(byte, b'_' | b'-' | b'.' | b' ');
    let name: Vec<u8> = name.iter().filter(|byte| !is_filler(byte)).map(u8::to_ascii_lowercase).collect();
    let ends = |known: &&str| name.ends_with(known.as_bytes());
    if SECRET.iter().any(ends) {
        Class::Secret
    } else if SCALAR.iter().any(ends) || WHOLE.iter().any(|known| name == known.as_bytes()) {
        Class::Scalar
    } else {
        Class::Open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_by_its_end_in_any_way_of_writing() {
        for name in
            ["password", "NewPassword", "redfish_password", "secret_key", "sessionKey", "X-Foo-Password", "Admin Pass"]
        {
            assert_eq!(class(name.as_bytes()), Class::Secret, "{name}");
        }
        for name in ["token", "next_token", "temp_url_sig", "X-Amz-Signature", "credentials"] {
            assert_eq!(class(name.as_bytes()), Class::Scalar, "{name}");
        }
        for name in
            ["MinPasswordLength", "password_expires_at", "config", "sort_key", "keypair", "is_secret_set", "bypass"]
        {
            assert_eq!(class(name.as_bytes()), Class::Open, "{name}");
        }
    }
}
