//! The one place that prints. What is data goes to stdout, the rest to stderr; a closed pipe is no failure.
//!
//! Anything may come from a deployment or from somebody's file. So everything is made visible here, and the only escape
//! sequences that are written are those that this file makes of the marks of [`paint`]. And whatever is a secret of the
//! command's accounts is left out here, should it come this far.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use assay_kit::http::redact::Redactor;
use assay_reports::TextStyle;
use assay_text::paint;
use assay_text::visible_line;
use serde::Serialize;

use crate::exit::{Code, Failure};

/// What knows the secrets of the command's accounts.
static SECRETS: OnceLock<Redactor> = OnceLock::new();
/// How much of a line is said, in bytes.
const LINE: usize = 16 * 1024;

/// From now on, nothing is printed that this knows to be secret.
pub fn without_secrets(redactor: &Redactor) {
    // A command logs in with one set of accounts.
    let _ = SECRETS.set(redactor.clone());
}

/// A text without secrets.
fn open(text: &str) -> Cow<'_, str> {
    SECRETS.get().map_or(Cow::Borrowed(text), |secrets| secrets.sentence(text, text.len()).0.into())
}

/// The same of each line, which is cut where it is endless.
fn open_lines(text: &str) -> String {
    let secrets = SECRETS.get().cloned().unwrap_or_default();
    let line = |line: &str| {
        let (mut said, whole) = secrets.sentence(line, LINE);
        if !whole {
            said.push_str(&format!("… ({} bytes)", line.len()));
        }
        said
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Writes data that people read. Whoever has closed the other end has seen enough.
pub fn data(text: &str) -> Result<(), Failure> {
    let text = &open(text);
    written(&paint::show(text, colour(&io::stdout())))
}

/// Writes a value as JSON.
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    let value = serde_json::to_value(value).map_err(Failure::defect)?;
    json_text(&format!("{value:#}\n"))
}

/// Writes text that is JSON already.
pub fn json_text(text: &str) -> Result<(), Failure> {
    written(&assay_text::json(&open(text)))
}

fn written(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::usage(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Says something that is no data. Nobody may be there to hear it.
pub fn say(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = writeln!(stderr, "{}", paint::show(&open_lines(text), colour(&io::stderr())));
}

/// Says why the command ends early.
pub fn complain(message: &str) {
    // A message that shows lines of a file brings its own label.
    if message.starts_with("error") {
        say(message);
    } else {
        say(&format!("{}: {message}", paint::paint("31;1", "error")));
    }
}

/// Prints what the reader of the command line says: help and versions, which are data; everything else is bad usage.
pub fn command_line(error: &clap::Error, text: &str) -> Code {
    if error.use_stderr() {
        say(text.trim_end_matches('\n'));
        return Code::Usage;
    }
    // That nobody reads it is no failure of it.
    let _ = data(text);
    Code::Done
}

/// Sees to it that panics are said as everything is.
pub fn watch_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let said = payload.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("without a message");
        let thread = std::thread::current();
        let place = panic.location().map_or_else(String::new, |place| format!(" at {place}"));
        say(&format!("thread '{}' panicked{place}:\n{said}", thread.name().unwrap_or("without a name")));
        let trace = std::backtrace::Backtrace::capture();
        if trace.status() == std::backtrace::BacktraceStatus::Captured {
            say(&trace.to_string());
        }
    }));
}

/// Whether a person watches what is said.
pub fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Whether colours are wanted there: a terminal, and no `NO_COLOR` (<https://no-color.org>).
fn colour(stream: &impl io::IsTerminal) -> bool {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    stream.is_terminal() && !plain && !dumb
}

/// How text is laid out on standard output.
pub fn style() -> TextStyle {
    let width = console::Term::stdout().size_checked().map_or(100, |(_, columns)| usize::from(columns).min(120));
    TextStyle { width, colour: colour(&io::stdout()) }
}

/// Text in columns, each as wide as its widest cell; the last is not padded.
pub fn columns(rows: &[Vec<String>]) -> String {
    // A cell is one line, whatever stands in it; the spaces before its text are ours.
    let seen = |cell: &String| {
        let text = cell.trim_start_matches(' ');
        format!("{}{}", " ".repeat(cell.len() - text.len()), visible_line(text))
    };
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(seen).collect()).collect();
    let width =
        |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows.iter().map(Vec::len).max().unwrap_or(0)).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}
