//! How the time of redaction grows: `cargo bench -p assay-kit`.
//!
//! Each row does a hundred times as much as the first one of its table: one body with more and more members called `password`,
//! more and more bodies with a few each, and more and more text that looks nearly like a secret, or is encoded throughout. What
//! is printed are ratios within this one sitting, of the time for each byte. Time that grows with what comes in keeps them near
//! 1; where all that comes is new secrets, they grow with its logarithm, for each is built into one automaton after another.

#![expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "this measures, and is no part of the program")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use assay_kit::http::redact::Redactor;

/// From 0.1 MB to 10 MB.
const SIZES: [usize; 5] = [100_000, 316_000, 1_000_000, 3_160_000, 10_000_000];

/// How often the same is done; the quickest counts.
const TIMES: usize = 2;
/// How much is done at least before the clock is looked at, in bytes: it ticks slowly.
const ENOUGH: usize = 5_000_000;

fn main() {
    table("one body, a member called `password` every 50 bytes", &SIZES, |size| {
        let body = passwords(0, size / 50);
        measured(size, || Redactor::default().body(&body).len())
    });
    table("one body as a transcript keeps it", &SIZES, |size| {
        let body = passwords(0, size / 50);
        measured(size, || Redactor::default().beginning(&body, 32 * 1024).0.len())
    });
    table("bodies of 5,000 bytes, each with 100 new members called `password`", &SIZES, |size| {
        let bodies: Vec<String> = (0..size / 5_000).map(|body| passwords(body * 100, 100)).collect();
        measured(size, || {
            let redactor = Redactor::default();
            bodies.iter().map(|body| redactor.beginning(body, 32 * 1024).0.len()).sum()
        })
    });
    table("text that is nearly a secret, again and again, with 1,000 secrets known", &SIZES, |size| {
        let redactor = Redactor::default();
        for number in 0..1_000 {
            redactor.learn(&format!("{}{number:04}", "aaaaaaaa".repeat(number % 20 + 1)));
        }
        let text = "a".repeat(size);
        measured(size, || redactor.text(&text).len())
    });
    for (what, unit) in [
        ("quotes and colons", "\"password\":"),
        ("open brackets under a secret name", "{\"password\":[{"),
        ("addresses without an end", "http://a:b"),
        ("signs as percent of percent", "%2570%25"),
        ("signs as HTML of JSON", "&quot;&#92;u0061"),
        ("base64 of base64", "WVdGaFlXRmhZV0ZoWVdGaA"),
        ("hexadecimal of hexadecimal", "3631363136313631"),
        ("hexadecimal with signs between", "61:0x61, "),
        ("quoted-printable of octal escapes", "=5C141=3D"),
        ("quotations of a shell", "'\\''\\&"),
        ("UTF-16 as base64 as hexadecimal", "59514268414745415951426841474541"),
        ("all encodings, one after another", "%41+&amp;\\x41'\\''=41 41:42:43 616263646566 QUFBQUFB "),
    ] {
        table(&format!("text of {what}"), &SIZES, |size| {
            let redactor = Redactor::default();
            redactor.learn("password-of-the-user");
            let text = unit.repeat(size / unit.len());
            measured(size, || redactor.text(&text).len())
        });
    }
}

/// A body with members called `password`, each with a value of its own.
fn passwords(from: usize, count: usize) -> String {
    let mut body = String::from("{\"images\": [");
    for number in from..from + count {
        // Writing to a string cannot fail.
        let _ = write!(body, "{{\"password\": \"s{number:011}\", \"id\": \"i{number:09}\"}},");
    }
    body + "{}]}"
}

/// The processor time of this thread, where the system says it: what else the machine does must not look like growth.
fn processor() -> Option<Duration> {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    said.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

fn measured(size: usize, work: impl Fn() -> usize) -> Duration {
    let again = u32::try_from(ENOUGH.div_ceil(size)).unwrap_or(1);
    let once = || {
        let (start, worked) = (Instant::now(), processor());
        for _ in 0..again {
            std::hint::black_box(work());
        }
        processor().zip(worked).map_or_else(|| start.elapsed(), |(now, then)| now.saturating_sub(then)) / again
    };
    (0..TIMES).map(|_| once()).min().unwrap_or_default()
}

fn table(what: &str, sizes: &[usize], work: impl Fn(usize) -> Duration) {
    println!("{what}:");
    println!("{:>12} {:>10} {:>12} {:>8}", "bytes", "seconds", "ns per byte", "ratio");
    let mut first = None;
    for size in sizes {
        let time = work(*size);
        let each = time.as_secs_f64() * 1e9 / *size as f64;
        let ratio = each / *first.get_or_insert(each);
        println!("{size:>12} {:>10.3} {each:>12.1} {ratio:>8.2}", time.as_secs_f64());
    }
    println!();
}
