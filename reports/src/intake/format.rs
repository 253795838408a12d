//! The forms that results have.

/// A form of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum InputFormat {
    /// The folder of one of Assay's own runs.
    Assay,
    /// The text protocol of `python-subunit`.
    SubunitV1,
    /// The binary protocol of `python-subunit`, which stestr keeps.
    SubunitV2,
    /// JUnit XML.
    Junit,
    /// What refstack-client uploaded, and what RefStack's `/v1/results/{id}` answered.
    Refstack,
}

impl InputFormat {
    /// The name that people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Assay => "a run's folder",
            Self::SubunitV1 => "subunit v1",
            Self::SubunitV2 => "subunit v2",
            Self::Junit => "JUnit XML",
            Self::Refstack => "RefStack's JSON",
        }
    }
}
