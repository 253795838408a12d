//! The program `assay`: the command, with the reference deployment.

use std::process::ExitCode;

fn main() -> ExitCode {
    assay::provide();
    assay_cli::main()
}
