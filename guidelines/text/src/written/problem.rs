//! What is wrong with a guideline file, where, and what to do about it.

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use crate::{is_unseen, visible, visible_line};
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::kind::Kind;

/// The kind of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// The file cannot be read from the disk.
    Unreadable,
    /// The file is larger, or has more values, than any guideline needs.
    TooLarge,
    /// The file is not encoded in UTF-8.
    NotUtf8,
    /// The file is not YAML.
    Syntax,
    /// Values are nested deeper than in any guideline.
    TooDeep,
    /// An anchor, an alias or a tag, which guidelines do without.
    AnchorOrTag,
    /// A key is written twice.
    DuplicateKey,
    /// No such key exists there.
    UnknownKey,
    /// A key that must be there is not.
    MissingKey,
    /// A value is of another type than its key takes.
    WrongType,
    /// A value is of the right type, and still none that its key takes.
    BadValue,
    /// The file is written in a version of the format that is not known.
    UnknownSchema,
    /// The id does not agree with the place of the file.
    WrongPlace,
    /// A test, a UUID, an alias or an item of a list stands there twice.
    Duplicate,
    /// One test has two UUIDs, flags or interfaces, one UUID has two names, or a component asks where there is no test.
    Contradiction,
    /// A name is used that nothing has.
    UnknownName,
    /// No component lists the capability.
    Unlisted,
    /// A component has one capability in two states.
    TwoStates,
}

impl Code {
    /// The name of the kind, such as `unknown-key`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::TooLarge => "too-large",
            Self::NotUtf8 => "not-utf8",
            Self::Syntax => "syntax",
            Self::TooDeep => "too-deep",
            Self::AnchorOrTag => "anchor-or-tag",
            Self::DuplicateKey => "duplicate-key",
            Self::UnknownKey => "unknown-key",
            Self::MissingKey => "missing-key",
            Self::WrongType => "wrong-type",
            Self::BadValue => "bad-value",
            Self::UnknownSchema => "unknown-schema",
            Self::WrongPlace => "wrong-place",
            Self::Duplicate => "duplicate",
            Self::Contradiction => "contradiction",
            Self::UnknownName => "unknown-name",
            Self::Unlisted => "unlisted",
            Self::TwoStates => "two-states",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Its kind.
    pub code: Code,
    /// The line, from 1; 0 when it is about the file as a whole.
    pub line: usize,
    /// The column in characters, from 1; 0 when it is about the file as a whole.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The bytes that are wrong; none when it is about the file as a whole.
    span: Option<Range<usize>>,
    /// Another place that belongs to it, and why.
    other: Option<(Range<usize>, &'static str)>,
}

/// Everything found wrong in one file, in the order of the file; there is at least one problem.
#[derive(Debug, Clone)]
pub struct Errors {
    name: String,
    text: Arc<str>,
    problems: Vec<Problem>,
    left_off: bool,
    is_secret: bool,
    cause: Option<Arc<io::Error>>,
}

impl Errors {
    /// The name of the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The problems.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The problems, each with the lines it is about drawn below it; with ANSI colours, if wanted: those are the only
    /// escape sequences.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut drawn: Vec<String> = self.problems.iter().map(|problem| self.draw(&renderer, problem)).collect();
        if self.left_off {
            drawn.push(format!("problems beyond the first {} are not looked for", self.problems.len()));
        }
        drawn.join("\n\n")
    }

    fn draw(&self, renderer: &Renderer, problem: &Problem) -> String {
        let drawing = Drawing {
            name: &self.name,
            text: &self.text,
            is_secret: self.is_secret,
            level: Level::ERROR,
            id: problem.code.name(),
            message: &problem.message,
            help: problem.help.as_deref(),
            span: problem.span.as_ref(),
            other: problem.other.as_ref(),
        };
        drawing.draw(renderer)
    }
}

/// What is said of a place of a file, drawn with the lines it is about.
pub struct Drawing<'a> {
    /// The name of the file.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Whether its lines are not shown: they may hold a password.
    pub is_secret: bool,
    /// How bad it is.
    pub level: Level<'a>,
    /// The code of what is wrong.
    pub id: &'a str,
    /// What is wrong.
    pub message: &'a str,
    /// What to do.
    pub help: Option<&'a str>,
    /// The bytes it is about; none when it is about the file as a whole.
    pub span: Option<&'a Range<usize>>,
    /// Another place that belongs to it, and why.
    pub other: Option<&'a (Range<usize>, &'static str)>,
}

impl Drawing<'_> {
    /// Draws it.
    #[must_use]
    pub fn draw(&self, renderer: &Renderer) -> String {
        let (message, help) = (visible(self.message), self.help.map(visible));
        let title = self.level.clone().primary_title(message).id(self.id);
        let mut group = match self.span {
            None => title.element(annotate_snippets::Origin::path(self.name)),
            Some(span) if self.is_secret => {
                let (line, column) = position(self.text, span.start);
                title.element(annotate_snippets::Origin::path(self.name).line(line).char_column(column))
            }
            Some(span) => {
                let others = self.other.map(|(range, _)| range);
                let first = others.map_or(span.start, |range| range.start.min(span.start));
                let last = others.map_or(span.end, |range| range.end.max(span.end));
                // Only the lines from the first to the last place are handed over, so that many problems in a large
                // file are drawn quickly.
                let from = self.text[..first].rfind('\n').map_or(0, |at| at + 1);
                let to = self.text[last..].find('\n').map_or(self.text.len(), |at| last + at);
                let local = |range: &Range<usize>| range.start - from..range.end - from;
                let shown: String = self.text[from..to].chars().map(seen).collect();
                let mut snippet = Snippet::source(shown)
                    .path(self.name)
                    .line_start(position(self.text, from).0)
                    .annotation(AnnotationKind::Primary.span(local(span)));
                if let Some((range, label)) = self.other {
                    snippet = snippet.annotation(AnnotationKind::Context.span(local(range)).label(*label));
                }
                title.element(snippet)
            }
        };
        if let Some(help) = help {
            group = group.element(Level::HELP.message(help));
        }
        renderer.render(&[group])
    }
}

/// A character, or what stands for one that steers a terminal: as many bytes, so that places stay where they are.
fn seen(letter: char) -> char {
    match letter {
        '\n' | '\r' | '\t' => letter,
        letter if !is_unseen(letter) => letter,
        letter => match letter.len_utf8() {
            1 => '?',
            2 => '·',
            3 => '\u{fffd}',
            _ => '\u{1f6c7}',
        },
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Errors {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| cause.as_ref() as _)
    }
}

/// Collects the problems of one file.
pub struct Collector {
    /// What kind of file it is, for messages.
    pub kind: &'static Kind,
    name: String,
    text: Arc<str>,
    problems: Vec<Problem>,
    left_off: bool,
}

impl Collector {
    /// More problems than this help nobody, and an endless list is a way to fill a terminal.
    pub const MOST: usize = 100;

    /// Begins with a file of a kind.
    pub fn of(kind: &'static Kind, name: &str, text: &str) -> Self {
        Self { kind, name: printable(name), text: text.into(), problems: Vec::new(), left_off: false }
    }

    /// Whether no further problem is taken, so that looking for one is idle.
    pub fn is_full(&mut self) -> bool {
        self.left_off = self.problems.len() >= Self::MOST;
        self.left_off
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Adds a problem.
    pub fn add(&mut self, code: Code, span: &Range<usize>, message: String, help: impl Into<Option<String>>) {
        self.add_with(code, span, message, help, None);
    }

    /// Adds a problem that also points at another place.
    pub fn add_with(
        &mut self,
        code: Code,
        span: &Range<usize>,
        message: String,
        help: impl Into<Option<String>>,
        other: Option<(Range<usize>, &'static str)>,
    ) {
        if self.is_full() {
            return;
        }
        let span = on_boundaries(&self.text, span);
        let (line, column) = position(&self.text, span.start);
        self.problems.push(Problem {
            code,
            line,
            column,
            message,
            help: help.into(),
            span: Some(span),
            other: other.map(|(range, label)| (on_boundaries(&self.text, &range), label)),
        });
    }

    /// Gives problems of a kind another help, where `advice` has one for the line they are on.
    pub fn advise(&mut self, code: Code, advice: impl Fn(&str) -> Option<String>) {
        for problem in self.problems.iter_mut().filter(|problem| problem.code == code) {
            let line = self.text.lines().nth(problem.line.saturating_sub(1)).unwrap_or_default();
            if let Some(help) = advice(line) {
                problem.help = Some(help);
            }
        }
    }

    /// The errors, in the order of the file.
    #[must_use]
    pub fn into_errors(mut self) -> Errors {
        self.problems.sort_by_key(|problem| (problem.line, problem.column));
        Errors {
            name: self.name,
            text: self.text,
            problems: self.problems,
            left_off: self.left_off,
            is_secret: self.kind.is_secret,
            cause: None,
        }
    }
}

/// The errors of a file that is wrong as a whole.
pub fn whole_file(name: &str, code: Code, message: String, help: String, cause: Option<io::Error>) -> Errors {
    Errors {
        name: printable(name),
        text: "".into(),
        problems: vec![Problem { code, line: 0, column: 0, message, help: Some(help), span: None, other: None }],
        left_off: false,
        is_secret: false,
        cause: cause.map(Arc::new),
    }
}

/// The line and column of a byte, both from 1, the column in characters.
#[must_use]
pub fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

/// The range cut to the first line of it, within the text and between characters.
#[must_use]
pub fn on_boundaries(text: &str, range: &Range<usize>) -> Range<usize> {
    let mut start = range.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = range.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let line = text[start..end].split(['\n', '\r']).next().unwrap_or_default().trim_end();
    start..start + line.len()
}

/// The name of a file, which may have any characters, without those that would steer a terminal.
#[must_use]
pub fn printable(name: &str) -> String {
    visible_line(name)
}
