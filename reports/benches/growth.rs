//! How processor time and memory grow: `cargo bench -p assay-reports`.
//!
//! Recorded runs are read from their folders and scored under every target of every guideline, 1,000 and then 10,000 of
//! them; the matrix page is made for 50, 100 and 200 products under 15 guidelines. What is printed are ratios within this
//! one sitting: of the time for each run, and of the memory that is held at the worst moment. Time that grows with the number
//! of runs keeps the first ratio near 1; memory that is not held for longer than a run needs it keeps the second there.
//!
//! `-- --runs N --products M` measures other sizes: N/10 and N runs, M/4, M/2 and M products.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "this measures, and is no part of the program"
)]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use assay_guidelines::{Catalogue, Guideline};
use assay_reports::compare::{Column, Comparer};
use assay_reports::record::{Deployment, Finding, Run, TestRecord, Verdict};
use assay_reports::{ComparisonFormat, Context, RunFolder, TextStyle, intake, render_comparison, score};
use chrono::NaiveDate;

/// Counts what is held.
#[global_allocator]
static ALLOCATOR: cap::Cap<std::alloc::System> = cap::Cap::new(std::alloc::System, usize::MAX);

/// How many different runs there are; they are read again and again, each time as a run of its own.
const DIFFERENT: usize = 20;
/// The guidelines of the matrix.
const MATRIX: usize = 15;

fn main() {
    let given = |option: &str, otherwise: usize| {
        let mut arguments = std::env::args().skip_while(|argument| argument != option);
        arguments.nth(1).map_or(otherwise, |number| number.parse().unwrap())
    };
    let (runs, products) = (given("--runs", 10_000), given("--products", 200));
    let day = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    let catalogue = Catalogue::embedded();
    let guidelines: Vec<Guideline> = catalogue.ids().map(|id| catalogue.get(id, day).unwrap().guideline).collect();
    let folder = tempfile::tempdir().unwrap();
    let folders = record(folder.path(), &guidelines);

    let targets: usize = guidelines.iter().map(|guideline| guideline.targets.len()).sum();
    println!(
        "Scoring recorded runs against all {} guidelines ({targets} targets), each run read from its folder:",
        guidelines.len()
    );
    let scored = [(runs / 10).max(1), runs].map(|runs| measured(runs, || scoring(&guidelines, &folders, runs, day)));
    table("runs", &scored);

    let series: Vec<&Guideline> =
        guidelines.iter().filter(|guideline| guideline.id.starts_with("openstack-powered/")).take(MATRIX).collect();
    println!(
        "The matrix page of products under {} guidelines ({} columns), runs read, page written:",
        series.len(),
        columns(&series).len()
    );
    let pages = [products / 4, products / 2, products]
        .map(|products| measured(products, || page(&series, &folders, products, day)));
    table("products", &pages);
}

/// What one size took.
struct Measured {
    size: usize,
    time: Duration,
    /// The most that was held at once, beyond what was held before.
    most: usize,
    /// What was made of it, in bytes; 0 where nothing is.
    made: usize,
}

/// The processor time of this thread, where the system says it: what else the machine does must not look like growth.
fn processor() -> Option<Duration> {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    said.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

fn measured(size: usize, work: impl FnOnce() -> usize) -> Measured {
    // The most is counted since the program began, so that sizes are measured from the smallest to the largest.
    let before = ALLOCATOR.allocated();
    let (start, worked) = (Instant::now(), processor());
    let made = work();
    let time = processor().zip(worked).map_or_else(|| start.elapsed(), |(now, then)| now.saturating_sub(then));
    Measured { size, time, most: ALLOCATOR.max_allocated() - before, made }
}

fn table(what: &str, sizes: &[Measured]) {
    println!(
        "{what:>10} {:>10} {:>14} {:>8} {:>11} {:>8} {:>12} {:>8}",
        "seconds", "ms for each", "ratio", "most MiB", "ratio", "KiB for each", "made MiB"
    );
    let each = |measured: &Measured| measured.time.as_secs_f64() * 1e3 / measured.size as f64;
    for measured in sizes {
        println!(
            "{:>10} {:>10.2} {:>14.3} {:>8.2} {:>11.1} {:>8.2} {:>12.1} {:>8.1}",
            measured.size,
            measured.time.as_secs_f64(),
            each(measured),
            each(measured) / each(&sizes[0]),
            measured.most as f64 / 1_048_576.0,
            measured.most as f64 / sizes[0].most as f64,
            measured.most as f64 / 1024.0 / measured.size as f64,
            measured.made as f64 / 1_048_576.0,
        );
    }
    println!();
}

fn scoring(guidelines: &[Guideline], folders: &[PathBuf], runs: usize, day: NaiveDate) -> usize {
    let mut conformant = 0;
    for folder in folders.iter().cycle().take(runs) {
        let read = intake::read(folder, None).unwrap();
        let context = Context::new(&read.run, day);
        for guideline in guidelines {
            for target in guideline.targets.keys() {
                let report = score(guideline, target, &read.records, &context).unwrap();
                conformant += usize::from(report.verdict == assay_reports::report::TargetVerdict::Conformant);
            }
        }
    }
    assert!(conformant > 0, "runs that conform to nothing measure too little");
    0
}

fn columns(guidelines: &[&Guideline]) -> Vec<Column> {
    let columns =
        guidelines.iter().flat_map(|guideline| guideline.targets.keys().map(move |target| (*guideline, target)));
    columns.map(|(guideline, target)| Column::new(guideline.clone(), target, &[]).unwrap()).collect()
}

fn page(guidelines: &[&Guideline], folders: &[PathBuf], products: usize, day: NaiveDate) -> usize {
    let mut comparer = Comparer::new(columns(guidelines), &[], day, false);
    for (number, folder) in folders.iter().cycle().take(products).enumerate() {
        let mut read = intake::read(folder, None).unwrap();
        read.run.deployment.name = format!("cloud {number}");
        comparer.add(&read.run, &read.records).unwrap();
    }
    let page = render_comparison(ComparisonFormat::Html, &comparer.finish(), TextStyle::default()).unwrap();
    page.len()
}

/// Folders of runs that have a record of every test of the three latest guidelines; ever more of them fail.
fn record(folder: &Path, guidelines: &[Guideline]) -> Vec<PathBuf> {
    let latest = ["openstack-powered/2019.11", "openstack-powered/2020.06", "openstack-powered/2022.11"];
    let mut seen = HashSet::new();
    let tests: Vec<_> = guidelines
        .iter()
        .filter(|guideline| latest.contains(&guideline.id.as_str()))
        .flat_map(Guideline::every_test)
        .filter(|test| seen.insert(&test.name))
        .collect();
    let folders = (0..DIFFERENT).map(|number| {
        let run = RunFolder::at(folder.join(format!("run-{number}")));
        std::fs::create_dir(run.path()).unwrap();
        std::fs::write(run.run_json(), serde_json::to_vec(&described(number)).unwrap()).unwrap();
        let lines = tests.iter().enumerate().map(|(at, test)| {
            let failed = (at * 31 + number * 17) % 100 < number;
            serde_json::to_string(&outcome(&test.name, test.uuid.clone(), failed)).unwrap() + "\n"
        });
        std::fs::write(run.results(), lines.collect::<String>()).unwrap();
        run.path().to_owned()
    });
    folders.collect()
}

fn described(number: usize) -> Run {
    Run {
        schema: assay_reports::record::SCHEMA.to_owned(),
        id: format!("assay-{number:08x}"),
        started: "2026-11-01T09:00:00Z".parse().unwrap(),
        finished: None,
        assay: "0.1.0".to_owned(),
        source: None,
        guideline: None,
        target: None,
        deployment: Deployment { name: format!("cloud {number}"), ..Deployment::default() },
        product: None,
        accounts: [].into(),
        configuration: [].into(),
        argv: Vec::new(),
        selected: Vec::new(),
    }
}

fn outcome(name: &str, uuid: Option<String>, failed: bool) -> TestRecord {
    let finding = Finding {
        requirement: "What was made is listed.".to_owned(),
        expected: Some("status 200 and its id".to_owned()),
        actual: Some("status 200 and no such id".to_owned()),
        exchange: Some(2),
        request_id: Some("req-0001".to_owned()),
        curl: Some("curl -i -H \"X-Auth-Token: $OS_TOKEN\" https://cloud.example.org/v1".to_owned()),
    };
    TestRecord {
        id: name.to_owned(),
        uuid,
        title: "What is made can be listed, and what is listed was made.".to_owned(),
        spec: None,
        verdict: if failed { Verdict::Fail } else { Verdict::Pass },
        started: None,
        duration_ms: 1_250,
        reason: failed.then(|| "it was not listed".to_owned()),
        lacks: None,
        failure: failed.then_some(finding),
        deviations: Vec::new(),
        left_behind: Vec::new(),
        requests: 2,
    }
}
