//! What may be wrong with an inventory.

use std::path::PathBuf;

use assay_text::visible_line;

/// Why an inventory cannot be used. What the inventory says is shown so that it cannot steer a terminal.
#[derive(Debug, thiserror::Error)]
#[error("{}", visible_line(&format!("{}: {what}", path.display())))]
pub struct InventoryError {
    /// The file or program.
    pub(super) path: PathBuf,
    /// What is wrong, and what to do.
    pub(super) what: String,
}
