//! Programs that are inventories: asked with `--list`, and with `--host` where the list tells nothing of the hosts.

use std::fs::Metadata;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use assay_text::visible_line;
use serde_json::Value;

use super::hosts::{Inventory, LARGEST};
use crate::output::say;

/// How long a program may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether the file is a program: it may be executed, as Ansible decides it.
#[cfg(unix)]
pub(super) fn is_one(path: &Path, metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let data = path.extension().is_some_and(|ending| ["yaml", "yml", "json", "ini"].iter().any(|it| ending == *it));
    metadata.permissions().mode() & 0o111 != 0 && !data
}

/// Whether the file is a program.
#[cfg(not(unix))]
pub(super) fn is_one(_path: &Path, _metadata: &Metadata) -> bool {
    false
}

/// What a program answers, in JSON.
pub(super) fn ask(path: &Path, arguments: &[&str]) -> Result<Value, String> {
    let whole = std::path::absolute(path).map_err(|error| error.to_string())?;
    let asked = format!("asked with `{}`", arguments.join(" "));
    let mut child = Command::new(whole)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot be run: {error}"))?;
    let Some(output) = child.stdout.take() else { return Err("its output cannot be read".into()) };
    let words = child.stderr.take().map(relay);
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let read = output.take(LARGEST + 1).read_to_end(&mut text);
        // Nobody waits for it any more once it took too long.
        let _ = send.send(read.map(|_| text));
    });
    let (begun, text) = (Instant::now(), receive.recv_timeout(PATIENCE));
    let lost = |error: std::io::Error| format!("cannot be waited for: {error}");
    // It may go on although it has said everything.
    let status = loop {
        match child.try_wait().map_err(lost)? {
            Some(status) => break status,
            None if begun.elapsed() > PATIENCE => {
                // It may have ended in the same moment.
                let _ = child.kill();
                break child.wait().map_err(lost)?;
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    // What it said last is to stand before what is said of it; a program that it started may still hold the pipe.
    let _ = words.map(|words| words.recv_timeout(Duration::from_secs(1)));
    let text = match text {
        Ok(Ok(text)) => text,
        Ok(Err(error)) => return Err(format!("{asked}, its output cannot be read: {error}")),
        Err(_) => return Err(format!("{asked}, it did not answer within {} s", PATIENCE.as_secs())),
    };
    if !status.success() {
        return Err(format!("{asked}, it ended with {status}"));
    }
    if text.len() as u64 > LARGEST {
        return Err(format!("{asked}, it answered more than {} MiB", LARGEST >> 20));
    }
    serde_json::from_slice(&text).map_err(|error| format!("{asked}, it answered something that is no JSON: {error}"))
}

/// Says what a program says on its standard error, line by line; tells when that was all.
fn relay(words: impl Read + Send + 'static) -> mpsc::Receiver<()> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(words.take(LARGEST)).split(b'\n').map_while(Result::ok) {
            say(&visible_line(&String::from_utf8_lossy(&line)));
        }
        // Nobody may wait for it any more.
        let _ = send.send(());
    });
    receive
}

/// Asks for the variables of each host.
pub(super) fn ask_for_each(path: &Path, inventory: &mut Inventory) -> Result<(), String> {
    for (name, variables) in &mut inventory.hosts {
        if let Value::Object(said) = ask(path, &["--host", name])? {
            variables.extend(said);
        }
    }
    Ok(())
}
