//! Logging in to a guest: against OpenSSH's server, against one of the library's own, and against what only pretends.

#![expect(clippy::unwrap_used, reason = "all of this is a test")]

mod hostile;
mod own;
mod sshd;

use std::net::{IpAddr, SocketAddr};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use assay_kit::guest::{Endpoint, GuestError, Key, Patience, Session, Way, disks, host_name, processors};
use assay_kit::http::redact::Redactor;
use assay_kit::{Evidence as _, Recorder, TestLog};

/// Shorter than a run's, so that what never answers is found out soon.
const PATIENCE: Patience = Patience {
    connection: Duration::from_secs(3),
    greeting: Duration::from_secs(5),
    command: Duration::from_secs(2),
    session: Duration::from_secs(60),
};

fn log() -> Arc<TestLog> {
    Recorder::new(None, Redactor::default()).unwrap().log("guest")
}

async fn open(address: SocketAddr, user: &str, key: &Key) -> Result<Session, GuestError> {
    Session::open(address, user, key, PATIENCE, &log()).await
}

fn endpoint(address: SocketAddr, users: &[&str], key: &Key) -> Endpoint {
    let users = users.iter().map(|user| (*user).to_owned()).collect();
    Endpoint { way: Way::Fixed, address, users, key: key.clone() }
}

/// What a program of this machine prints.
fn printed(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// A user whom an SSH server on this machine lets in.
fn myself() -> String {
    printed("id", &["-un"]).trim().to_owned()
}

/// What every SSH server with a shell must come to: one that lets in this user with this key, and no other.
async fn behaves(address: SocketAddr, user: &str, key: &Key) {
    let session = open(address, user, key).await.unwrap();
    assert_eq!((session.user(), session.address()), (user, address));
    assert!(session.host_key().starts_with("SHA256:"), "{}", session.host_key());

    let answer = session.run("echo out; echo err >&2; exit 3").await.unwrap();
    assert_eq!((answer.stdout.as_str(), answer.stderr.as_str(), answer.status), ("out\n", "err\n", 3));
    let shown = answer.finding("it succeeds".to_owned(), None, None);
    let again = format!("ssh -i \"$KEY\" 'ssh://{user}@{address}' 'echo out; echo err >&2; exit 3'");
    assert_eq!(shown.curl, Some(again), "the evidence of a command says how to repeat it");

    // A command that prints without end must not fill the memory, nor one that does nothing hold up the run.
    let slow = session.run("sleep 600").await.unwrap_err();
    assert!(matches!(slow, GuestError::Slow { .. }), "{slow}");
    let flood = session.run("yes").await.unwrap_err();
    assert!(matches!(flood, GuestError::Flood { .. }), "{flood}");
    session.close().await;

    let session = open(address, user, key).await.unwrap();
    let killed = session.run("kill -9 $$").await.unwrap_err();
    assert!(matches!(killed, GuestError::BrokenOff { .. }), "{killed}");
    session.close().await;

    let other = Key::generate().unwrap();
    let refused = open(address, user, &other).await.unwrap_err();
    assert!(matches!(refused, GuestError::Refused { .. }), "{refused}");

    // Each user takes a connection of its own: OpenSSH ends one that asks for two.
    let session = endpoint(address, &["nobody-of-this-name", user], key).try_once(&log()).await.unwrap();
    assert_eq!(session.user(), user);
    session.close().await;
}

#[tokio::test]
async fn openssh_lets_in_who_has_the_key_and_runs_commands() {
    let Some(sshd) = sshd::Sshd::start().await else { return };
    let key = Key::generate().unwrap();
    sshd.authorize(&key);
    behaves(sshd.address, &myself(), &key).await;
}

#[tokio::test]
async fn a_guest_on_openssh_says_what_the_machine_says_of_itself() {
    let Some(sshd) = sshd::Sshd::start().await else { return };
    let key = Key::generate().unwrap();
    sshd.authorize(&key);
    let session = open(sshd.address, &myself(), &key).await.unwrap();
    let (_, name) = host_name(&session).await.unwrap();
    assert_eq!(name, printed("uname", &["-n"]).trim().split('.').next().unwrap());
    let (_, count) = processors(&session).await.unwrap();
    assert_eq!(count.to_string(), printed("grep", &["-c", "^processor", "/proc/cpuinfo"]).trim());
    let (answer, disks) = disks(&session).await.unwrap();
    assert!(disks.iter().all(|disk| answer.stdout.contains(disk)), "{disks:?}");
    session.close().await;
}

/// The key reaches a guest some time after its SSH server has started: a refusal is not the last word.
#[tokio::test]
async fn a_login_waits_until_openssh_learns_the_key() {
    let Some(sshd) = sshd::Sshd::start().await else { return };
    let key = Key::generate().unwrap();
    let endpoint = endpoint(sshd.address, &[&myself()], &key);
    let refused = endpoint.try_once(&log()).await.unwrap_err();
    assert!(matches!(refused, GuestError::Refused { .. }), "{refused}");
    let log = log();
    let (waiting, ()) = tokio::join!(endpoint.log_in(&log, Duration::from_secs(60)), async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        sshd.authorize(&key);
    });
    waiting.unwrap().close().await;
}

#[tokio::test]
async fn a_server_of_the_library_lets_in_who_has_the_key_and_runs_commands() {
    let key = Key::generate().unwrap();
    let address = own::start("somebody", &key).await;
    behaves(address, "somebody", &key).await;
}

#[tokio::test]
async fn a_login_that_is_never_let_in_ends_with_the_reason() {
    let (key, other) = (Key::generate().unwrap(), Key::generate().unwrap());
    let address = own::start("somebody", &key).await;
    let ended = endpoint(address, &["somebody"], &other).log_in(&log(), Duration::from_secs(1)).await.unwrap_err();
    assert!(matches!(&ended, GuestError::Refused { user, .. } if user == "somebody"), "{ended}");
}

#[tokio::test]
async fn where_nothing_listens_a_login_ends_with_the_reason() {
    let free = std::net::TcpListener::bind((IpAddr::from([127, 0, 0, 1]), 0)).unwrap().local_addr().unwrap();
    let ended = open(free, "somebody", &Key::generate().unwrap()).await.unwrap_err();
    assert!(matches!(ended, GuestError::Connect { .. }), "{ended}");
}
