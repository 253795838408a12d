//! The file that `--product` names.

use std::path::Path;

pub use assay_record::product::{Product, ProductKind};

use crate::yaml::{self, YamlError};

/// Reads the file.
pub fn read(path: &Path) -> Result<Product, YamlError> {
    yaml::read(path)
}
