//! What was found of a service.

/// What was found of a service at the start of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is there.
    Ready {
        /// Where its list of versions is.
        root: String,
        /// The versioned API.
        api: String,
        /// The newest version that it offers, such as `v2.16`; empty where the API tells none.
        version: String,
        /// The least and the greatest microversion, where the service has any.
        microversions: Option<(String, String)>,
    },
    /// The catalog does not have it, or it lacks the API's version: tests that need it are skipped.
    Absent(String),
    /// The catalog has it and it does not answer: tests that need it are errors.
    Unreachable(String),
}
