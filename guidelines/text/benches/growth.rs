//! How the time to read YAML grows with its size: over a hundredfold growth of texts that are made to be slow.
//!
//! `cargo bench -p assay-text` prints, for each shape, the time for a text and for those that are ten and a hundred times
//! as large, all within one sitting: the ratios hold on any machine. Work that grows with the text gives about 10 and 100;
//! what stops at a bound gives less.

#![expect(clippy::print_stdout, reason = "it is what a benchmark is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use assay_text::yaml;

/// The size of the smallest text, in bytes; the largest stays within the bounds.
const SMALLEST: usize = 40_000;

/// A name, and a text of about so many bytes.
type Shape = (&'static str, fn(usize) -> String);

const SHAPES: &[Shape] = &[
    ("a plain list", |size| "- some words in a line\n".repeat(size / 23)),
    ("a plain mapping", |size| numbered(size, |n| format!("key-{n:07}: value {n}\n"))),
    ("[[[…", |size| "[".repeat(size)),
    ("[[[…]]]", |size| "[".repeat(size / 2) + &"]".repeat(size / 2)),
    ("{{{…", |size| "{".repeat(size)),
    ("{a: {a: …", |size| "{a: ".repeat(size / 4)),
    ("[{[{…", |size| "[{".repeat(size / 2)),
    ("- - - …", |size| "- ".repeat(size / 2)),
    ("? ? ? …", |size| "? ".repeat(size / 2)),
    ("? lines", |size| "?\n".repeat(size / 2)),
    (": lines", |size| ":\n".repeat(size / 2)),
    ("!!x !!x …", |size| "!!x ".repeat(size / 4)),
    ("&a &a …", |size| "&a ".repeat(size / 3)),
    ("*a *a …", |size| "*a ".repeat(size / 3)),
    ("anchors", |size| numbered(size, |n| format!("- &a{n} x\n"))),
    ("one anchor, again and again", |size| "- &a x\n".repeat(size / 7)),
    ("aliases", |size| "- &a x\n".to_owned() + &"- *a\n".repeat(size / 5)),
    ("aliases of a long text", |size| format!("- &a {}\n", "x".repeat(size / 2)) + &"- *a\n".repeat(size / 10)),
    ("aliases of aliases", |size| {
        let mut text = "a0: &a0 [x, x]\n".to_owned();
        for n in 1.. {
            if text.len() > size {
                break;
            }
            text.push_str(&format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1));
        }
        text
    }),
    ("merge keys", |size| "a: &a {b: c}\n".to_owned() + &numbered(size, |n| format!("k{n}: {{<<: *a}}\n"))),
    ("\" unclosed", |size| format!("a: \"{}", "x ".repeat(size / 2))),
    ("\" unclosed, lines", |size| format!("a: \"{}", "x\n".repeat(size / 2))),
    ("' unclosed, lines", |size| format!("a: '{}", "x\n".repeat(size / 2))),
    ("\" of escapes", |size| format!("a: \"{}\"", "\\u0041".repeat(size / 6))),
    ("a block of text", |size| format!("a: |\n{}", "  line\n".repeat(size / 7))),
    ("a folded block of empty lines", |size| format!("a: >\n{}  x\n", "\n".repeat(size))),
    ("a block without indentation", |size| format!("a: |\n{}", " ".repeat(size))),
    ("deeper and deeper", |size| {
        let mut text = String::new();
        for n in 0.. {
            if text.len() > size {
                break;
            }
            text.push_str(&" ".repeat(n));
            text.push_str("a:\n");
        }
        text
    }),
    ("one long line", |size| format!("a: {}", "word ".repeat(size / 5))),
    ("one long word", |size| "x".repeat(size)),
    ("one long key", |size| format!("{}: 1", "x".repeat(size))),
    ("a text over lines", |size| format!("a: {}", "word\n  ".repeat(size / 7))),
    ("spaces", |size| " ".repeat(size)),
    ("tabs", |size| format!("a:{}b", "\t".repeat(size))),
    ("empty lines", |size| "\n".repeat(size)),
    ("comments", |size| "# words\n".repeat(size / 8)),
    ("a comment in every line", |size| "- a # words\n".repeat(size / 12)),
    ("[a, a, …", |size| format!("[{}", "a, ".repeat(size / 3))),
    ("[a: b, a: b, …", |size| format!("[{}", "a: b, ".repeat(size / 6))),
    ("{a, a, …", |size| format!("{{{}", "a, ".repeat(size / 3))),
    (",,,", |size| format!("[{}", ",".repeat(size))),
    ("documents", |size| "--- a\n".repeat(size / 6)),
    ("ends of documents", |size| "...\n".repeat(size / 4)),
    ("directives", |size| numbered(size, |n| format!("%TAG !e{n}! tag:{n}\n"))),
    ("reserved directives", |size| "%X y\n".repeat(size / 5)),
    ("tags", |size| "- !x y\n".repeat(size / 7)),
    ("a long tag", |size| format!("!<{}> x", "x".repeat(size))),
    ("a long anchor", |size| format!("&{} x", "x".repeat(size))),
    ("ä in a list", |size| "- ä\n".repeat(size / 5)),
    ("an error at the end", |size| "- a\n".repeat(size / 4) + "\"\n"),
    ("ends of lines of another system", |size| "- a\r\n".repeat(size / 5)),
];

fn main() {
    println!("{:34} {:>10} {:>10} {:>10}   ratios", "shape", "1", "10", "100");
    for (name, make) in SHAPES {
        let times = [1, 10, 100].map(|times| {
            let text = make(SMALLEST * times);
            // What the largest one exceeds is not to be measured, but the reading.
            let text = &text[..floor(&text, 4 * 1024 * 1024)];
            shortest(|| drop(black_box(yaml::parse::<serde_yaml::Value>(black_box(text)))))
        });
        let ratio = |at: usize| times[at].as_secs_f64() / times[0].as_secs_f64().max(1e-9);
        let shown = times.map(|time| format!("{:.2} ms", time.as_secs_f64() * 1e3));
        println!("{name:34} {:>10} {:>10} {:>10}   {:.1} {:.1}", shown[0], shown[1], shown[2], ratio(1), ratio(2));
    }
}

fn shortest(run: impl Fn()) -> Duration {
    let time = || {
        let begun = Instant::now();
        run();
        begun.elapsed()
    };
    let first = time();
    // What takes long is not done again.
    if first > Duration::from_millis(500) { first } else { first.min(time()).min(time()) }
}

fn numbered(size: usize, line: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for n in 0.. {
        if text.len() > size {
            break;
        }
        text.push_str(&line(n));
    }
    text
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
