//! Where something stands in the text.

/// Where something stands: the line and the column, both from 1.
pub(super) type At = (usize, usize);

/// The column of a byte, in characters, from 1.
pub(super) fn column(line: &str, byte: usize) -> usize {
    line.get(..byte).map_or(1, |before| before.chars().count() + 1)
}
