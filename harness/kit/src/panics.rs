//! Panics in tests: kept for the test's record, instead of printed over what the user looks at.

use std::future::Future;
use std::sync::{Arc, Mutex, Once, PoisonError};

tokio::task_local! {
    static CAUGHT: Caught;
}

/// Keeps what a panic within it says, with its place in the source.
#[derive(Debug, Clone, Default)]
pub struct Caught(Arc<Mutex<Option<String>>>);

impl Caught {
    /// Watches a task; the panic still ends it.
    pub fn watch<F: Future>(&self, task: F) -> impl Future<Output = F::Output> + use<F> {
        install();
        CAUGHT.scope(self.clone(), task)
    }

    /// Watches a thread; the panic still ends it.
    pub fn watch_thread<T>(&self, run: impl FnOnce() -> T) -> T {
        install();
        CAUGHT.sync_scope(self.clone(), run)
    }

    /// What the panic said, on one line.
    #[must_use]
    pub fn message(&self) -> String {
        let said = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        said.unwrap_or_else(|| "without a message".to_owned())
    }
}

/// Sees to it that panics nobody watches are printed as ever.
fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let unwatched = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let watched = CAUGHT.try_with(|caught| {
                let payload = panic.payload();
                let said = payload.downcast_ref::<String>().map(String::as_str);
                let said = said.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("without a message");
                let place = panic.location().map(|place| format!(" ({}:{})", place.file(), place.line()));
                let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
                *caught.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(said + &place.unwrap_or_default());
            });
            if watched.is_err() {
                unwatched(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_watched_panic_is_kept_with_its_place() {
        let caught = Caught::default();
        let ended = tokio::spawn(caught.watch(async { panic!("two\nlines") })).await;
        assert!(ended.unwrap_err().is_panic());
        let message = caught.message();
        assert!(message.starts_with("two lines (") && message.contains("panics.rs:"), "{message}");
    }
}
