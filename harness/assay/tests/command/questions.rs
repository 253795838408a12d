//! What a sweep asks at a terminal before it removes what a folder without its key says.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::Child;

use crate::interruption::{Served, signal};
use crate::support::{HANGS, assay};

/// A terminal: what is typed at it, and what a command reads from it.
fn terminal() -> (File, OwnedFd) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    let keys = openpt(flags).unwrap();
    grantpt(&keys).unwrap();
    unlockpt(&keys).unwrap();
    let name = ptsname(&keys, Vec::new()).unwrap();
    let flags = i32::try_from(OpenptFlags::NOCTTY.bits()).unwrap();
    let screen = OpenOptions::new().read(true).write(true).custom_flags(flags).open(Path::new(name.to_str().unwrap()));
    (keys.into(), screen.unwrap().into())
}

/// A sweep that has asked.
struct Asked {
    served: Served,
    keys: File,
    sweep: Child,
    stderr: BufReader<tokio::process::ChildStderr>,
    left: Vec<String>,
}

impl Asked {
    /// A run was killed, and its key is gone. Something was typed before the sweep began.
    async fn after(typed: &str) -> Self {
        let served = Served::start().await;
        let mut run = served.run_in_the_middle().await;
        run.start_kill().unwrap();
        run.wait().await.unwrap();
        served.proxy.release();
        std::fs::remove_dir_all(served.place.path(".local")).unwrap();
        let left = served.things().await;
        let (mut keys, screen) = terminal();
        keys.write_all(typed.as_bytes()).unwrap();
        let mut command = served.place.program(assay());
        command.args(["sweep", "run", "--cloud", "member"]).stdin(Stdio::from(screen));
        // Beside a run whose key is gone, the file might be a stranger's.
        command.env("OS_CLIENT_CONFIG_FILE", served.place.path("clouds.yaml"));
        let mut sweep = command.spawn().unwrap();
        let mut stderr = BufReader::new(sweep.stderr.take().unwrap());
        let asked = async {
            let mut line = String::new();
            while !line.contains("Type yes") {
                line.clear();
                assert_ne!(stderr.read_line(&mut line).await.unwrap(), 0, "the sweep ended without a question");
            }
        };
        tokio::time::timeout(HANGS, asked).await.expect("the sweep asks");
        Self { served, keys, sweep, stderr, left }
    }

    /// The exit status, and what was said after the question.
    async fn end(&mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        let end = async { (self.sweep.wait().await.unwrap().code(), self.stderr.read_to_string(&mut said).await) };
        let (code, read) = tokio::time::timeout(HANGS, end).await.expect("the sweep ends");
        read.unwrap();
        self.served.keeps_its_decoys().await;
        (code, said)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_before_the_question_is_no_answer() {
    let mut asked = Asked::after("yes\n").await;
    asked.keys.write_all(b"no\n").unwrap();
    assert_eq!(asked.end().await, (Some(5), String::new()));
    assert_eq!(asked.served.things().await, asked.left, "nothing is removed without a yes");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_after_the_question_is_one() {
    let mut asked = Asked::after("no\n").await;
    asked.keys.write_all(b"yes\n").unwrap();
    let (code, said) = asked.end().await;
    assert!(matches!(code, Some(0 | 5)), "{said}");
    assert!(asked.served.things().await.len() < asked.left.len(), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_at_the_question_ends_at_once() {
    for name in ["INT", "TERM"] {
        let mut asked = Asked::after("").await;
        let begun = Instant::now();
        signal(&asked.served.place, &asked.sweep, name).await;
        let (code, said) = asked.end().await;
        assert!(code == Some(130) && said.contains("nothing was removed"), "{code:?}: {said}");
        assert!(begun.elapsed() < Duration::from_secs(4), "it went on for {:?}", begun.elapsed());
        assert_eq!(asked.served.things().await, asked.left);
    }
}
