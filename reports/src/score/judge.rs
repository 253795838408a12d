//! The verdicts: of a test, of a capability, of a target.

use assay_guidelines::model::{Flag, Rule, State, Test};
use assay_guidelines::query::CapabilityOf;
use chrono::NaiveDate;

use super::context::Context;
use super::lookup::{Lookup, bare_name, bare_uuid};
use crate::record::TestRecord;
use crate::report::{CapabilityReport, CapabilityVerdict, Outcome, TargetVerdict, TestReport};
use crate::statement::{Stated, Statement};

/// Judges tests by the records of one run and the rule of the guideline.
pub struct Judge<'a> {
    lookup: &'a Lookup<'a>,
    rule: Rule,
    context: &'a Context<'a>,
}

impl<'a> Judge<'a> {
    pub fn new(lookup: &'a Lookup<'a>, rule: Rule, context: &'a Context<'a>) -> Self {
        Self { lookup, rule, context }
    }

    /// Judges a capability and its tests.
    pub fn capability(&self, chosen: &CapabilityOf<'_>) -> CapabilityReport {
        let tests: Vec<_> = chosen.tests.iter().map(|test| self.test(test, chosen.state)).collect();
        CapabilityReport {
            name: chosen.name.to_owned(),
            status: chosen.state,
            published_as: chosen.capability.published_as.clone(),
            verdict: capability(&tests, self.rule),
            tests,
            project: chosen.capability.project.clone(),
            summary: chosen.capability.summary.clone(),
            origin: chosen.capability.origin,
            sources: chosen.capability.sources.clone(),
        }
    }

    fn test(&self, test: &Test, state: State) -> TestReport {
        let excused = test.flag.as_ref().is_some_and(|flag| flag_holds(flag, self.context.today));
        let mut report = match self.lookup.deciding(test, self.rule) {
            Some(record) => recorded(test, record),
            None if test.manual => self.stated(test),
            None => self.not_recorded(test),
        };
        if self.context.strict
            && state == State::Required
            && report.verdict == Outcome::Pass
            && let Some(deviation) = report.deviations.first()
        {
            report.verdict = Outcome::Fail;
            report.reason =
                Some(format!("passes as published, and deviates from the documentation: {}", deviation.requirement));
            report.failure = Some(deviation.clone());
        }
        report.excused = excused;
        report.blocks = state == State::Required && !excused && !stands(report.verdict, self.rule);
        report
    }

    fn not_recorded(&self, test: &Test) -> TestReport {
        let implemented = self.context.native.is_none_or(|native| {
            native.contains(&test.name)
                || test.uuid.as_deref().is_some_and(|uuid| native.contains(&bare_uuid(uuid)))
                || test.aliases.iter().any(|alias| native.contains(alias))
        });
        let (verdict, reason) = if implemented {
            (Outcome::NotRun, "the run has no record of this test")
        } else {
            (Outcome::Missing, "Assay has no implementation of this test")
        };
        unrecorded(test, verdict, reason)
    }

    /// What is stated of a test that no program decides: the newest statement that counts, and of one day the worse.
    fn stated(&self, test: &Test) -> TestReport {
        let mut report =
            unrecorded(test, Outcome::Manual, "no program decides this test, and nobody has stated anything of it");
        let about: Vec<&Statement> =
            self.context.statements.iter().filter(|statement| is_named(&report, &statement.test)).collect();
        let today = self.context.today;
        let counting = about.iter().filter(|statement| statement.holds(today));
        if let Some(statement) = counting.max_by_key(|statement| (statement.date, statement.verdict)) {
            report.verdict = match statement.verdict {
                Stated::Pass => Outcome::Pass,
                Stated::Fail => Outcome::Fail,
            };
            report.reason = (statement.verdict == Stated::Fail)
                .then(|| format!("{} states on {} that it does not hold", statement.author, statement.date));
            report.stated = Some((*statement).clone());
        } else if let Some(statement) = about.last() {
            let why = if statement.date > today { "is of a day to come" } else { "has expired" };
            report.reason = Some(format!("what {} states on {} {why}", statement.author, statement.date));
        }
        report
    }
}

/// A test of which the run has no record.
fn unrecorded(test: &Test, verdict: Outcome, reason: &str) -> TestReport {
    TestReport {
        id: test.name.clone(),
        uuid: test.uuid.clone().unwrap_or_default(),
        name: test.name.clone(),
        verdict,
        deviations: Vec::new(),
        flag: test.flag.clone(),
        reason: Some(reason.to_owned()),
        lacks: None,
        stated: None,
        excused: false,
        blocks: false,
        title: String::new(),
        spec: None,
        failure: None,
        duration_ms: 0,
        requests: 0,
        left_behind: Vec::new(),
    }
}

fn recorded(test: &Test, record: &TestRecord) -> TestReport {
    TestReport {
        id: record.id.clone(),
        uuid: test.uuid.clone().unwrap_or_default(),
        name: test.name.clone(),
        verdict: record.verdict.into(),
        deviations: record.deviations.clone(),
        flag: test.flag.clone(),
        reason: record.reason.clone(),
        lacks: record.lacks.clone(),
        stated: None,
        excused: false,
        blocks: false,
        title: record.title.clone(),
        spec: record.spec.clone(),
        failure: record.failure.clone(),
        duration_ms: record.duration_ms,
        requests: record.requests,
        left_behind: record.left_behind.clone(),
    }
}

/// Whether a flag still excuses its test.
fn flag_holds(flag: &Flag, today: NaiveDate) -> bool {
    flag.expires.is_none_or(|expires| expires >= today)
}

/// Whether a test with this outcome leaves its capability met. Where the rule does not allow skips, a skip does not:
/// what is not there was asked for.
fn stands(outcome: Outcome, rule: Rule) -> bool {
    outcome == Outcome::Pass || (outcome == Outcome::Skip && rule.allows_skips())
}

/// The verdict of a capability with these tests.
fn capability(tests: &[TestReport], rule: Rule) -> CapabilityVerdict {
    if tests.is_empty() {
        return CapabilityVerdict::Unknown;
    }
    let deciding = || tests.iter().filter(|test| !test.excused).map(|test| test.verdict);
    let broken = |outcome| match outcome {
        Outcome::Fail | Outcome::Skip => !stands(outcome, rule),
        Outcome::Error | Outcome::Timeout => rule.fails_on_errors(),
        _ => false,
    };
    if deciding().any(broken) {
        CapabilityVerdict::Unmet
    } else if !deciding().all(|outcome| stands(outcome, rule)) {
        CapabilityVerdict::Unknown
    } else if deciding().any(|outcome| outcome == Outcome::Skip) {
        CapabilityVerdict::MetWithSkips
    } else if tests.iter().any(|test| test.excused) {
        CapabilityVerdict::MetWithFlags
    } else {
        CapabilityVerdict::Met
    }
}

/// The verdict of a target with these capabilities. Neither flags nor skips nor statements alone make it conformant: something
/// has to have passed.
pub fn target(capabilities: &[CapabilityReport]) -> TargetVerdict {
    let required = || capabilities.iter().filter(|capability| capability.status == State::Required);
    if required().any(|capability| capability.verdict == CapabilityVerdict::Unmet) {
        return TargetVerdict::NotConformant;
    }
    let passed = |test: &TestReport| test.verdict == Outcome::Pass && test.stated.is_none();
    let determined = required().all(|capability| capability.verdict != CapabilityVerdict::Unknown);
    let proved = required().flat_map(|capability| &capability.tests).any(passed);
    if determined && proved { TargetVerdict::Conformant } else { TargetVerdict::Unknown }
}

/// Whether a name that a user wrote means this test.
pub fn is_named(test: &TestReport, name: &str) -> bool {
    test.id == name || bare_name(&test.name) == bare_name(name) || bare_uuid(&test.uuid) == bare_uuid(name)
}
