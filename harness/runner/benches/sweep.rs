//! How the time to join what a journal announces with what was found grows with it: over a hundredfold growth.
//!
//! `cargo bench -p assay-runner` prints, for each shape, the time for a journal and for those that are ten and a hundred times as
//! long, all within one sitting: the ratios hold on any machine.

#![expect(clippy::print_stdout, reason = "this measures, and is no part of the program")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use assay_kit::{Kind, Resource};
use assay_runner::sweep::with_announced;

/// How many resources the shortest journal announces.
const RESOURCES: usize = 2_000;

/// A name, whether all of them are found, and the resource of a number.
type Shape = (&'static str, bool, fn(usize) -> Resource);

const SHAPES: &[Shape] = &[
    ("no id known, nothing found", false, |n| Resource::new(Kind::Keypair, &format!("assay-0a1b2c3d-keypair-{n}"))),
    ("ids known, nothing found", false, |n| identified(n, n)),
    ("ids known, all of them found", true, |n| identified(n, n)),
    ("one name, again and again", false, |n| identified(0, n)),
];

fn identified(name: usize, id: usize) -> Resource {
    Resource { id: Some(id.to_string()), ..Resource::new(Kind::Server, &format!("assay-0a1b2c3d-server-{name}")) }
}

fn main() {
    println!("{:44} {:>10} {:>10} {:>10}   ratios", "shape", "1", "10", "100");
    for (name, found, resource) in SHAPES {
        let times = [1, 10, 100].map(|times| {
            let announced: Vec<Resource> = (0..RESOURCES * times).map(resource).collect();
            let found = if *found { announced.clone() } else { Vec::new() };
            // The processor's clock ticks slowly: each size does as much.
            let again = 100 / times;
            (0..3).map(|_| time(vec![found.clone(); again], &announced)).min().unwrap_or_default()
        });
        let ratio = |at: usize| times[at].as_secs_f64() / times[0].as_secs_f64().max(1e-9);
        let shown = times.map(|time| format!("{:.2} ms", time.as_secs_f64() * 1e3));
        println!("{name:44} {:>10} {:>10} {:>10}   {:.1} {:.1}", shown[0], shown[1], shown[2], ratio(1), ratio(2));
    }
}

/// The processor time of this thread, where the system says it: what else the machine does must not look like growth.
fn processor() -> Option<Duration> {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    said.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// How long it takes for one of these.
fn time(found: Vec<Vec<Resource>>, announced: &[Resource]) -> Duration {
    let again = u32::try_from(found.len()).unwrap_or(1);
    let (begun, worked) = (Instant::now(), processor());
    for found in found {
        let _ = black_box(with_announced(found, announced));
    }
    processor().zip(worked).map_or_else(|| begun.elapsed(), |(now, then)| now.saturating_sub(then)) / again
}
