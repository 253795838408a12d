//! What the outcome of a run means: its records, their score under a guideline, and the reports.
//!
//! Data walks straight through: a [`RunFolder`] is loaded, [`score()`] judges its records under a guideline, and
//! [`render()`] shows the [`Report`]. Nothing here opens a socket.

pub mod changes;
pub mod compare;
pub mod intake;
pub mod product;
pub mod profile;
pub mod refstack;
pub mod render;
pub mod report;
mod runs;
pub mod schema;
pub mod score;
pub mod statement;
pub mod vouch;
pub mod waiver;
mod warning;

pub use assay_record as record;
pub use assay_record::{RunFolder, RunFolderError};
pub use compare::{Comparer, Comparison};
pub use intake::{InputFormat, Intake, IntakeError};
pub use render::comparison::{ComparisonFormat, render as render_comparison};
pub use render::evidence::{Evidence, MemoryEvidence, Transcript};
pub use render::guideline::{
    GuidelineFormat, render_changes, render_diff, render_family, render_history, render_worksheet,
};
pub use render::profile::{profile_file_name, render_profile, write_profile};
pub use render::{Format, RenderError, TextStyle, render, render_text, report_file, write_all};
pub use report::Report;
pub use runs::{PartsError, Runs};

pub use score::{Context, score};
pub use statement::{Stated, Statement};
pub use vouch::{Doubt, KnownTest, KnownTests, Maker, Weight, vouch};
pub use waiver::Waiver;
pub use warning::Warning;
