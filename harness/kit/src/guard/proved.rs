//! What a look at something has shown.

/// What reading something by its id has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Proved {
    /// It is the run's.
    Yes,
    /// It is not there.
    Gone,
    /// It is somebody else's, or nobody can tell: why.
    No(String),
}
