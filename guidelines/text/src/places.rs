//! The lines and columns of a text, found without reading all of it again for each.

/// How many bytes lie between two places that are kept.
const STEP: usize = 1024;

/// The places of a text.
#[derive(Debug, Clone)]
pub struct Places<'a> {
    text: &'a str,
    /// The byte, line and column of a place in each step, the first of it that begins a character.
    kept: Vec<(usize, usize, usize)>,
}

impl<'a> Places<'a> {
    /// Those of this text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let mut kept = Vec::with_capacity(text.len() / STEP + 1);
        let (mut line, mut column, mut next) = (1, 1, 0);
        for (at, letter) in text.char_indices() {
            if at >= next {
                kept.push((at, line, column));
                next = at + STEP;
            }
            (line, column) = after(letter, line, column);
        }
        Self { text, kept }
    }

    /// The line and column of a byte, both from 1, the column in characters.
    #[must_use]
    pub fn position(&self, at: usize) -> (usize, usize) {
        let before = self.kept.partition_point(|(kept, ..)| *kept <= at);
        let Some((from, mut line, mut column)) = self.kept.get(before.saturating_sub(1)).copied() else {
            return (1, 1);
        };
        for letter in
            self.text[from..].char_indices().take_while(|(offset, _)| from + offset < at).map(|(_, letter)| letter)
        {
            (line, column) = after(letter, line, column);
        }
        (line, column)
    }
}

fn after(letter: char, line: usize, column: usize) -> (usize, usize) {
    if letter == '\n' { (line + 1, 1) } else { (line, column + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_the_line_and_column_that_counting_gives() {
        let text = "äb\n".repeat(2_000) + &"ü".repeat(3_000);
        let places = Places::new(&text);
        for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)).step_by(7) {
            let before = &text[..at];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            assert_eq!(places.position(at), (line, column), "{at}");
        }
        assert_eq!(Places::new("").position(0), (1, 1));
    }
}
