//! The file that `--product` names.

use std::path::Path;
use std::sync::LazyLock;

use assay_text::written::{Errors, Kind, read, schema::schema};

pub use assay_record::product::{Product, ProductKind};

static PRODUCT: Kind = Kind {
    noun: "product file",
    version: "",
    schema: LazyLock::new(schema::<Product>),
    file: None,
    help: "`assay schema product`",
    explain: |_, _| None,
    has_anchors: true,
    is_secret: false,
};

/// Reads the file.
pub fn read(path: &Path) -> Result<Product, Errors> {
    parse(&path.display().to_string(), &read::text_of(&PRODUCT, path)?)
}

/// Reads its text; `name` is what errors call the file.
pub fn parse(name: &str, text: &str) -> Result<Product, Errors> {
    read::parse_as(&PRODUCT, name, text, |_, _| {})
}
