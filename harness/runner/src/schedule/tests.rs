//! The scheduler, with tests that do nothing but take time, under a paused clock.

use std::time::Duration;

use assay_kit::http::redact::Redactor;
use assay_kit::{Kind, Limit, Metal, Need, Outcome, Resource, Service, TestFn};
use assay_record::Verdict;
use tokio::time::{Instant, sleep};

use super::*;

/// A deployment without accounts: nothing is asked for over the network.
async fn schedule(concurrency: usize, timeout: u64) -> (Schedule, watch::Sender<bool>) {
    let recorder = Recorder::new(None, Redactor::default()).unwrap();
    let deployment =
        Deployment::connect("assay-0a1b2c3d", Vec::new(), Metal::default(), &recorder, None).await.unwrap();
    let (stop, stopping) = watch::channel(false);
    let deployment = Arc::new(deployment);
    (Schedule { deployment, recorder, concurrency, timeout: Duration::from_secs(timeout), stopping }, stop)
}

/// A test that takes as many seconds as the last part of its id says.
fn takes(id: &'static str) -> ConformanceTest {
    ConformanceTest {
        id,
        doc: "A test.",
        spec: "x#y",
        covers: "00000000-0000-4000-8000-000000000000",
        needs: &[],
        holds: &[],
        shares: &[],
        seconds: seconds(id),
        timeout: None,
        run: |cx| {
            Box::pin(async move {
                sleep(Duration::from_secs(seconds(cx.log_handle().id()).into())).await;
                Ok(())
            })
        },
    }
}

fn seconds(id: &str) -> u32 {
    id.rsplit('.').next().unwrap().parse().unwrap()
}

/// What happened, each with the second at which it did: `+id` for a start, `-id verdict` for an end.
async fn run(schedule: Schedule, tests: Vec<ConformanceTest>) -> (Vec<(u64, String)>, Vec<TestRecord>) {
    let tests: Vec<&'static ConformanceTest> = tests.into_iter().map(|test| &*Box::leak(Box::new(test))).collect();
    let (send, mut news) = mpsc::unbounded_channel();
    let begun = Instant::now();
    let told = tokio::spawn(async move {
        let (mut seen, mut records) = (Vec::new(), Vec::new());
        while let Some(one) = news.recv().await {
            let text = match one {
                News::Started(test) => format!("+{}", test.id),
                News::Finished(record) => {
                    let text = format!("-{} {:?}", record.id, record.verdict);
                    records.push(*record);
                    text
                }
            };
            seen.push((begun.elapsed().as_secs(), text));
        }
        (seen, records)
    });
    schedule.run(&tests, send).await;
    told.await.unwrap()
}

fn events(seen: &[(u64, String)]) -> Vec<(u64, &str)> {
    seen.iter().map(|(at, text)| (*at, text.as_str())).collect()
}

fn failing(id: &'static str, run: TestFn) -> ConformanceTest {
    ConformanceTest { run, ..takes(id) }
}

#[tokio::test(start_paused = true)]
async fn the_longest_starts_first_and_only_so_many_at_once() {
    let (schedule, _stop) = schedule(2, 60).await;
    let (seen, _) = run(schedule, vec![takes("c.1"), takes("a.3"), takes("b.3"), takes("d.2")]).await;
    assert_eq!(
        events(&seen),
        [
            (0, "+a.3"),
            (0, "+b.3"),
            (3, "-a.3 Pass"),
            (3, "-b.3 Pass"),
            (3, "+d.2"),
            (3, "+c.1"),
            (4, "-c.1 Pass"),
            (5, "-d.2 Pass"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_concurrency_of_none_is_one() {
    let (schedule, _stop) = schedule(0, 60).await;
    let (seen, _) = run(schedule, vec![takes("a.2"), takes("b.1")]).await;
    assert_eq!(events(&seen), [(0, "+a.2"), (2, "-a.2 Pass"), (2, "+b.1"), (3, "-b.1 Pass")]);
}

#[tokio::test(start_paused = true)]
async fn who_holds_a_limit_keeps_others_of_it_waiting_and_nobody_else() {
    let (schedule, _stop) = schedule(8, 60).await;
    let holder = |id| ConformanceTest { holds: &[Limit::SpareAccount], ..takes(id) };
    let (seen, _) = run(schedule, vec![holder("a.5"), holder("b.4"), takes("c.3")]).await;
    assert_eq!(
        events(&seen),
        [(0, "+a.5"), (0, "+c.3"), (3, "-c.3 Pass"), (5, "-a.5 Pass"), (5, "+b.4"), (9, "-b.4 Pass")]
    );
}

#[tokio::test(start_paused = true)]
async fn a_test_that_takes_too_long_is_given_up_and_gives_back_what_it_held() {
    let (schedule, _stop) = schedule(8, 10).await;
    let holder = |id| ConformanceTest { holds: &[Limit::SpareAccount], ..takes(id) };
    let patient = ConformanceTest { timeout: Some(100), ..takes("patient.50") };
    let hasty = ConformanceTest { timeout: Some(1), ..takes("hasty.5") };
    let (seen, records) = run(schedule, vec![holder("endless.1000"), holder("next.2"), patient, hasty]).await;
    assert!(events(&seen).contains(&(10, "-endless.1000 Timeout")), "{seen:?}");
    assert!(events(&seen).contains(&(10, "+next.2")), "{seen:?}");
    assert!(events(&seen).contains(&(50, "-patient.50 Pass")), "its own time counts where it is longer: {seen:?}");
    assert!(events(&seen).contains(&(5, "-hasty.5 Pass")), "the run's counts where that is longer: {seen:?}");
    let endless = records.iter().find(|record| record.verdict == Verdict::Timeout).unwrap();
    assert_eq!(endless.reason.as_deref(), Some("not finished within 10 s"));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_stopped_breaks_off_what_goes_on_and_starts_nothing() {
    let (schedule, stop) = schedule(1, 60).await;
    tokio::spawn(async move {
        sleep(Duration::from_secs(7)).await;
        stop.send_replace(true);
        // As long as somebody could tell it to go on.
        sleep(Duration::from_secs(1000)).await;
    });
    let (seen, _) = run(schedule, vec![takes("a.5"), takes("b.4"), takes("c.3")]).await;
    assert_eq!(events(&seen), [(0, "+a.5"), (5, "-a.5 Pass"), (5, "+b.4"), (7, "-b.4 Interrupted")]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_stays_in_its_test() {
    let (schedule, _stop) = schedule(1, 60).await;
    let panics = failing("a.9", |_| Box::pin(async { panic!("no such thing") }));
    let (_, records) = run(schedule, vec![panics, takes("b.1")]).await;
    let ends: Vec<_> = records.iter().map(|record| (record.id.as_str(), record.verdict)).collect();
    assert_eq!(ends, [("a.9", Verdict::Error), ("b.1", Verdict::Pass)]);
    assert!(records[0].reason.as_ref().unwrap().contains("panicked: no such thing"), "{:?}", records[0]);
}

#[tokio::test(start_paused = true)]
async fn a_test_that_lacks_what_it_needs_is_skipped_with_the_reason() {
    let (schedule, _stop) = schedule(1, 60).await;
    let needs = ConformanceTest { needs: &[Need::Image], ..takes("a.9") };
    let (seen, records) = run(schedule, vec![needs]).await;
    assert_eq!(events(&seen), [(0, "+a.9"), (0, "-a.9 Skip")]);
    assert!(records[0].reason.is_some(), "{:?}", records[0]);
}

/// What cannot be removed is named: here there is no service that could.
#[tokio::test(start_paused = true)]
async fn what_a_test_leaves_stands_in_its_record_however_it_ends() {
    fn creates(cx: &Cx) -> Outcome {
        cx.will_create(Resource::new(Kind::Image, &cx.name("image")))?.created("0b9f3f1e-5f1d-4c5a-8a52-b4a9c3f0a111");
        Ok(())
    }
    let (schedule, _stop) = schedule(1, 60).await;
    let passes = failing("a.1", |cx| Box::pin(async move { creates(&cx) }));
    let panics = failing("b.1", |cx| {
        Box::pin(async move {
            creates(&cx)?;
            panic!("in the middle")
        })
    });
    let hangs = failing("c.1", |cx| {
        Box::pin(async move {
            creates(&cx)?;
            std::future::pending().await
        })
    });
    let (_, records) = run(schedule, vec![passes, panics, hangs]).await;
    let ends: Vec<_> = records.iter().map(|record| (record.verdict, record.left_behind.len())).collect();
    assert_eq!(ends, [(Verdict::Pass, 1), (Verdict::Error, 1), (Verdict::Timeout, 1)]);
    assert!(records.iter().all(|record| record.left_behind[0].contains(&Service::Image.to_string())), "{records:#?}");
}
