//! A text as it reads once an encoding is taken off, and where each part of it stands in the text as it came.

use std::ops::Range;

/// What stands between words that were decoded apart: no text in UTF-8 holds this byte.
const GAP: u8 = 0xFF;

/// A text with an encoding taken off.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) bytes: Vec<u8>,
    parts: Vec<Part>,
}

/// A part of a view, until the next one begins.
#[derive(Debug)]
struct Part {
    /// Where it begins in the view.
    at: usize,
    /// What it was made of.
    from: Range<usize>,
    /// Whether it stands there as it came, byte by byte.
    same: bool,
}

impl View {
    /// Adds bytes that stand in the text as they are.
    pub(super) fn same(&mut self, text: &[u8], range: Range<usize>) {
        if !range.is_empty() {
            self.parts.push(Part { at: self.bytes.len(), from: range.clone(), same: true });
            self.bytes.extend_from_slice(&text[range]);
        }
    }

    /// Adds what a part of the text stands for.
    pub(super) fn decoded(&mut self, bytes: &[u8], range: Range<usize>) {
        if !bytes.is_empty() {
            self.parts.push(Part { at: self.bytes.len(), from: range, same: false });
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// The same for a word that has nothing to do with the next one.
    pub(super) fn apart(&mut self, bytes: &[u8], range: Range<usize>) {
        self.decoded(bytes, range);
        self.bytes.push(GAP);
    }

    /// Where in the text a range of the view comes from: of what was decoded, the whole.
    fn origin(&self, range: &Range<usize>) -> Range<usize> {
        let part = |at: usize| &self.parts[self.parts.partition_point(|part| part.at <= at).saturating_sub(1)];
        let (first, last) = (part(range.start), part(range.end.saturating_sub(1)));
        let from = if first.same { first.from.start + (range.start - first.at) } else { first.from.start };
        let to = if last.same { last.from.start + (range.end - last.at) } else { last.from.end };
        from..to.min(last.from.end)
    }
}

/// The views that lead from a text to one of its readings.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Way<'a>(Option<(&'a View, &'a Way<'a>)>);

impl Way<'_> {
    /// Whether it is the text as it came.
    pub(super) fn is_plain(&self) -> bool {
        self.0.is_none()
    }

    /// Where in the text a range of the reading comes from.
    pub(super) fn origin(&self, range: Range<usize>) -> Range<usize> {
        match self.0 {
            None => range,
            Some((view, outer)) => outer.origin(view.origin(&range)),
        }
    }
}

/// Takes an encoding off a text; none when nothing in it is so encoded.
pub(super) type Decode = fn(&[u8]) -> Option<View>;

/// Shows a text as it is, and with each one and each two of these encodings taken off. How often is fixed, so that the work
/// grows with the text alone.
pub(super) fn readings(text: &[u8], encodings: &[Decode], look: &mut dyn FnMut(&[u8], &Way<'_>)) {
    within(text, &Way::default(), encodings, 2, look);
}

fn within(text: &[u8], way: &Way<'_>, encodings: &[Decode], left: u8, look: &mut dyn FnMut(&[u8], &Way<'_>)) {
    look(text, way);
    if left == 0 {
        return;
    }
    for view in encodings.iter().filter_map(|decode| decode(text)) {
        within(&view.bytes, &Way(Some((&view, way))), encodings, left - 1, look);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_a_view_leads_back_to_what_it_was_made_of() {
        let text = b"a%20b%2Fc";
        let mut view = View::default();
        view.same(text, 0..1);
        view.decoded(b" ", 1..4);
        view.same(text, 4..5);
        view.decoded(b"/", 5..8);
        view.same(text, 8..9);
        assert_eq!(view.bytes, b"a b/c");
        assert_eq!(view.origin(&(0..5)), 0..9);
        assert_eq!(view.origin(&(1..2)), 1..4);
        assert_eq!(view.origin(&(2..4)), 4..8);
        assert_eq!(view.origin(&(4..5)), 8..9);
    }
}
