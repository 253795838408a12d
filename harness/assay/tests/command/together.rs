//! Two runs at once in one project, with the same accounts: neither disturbs the other.

use std::collections::BTreeMap;

use assay_hostile::{Front, Turn};
use assay_reports::record::Verdict;

use crate::support::{Place, clouds, end, login, reference, request};

const ACCOUNTS: [&str; 8] = [
    "--cloud",
    "member",
    "--alt-cloud",
    "reference-alt",
    "--reseller-cloud",
    "reference-reseller",
    "--spare-cloud",
    "reference-spare",
];
/// What accounts share by nature, and what looks at an account as a whole.
const TESTS: [&str; 6] = [
    "identity.users",
    "object-storage.temp-url",
    "object-storage.account-quotas",
    "object-storage.account-metadata",
    "object-storage.accounts",
    "compute.servers.list",
];

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_with_the_same_accounts_come_to_the_same() {
    let reference = reference().await;
    let place = Place::of(&reference);
    let run = |out| place.start(&[["run", "--out", out].as_slice(), &ACCOUNTS, &TESTS].concat());
    let (one, other) = tokio::join!(end(run("one")), end(run("other")));
    one.says(0, &[]);
    other.says(0, &[]);
    let verdicts = |out| {
        let records = place.records(out).into_iter();
        records.map(|record| (record.id, record.verdict)).collect::<BTreeMap<String, Verdict>>()
    };
    assert_eq!(verdicts("one"), verdicts("other"));
    assert!(verdicts("one").len() > 20);

    let clouds = clouds(&reference);
    let member = login(&clouds, "member").await;
    let store = member.catalog.endpoints().iter().find(|endpoint| endpoint.service == "object-store").unwrap();
    let account = request("GET", &store.url, &member.token, "").await.to_ascii_lowercase();
    assert!(!account.contains("x-account-meta") && !account.contains("assay-"), "something is left: {account}");
    // Its own password is in force again.
    login(&clouds, "reference-spare").await;
}

/// Somebody on another machine, whose locks nobody sees, takes the key away in the middle.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_somebody_else_changes_is_no_fail_and_stays() {
    let reference = reference().await;
    let front = Front::start(reference.url()).await.unwrap();
    let place = Place::new();
    place.write("clouds.yaml", &front.before_it(&clouds(&reference)));
    let member = login(&clouds(&reference), "member").await;
    let store = member.catalog.endpoints().iter().find(|endpoint| endpoint.service == "object-store").unwrap();
    let (host, path) = store.url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).unwrap();
    let (host, path, token) = (host.to_owned(), path.to_owned(), member.token.clone());
    // Right before the first use of a temporary URL.
    let once = std::sync::Once::new();
    front.before(move |request| {
        if request.target().contains("temp_url_sig") {
            // The deployment is served by the same threads.
            let block = |change: &dyn Fn()| tokio::task::block_in_place(change);
            once.call_once(|| block(&|| {
                use std::io::{Read as _, Write as _};
                let mut stream = std::net::TcpStream::connect(&host).unwrap();
                let change = format!(
                    "POST /{path} HTTP/1.1\r\nHost: {host}\r\nX-Auth-Token: {token}\r\nX-Account-Meta-Temp-Url-Key: \
                     somebody-else-s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                );
                stream.write_all(change.as_bytes()).unwrap();
                stream.read_to_end(&mut Vec::new()).unwrap();
            }));
        }
        Turn::Pass
    });
    let run = ["run", "--cloud", "member", "--out", "run", "--exact", "object-storage.temp-url.get"];
    let ended = place.run(&run).await;
    let records = place.records("run");
    assert!(records.iter().all(|record| record.verdict == Verdict::Error), "{ended:#?}");
    assert!(records[0].reason.as_deref().unwrap().contains("somebody else changed"), "{records:#?}");
    let account = request("HEAD", &store.url, &member.token, "").await.to_ascii_lowercase();
    assert!(account.contains("somebody-else-s"), "somebody else's key is gone: {account}");
}
