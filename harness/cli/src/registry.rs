//! The tests that Assay has itself.

use std::collections::BTreeSet;

use assay_kit::ConformanceTest;

use crate::exit::Failure;

/// Every test that is compiled in.
pub fn registered() -> Result<Vec<&'static ConformanceTest>, Failure> {
    // Without this, the linker would drop the tests with the rest of an unused package.
    assay_capabilities::link();
    Ok(assay_kit::registered()?)
}

/// The UUIDs of the tests that Assay implements.
pub fn native() -> Result<BTreeSet<String>, Failure> {
    Ok(registered()?.into_iter().map(|test| test.covers.to_owned()).collect())
}
