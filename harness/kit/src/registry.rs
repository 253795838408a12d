//! The tests that are compiled in.

use std::future::Future;
use std::pin::Pin;

use crate::{Cx, Limit, Need, Outcome};

/// How a test is started.
pub type TestFn = fn(Cx) -> Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// A test, as [`conformance`](crate::conformance) registers it.
#[derive(Debug)]
pub struct ConformanceTest {
    /// Its stable name, in parts joined by `.`; or the one that the programme which it belongs to gave it.
    pub id: &'static str,
    /// Its doc comment: what it does and requires.
    pub doc: &'static str,
    /// `document#section` of the API's documentation.
    pub spec: &'static str,
    /// The UUID of the published test it covers.
    pub covers: &'static str,
    /// What the deployment and its user must offer.
    pub needs: &'static [Need],
    /// The named limits that it takes while it runs.
    pub holds: &'static [Limit],
    /// The keys of what it shares with other tests.
    pub shares: &'static [&'static str],
    /// How many seconds it is expected to take.
    pub seconds: u32,
    /// After how many seconds it is given up, when the run's own setting is too short.
    pub timeout: Option<u32>,
    /// The test itself.
    pub run: TestFn,
}

impl ConformanceTest {
    /// The programme of others that it belongs to, where it holds a cloud to more than the API says: `scs` for those of the
    /// Sovereign Cloud Stack, whose ids it has. A cloud that takes no part in a programme is not asked for what it asks.
    #[must_use]
    pub fn programme(&self) -> Option<&'static str> {
        self.id.split_once('-').map(|(first, _)| first).filter(|first| *first == "scs")
    }

    /// The first sentence or paragraph of its doc comment, on one line.
    #[must_use]
    pub fn title(&self) -> String {
        let paragraph = self.doc.split("\n\n").next().unwrap_or_default();
        paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

inventory::collect!(ConformanceTest);

/// No test is compiled in: the crate that holds them is not linked.
#[derive(Debug, thiserror::Error)]
#[error("no conformance test is compiled in; the package `assay-capabilities` must be linked")]
pub struct EmptyRegistry;

/// Every test that is compiled in, by id.
///
/// # Errors
///
/// No test is registered: the linker drops a crate that nothing refers to, and a run of no tests would look like success.
pub fn registered() -> Result<Vec<&'static ConformanceTest>, EmptyRegistry> {
    let mut tests: Vec<_> = inventory::iter::<ConformanceTest>.into_iter().collect();
    tests.sort_by_key(|test| test.id);
    if tests.is_empty() { Err(EmptyRegistry) } else { Ok(tests) }
}
