//! Whether results follow from the exchanges that a run kept.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use indexmap::IndexMap;
use serde::Deserialize;

use super::doubt::{Doubt, Weight};
use crate::record::{Run, TestRecord, Verdict};
use crate::record::{RunFolder, RunFolderError};

/// The most exchanges of one test that are looked at.
const AT_MOST: usize = 1_000_000;
/// The most exchanges of all tests that are looked at.
const ALL: usize = 20_000_000;
/// How far a clock may be put right during a run.
const CLOCK: TimeDelta = TimeDelta::minutes(5);
/// The transcript of a run that held a Redfish service against a profile.
const PROFILE: &str = "profile";

/// What is known of a test of Assay's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownTest {
    /// The UUID of the published test that it covers.
    pub uuid: String,
    /// The keys of what it shares with other tests, whose exchanges are kept apart.
    pub shares: Vec<String>,
    /// Whether it tries a connection itself, of which no exchange is kept.
    pub silent: bool,
}

/// Assay's own tests, by id.
pub type KnownTests = BTreeMap<String, KnownTest>;

/// What is looked at of an exchange.
#[derive(Debug, Deserialize)]
struct Brief {
    number: u32,
    started: DateTime<Utc>,
    #[serde(default)]
    account: Option<String>,
    url: String,
}

/// What can be wrong with a result; the order is that of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Fault {
    NoExchanges,
    NoRequest,
    Silent,
    Failure,
    NotSelected,
    Unknown,
    OtherUuid,
    Unreadable,
    Count,
    Numbers,
    Cited,
    Times,
    Account,
    Address,
    TooMany,
    Older,
}

impl Fault {
    fn weight(self) -> Weight {
        match self {
            Self::Older | Self::Silent => Weight::Note,
            Self::NoExchanges | Self::NoRequest | Self::TooMany => Weight::LeftOut,
            _ => Weight::Contradiction,
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::NoExchanges => {
                "tests are recorded as passed, and the exchanges that would show it are not in the folder"
            }
            Self::NoRequest => "tests are recorded as passed without a single request",
            Self::Silent => "tests passed that try a connection itself, of which no exchange is kept",
            Self::Failure => "tests are recorded as passed together with a requirement that they broke",
            Self::NotSelected => "results are of tests that the run had not selected",
            Self::Unknown => "results are of tests that the Assay which ran does not have",
            Self::OtherUuid => "results have a UUID that is not that of their test",
            Self::Unreadable => "transcripts cannot be read",
            Self::Count => "results tell another number of requests than their transcripts hold",
            Self::Numbers => "transcripts are not numbered from 1 on",
            Self::Cited => "results point at an exchange that is not there",
            Self::Times => "exchanges were made before the run began or after it ended",
            Self::Account => "exchanges were made by an account that the run was not given",
            Self::Address => "exchanges were made with an address that is none of the run's",
            Self::TooMany => "transcripts are longer than is looked at",
            Self::Older => "results are of tests that this version of Assay does not have, or has with another UUID",
        }
    }
}

/// What is to be said of the results.
pub(super) fn doubts(folder: &RunFolder, run: &Run, records: &[TestRecord], known: Option<&KnownTests>) -> Vec<Doubt> {
    let mut found: IndexMap<Fault, Vec<String>> = IndexMap::new();
    let check = Check::new(folder, run, known);
    let mut looked_at = 0;
    for record in records {
        for fault in check.record(record, &mut looked_at) {
            found.entry(fault).or_default().push(record.id.clone());
        }
    }
    found
        .into_iter()
        .map(|(fault, subjects)| Doubt {
            weight: fault.weight(),
            what: fault.what().to_owned(),
            of_tests: true,
            subjects,
        })
        .collect()
}

/// A run, as its results are held against it.
struct Check<'a> {
    folder: &'a RunFolder,
    run: &'a Run,
    known: Option<&'a KnownTests>,
    selected: HashSet<&'a str>,
    /// The addresses that the run may have asked, each as far as the port.
    origins: HashSet<String>,
    of_profile: bool,
}

impl<'a> Check<'a> {
    fn new(folder: &'a RunFolder, run: &'a Run, known: Option<&'a KnownTests>) -> Self {
        let deployment = &run.deployment;
        let addresses = deployment.endpoints.values().chain([&deployment.auth_url]);
        Self {
            folder,
            run,
            known,
            selected: run.selected.iter().map(String::as_str).collect(),
            origins: addresses.map(|address| origin(address)).collect(),
            of_profile: run.configuration.contains_key(PROFILE),
        }
    }

    fn record(&self, record: &TestRecord, looked_at: &mut usize) -> Vec<Fault> {
        let mut faults = Vec::new();
        let passed = record.verdict == Verdict::Pass;
        if passed && record.failure.is_some() {
            faults.push(Fault::Failure);
        }
        if !self.selected.contains(record.id.as_str()) {
            faults.push(Fault::NotSelected);
        }
        let test = self.known.and_then(|known| known.get(&record.id));
        // A requirement of a profile is no test: one transcript and the resources that were read show all of them.
        if self.of_profile && test.is_none() {
            if passed && !self.has_exchanges(PROFILE) {
                faults.push(Fault::NoExchanges);
            }
            return faults;
        }
        faults.extend(self.unknown(record, test));
        let Ok(exchanges) = self.folder.transcript_as::<Brief>(&record.id, AT_MOST) else {
            faults.push(Fault::Unreadable);
            return faults;
        };
        let (exchanges, more) = exchanges.unwrap_or_default();
        *looked_at += exchanges.len();
        if more && exchanges.len() == AT_MOST || *looked_at > ALL {
            faults.push(Fault::TooMany);
            return faults;
        }
        if exchanges.is_empty() {
            if passed && record.requests > 0 {
                faults.push(Fault::NoExchanges);
            } else if passed && test.is_some_and(|test| test.silent) {
                faults.push(Fault::Silent);
            } else if passed && !test.is_some_and(|test| self.shares(test)) {
                faults.push(Fault::NoRequest);
            }
            return faults;
        }
        faults.extend(self.exchanges(record, &exchanges));
        faults
    }

    fn unknown(&self, record: &TestRecord, test: Option<&KnownTest>) -> Option<Fault> {
        self.known?;
        let fault = match test {
            None => Fault::Unknown,
            Some(test) if record.uuid.as_deref() != Some(test.uuid.as_str()) => Fault::OtherUuid,
            Some(_) => return None,
        };
        // Another version has other tests.
        Some(if self.run.assay == env!("CARGO_PKG_VERSION") { fault } else { Fault::Older })
    }

    fn exchanges(&self, record: &TestRecord, exchanges: &[Brief]) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut add = |wrong: bool, fault| {
            if wrong {
                faults.push(fault);
            }
        };
        // What was broken off may have been answered after it was recorded.
        let whole = matches!(record.verdict, Verdict::Pass | Verdict::Fail | Verdict::Skip);
        add(whole && exchanges.len() != record.requests as usize, Fault::Count);
        add(exchanges.iter().zip(1..).any(|(exchange, number)| exchange.number != number), Fault::Numbers);
        let cited = record.failure.iter().chain(&record.deviations).filter_map(|finding| finding.exchange);
        add(cited.into_iter().any(|number| number == 0 || number as usize > exchanges.len()), Fault::Cited);
        let begun = self.run.started.checked_sub_signed(CLOCK);
        let ended = self.run.finished.and_then(|finished| finished.checked_add_signed(CLOCK));
        let outside = |exchange: &Brief| {
            begun.is_some_and(|begun| exchange.started < begun) || ended.is_some_and(|ended| exchange.started > ended)
        };
        add(exchanges.iter().any(outside), Fault::Times);
        let given = |account: &str| self.run.accounts.get(&format!("{account}-cloud")).copied().unwrap_or(false);
        let foreign = |account: &str| matches!(account, "alt" | "reseller" | "spare") && !given(account);
        add(exchanges.iter().filter_map(|exchange| exchange.account.as_deref()).any(foreign), Fault::Account);
        add(exchanges.iter().any(|exchange| !self.origins.contains(&origin(&exchange.url))), Fault::Address);
        faults
    }

    /// Whether something that a test shares with others has exchanges.
    fn shares(&self, test: &KnownTest) -> bool {
        test.shares.iter().any(|key| self.has_exchanges(&format!("shared.{key}")))
    }

    fn has_exchanges(&self, id: &str) -> bool {
        let found: Result<_, RunFolderError> = self.folder.transcript_as::<Brief>(id, 1);
        found.ok().flatten().is_some_and(|(exchanges, _)| !exchanges.is_empty())
    }
}

/// An address as far as its port, so that two that are written differently are one.
fn origin(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
    let scheme = scheme.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "http" => ":80",
        "https" => ":443",
        _ => "",
    };
    let host = if usual.is_empty() { host.as_str() } else { host.strip_suffix(usual).unwrap_or(&host) };
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_as_far_as_its_port() {
        assert_eq!(origin("https://Cloud.example:443/v3?x"), "https://cloud.example");
        assert_eq!(origin("http://me:pw@h:8774/v2.1"), "http://h:8774");
        assert_ne!(origin("https://cloud.example.evil/"), origin("https://cloud.example/"));
        assert_ne!(origin("http://cloud.example/"), origin("https://cloud.example/"));
        assert_eq!(origin("nonsense"), "nonsense");
    }
}
