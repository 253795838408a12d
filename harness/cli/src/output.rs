//! What is data goes to stdout, the rest to stderr; a closed pipe is no failure.

use std::io::{self, Write as _};

use assay_reports::TextStyle;

use crate::exit::Failure;

/// Writes data. Whoever has closed the other end has seen enough.
pub fn data(text: &str) -> Result<(), Failure> {
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
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says why the command ends early.
pub fn complain(message: &str) {
    let label = if colour(&io::stderr()) { "\u{1b}[31;1merror\u{1b}[0m" } else { "error" };
    // A message that shows lines of a file brings its own label.
    if message.starts_with("error") || message.starts_with("\u{1b}[") {
        say(message);
    } else {
        say(&format!("{label}: {message}"));
    }
}

/// Whether colours are wanted there: a terminal, and no `NO_COLOR` (<https://no-color.org>).
pub fn colour(stream: &impl io::IsTerminal) -> bool {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    stream.is_terminal() && !plain && !dumb
}

/// How text is laid out on standard output.
pub fn style() -> TextStyle {
    let stdout = io::stdout();
    let width = console::Term::stdout().size_checked().map_or(100, |(_, columns)| usize::from(columns).min(120));
    TextStyle { width, colour: colour(&stdout) }
}

/// Text in columns, each as wide as its widest cell; the last is not padded.
pub fn columns(rows: &[Vec<String>]) -> String {
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
