//! What the results of all products say about a guideline.

use assay_guidelines::model::State;
use indexmap::IndexMap;

use super::{Finding, FindingKind};
use crate::report::{CapabilityVerdict, Outcome, Report};

/// What was seen of one column. Products that have no result of a required test of it are left aside: their results are
/// of something else.
#[derive(Debug, Default)]
pub struct Seen {
    products: usize,
    /// By test that is excused: how many pass it.
    excused: IndexMap<String, usize>,
    /// By advisory capability: how many have it.
    advisory: IndexMap<String, usize>,
    /// By required capability: how many have it, and the first that does.
    required: IndexMap<String, (usize, Option<String>)>,
}

impl Seen {
    /// Takes note of a product.
    pub fn add(&mut self, report: &Report, product: &str) {
        let ran = |outcome| !matches!(outcome, Outcome::NotRun | Outcome::Missing | Outcome::Manual);
        let required = report.capabilities.iter().filter(|capability| capability.status == State::Required);
        if !required.flat_map(|capability| &capability.tests).any(|test| ran(test.verdict)) {
            return;
        }
        self.products += 1;
        for capability in &report.capabilities {
            match capability.status {
                // A flag or a skip leaves open whether the product has it.
                State::Advisory => {
                    let has = !capability.tests.is_empty()
                        && capability.tests.iter().all(|test| test.verdict == Outcome::Pass);
                    *self.advisory.entry(capability.name.clone()).or_default() += usize::from(has);
                }
                State::Required if !capability.tests.is_empty() => {
                    let unmet = matches!(capability.verdict, CapabilityVerdict::Unmet | CapabilityVerdict::Unknown);
                    let met = usize::from(!unmet);
                    let (products, first) = self.required.entry(capability.name.clone()).or_default();
                    *products += met;
                    if met > 0 && first.is_none() {
                        *first = Some(product.to_owned());
                    }
                }
                _ => {}
            }
        }
        let excused: IndexMap<&str, bool> = report
            .capabilities
            .iter()
            .flat_map(|capability| &capability.tests)
            .filter(|test| test.excused)
            .map(|test| (test.name.as_str(), test.verdict == Outcome::Pass))
            .collect();
        for (test, passed) in excused {
            *self.excused.entry(test.to_owned()).or_default() += usize::from(passed);
        }
    }

    /// Adds what was found of one kind.
    pub fn findings(&self, kind: FindingKind, column: usize, findings: &mut Vec<Finding>) {
        let of = self.products;
        let mut add = |subject: &String, products, only| {
            findings.push(Finding { kind, column, subject: subject.clone(), products, of, only });
        };
        match kind {
            FindingKind::FlagNotNeeded => {
                self.excused.iter().filter(|(_, products)| **products == of).for_each(|(test, n)| add(test, *n, None));
            }
            FindingKind::AdvisoryMetByAll => {
                self.advisory.iter().filter(|(_, products)| **products == of).for_each(|(name, n)| add(name, *n, None));
            }
            // Of one product alone, this would be everything that it has.
            FindingKind::RequiredMetByFew if of < 2 => {}
            FindingKind::RequiredMetByFew => {
                for (name, (products, first)) in self.required.iter().filter(|(_, (products, _))| *products < 2) {
                    add(name, *products, first.clone());
                }
            }
        }
    }
}
