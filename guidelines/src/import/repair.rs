//! What an import had to repair, and where.

use std::fmt;

use serde::Serialize;

/// The kind of a repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// A key is written twice; the last counts, as it does for readers of JSON.
    DuplicateKey,
    /// A key is misspelt, and read as the one that is near.
    MisspeltKey,
    /// A name is misspelt, and read as the one that is near.
    MisspeltName,
    /// The id contradicts the name of the file, which holds.
    IdContradictsFile,
    /// A value is written as another type than its own, and means the same.
    OtherType,
    /// A UUID carries attributes of its test, or is written in another way.
    Uuid,
    /// A test has no UUID.
    NoUuid,
    /// A flag lacks what flags say.
    BareFlag,
    /// A text is empty, and another stands in its place.
    EmptyText,
    /// A text holds line breaks or characters that cannot be seen.
    Text,
    /// A capability has no test.
    Untested,
    /// No component lists a capability.
    Unlisted,
    /// A removed capability is listed and not defined.
    Undefined,
    /// The day of the approval is told from something else.
    ApprovalDay,
    /// The file does not say what the programmes are.
    Targets,
    /// A component of another guideline is called otherwise there.
    OtherName,
    /// A name is listed twice.
    ListedTwice,
    /// A column of a worksheet has another title than its criterion, or no title.
    Column,
    /// A score of a worksheet is invalid or missing, and is read as undecided.
    Score,
    /// What a worksheet says of a total contradicts the scores, which hold.
    Total,
    /// What has no place in a guideline, or cannot be what its key takes, is left out.
    LeftOut,
}

impl Kind {
    /// The name of the kind, such as `misspelt-key`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DuplicateKey => "duplicate-key",
            Self::MisspeltKey => "misspelt-key",
            Self::MisspeltName => "misspelt-name",
            Self::IdContradictsFile => "id-contradicts-file",
            Self::OtherType => "other-type",
            Self::Uuid => "uuid",
            Self::NoUuid => "no-uuid",
            Self::BareFlag => "bare-flag",
            Self::EmptyText => "empty-text",
            Self::Text => "text",
            Self::Untested => "untested",
            Self::Unlisted => "unlisted",
            Self::Undefined => "undefined",
            Self::ApprovalDay => "approval-day",
            Self::Targets => "targets",
            Self::OtherName => "other-name",
            Self::ListedTwice => "listed-twice",
            Self::Column => "column",
            Self::Score => "score",
            Self::Total => "total",
            Self::LeftOut => "left-out",
        }
    }
}

/// One thing that is not in the guideline as it was in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// Its kind.
    pub kind: Kind,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The place as a path of keys from the root, such as `$.metadata.id`.
    pub path: String,
    /// What was there, and what stands for it now.
    pub message: String,
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, line, column, path, message } = self;
        write!(f, "{line}:{column}: {}: {message} ({path})", kind.name())
    }
}
