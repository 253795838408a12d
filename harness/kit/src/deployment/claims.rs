//! What tests take of the limits, and share with others.

use super::Deployment;
use crate::registry::ConformanceTest;
use crate::shared::{self, Busy, Claim, Unshared};

impl Deployment {
    /// Notes which tests will share what, so that it can be removed after the last of them.
    pub fn expect_sharing(&self, tests: &[&ConformanceTest]) {
        self.shared.expect(tests.iter().flat_map(|test| test.shares).copied());
    }

    /// Notes that a test has ended; gives what nobody shares any more, to be undone.
    #[must_use]
    pub fn release_shared(&self, test: &ConformanceTest) -> Vec<Unshared> {
        self.shared.release(test.id, test.shares)
    }

    /// Takes what a test needs of the limits, with what it will make for others to share, or says why it cannot start now.
    pub fn claim(&self, test: &ConformanceTest) -> Result<Claim, Busy> {
        self.shared.claim(&self.limits, &self.elsewhere, (test.id, test.holds, test.shares))
    }

    /// Why a test cannot start although no other runs: the quotas that what tests share has used up.
    #[must_use]
    pub fn no_room(&self, test: &ConformanceTest) -> String {
        if let Some(reason) = self.limits.short(&shared::all_holds(test.holds, test.shares)) {
            return reason;
        }
        let taken = self.limits.taken(&shared::all_holds(test.holds, test.shares)).join(", ");
        format!("the project's quotas have no room for it beside what other tests share ({taken}): raise them")
    }

    /// Why a test can never run within the project's quotas, when it cannot.
    #[must_use]
    pub fn never(&self, test: &ConformanceTest) -> Option<String> {
        self.limits.never(&shared::all_holds(test.holds, test.shares))
    }
}
