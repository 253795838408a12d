//! The form of the results that are scored, where it is not to be found from their content.

use assay_reports::InputFormat;
use clap::ValueEnum;

/// The form of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InputForm {
    /// The folder of one of Assay's own runs.
    Assay,
    /// The text protocol of subunit.
    SubunitV1,
    /// The binary protocol of subunit, which stestr keeps.
    SubunitV2,
    /// JUnit XML.
    Junit,
    /// What refstack-client uploaded, or what RefStack answered.
    Refstack,
}

impl From<InputForm> for InputFormat {
    fn from(form: InputForm) -> Self {
        match form {
            InputForm::Assay => Self::Assay,
            InputForm::SubunitV1 => Self::SubunitV1,
            InputForm::SubunitV2 => Self::SubunitV2,
            InputForm::Junit => Self::Junit,
            InputForm::Refstack => Self::Refstack,
        }
    }
}
