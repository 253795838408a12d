//! The checked-in schemas are those of the code.

use std::path::Path;

/// Rewrite them with `UPDATE_SCHEMA=1 cargo test -p assay-reports --test reports schemas`.
#[test]
fn the_schemas_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for (name, text) in assay_reports::schema::all() {
        let path = folder.join(name);
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == text, "{name} is not current: run with UPDATE_SCHEMA=1");
    }
}
