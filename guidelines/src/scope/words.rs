//! The words of scopes: targets, and the UUIDs of test cases.

/// The target whose test cases decide.
pub(super) const MAIN: &str = "main";
/// The target whose test cases are advice.
pub(super) const RECOMMENDED: &str = "recommended";
/// The target whose test cases a person decides.
pub(super) const PREVIEW: &str = "preview";

/// The UUID of a test case, or of anything else that belongs to a scope: the one (version 5) of its id or name, in the name space
/// of the scope's own UUID. None where that is no UUID.
#[must_use]
pub fn uuid(scope: &str, id: &str) -> Option<String> {
    let space = uuid::Uuid::parse_str(scope).ok()?;
    Some(crate::named_uuid::of(space.into_bytes(), id))
}

#[cfg(test)]
mod tests {
    use super::uuid;

    /// Guidelines and tests have these UUIDs: they stay.
    #[test]
    fn the_uuid_of_a_test_case_follows_from_its_id() {
        let of = |id| uuid("50393e6f-2ae1-4c5c-a62c-3b75f2abef3f", id);
        assert_eq!(of("scs-0100-syntax-check").as_deref(), Some("4e48a2b4-3405-5b46-8116-8bd069909fd8"));
        assert_eq!(uuid("scs", "scs-0100-syntax-check"), None);
    }
}
