//! The comments of a YAML file, which no tree of it has.

use std::ops::Range;

use assay_text::yaml::{Bounds, Event, events};

/// The comments of a text that is YAML, in its order; of lines with nothing else that follow one another, one.
///
/// A comment begins with a `#` at the beginning of a line or after white space, where no scalar stands.
pub(super) fn comments(text: &str) -> Vec<Range<usize>> {
    let scalars: Vec<Range<usize>> = events(text, Bounds::default())
        .map_while(Result::ok)
        .filter_map(|(event, span)| matches!(event, Event::Scalar(..)).then_some(span))
        .collect();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut goes_on = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let begins = line.match_indices('#').map(|(at, _)| at).find(|at| {
            let before = &line[..*at];
            (before.is_empty() || before.ends_with([' ', '\t'])) && !within(&scalars, start + at)
        });
        if let Some(at) = begins {
            let range = start + at..start + line.trim_end().len();
            let alone = line[..at].trim().is_empty();
            match found.last_mut() {
                Some(last) if alone && goes_on => last.end = range.end,
                _ => found.push(range),
            }
            goes_on = alone;
        } else {
            goes_on = false;
        }
        start += line.len();
    }
    found
}

/// Whether a place lies in one of the scalars, which follow one another.
fn within(scalars: &[Range<usize>], at: usize) -> bool {
    let next = scalars.partition_point(|scalar| scalar.end <= at);
    scalars.get(next).is_some_and(|scalar| scalar.start <= at)
}

#[cfg(test)]
mod tests {
    use super::comments;

    #[test]
    fn a_comment_is_told_from_a_sign_in_a_text() {
        let text = "# one\n# two\na: b#c  # three\n'd #': \"# e\"\nf: >-\n  # no\n\n  # comment\ng: |\n  # nor this\n#four\nh: ä # fünf\n# six\n";
        let found: Vec<&str> = comments(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["# one\n# two", "# three", "#four", "# fünf", "# six"]);
        assert!(comments("").is_empty());
    }
}
