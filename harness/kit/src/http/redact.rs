//! Nothing secret is written: by header, by key, and by every value known to be secret.

use std::sync::{Arc, RwLock};

use serde_json::Value;

/// What stands where something secret stood.
pub const REDACTED: &str = "[redacted]";

/// Headers whose value is a secret, in lower case.
const HEADERS: [&str; 13] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "x-account-meta-temp-url-key",
    "x-account-meta-temp-url-key-2",
    "x-auth-key",
    "x-auth-token",
    "x-container-meta-temp-url-key",
    "x-container-meta-temp-url-key-2",
    "x-service-token",
    "x-storage-token",
    "x-subject-token",
];

/// Members of JSON objects whose value is a secret, in lower case.
const KEYS: [&str; 7] = ["adminpass", "admin_pass", "auth_token", "passcode", "private_key", "secret", "totp"];

/// Parameters of an address whose value is a secret.
const PARAMETERS: [&str; 4] = ["temp_url_sig", "sig", "token", "signature"];

/// A value shorter than this is replaced only where it stands as a word of its own: it may be anyone's name as well.
const LONG: usize = 8;

/// Knows what is secret and replaces it. Clones share what they know.
#[derive(Clone, Default)]
pub struct Redactor(Arc<RwLock<Vec<String>>>);

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

impl Redactor {
    /// Never lets this value be written, nor the forms it takes in JSON, in an address, and in base64.
    pub fn learn(&self, secret: &str) {
        use base64::Engine as _;
        if secret.trim().is_empty() || secret == REDACTED {
            return;
        }
        let json = Value::from(secret).to_string();
        let forms = [
            secret.to_owned(),
            json[1..json.len() - 1].to_owned(),
            url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
            super::client::encode(secret),
            base64::engine::general_purpose::STANDARD.encode(secret),
        ];
        let mut known = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        for form in forms {
            if !known.contains(&form) {
                known.push(form);
            }
        }
        // The longest first: a secret may contain another.
        known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// A text without any secret known so far.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let known = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut text = text.to_owned();
        for secret in known.iter() {
            if text.contains(secret.as_str()) {
                text = if secret.len() >= LONG { text.replace(secret.as_str(), REDACTED) } else { word(&text, secret) };
            }
        }
        text
    }

    /// The value of a header, redacted; a secret one is learnt.
    #[must_use]
    pub fn header(&self, name: &str, value: &str) -> String {
        if HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            self.learn(value);
            return REDACTED.to_owned();
        }
        self.text(value)
    }

    /// An address, redacted.
    #[must_use]
    pub fn url(&self, address: &str) -> String {
        let Ok(mut url) = url::Url::parse(address) else { return self.text(address) };
        if url.password().is_some() {
            // An address that has a password can hold another one.
            let _ = url.set_password(Some("redacted"));
        }
        if let Some(query) = url.query() {
            let parts = query.split('&').map(|part| match part.split_once('=') {
                Some((name, _)) if PARAMETERS.contains(&name.to_ascii_lowercase().as_str()) => {
                    format!("{name}={REDACTED}")
                }
                _ => part.to_owned(),
            });
            let query = parts.collect::<Vec<_>>().join("&");
            let head = address.split_once('?').map_or(address, |(head, _)| head);
            let head = if url.password().is_some() { url.as_str().split('?').next().unwrap_or(head) } else { head };
            return self.text(&format!("{head}?{query}"));
        }
        self.text(url.as_str())
    }

    /// A body: a JSON one by key, and any by known value. Secrets that stand under a secret key are learnt.
    #[must_use]
    pub fn body(&self, body: &str) -> String {
        if matches!(body.trim_start().as_bytes().first(), Some(b'{' | b'['))
            && let Ok(mut json) = serde_json::from_str::<Value>(body)
            && self.json(&mut json)
        {
            return self.text(&json.to_string());
        }
        self.text(body)
    }

    /// Redacts by key; says whether anything was.
    pub fn json(&self, json: &mut Value) -> bool {
        match json {
            Value::Object(members) => {
                let mut found = false;
                for (key, value) in members {
                    let key = key.to_ascii_lowercase();
                    // `redfish_password`, `NewPassword` and the like.
                    let secret = KEYS.contains(&key.as_str()) || key.ends_with("password");
                    match value {
                        Value::String(text) if secret => {
                            self.learn(text);
                            REDACTED.clone_into(text);
                            found = true;
                        }
                        _ => found |= self.json(value),
                    }
                }
                found
            }
            // Not `any`: each element has to be redacted.
            Value::Array(elements) => elements.iter_mut().fold(false, |found, element| self.json(element) | found),
            _ => false,
        }
    }
}

/// Replaces a value where it stands as a word of its own.
fn word(text: &str, secret: &str) -> String {
    let part = |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || next == '_' || next == '-');
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(secret) {
        let (before, after) = (&rest[..at], &rest[at + secret.len()..]);
        result.push_str(before);
        let inside = part(result.chars().next_back()) || part(after.chars().next());
        result.push_str(if inside { secret } else { REDACTED });
        rest = after;
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_by_header_key_value_and_form() {
        let redactor = Redactor::default();
        assert_eq!(redactor.header("X-Subject-Token", "gAAAA-token-value"), REDACTED);
        assert_eq!(redactor.text("seen gAAAA-token-value."), "seen [redacted].");
        let body = redactor.body(r#"{"auth":{"password":"p\"w/with quotes","list":[{"secret":"abcdefgh"}]}}"#);
        assert_eq!(body, r#"{"auth":{"password":"[redacted]","list":[{"secret":"[redacted]"}]}}"#);
        assert_eq!(redactor.text(r#"again p\"w/with quotes, p%22w%2Fwith%20quotes"#), "again [redacted], [redacted]");
    }

    #[test]
    fn a_short_secret_does_not_garble_words() {
        let redactor = Redactor::default();
        redactor.learn("demo");
        assert_eq!(redactor.text("demo democracy demo-net \"demo\""), "[redacted] democracy demo-net \"[redacted]\"");
    }

    #[test]
    fn addresses_lose_signatures_and_passwords() {
        let redactor = Redactor::default();
        assert_eq!(
            redactor.url("http://h/v1/a/c/o?temp_url_sig=0a1b&temp_url_expires=5"),
            "http://h/v1/a/c/o?temp_url_sig=[redacted]&temp_url_expires=5"
        );
        assert_eq!(redactor.url("http://me:letmein@h/x"), "http://me:redacted@h/x");
    }

    #[test]
    fn every_element_of_an_array_is_redacted() {
        let redactor = Redactor::default();
        let body = redactor.body(r#"[{"password":"first-one"},{"password":"second-one"}]"#);
        assert!(!body.contains("first-one") && !body.contains("second-one"), "{body}");
    }
}
