//! Every page that Assay writes, opened in a browser from its file: it shows what it should, its filters work, no script fails,
//! and nothing is asked of anyone.

#![expect(clippy::unwrap_used, reason = "all of this is a test")]

mod browser;
mod facts;
mod made;

use browser::{Browser, Page};
use made::Made;
use serde_json::{Value, json};

/// Asserts that nothing went wrong with a page, and that it fits its window.
fn at_ease(mut page: Page<'_>) {
    let wider = page.ask("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    assert_eq!(wider, 0, "the page is wider than its window");
    assert_eq!(page.wrong(), Vec::<String>::new());
}

/// Holds off checks that could not fail.
#[test]
fn what_is_wrong_with_a_page_is_seen() {
    let Some(mut browser) = Browser::start() else { return };
    let made = Made::new();
    let page = |body: &str| {
        made.write("wrong.html", &format!("<!DOCTYPE html><title>x</title><link rel=icon href=data:,>{body}"))
    };
    let mut wrong = |body: &str| browser.open(&page(body)).wrong().join("\n");
    assert_eq!(wrong("<p>Nothing."), "");
    assert!(wrong("<script>nothing.there()</script>").contains("ReferenceError"));
    assert!(wrong("<script>setTimeout(() => { throw new Error('late') })</script>").contains("late"));
    assert!(wrong("<script>console.warn('careful')</script>").contains("careful"));
    assert!(wrong("<img src=other.png>").contains("request: \"file://"));
    assert!(wrong("<link rel=stylesheet href=http://127.0.0.1:9/a.css>").contains("http://127.0.0.1:9/a.css"));
    let policy = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">";
    assert!(wrong(&format!("{policy}<script>1</script>")).contains("Content Security Policy"));
    let mut open =
        browser.open(&page("<p>one</p><p hidden>two</p><details><summary>s</summary><p>three</p></details>"));
    assert_eq!((open.count("p"), open.seen("p")), (3, 1));
}

#[test]
fn a_report_shows_its_tests_and_its_filters_choose_among_them() {
    let Some(mut browser) = Browser::start() else { return };
    let made = Made::new();
    let run = made.failed_run();
    let file = made.page(&[
        "score",
        &run,
        "--guideline",
        "openstack-powered/2020.06",
        "--target",
        "storage",
        "--format",
        "html",
    ]);
    let report = made.json(&[
        "score",
        &run,
        "--guideline",
        "openstack-powered/2020.06",
        "--target",
        "storage",
        "--format",
        "json",
    ]);
    let tests = facts::tests(&report);
    let failed = tests.iter().filter(|verdict| *verdict == "fail").count() as u64;
    let all = tests.len() as u64;
    assert!(failed == 2 && all > 20, "{failed} of {all}");

    let mut page = browser.open(&file);
    assert_eq!(page.text("h1"), report["summary"]["target_title"].as_str().unwrap());
    assert_eq!(page.text("header .badge").to_lowercase(), "not conformant");
    assert_eq!((page.count("details.test"), page.seen("details.test")), (all, all));
    assert_eq!(page.text("#filters button[value=all]"), format!("All {all}"));
    for (kind, count) in [("fail", failed), ("blocks", failed), ("pass", all - failed)] {
        page.click(&format!("#filters button[value={kind}]"));
        assert_eq!(page.seen("details.test"), count, "{kind}");
        assert!(page.text(&format!("#filters button[value={kind}]")).ends_with(&format!(" {count}")), "{kind}");
        assert_eq!(
            page.text("#filters button[aria-pressed=true]"),
            page.text(&format!("#filters button[value={kind}]"))
        );
    }
    // A link to the evidence leads there, also where a filter had put it out of sight.
    let target = "details.test[data-blocks]";
    assert_eq!(page.seen(target), 0);
    assert_eq!(page.ask(&format!("document.querySelector('{target}').open")), false);
    page.click("#obstacles .to-evidence a");
    page.ask("new Promise(done => setTimeout(done, 100))");
    assert_eq!(page.ask("document.querySelector(location.hash.replace(/[.]/g, '\\\\.')).open"), true);
    assert_eq!(page.seen("details.test"), all);
    assert!(page.seen("details.test[open] .body") == 1);
    at_ease(page);
}

#[test]
fn a_report_of_a_run_that_passed_shows_no_obstacle() {
    let Some(mut browser) = Browser::start() else { return };
    let made = Made::new();
    let run = made.passed_run();
    let file = made.path(&run).join("report.html");
    let mut page = browser.open(&file);
    assert_eq!(page.text("header .badge").to_lowercase(), "conformant");
    assert_eq!((page.count("#obstacles article"), page.text("#obstacles .none")), (0, "Nothing.".to_owned()));
    assert!(page.text(".banner.reference").contains("no product"));
    assert!(page.seen("details.test") > 20);
    at_ease(page);
}

#[test]
fn the_matrix_shows_products_and_its_filters_choose_rows_and_columns() {
    let Some(mut browser) = Browser::start() else { return };
    let made = Made::new();
    let inputs = [made.passed_run(), made.failed_run(), made.subunit()];
    let names = ["--name", "Nimbus 4,Stratus 5,Cumulus 6"];
    let guidelines = ["--target", "storage", "--guideline", "openstack-powered/2019.11", "openstack-powered/2020.06"];
    let supposed = ["--what-if", "require=networks-l3-router"];
    let compare = [&["compare"][..], &inputs.each_ref().map(String::as_str), &names, &guidelines, &supposed].concat();
    let file = made.page(&[&compare[..], &["--format", "html"]].concat());
    let comparison = made.json(&[&compare[..], &["--format", "json"]].concat());
    let cells = |at: usize| facts::verdicts(&comparison, at);

    let mut page = browser.open(&file);
    assert_eq!(
        (page.seen("tbody tr"), page.seen("tbody td"), page.text("#shown")),
        (3, 6, "3 of 3 products".to_owned())
    );
    // Words of a name.
    page.fill("#search", "strat");
    assert_eq!(
        (page.seen("tbody tr"), page.seen("details.one"), page.text("#shown")),
        (1, 1, "1 of 3 products".to_owned())
    );
    assert!(page.text("tbody tr:not([hidden]) th").starts_with("Stratus 5"));
    page.fill("#search", "no such");
    assert_eq!((page.seen("tbody tr"), page.text("#shown")), (0, "0 of 3 products".to_owned()));
    page.fill("#search", "");
    // One guideline.
    page.fill("#column", "2");
    assert_eq!((page.seen("thead th"), page.seen("tbody td")), (2, 3));
    page.fill("#column", "all");
    assert_eq!((page.seen("thead th"), page.seen("tbody td")), (3, 6));
    // A verdict, under any guideline and under one.
    for (value, verdict) in [("yes", "conformant"), ("no", "not-conformant"), ("open", "unknown")] {
        page.fill("#verdict", value);
        let any = (0..3).filter(|at| cells(*at).iter().any(|cell| cell == verdict)).count() as u64;
        assert_eq!(page.seen("tbody tr"), any, "{verdict}");
        page.fill("#column", "1");
        let first = (0..3).filter(|at| cells(*at)[0] == verdict).count() as u64;
        assert_eq!(page.seen("tbody tr"), first, "{verdict} in the first column");
        page.fill("#column", "all");
    }
    page.fill("#verdict", "all");
    // The name leads to what stands in the way, which opens.
    page.click("tbody tr:nth-child(2) th a");
    page.ask("new Promise(done => setTimeout(done, 100))");
    assert_eq!(page.ask("document.querySelector('#product-2').open"), true);
    assert!(page.seen("#product-2 li") > 0);
    at_ease(page);
}

#[test]
fn a_worksheet_shows_each_capability_and_a_bar_for_it() {
    let Some(mut browser) = Browser::start() else { return };
    let made = Made::new();
    let show = ["guideline", "worksheet", "show", "openstack-powered/worksheet"];
    let file = made.page(&[&show[..], &["--format", "html"]].concat());
    let json = made.json(&[&show[..], &["--format", "json"]].concat());
    let sections = json["sections"].as_array().unwrap().iter();
    let capabilities: usize = sections.map(|section| section["capabilities"].as_array().unwrap().len()).sum();
    let mut page = browser.open(&file);
    assert_eq!(page.text("h1"), json["title"].as_str().unwrap());
    assert!(capabilities > 100 && page.seen("tbody tr") >= capabilities as u64, "{} rows", page.seen("tbody tr"));
    assert!(page.seen("figure.plot line.cutoff") > 0 && page.seen("figure.plot rect") > 0);
    at_ease(page);
}

#[test]
fn a_profile_shows_each_of_its_requirements() {
    let Some(mut browser) = Browser::start() else { return };
    let made = Made::new();
    let properties = json!({
        "PowerState": {"ReadRequirement": "Mandatory"},
        "Nonesuch": {"ReadRequirement": "Mandatory"},
        "AssetTag": {"ReadRequirement": "Recommended"},
    });
    let resource = json!({"ReadRequirement": "Mandatory", "PropertyRequirements": properties});
    let profile = json!({
        "SchemaDefinition": "RedfishInteroperabilityProfile.v1_8_0",
        "ProfileName": "Small",
        "ProfileVersion": "1.0.0",
        "Resources": {"ComputerSystem": resource},
    });
    made.write("Small.v1_0_0.json", &profile.to_string());
    made.page(&["profile", "run", "Small.v1_0_0.json", "--deployment", "reference", "--out", "run"]);
    let report: Value = serde_json::from_str(&std::fs::read_to_string(made.path("run/profile.json")).unwrap()).unwrap();
    let requirements = report["requirements"].as_array().unwrap().len() as u64;
    let mut page = browser.open(&made.path("run/profile.html"));
    assert!(page.text("h1").contains("Small 1.0.0"));
    assert!(requirements >= 4 && page.seen("tbody tr") > requirements, "{} rows", page.seen("tbody tr"));
    assert!(page.text("body").contains("Nonesuch is there"));
    at_ease(page);
}

#[test]
fn the_pages_of_guidelines_have_the_facts_of_their_json() {
    let Some(mut browser) = Browser::start() else { return };
    let made = Made::new();
    let family = ["guideline", "history", "--family", "openstack-powered"];
    let file = made.page(&[&family[..], &["--format", "html"]].concat());
    let guidelines =
        made.json(&[&family[..], &["--format", "json"]].concat())["guidelines"].as_array().unwrap().len() as u64;
    let mut page = browser.open(&file);
    assert_eq!((page.seen("figure.plot svg g"), page.seen("figure.plot rect.pass")), (guidelines, guidelines));
    assert_eq!(page.seen("tbody tr"), guidelines);
    let tallest = page
        .ask("Math.max(...[...document.querySelectorAll('rect.pass')].map(bar => bar.getBoundingClientRect().height))");
    assert!(tallest.as_f64().unwrap() > 50.0, "the bars have no height: {tallest}");
    at_ease(page);

    let diff = ["guideline", "diff", "openstack-powered/2016.08", "openstack-powered/2017.01"];
    let file = made.page(&[&diff[..], &["--format", "html"]].concat());
    let changes = facts::changes(&made.json(&[&diff[..], &["--format", "json"]].concat()));
    let mut page = browser.open(&file);
    assert!(changes > 100);
    assert_eq!((page.seen("tbody tr"), page.count("tbody tr")), (changes, changes));
    at_ease(page);

    for name in ["identity-v3-catalog", "D401"] {
        let history = ["guideline", "history", name];
        let file = made.page(&[&history[..], &["--format", "html"]].concat());
        let json = made.json(&[&history[..], &["--format", "json"]].concat());
        let mut page = browser.open(&file);
        assert!(page.text("h1").contains(name));
        let entries =
            json["guidelines"].as_array().unwrap().iter().filter(|entry| entry["present"] == true).count() as u64;
        assert!(entries > 0 && page.seen("tbody tr") >= entries, "{name}: {} rows of {entries}", page.seen("tbody tr"));
        at_ease(page);
    }
}
