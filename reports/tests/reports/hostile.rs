//! Text from a deployment that tries to be more than text, in every format.

use assay_guidelines::Guideline;
use assay_reports::record::{Exchange, Finding, Lack, Run, TestRecord, Verdict};
use assay_reports::{Context, Format, MemoryEvidence, Report, TextStyle, render, render_text, score};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

use crate::runs::{day, exchange, guideline, guideline_without_failures, record, run, uuid, with_manual};

/// A mark by which the text is found again, and what must not come through.
const HOSTILE: &str = "MARK</script><script>alert(1)</script>]]><!-- \"'`|\n# head\n````\r\n[x](javascript:alert(1)) ![i](http://evil.example/p.png) \u{1b}[31m\u{1b}]0;title\u{7}\u{202e}\u{200b}\u{0}\u{9b}2J\u{ffff} **b** <b>";

fn hostile_finding() -> Finding {
    Finding {
        requirement: HOSTILE.into(),
        expected: Some(HOSTILE.into()),
        actual: Some(HOSTILE.into()),
        exchange: Some(1),
        request_id: Some(HOSTILE.into()),
        curl: Some(HOSTILE.into()),
    }
}

fn hostile_record(number: u32, verdict: Verdict) -> TestRecord {
    let mut record = record(number, verdict);
    record.title = HOSTILE.into();
    record.spec = Some(HOSTILE.into());
    record.reason = Some(HOSTILE.into());
    record.lacks = Some(Lack::feature(HOSTILE, HOSTILE));
    record.failure = (verdict == Verdict::Fail).then(hostile_finding);
    record.deviations = vec![hostile_finding()];
    record.left_behind = vec![HOSTILE.into()];
    record
}

fn hostile_run() -> Run {
    let mut run = run();
    run.id = HOSTILE.into();
    run.assay = HOSTILE.into();
    run.deployment.name = HOSTILE.into();
    run.deployment.auth_url = "javascript:alert(1)".into();
    run.deployment.region = Some(HOSTILE.into());
    run.deployment.versions = [(HOSTILE.to_owned(), HOSTILE.to_owned())].into();
    run.accounts = [(HOSTILE.to_owned(), true)].into();
    if let Some(product) = &mut run.product {
        product.vendor = HOSTILE.into();
        product.name = HOSTILE.into();
        product.version = HOSTILE.into();
        product.contact = Some(HOSTILE.into());
        product.system = Some(HOSTILE.into());
        product.designated_sections = vec![HOSTILE.into()];
    }
    run
}

/// The report under each rule: what one shows as an obstacle, the other shows as a skip that is allowed.
fn hostile_reports() -> [Report; 2] {
    [guideline(), guideline_without_failures()].map(|guideline| hostile_report(&guideline))
}

fn hostile_report(guideline: &Guideline) -> Report {
    let run = hostile_run();
    let mut named = hostile_record(99, Verdict::Pass);
    named.id = HOSTILE.into();
    let mut renamed = hostile_record(7, Verdict::Fail);
    renamed.id = format!("{HOSTILE} 7");
    let records = [
        hostile_record(1, Verdict::Pass),
        hostile_record(2, Verdict::Fail),
        hostile_record(3, Verdict::Skip),
        hostile_record(4, Verdict::Fail),
        hostile_record(5, Verdict::Error),
        renamed,
        named,
    ];
    let waivers = serde_json::from_value::<Vec<assay_reports::Waiver>>(serde_json::json!([
        {"test": HOSTILE, "reason": HOSTILE, "link": "javascript:alert(1)"},
        {"test": "native.test-2", "reason": HOSTILE, "link": "https://x.example/>)\"<script>"},
    ]))
    .unwrap();
    let mut context = Context::new(&run, day("2026-11-03"));
    context.waivers = &waivers;
    let guideline = with_manual(guideline.clone(), &[8, 9]);
    let statements = serde_json::from_value::<Vec<assay_reports::Statement>>(serde_json::json!([
        {"test": uuid(8), "verdict": "fail", "author": HOSTILE, "date": "2026-11-01", "link": "javascript:alert(1)"},
        {"test": uuid(9), "verdict": "pass", "author": HOSTILE, "date": "2026-11-01", "link": HOSTILE},
        {"test": HOSTILE, "verdict": "pass", "author": HOSTILE, "date": "2026-11-01", "link": HOSTILE},
    ]))
    .unwrap();
    context.statements = &statements;
    score(&guideline, crate::runs::TARGET, &records, &context).unwrap()
}

fn hostile_evidence() -> MemoryEvidence {
    let exchange = Exchange {
        account: Some(HOSTILE.into()),
        method: HOSTILE.into(),
        url: HOSTILE.into(),
        request_headers: vec![(HOSTILE.into(), HOSTILE.into())],
        request_body: Some(HOSTILE.into()),
        response_headers: vec![("x-trans-id".into(), HOSTILE.into())],
        response_body: Some(HOSTILE.into()),
        ..exchange(1)
    };
    let failed = Exchange { number: 2, status: None, error: Some(HOSTILE.into()), ..exchange.clone() };
    let tests = (1..=9).map(|n| (format!("native.test-{n}"), vec![exchange.clone(), failed.clone()]));
    MemoryEvidence(tests.collect())
}

fn rendered(format: Format) -> [String; 2] {
    hostile_reports().map(|report| render(format, &report, &hostile_evidence()).unwrap())
}

/// A control character, or one that changes how its neighbours look; line ends and tabs are neither.
fn is_harmful(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{ffff}')
}

#[test]
fn no_format_passes_a_harmful_character() {
    for (format, text) in Format::ALL.into_iter().flat_map(|format| rendered(format).map(|text| (format, text))) {
        assert!(text.contains("MARK"), "{format:?} shows the text at all");
        if format == Format::Json {
            // JSON keeps the text as it was, escaped.
            let read: Report = serde_json::from_str(&text).unwrap();
            assert_eq!(read.deployment, HOSTILE);
        }
        let found = text.chars().find(|c| is_harmful(*c));
        assert_eq!(found, None, "{format:?}");
    }
}

#[test]
fn a_page_has_only_the_script_and_the_tags_of_its_template() {
    for page in rendered(Format::Html) {
        assert_eq!(page.matches("<script").count(), 1);
        assert_eq!(page.matches("</script").count(), 1);
        assert!(!page.contains("<b>\n") && !page.contains("** <b>"));
        assert!(!page.contains("href=\"javascript"));
        for quoted in page.split("href=\"").skip(1) {
            assert!(quoted.starts_with('#') || quoted.starts_with("https://"), "{quoted:.40}");
        }
        assert!(page.contains("&lt;script&gt;alert(1)"));
    }
}

/// The page must open from disk without a network.
#[test]
fn a_page_asks_for_nothing_from_elsewhere() {
    for page in rendered(Format::Html) {
        for asking in [" src=", "@import", "url(", "<link", "<img", "<iframe", "fetch("] {
            assert!(!page.contains(asking), "{asking}");
        }
    }
}

/// A reader of Markdown sees no link, picture, heading or element that the template does not have.
#[test]
fn markdown_from_a_deployment_is_read_as_text() {
    let mut options = Options::all();
    // Typography is not markup.
    options.remove(Options::ENABLE_SMART_PUNCTUATION);
    for text in rendered(Format::Markdown) {
        let mut heading = false;
        for event in Parser::new_ext(&text, options) {
            match event {
                Event::Html(html) | Event::InlineHtml(html) => panic!("element {html}"),
                Event::Start(Tag::Image { dest_url, .. }) => panic!("picture {dest_url}"),
                Event::Start(Tag::Link { dest_url, .. }) => {
                    assert_eq!(&*dest_url, "https://review.example.org/1");
                }
                Event::Start(Tag::Emphasis | Tag::Strikethrough) | Event::InlineMath(_) | Event::DisplayMath(_) => {
                    panic!("markup of the deployment's")
                }
                Event::Start(Tag::Heading { .. }) => heading = true,
                Event::Text(text) if heading => {
                    assert_ne!(&*text, "head");
                    heading = false;
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    assert!(matches!(kind, CodeBlockKind::Fenced(name) if &*name == "text"));
                }
                _ => {}
            }
        }
    }
}

#[test]
fn every_row_of_a_markdown_table_has_the_cells_of_its_head() {
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    for text in rendered(Format::Markdown) {
        let mut head = None;
        for line in text.lines() {
            if line.starts_with('|') {
                let expected = *head.get_or_insert_with(|| cells(line));
                assert_eq!(cells(line), expected, "{line}");
            } else {
                head = None;
            }
        }
    }
}

#[test]
fn a_terminal_gets_only_our_own_colours() {
    let style = TextStyle { width: 80, colour: true };
    for text in hostile_reports().map(|report| assay_text::paint::show(&render_text(&report, style).unwrap(), true)) {
        for sequence in text.split('\u{1b}').skip(1) {
            let code = sequence.strip_prefix('[').and_then(|rest| rest.split_once('m'));
            let (code, _) = code.unwrap_or_else(|| panic!("{sequence:.20?}"));
            assert!(code.chars().all(|c| c.is_ascii_digit() || c == ';'), "{code}");
        }
        assert!(!text.contains('\u{7}') && !text.contains('\u{9b}'));
    }
}

#[test]
fn a_terminal_of_sixty_columns_is_kept_to() {
    let style = TextStyle { width: 60, colour: false };
    let text = render_text(&crate::runs::mixed_report(), style).unwrap();
    for line in text.lines() {
        // Commands are on one line so that they can be copied.
        let command = line.contains("curl ") || line.trim_start().starts_with("assay ");
        assert!(command || line.chars().count() <= 60, "{line}");
    }
}

#[test]
fn a_body_of_a_megabyte_does_not_make_a_page_of_megabytes() {
    let exchange = Exchange {
        response_body: Some("é<".repeat(500_000)),
        url: format!("https://cloud.example.org/{}", "x".repeat(1_000_000)),
        ..exchange(1)
    };
    let evidence = MemoryEvidence([("native.test-2".to_owned(), vec![exchange; 50])].into());
    let page = render(Format::Html, &crate::runs::mixed_report(), &evidence).unwrap();
    assert!(page.len() < 2_000_000, "{}", page.len());
    assert!(page.contains("10 more exchanges"), "what is left out is said");
}
