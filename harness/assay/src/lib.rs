//! What the program `assay` brings along: the reference deployment.

#[cfg(feature = "reference")]
mod reference;

/// Makes the reference deployment known to the command, where this program has it.
pub fn provide() {
    #[cfg(feature = "reference")]
    assay_cli::reference::provide(reference::start);
}
