//! What is known of a resource before it is removed, and what came of that.

use assay_record::Finding;

use crate::guard::Proved;

/// What came of removing something, or of putting it back.
#[derive(Debug, Clone, PartialEq)]
pub enum Removal {
    /// It is gone, or as it was.
    Done,
    /// It stays, for it is not proved to be the run's: why.
    LeftAlone(String),
    /// Its service accepted the deletion, and it is still there: what was seen.
    Lasts(Box<Finding>),
}

/// What is known of a resource before it is removed or put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is there, and the run's.
    Ours,
    /// It is not there.
    Gone,
    /// It is there and somebody else's, or nobody can tell: why.
    Doubtful(String),
}

impl From<Proved> for Standing {
    fn from(proved: Proved) -> Self {
        match proved {
            Proved::Yes => Self::Ours,
            Proved::Gone => Self::Gone,
            Proved::No(why) => Self::Doubtful(why),
        }
    }
}
