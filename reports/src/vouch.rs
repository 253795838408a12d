//! What nobody can vouch for in a run's folder, which may be a stranger's.
//!
//! Three things are looked at: whether the files are what the run wrote (its manifest), whether a pass has the exchanges
//! that show it, and whether what is recorded follows from them. What is found is a [`Doubt`]: it is told in every report,
//! first. How much it weighs is the same for everybody:
//!
//! | weight | such as | what it does to "conformant" |
//! |---|---|---|
//! | note | a manifest of another machine's run | nothing: it is told |
//! | left out | a required pass without its exchanges | "conformant, but not vouched for" |
//! | contradiction | a file that changed, a result that its exchanges do not bear out | it is not shown: "unknown" |

mod doubt;
mod exchanges;
mod files;

use std::collections::HashSet;

use assay_guidelines::model::State;

use crate::record::RunFolder;
use crate::record::{Run, TestRecord};
use crate::report::{CapabilityReport, Outcome};

pub use doubt::{Doubt, Weight};
pub use exchanges::{KnownTest, KnownTests};
pub use files::Maker;

/// Looks at the folder of a run, whose description and records were read. `known` are the tests of this Assay.
#[must_use]
pub fn vouch(
    folder: &RunFolder,
    run: &Run,
    records: &[TestRecord],
    known: Option<&KnownTests>,
    maker: Maker<'_>,
) -> Vec<Doubt> {
    let mut doubts = files::doubts(folder, run, maker);
    doubts.extend(exchanges::doubts(folder, run, records, known));
    // What weighs most comes first.
    doubts.sort_by_key(|doubt| std::cmp::Reverse(doubt.weight));
    doubts
}

/// The heaviest doubts about what makes these capabilities met: about the folder, or about a required pass.
pub(crate) fn about<'a>(capabilities: &[CapabilityReport], doubts: &'a [Doubt]) -> Option<&'a Doubt> {
    let required = capabilities.iter().filter(|capability| capability.status == State::Required);
    let passed: HashSet<&str> = required
        .flat_map(|capability| &capability.tests)
        .filter(|test| test.verdict == Outcome::Pass || test.verdict == Outcome::Skip)
        .map(|test| test.id.as_str())
        .collect();
    doubts
        .iter()
        .filter(|doubt| !doubt.of_tests || doubt.subjects.iter().any(|id| passed.contains(id.as_str())))
        .filter(|doubt| doubt.weight > Weight::Note)
        .max_by_key(|doubt| doubt.weight)
}
