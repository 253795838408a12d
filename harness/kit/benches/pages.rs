//! How the time of a walk over pages grows: `cargo bench -p assay-kit --bench pages`.
//!
//! A list of 20, 200 and 2,000 pages is walked: its links are read, and each is looked for among those seen before. What is
//! printed are ratios within this one sitting, of the time for each page: a walk that took longer the longer it had gone on
//! would not stay near 1.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "this measures, and is no part of the program"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use assay_kit::Walk;
use assay_kit::pages::{PAGES, link, query_of};
use serde_json::{Value, json};

/// How many entries a page has.
const ENTRIES: usize = 100;
/// How often each size is walked; the shortest time counts.
const ROUNDS: usize = 7;

fn main() {
    let sizes = [PAGES / 100, PAGES / 10, PAGES];
    let times = sizes.map(|pages| {
        let pages: Vec<Vec<u8>> = (0..pages).map(page).collect();
        // As many pages in all for each size: a short time measures little.
        let walks = PAGES / pages.len();
        (0..ROUNDS).map(|_| measured(&pages, walks)).min().unwrap()
    });
    println!("A walk over pages of {ENTRIES} entries:");
    println!("{:>10} {:>14} {:>8}", "pages", "µs for each", "ratio");
    for (pages, time) in sizes.iter().zip(times) {
        let each = |time: Duration| time.as_secs_f64() * 1e6 / PAGES as f64;
        println!("{pages:>10} {:>14.2} {:>8.2}", each(time), each(time) / each(times[0]));
    }
}

fn measured(pages: &[Vec<u8>], walks: usize) -> Duration {
    let begun = Instant::now();
    for _ in 0..walks {
        let mut walk = Walk::default();
        for page in pages {
            let value: Value = serde_json::from_slice(page).unwrap();
            let entries = value["servers"].as_array().unwrap().len();
            walk.read(entries, page.len()).unwrap();
            let place = query_of(link(&value, "servers").unwrap());
            // The last page of the longest list leads to one more than any list has.
            let _ = black_box(walk.go(place));
        }
    }
    begun.elapsed()
}

fn page(at: usize) -> Vec<u8> {
    let entries: Vec<_> = (0..ENTRIES).map(|entry| json!({"id": format!("{at}-{entry}"), "name": "one"})).collect();
    let next = format!("http://127.0.0.1/compute/v2.1/servers?limit={ENTRIES}&marker={at}");
    json!({"servers": entries, "servers_links": [{"rel": "next", "href": next}]}).to_string().into_bytes()
}
