//! The scores of one capability.

use std::ops::Range;

use indexmap::IndexMap;

use crate::import::Kind;
use crate::model::Guideline;
use crate::nearest::quoted;

use super::super::model::Answer;
use super::columns::{Column, Columns};

/// Of one capability, no more repairs than this are told one by one.
const MOST: usize = 20;

/// What was read; a repair has the byte of the text that it is about.
pub(super) struct Read {
    pub scores: IndexMap<String, Answer>,
    pub non_admin: Answer,
    pub repairs: Vec<(Kind, usize, String)>,
}

/// Reads what stands after the colon.
pub(super) fn read(text: &str, columns: &Columns, guideline: &Guideline) -> Read {
    let mut reader =
        Reader { text, scores: IndexMap::new(), non_admin: None, total: None, repairs: Vec::new(), more: 0 };
    let (brackets, star) = reader.brackets();
    for (at, bracket) in brackets.iter().enumerate() {
        if let Some(group) = columns.groups.get(at) {
            reader.bracket(bracket.clone(), group);
        } else {
            let message = format!("there is no column for {}", quoted(&text[bracket.clone()]));
            reader.note(Kind::LeftOut, bracket.start, message);
        }
    }
    for group in columns.groups.iter().skip(brackets.len()) {
        for column in group {
            reader.missing(column, text.trim_end().len());
        }
    }
    reader.finish(star, guideline)
}

struct Reader<'t> {
    text: &'t str,
    scores: IndexMap<String, Answer>,
    non_admin: Option<Answer>,
    /// The total as it was written, and where.
    total: Option<Range<usize>>,
    repairs: Vec<(Kind, usize, String)>,
    /// How many more there are.
    more: usize,
}

impl Reader<'_> {
    fn note(&mut self, kind: Kind, at: usize, message: String) {
        if self.repairs.len() < MOST {
            self.repairs.push((kind, at, message));
        } else {
            self.more += 1;
        }
    }

    /// The insides of the brackets, and where an asterisk stands. Anything else is left out.
    fn brackets(&mut self) -> (Vec<Range<usize>>, Option<usize>) {
        let (mut brackets, mut star, mut at) = (Vec::new(), None, 0);
        while at < self.text.len() {
            let rest = &self.text[at..];
            let letter = rest.chars().next().unwrap_or(' ');
            match letter {
                '[' => {
                    // A bracket that is not closed ends where the next one opens.
                    let inside = &rest[1..];
                    let length = inside.find([']', '[']).unwrap_or(inside.len());
                    if !inside[length..].starts_with(']') {
                        let message = "the bracket is not closed; it is read as if it were".to_owned();
                        self.note(Kind::Text, at, message);
                    }
                    brackets.push(at + 1..at + 1 + length);
                    at += 1 + length + usize::from(inside[length..].starts_with(']'));
                }
                '*' if star.is_none() => {
                    star = Some(at);
                    at += 1;
                }
                letter if letter.is_whitespace() => at += letter.len_utf8(),
                _ => {
                    let length = rest.find(['[', '*']).unwrap_or(rest.len()).max(letter.len_utf8());
                    let message = format!("{} stands among the scores and is none", quoted(rest[..length].trim()));
                    self.note(Kind::LeftOut, at, message);
                    at += length;
                }
            }
        }
        (brackets, star)
    }

    fn bracket(&mut self, bracket: Range<usize>, group: &[Column]) {
        let mut start = bracket.start;
        let mut columns = group.iter();
        for cell in self.text[bracket.clone()].split(',') {
            let place = start + cell.len() - cell.trim_start().len();
            let (text, length) = (cell.trim(), cell.len());
            if let Some(column) = columns.next() {
                self.cell(column, text, place);
            } else {
                let message = format!("the bracket has no column for {}", quoted(text));
                self.note(Kind::LeftOut, place, message);
            }
            start += length + 1;
        }
        for column in columns {
            self.missing(column, bracket.end);
        }
    }

    fn cell(&mut self, column: &Column, text: &str, place: usize) {
        let read = answer(text);
        match column {
            Column::Total => self.total = Some(place..place + text.len()),
            Column::Unknown(title) => {
                let message = format!("{} by {}, which is no criterion", quoted(text), quoted(title));
                self.note(Kind::LeftOut, place, message);
            }
            Column::Criterion(_) | Column::NonAdmin => {
                if read.is_none() {
                    let message = format!("{} is no score of {}; it is read as undecided", quoted(text), title(column));
                    self.note(Kind::Score, place, message);
                }
                self.set(column, read.unwrap_or(Answer::Open));
            }
        }
    }

    fn missing(&mut self, column: &Column, place: usize) {
        match column {
            Column::Total => {
                self.note(Kind::Total, place, "there is no total; the scores make one".to_owned());
            }
            Column::Unknown(_) => {}
            Column::Criterion(_) | Column::NonAdmin => {
                let message = format!("there is no score of {}; it is read as undecided", title(column));
                self.note(Kind::Score, place, message);
                self.set(column, Answer::Open);
            }
        }
    }

    fn set(&mut self, column: &Column, answer: Answer) {
        match column {
            Column::Criterion(name) => {
                self.scores.insert(name.clone(), answer);
            }
            _ => self.non_admin = Some(answer),
        }
    }

    /// Holds the total and the asterisk against the scores.
    fn finish(mut self, star: Option<usize>, guideline: &Guideline) -> Read {
        let scoring = guideline.scoring.as_ref();
        let criteria = || scoring.iter().flat_map(|scoring| &scoring.criteria);
        for (name, _) in criteria() {
            // That no column has it was noted once, with the titles.
            self.scores.entry(name.clone()).or_insert(Answer::Open);
        }
        let non_admin = self.non_admin.unwrap_or(Answer::Open);
        let sum = |counted: &dyn Fn(Answer) -> bool| {
            let met = criteria().filter(|(name, _)| self.scores.get(*name).copied().is_some_and(counted));
            met.fold(0u32, |sum, (_, of)| sum.saturating_add(of.weight))
        };
        let least = if non_admin == Answer::Yes { sum(&|answer| answer == Answer::Yes) } else { 0 };
        let most = if non_admin == Answer::No { 0 } else { sum(&|answer| answer != Answer::No) };
        let said = if least == most { least.to_string() } else { format!("{least} to {most}") };
        if let Some(place) = &self.total {
            let text = &self.text[place.clone()];
            let total = text.parse::<u32>().ok();
            let open = least != most && matches!(text, "" | "?");
            if !open && !total.is_some_and(|total| (least..=most).contains(&total)) {
                let message = format!("the total was written as {}, and the scores make {said}", quoted(text));
                self.note(Kind::Total, place.start, message);
            }
        }
        if let Some(cutoff) = scoring.and_then(|scoring| scoring.cutoff) {
            let reaches = non_admin == Answer::Yes && least >= cutoff;
            let cannot = non_admin == Answer::No || most < cutoff;
            if let Some(star) = star.filter(|_| cannot) {
                let message =
                    format!("an asterisk says that it reaches the cutoff; the scores make {said} of {cutoff}");
                self.note(Kind::Total, star, message);
            } else if star.is_none() && reaches {
                let message =
                    format!("no asterisk says that it reaches the cutoff; the scores make {said} of {cutoff}");
                self.note(Kind::Total, self.text.trim_end().len(), message);
            }
        }
        if self.more > 0 {
            let message = format!("{} more things of this capability had to be repaired", self.more);
            self.repairs.push((Kind::LeftOut, self.text.trim_end().len(), message));
        }
        Read { scores: self.scores, non_admin, repairs: self.repairs }
    }
}

fn title(column: &Column) -> String {
    match column {
        Column::Criterion(name) => quoted(name),
        Column::NonAdmin => "whether no administrator is needed".to_owned(),
        Column::Total => "the total".to_owned(),
        Column::Unknown(title) => quoted(title),
    }
}

/// Whether a text has scores in brackets, several of them: a number alone is that of an address.
pub(super) fn has_scores(text: &str) -> bool {
    text.split('[')
        .skip(1)
        .filter_map(|rest| rest.split_once(']'))
        .any(|(inside, _)| inside.contains(',') && inside.split(',').all(|cell| answer(cell.trim()).is_some()))
}

/// What a score says; `None` if it is invalid.
fn answer(text: &str) -> Option<Answer> {
    match text {
        "0" => Some(Answer::No),
        "1" => Some(Answer::Yes),
        "?" => Some(Answer::Open),
        _ => None,
    }
}
