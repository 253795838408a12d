//! The worksheet on which a committee scores capabilities before it decides.
//!
//! Twelve criteria are met or not, or nobody has decided yet: `1`, `0` or `?`. The weights of those that are met make the
//! total, and the cutoff says from which total a capability may be required. That no administrator is needed is asked
//! beside them and has no weight: in the published process a capability that needs one gets the total 0, whatever it
//! scored, because the programme certifies what any user of a cloud can rely on. It can therefore never reach the cutoff.

mod compare;
mod evaluate;
pub mod import;
mod model;
mod read;
mod rules;

pub(crate) use compare::strongest;
pub use compare::{Compared, Difference};
pub use evaluate::{Column, Counts, EVALUATION_SCHEMA, Evaluated, Evaluation, Part, Standing, Tip};
pub use model::{Answer, Row, SCHEMA, Section, Worksheet};
pub use read::{Read, embedded, is_worksheet, parse, read};
