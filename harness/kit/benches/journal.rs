//! How the time to read a journal grows with it: over a hundredfold growth.
//!
//! `cargo bench -p assay-kit --bench journal` prints, for each shape, the time for a journal and for those that are ten and a
//! hundred times as long, all within one sitting: the ratios hold on any machine.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "this measures, and is no part of the program")]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use assay_kit::journal::{FILE, Journal};

/// How many lines the shortest journal has.
const LINES: usize = 1_000;

/// A name, and the line of a number.
type Shape = (&'static str, fn(usize) -> String);

const SHAPES: &[Shape] = &[
    ("each resource planned, created and removed", |n| line(n / 3, ["planned", "created", "removed"][n % 3], "\"id\"")),
    ("all of them left", |n| line(n, "left", "\"id\"")),
    ("one resource, again and again", |_| line(7, "created", "\"id\"")),
    ("planned and no more", |n| line(n, "planned", "null")),
];

fn line(number: usize, state: &str, id: &str) -> String {
    format!(
        "{{\"at\":\"2026-01-01T00:00:00Z\",\"test\":\"a.b.c\",\"resource\":{{\"kind\":\"container\",\"name\":\
         \"assay-0a1b2c3d-container-{number}\",\"role\":\"member\",\"id\":{id}}},\"state\":\"{state}\"}}\n"
    )
}

fn main() {
    println!("{:44} {:>10} {:>10} {:>10}   ratios", "shape", "1", "10", "100");
    let folder = tempfile::tempdir().unwrap();
    for (name, line) in SHAPES {
        let times = [1, 10, 100].map(|times| {
            let text: String = (0..LINES * times).map(line).collect();
            std::fs::write(folder.path().join(FILE), text).unwrap();
            (0..3).map(|_| time(folder.path())).min().unwrap_or_default()
        });
        let ratio = |at: usize| times[at].as_secs_f64() / times[0].as_secs_f64().max(1e-9);
        let shown = times.map(|time| format!("{:.2} ms", time.as_secs_f64() * 1e3));
        println!("{name:44} {:>10} {:>10} {:>10}   {:.1} {:.1}", shown[0], shown[1], shown[2], ratio(1), ratio(2));
    }
}

fn time(folder: &Path) -> Duration {
    let begun = Instant::now();
    let _ = black_box(Journal::remaining(folder).unwrap());
    begun.elapsed()
}
