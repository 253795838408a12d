//! How a test tells of several things at once.

use assay_kit::prelude::*;

/// How many things a message names at most.
const NAMED: usize = 30;

/// What is wrong with several things, one line each, as a message shows it.
pub(super) fn listed(wrong: &[String]) -> String {
    let more = wrong.len().saturating_sub(NAMED);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{more}", wrong[..wrong.len().min(NAMED)].join("; "))
}

/// Ends the test as failed where anything is wrong, and says all of it: what it is about, what was seen, what would be right.
pub(super) fn require_none(evidence: &impl Evidence, requirement: &str, wrong: &[String]) -> Outcome {
    if wrong.is_empty() {
        return Ok(());
    }
    Err(evidence.fail(requirement.to_owned(), None, Some(listed(wrong))))
}

/// Records a deviation where anything is not as it should be, and says all of it.
pub(super) fn expect_none(cx: &Cx, promise: &str, wrong: &[String]) {
    if !wrong.is_empty() {
        cx.deviate(promise.to_owned(), None, Some(listed(wrong)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_so_many_things_and_counts_the_rest() {
        let wrong: Vec<String> = (0..NAMED + 2).map(|number| format!("flavor {number}")).collect();
        assert_eq!(listed(&wrong[..2]), "flavor 0; flavor 1");
        assert!(listed(&wrong).ends_with("; flavor 29; and 2 more"));
    }

    #[test]
    fn every_test_case_has_an_id_of_its_own_form() {
        let tests = assay_kit::registered().unwrap();
        let ours: Vec<_> = tests.iter().filter(|test| test.programme() == Some("scs")).collect();
        assert!(ours.len() > 70, "{}", ours.len());
        for test in ours {
            assert!(test.id.starts_with("scs-0") && !test.doc.contains(['{', '}']), "{}: {}", test.id, test.doc);
        }
    }
}
