//! What services have of what Redfish profiles ask, for people and for other programs.

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::escape::{cut, visible};
use super::guideline::document::{Document, Row, Section};
use super::text::TextStyle;
use super::{Format, RenderError};
use crate::profile::{Counts, Place, ProfileReport, ProfileVerdict, RequirementReport, Verdict};
use crate::record::RunFolder;

/// The most rows of one table in the summary for a terminal.
const MOST_ROWS: usize = 25;
/// The most characters of one cell.
const LONGEST: usize = 300;

/// The name of a profile report's file in a run's folder.
#[must_use]
pub fn profile_file_name(format: Format) -> &'static str {
    match format {
        Format::Text => "profile.txt",
        Format::Json => "profile.json",
        Format::Markdown => "profile.md",
        Format::Html => "profile.html",
        Format::Junit => "profile.junit.xml",
        Format::ScsReport => "profile.scs.json",
    }
}

/// Renders a profile report; as text, for a terminal of this ability.
pub fn render_profile(format: Format, report: &ProfileReport, style: TextStyle) -> Result<String, RenderError> {
    match format {
        Format::Json => super::json(report),
        Format::Text => summary(report).text(style),
        Format::Markdown => page(report).markdown(),
        Format::Html => page(report).html(),
        Format::Junit => junit(report).to_string().map_err(RenderError::Junit),
        Format::ScsReport => Err(RenderError::NoScope),
    }
}

/// Writes a profile report in every format into the run's folder.
pub fn write_profile(folder: &RunFolder, report: &ProfileReport) -> Result<(), RenderError> {
    for format in Format::ALL {
        let text = render_profile(format, report, TextStyle::default())?;
        super::write_whole(&folder.path().join(profile_file_name(format)), &text)?;
    }
    Ok(())
}

/// What fits a terminal.
fn summary(report: &ProfileReport) -> Document {
    let mut document = head(report);
    for (verdict, heading) in [(Verdict::Fail, "Broken"), (Verdict::Warn, "To be looked at")] {
        let found: Vec<_> = worst(report, verdict).collect();
        if found.is_empty() {
            continue;
        }
        let rows = found.iter().take(MOST_ROWS).map(|of| {
            let more = places(&of.counts, verdict) - 1;
            let more = if more > 0 { format!("; and at {more} more places") } else { String::new() };
            Row::new("", [of.required.clone(), cut(&format!("{}{more}", of.seen), LONGEST)])
        });
        let mut section = Section::new(format!("{heading} ({})", found.len()))
            .table(&["What is required", "What was seen"], rows.collect());
        if found.len() > MOST_ROWS {
            section.lead.push(format!("{} more stand in the reports.", found.len() - MOST_ROWS));
        }
        document.sections.push(section);
    }
    document
}

/// All of it.
fn page(report: &ProfileReport) -> Document {
    let mut document = head(report);
    document.sections.push(services(report));
    for (verdict, heading) in [(Verdict::Fail, "Broken"), (Verdict::Warn, "To be looked at")] {
        let rows: Vec<_> =
            report.places.iter().filter(|place| place.verdict == verdict).map(|at| found(report, at)).collect();
        if !rows.is_empty() {
            let head = ["Verdict", "What is required", "Where", "What was seen", "How to get there", "Profile"];
            document.sections.push(Section::new(format!("{heading} ({})", rows.len())).table(&head, rows));
        }
    }
    let rows = report.requirements.iter().map(requirement).collect();
    let head = ["Verdict", "Weight", "What is required", "What was seen", "Places", "Line", "Name"];
    document
        .sections
        .push(Section::new(format!("All requirements ({})", report.requirements.len())).table(&head, rows));
    document.sections.extend(noted(report));
    document
}

fn head(report: &ProfileReport) -> Document {
    let main = report.profiles.first();
    let name = main.map_or_else(|| "profile".to_owned(), |main| format!("{} {}", main.name, main.version));
    let services: Vec<_> = report.services.iter().map(|service| service.name.as_str()).collect();
    let answer = match report.verdict {
        ProfileVerdict::Fulfilled => "fulfilled: nothing that is mandatory failed",
        ProfileVerdict::Broken => "not fulfilled: something that is mandatory failed",
        ProfileVerdict::Unknown => "unknown: nothing could be tested",
    };
    let mut lead = vec![format!("{name} on {}: {answer}.", services.join(", "))];
    if report.profiles.len() > 1 {
        let others = report.profiles[1..].iter().map(|other| format!("{} {}", other.name, other.version));
        lead.push(format!("It requires {}.", others.collect::<Vec<_>>().join(", ")));
    }
    for service in report.services.iter().filter(|service| !service.complete) {
        lead.push(format!("Not all of {} could be read: what was not found is not called missing.", service.name));
    }
    let rows = report.counts.iter().map(|(level, counts)| {
        let level = serde_json::to_value(level).ok().and_then(|level| level.as_str().map(str::to_owned));
        Row::new("", std::iter::once(level.unwrap_or_default()).chain(numbers(counts)))
    });
    let head = ["Requirements", "pass", "warn", "fail", "skipped", "not tested"];
    let section = Section::new("What the requirements came to").table(&head, rows.collect());
    Document { title: format!("Redfish profile {name}"), lead, sections: vec![section] }
}

fn numbers(counts: &Counts) -> [String; 5] {
    [counts.pass, counts.warn, counts.fail, counts.skipped, counts.not_tested].map(|count| count.to_string())
}

fn places(counts: &Counts, verdict: Verdict) -> usize {
    match verdict {
        Verdict::Pass => counts.pass,
        Verdict::Warn => counts.warn,
        Verdict::Fail => counts.fail,
        Verdict::Skipped => counts.skipped,
        Verdict::NotTested => counts.not_tested,
    }
}

fn worst(report: &ProfileReport, verdict: Verdict) -> impl Iterator<Item = &RequirementReport> {
    report.requirements.iter().filter(move |requirement| requirement.verdict == verdict)
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Warn => "skip",
        Verdict::Fail => "fail",
        Verdict::Skipped | Verdict::NotTested => "missing",
    }
}

fn services(report: &ProfileReport) -> Section {
    let rows = report.services.iter().map(|service| {
        let cells = [
            service.name.clone(),
            service.endpoint.clone(),
            service.product.clone().unwrap_or_default(),
            service.redfish_version.clone().unwrap_or_default(),
            service.resources.to_string(),
        ];
        Row::new("", cells.into_iter().chain(numbers(&service.counts)))
    });
    let head =
        ["Service", "Address", "Product", "Redfish", "Resources", "pass", "warn", "fail", "skipped", "not tested"];
    Section::new("Services, and what was found place by place").table(&head, rows.collect())
}

fn found(report: &ProfileReport, at: &Place) -> Row {
    let of = report.requirements.iter().find(|requirement| requirement.id == at.requirement);
    let place = if at.uri.is_empty() { "the service".to_owned() } else { format!("{} {}", at.uri, at.path) };
    let condition = at.condition.map_or_else(String::new, |line| format!(", condition in line {line}"));
    let profile = of.map_or_else(String::new, |of| format!("{}, line {}{condition}", of.profile, of.line));
    Row::new(
        class(at.verdict),
        [
            at.verdict.word().to_owned(),
            of.map_or_else(|| at.requirement.clone(), |of| of.required.clone()),
            format!("{}: {place}", at.service),
            cut(&at.seen, LONGEST),
            at.way.join(" → "),
            profile,
        ],
    )
}

fn requirement(of: &RequirementReport) -> Row {
    let level = serde_json::to_value(of.level).ok().and_then(|level| level.as_str().map(str::to_owned));
    let counts = &of.counts;
    let places = counts.pass + counts.warn + counts.fail + counts.skipped + counts.not_tested;
    Row::new(
        class(of.verdict),
        [
            of.verdict.word().to_owned(),
            level.unwrap_or_default(),
            of.required.clone(),
            cut(&of.seen, LONGEST),
            places.to_string(),
            format!("{}:{}", of.profile, of.line),
            of.id.clone(),
        ],
    )
}

/// What was noticed beside the requirements.
fn noted(report: &ProfileReport) -> Vec<Section> {
    let notes = report.services.iter().flat_map(|service| {
        service.notes.iter().map(|note| Row::new("", [service.name.clone(), note.uri.clone(), note.message.clone()]))
    });
    let unread = report.services.iter().flat_map(|service| {
        service.unread.iter().map(|unread| {
            let from = unread.from.clone().unwrap_or_default();
            Row::new("", [service.name.clone(), unread.uri.clone(), cut(&unread.reason, LONGEST), from])
        })
    });
    let unevaluated = report.unevaluated.iter().map(|unknown| {
        let place = format!("{}, line {}, column {}", unknown.profile, unknown.line, unknown.column);
        Row::new("", [place, unknown.path.clone(), unknown.message.clone()])
    });
    let sections = [
        Section::new("What was noticed while it was read").table(&["Service", "Resource", "Note"], notes.collect()),
        Section::new("Linked, and not to be read")
            .table(&["Service", "Address", "Why", "Linked from"], unread.collect()),
        Section::new("In the profiles, and not evaluated").table(&["Place", "Keys", "Why"], unevaluated.collect()),
    ];
    sections.into_iter().filter(|section| !section.rows.is_empty()).collect()
}

/// A suite for each resource; the file fails exactly when the verdict is that something mandatory is broken.
fn junit(report: &ProfileReport) -> Junit {
    let name = report.profiles.first().map_or_else(String::new, |main| format!("{} {}", main.name, main.version));
    let mut junit = Junit::new(visible(&name));
    let mut suites: indexmap::IndexMap<String, TestSuite> = indexmap::IndexMap::new();
    for of in &report.requirements {
        let suite = match of.resource.as_str() {
            "" => format!("{}.Protocol", of.profile),
            resource => format!("{}.{resource}", of.profile),
        };
        let suite = visible(&suite);
        let mut case = TestCase::new(visible(&of.id), status(report, of));
        case.set_classname(suite.clone());
        case.add_property(("uuid", of.uuid.as_str()));
        suites.entry(suite.clone()).or_insert_with(|| TestSuite::new(suite)).add_test_case(case);
    }
    junit.add_test_suites(suites.into_values());
    if report.verdict == ProfileVerdict::Unknown {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message("nothing could be tested");
        let mut suite = TestSuite::new("assay");
        suite.add_test_case(TestCase::new("verdict", status));
        junit.add_test_suite(suite);
    }
    junit
}

fn status(report: &ProfileReport, of: &RequirementReport) -> TestCaseStatus {
    let mut status = match of.verdict {
        Verdict::Pass | Verdict::Warn => return TestCaseStatus::success(),
        Verdict::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Skipped | Verdict::NotTested => TestCaseStatus::skipped(),
    };
    status.set_type(of.verdict.word());
    status.set_message(visible(&cut(&format!("{}: {}", of.required, of.seen), 2_000)));
    if of.verdict == Verdict::Fail {
        let broken = report.places.iter().filter(|at| at.requirement == of.id && at.verdict == Verdict::Fail);
        let lines: Vec<_> = broken
            .take(100)
            .map(|at| format!("{}: {}{}: {} (by {})", at.service, at.uri, at.path, at.seen, at.way.join(" → ")))
            .collect();
        status.set_description(visible(&cut(&lines.join("\n"), 20_000)));
    }
    status
}
