//! Each conformance test of clouds as a test: see [`assay_cli::conformance`].

#![expect(clippy::print_stderr, reason = "a test runner says where the evidence is")]

use std::process::ExitCode;

use assay_cli::conformance::Of;

fn main() -> ExitCode {
    let folder = tempfile::Builder::new()
        .prefix("conformance-")
        .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .expect("the build's folder for temporary files can be written");
    assay::provide();
    let code = assay_cli::conformance::main(Of::Clouds, folder.path());
    if code != ExitCode::SUCCESS {
        eprintln!("the evidence is in {}", folder.keep().display());
    }
    code
}
