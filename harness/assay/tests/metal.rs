//! Each conformance test of bare metal as a test: see [`assay_cli::conformance`].

#![expect(clippy::print_stderr, reason = "a test runner says where the evidence is")]

use std::process::ExitCode;

use assay_cli::conformance::Of;

fn main() -> ExitCode {
    let folder = tempfile::Builder::new()
        .prefix("metal-")
        .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .expect("the build's folder for temporary files can be written");
    assay::provide();
    let code = assay_cli::conformance::main(Of::Metal, folder.path());
    if code != ExitCode::SUCCESS {
        eprintln!("the evidence is in {}", folder.keep().display());
    }
    code
}
