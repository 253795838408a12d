//! Leave to send a request.

/// Leave to send a request. It can be had from the guard alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permit(());

impl Permit {
    /// For what was proved.
    pub(super) fn given() -> Self {
        Self(())
    }

    /// What it was asked for is sent now.
    pub(crate) fn spend(self) {
        let Self(()) = self;
    }

    /// For a login, which asks an identity provider, or an identity service on its behalf, for a token.
    pub(crate) fn for_login() -> Self {
        Self(())
    }

    /// For a request that changes nothing, or asks for a token; none for any other.
    pub(crate) fn harmless(method: &str, url: &str) -> Option<Self> {
        let login = method == "POST" && url.ends_with("/auth/tokens");
        (is_safe(method) || login).then_some(Self(()))
    }
}

/// Whether a method changes nothing (RFC 9110, section 9.2.1).
pub(super) fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

#[cfg(test)]
mod tests {
    use super::Permit;

    #[test]
    fn only_reading_and_logging_in_need_no_proof() {
        for (method, url) in [("GET", "http://h/x"), ("HEAD", "http://h/x"), ("POST", "http://h/v3/auth/tokens")] {
            assert!(Permit::harmless(method, url).is_some());
        }
        for (method, url) in [("POST", "http://h/v3/x"), ("DELETE", "http://h/v3/auth/tokens"), ("COPY", "http://h/x")]
        {
            assert!(Permit::harmless(method, url).is_none());
        }
    }
}
