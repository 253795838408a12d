//! One self-contained page, with the evidence of every test.

use serde::Serialize;

use super::RenderError;
use super::bar::Bar;
use super::engine::{self, duration};
use super::escape::{self, cut};
use super::evidence::Evidence;
use super::view::{self, FindingView, View};
use crate::record::Exchange;
use crate::report::{CapabilityReport, Outcome, Report, TestReport};

/// The most characters of a body that are shown, for a test that passed and for another.
const MAX_BODY: (usize, usize) = (400, 4_000);
/// The most exchanges that are shown, for a test that passed and for another.
const MAX_EXCHANGES: (usize, usize) = (12, 40);
/// The most characters of a header's value or an address.
const MAX_HEADER: usize = 500;
/// The most headers of one message.
const MAX_HEADERS: usize = 40;

/// Headers by which services name a request.
const REQUEST_IDS: [&str; 3] = ["x-openstack-request-id", "x-compute-request-id", "x-trans-id"];

#[derive(Debug, Serialize)]
struct Page {
    view: View,
    bars: Vec<Bar>,
    project_bars: Vec<Bar>,
    capabilities: Vec<CapabilityView>,
}

#[derive(Debug, Serialize)]
struct CapabilityView {
    name: String,
    summary: String,
    state: &'static str,
    published_as: String,
    project: String,
    reconstructed: bool,
    sources: String,
    score: String,
    verdict: &'static str,
    class: &'static str,
    passed: usize,
    total: usize,
    tests: Vec<TestView>,
}

#[derive(Debug, Serialize)]
struct TestView {
    anchor: String,
    id: String,
    name: String,
    uuid: String,
    native: bool,
    title: String,
    spec: String,
    verdict: &'static str,
    class: &'static str,
    excused: bool,
    blocks: bool,
    flag: String,
    reason: String,
    took: String,
    findings: Vec<LabelledFinding>,
    left_behind: Vec<String>,
    exchanges: Vec<ExchangeView>,
    note: String,
}

#[derive(Debug, Serialize)]
struct LabelledFinding {
    label: &'static str,
    class: &'static str,
    /// The place of the exchange that shows it, when that exchange is in the page.
    place: String,
    finding: FindingView,
}

#[derive(Debug, Serialize)]
struct ExchangeView {
    place: String,
    number: u32,
    method: String,
    url: String,
    status: String,
    class: &'static str,
    took: String,
    attempt: String,
    account: String,
    request_id: String,
    cited: bool,
    request: String,
    response: String,
}

pub fn render(report: &Report, evidence: &dyn Evidence) -> Result<String, RenderError> {
    let view = View::new(report);
    let mut number = 0;
    let bars = |rows: &[view::Row]| rows.iter().map(|row| Bar::new(&row.label, &row.tally)).collect();
    let page = Page {
        bars: bars(&view.states),
        project_bars: bars(&view.projects),
        capabilities: report
            .capabilities
            .iter()
            .map(|capability| capability_view(report, capability, &mut number, evidence))
            .collect(),
        view,
    };
    engine::render(
        engine::new(escape::html),
        include_str!("../../templates/report.html.hbs"),
        &[
            ("style", include_str!("../../templates/style.css.hbs")),
            ("finding", include_str!("../../templates/finding.html.hbs")),
            ("bar", include_str!("../../templates/bar.html.hbs")),
            ("test", include_str!("../../templates/test.html.hbs")),
            ("filter", include_str!("../../templates/filter.js.hbs")),
        ],
        &page,
    )
}

fn capability_view(
    report: &Report,
    capability: &CapabilityReport,
    number: &mut usize,
    evidence: &dyn Evidence,
) -> CapabilityView {
    let (verdict, class) = view::capability_verdict(capability.verdict);
    let score = report.scores.as_ref().and_then(|scores| {
        let score = scores.capabilities.get(&capability.name)?;
        let cutoff = scores.cutoff.map_or_else(String::new, |cutoff| format!(", cutoff {cutoff}"));
        Some(format!("{score} of {}{cutoff}", scores.of))
    });
    CapabilityView {
        name: capability.name.clone(),
        summary: capability.summary.clone(),
        state: view::state(capability.status),
        published_as: capability.published_as.clone().unwrap_or_default(),
        project: capability.project.clone(),
        reconstructed: !capability.origin.is_published(),
        sources: capability.sources.join("; "),
        score: score.unwrap_or_default(),
        verdict,
        class,
        passed: capability.tests.iter().filter(|test| test.verdict == Outcome::Pass).count(),
        total: capability.tests.len(),
        tests: capability
            .tests
            .iter()
            .map(|test| {
                *number += 1;
                test_view(test, view::anchor(*number), evidence)
            })
            .collect(),
    }
}

fn test_view(test: &TestReport, anchor: String, evidence: &dyn Evidence) -> TestView {
    let recorded =
        test.stated.is_none() && !matches!(test.verdict, Outcome::NotRun | Outcome::Missing | Outcome::Manual);
    let transcript = if recorded { evidence.transcript(&test.id) } else { super::evidence::Transcript::default() };
    let (exchanges, left_out) = exchanges(test, &anchor, transcript.exchanges);
    let more = (left_out > 0).then(|| format!("{left_out} more exchanges stand in the transcript in the run's folder"));
    let note: Vec<_> = transcript.note.into_iter().chain(more).collect();
    let place = |number: Option<u32>| {
        exchanges
            .iter()
            .find(|exchange| Some(exchange.number) == number)
            .map(|exchange| exchange.place.clone())
            .unwrap_or_default()
    };
    let mut findings = Vec::new();
    if let Some(failure) = &test.failure {
        findings.push(LabelledFinding {
            label: "Broken requirement",
            class: "fail",
            place: place(failure.exchange),
            finding: view::finding(failure),
        });
    }
    for deviation in &test.deviations {
        findings.push(LabelledFinding {
            label: "Deviation",
            class: "skip",
            place: place(deviation.exchange),
            finding: view::finding(deviation),
        });
    }
    let flag = test.flag.as_ref().filter(|_| test.excused).map(|flag| {
        let code = flag.code.as_deref().unwrap_or_default();
        format!("{code} {}", flag.reason).trim().to_owned()
    });
    TestView {
        anchor,
        native: test.id != test.name,
        id: test.id.clone(),
        name: test.name.clone(),
        uuid: test.uuid.clone(),
        title: test.title.clone(),
        spec: test.spec.clone().unwrap_or_default(),
        verdict: test.verdict.label(),
        class: view::class(test.verdict),
        excused: test.excused,
        blocks: test.blocks,
        flag: flag.unwrap_or_default(),
        reason: cut(test.reason.as_deref().unwrap_or_default(), 2_000),
        took: if recorded { duration(test.duration_ms) } else { String::new() },
        findings,
        left_behind: test.left_behind.clone(),
        exchanges,
        note: note.join("; "),
    }
}

/// The exchanges that are shown, and how many are not: those that a finding cites, and the last ones.
fn exchanges(test: &TestReport, anchor: &str, all: Vec<Exchange>) -> (Vec<ExchangeView>, usize) {
    let passed = test.verdict == Outcome::Pass && test.deviations.is_empty();
    let (at_most, body) = if passed { (MAX_EXCHANGES.0, MAX_BODY.0) } else { (MAX_EXCHANGES.1, MAX_BODY.1) };
    let cites = |exchange: &Exchange| {
        test.failure.iter().chain(&test.deviations).any(|finding| finding.exchange == Some(exchange.number))
    };
    let total = all.len();
    let first = total.saturating_sub(at_most);
    let shown: Vec<_> = all
        .into_iter()
        .enumerate()
        .filter(|(index, exchange)| *index >= first || cites(exchange))
        .map(|(index, exchange)| {
            let place = format!("{anchor}-{}", index + 1);
            exchange_view(&exchange, place, cites(&exchange), body)
        })
        .collect();
    let left_out = total - shown.len();
    (shown, left_out)
}

fn exchange_view(exchange: &Exchange, place: String, cited: bool, body: usize) -> ExchangeView {
    let request_line = format!("{} {}", exchange.method, cut(&exchange.url, MAX_HEADER));
    let status = exchange.status.map(|status| status.to_string());
    let response = match (&status, &exchange.error) {
        (Some(status), _) => message(status, &exchange.response_headers, exchange.response_body.as_deref(), body),
        (None, Some(error)) => format!("no response: {}", cut(error, MAX_HEADER)),
        (None, None) => "no response".to_owned(),
    };
    ExchangeView {
        place,
        number: exchange.number,
        method: exchange.method.clone(),
        url: cut(&exchange.url, MAX_HEADER),
        class: match exchange.status {
            Some(100..400) => "pass",
            Some(400..500) => "skip",
            _ => "fail",
        },
        status: status.unwrap_or_else(|| "no response".to_owned()),
        took: duration(exchange.duration_ms),
        attempt: if exchange.attempt > 1 { format!("attempt {}", exchange.attempt) } else { String::new() },
        account: exchange.account.clone().unwrap_or_default(),
        request_id: request_id(exchange),
        cited,
        request: message(&request_line, &exchange.request_headers, exchange.request_body.as_deref(), body),
        response,
    }
}

fn message(first_line: &str, headers: &[(String, String)], body: Option<&str>, at_most: usize) -> String {
    let mut lines = vec![first_line.to_owned()];
    for (name, value) in headers.iter().take(MAX_HEADERS) {
        // A line end within a header would make one header look like two.
        let header = format!("{name}: {value}").replace(['\r', '\n'], "␤");
        lines.push(cut(&header, MAX_HEADER));
    }
    if headers.len() > MAX_HEADERS {
        lines.push(format!("({} more headers)", headers.len() - MAX_HEADERS));
    }
    if let Some(body) = body.filter(|body| !body.is_empty()) {
        lines.push(String::new());
        lines.push(cut(body, at_most));
    }
    lines.join("\n")
}

fn request_id(exchange: &Exchange) -> String {
    exchange
        .response_headers
        .iter()
        .find(|(name, _)| REQUEST_IDS.iter().any(|id| name.eq_ignore_ascii_case(id)))
        .map(|(_, value)| cut(value, MAX_HEADER))
        .unwrap_or_default()
}
