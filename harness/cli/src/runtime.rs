//! How the command waits for what talks to a deployment.

use std::future::Future;
use std::time::Duration;

use crate::exit::Failure;

/// Waits for a command that talks to a deployment.
pub fn wait<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(Failure::defect)?;
    let ended = runtime.block_on(async {
        #[cfg(unix)]
        survive_full_files();
        command.await
    });
    // What still blocks a thread, such as the look-up of a name, is not waited for.
    runtime.shutdown_timeout(LINGERING);
    ended
}

/// How long what still blocks a thread at the end of a command is waited for.
const LINGERING: Duration = Duration::from_millis(200);

/// Makes a file that has reached the limit of its size an error of the write, as a full disk is, instead of the end of
/// the process before it could clean up.
#[cfg(unix)]
fn survive_full_files() {
    /// SIGXFSZ, which has this number on every system that Assay is built for.
    const SIGXFSZ: i32 = 25;
    // The signal is caught from now on, whether or not anybody waits for it; where it cannot be, nothing is lost.
    let _ = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(SIGXFSZ));
}
