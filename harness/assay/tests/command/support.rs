//! A folder to run the command in, and a deployment to run it against.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use assay_decoys::{Access, Decoys};
use assay_kit::http::redact::Redactor;
use assay_kit::session::clouds::Clouds;
use assay_kit::session::{Login, Session};
use assay_kit::{Recorder, Role};
use assay_reference::Reference;
use assay_reports::RunFolder;
use assay_reports::record::TestRecord;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

/// What never takes so long, unless it hangs.
pub const HANGS: Duration = Duration::from_secs(120);

/// A folder of its own for a test: the command runs in it, and sees no clouds but those of its `clouds.yaml`.
pub struct Place(TempDir);

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// One with the `clouds.yaml` of a deployment.
    pub fn of(reference: &Reference) -> Self {
        let place = Self::new();
        place.write("clouds.yaml", &clouds(reference));
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Any program, as the command would be run.
    pub fn program(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.0.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true).env_clear().env("HOME", self.0.path()).env("NO_COLOR", "1");
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
    }

    /// Starts the command as somebody at a terminal would: what these tests were started by may ignore signals, as nohup
    /// does, and a child inherits that.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.program(if ignores_signals() { Path::new("env") } else { assay() });
        if ignores_signals() {
            command.arg("--default-signal").arg(assay());
        }
        command.args(arguments).spawn().unwrap()
    }

    pub async fn run(&self, arguments: &[&str]) -> Ended {
        end(self.start(arguments)).await
    }

    /// Runs the command in a shell, which knows it as `$assay`.
    pub async fn shell(&self, script: &str) -> Ended {
        end(self.program("bash").args(["-c", script]).env("assay", assay()).spawn().unwrap()).await
    }

    /// The records of a run's folder.
    pub fn records(&self, run: &str) -> Vec<TestRecord> {
        RunFolder::open(self.path(run)).unwrap().load().unwrap().1
    }
}

/// Whether this process ignores SIGHUP or SIGINT (proc(5): `SigIgn`).
fn ignores_signals() -> bool {
    const HANGUP_AND_INTERRUPT: u64 = 0b11;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or_default();
    u64::from_str_radix(ignored.trim(), 16).is_ok_and(|ignored| ignored & HANGUP_AND_INTERRUPT != 0)
}

/// Waits for a command.
pub async fn end(child: Child) -> Ended {
    let output = tokio::time::timeout(HANGS, child.wait_with_output()).await;
    let output = output.expect("the command does not hang").unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let ended = Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
    assert!(!ended.stderr.contains("panicked at"), "a defect showed itself: {ended:#?}");
    ended
}

impl Ended {
    /// Asserts the exit status, and that each of these stands somewhere in what was said on stderr.
    #[track_caller]
    pub fn says(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        for word in words {
            assert!(self.stderr.contains(word), "nothing is said of {word:?}: {self:#?}");
        }
        self
    }

    /// Asserts that each of these stands somewhere in what was printed on stdout.
    #[track_caller]
    pub fn prints(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(self.stdout.contains(word), "{word:?} is not printed: {self:#?}");
        }
        self
    }
}

pub fn assay() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_assay"))
}

/// A reference deployment within this process.
pub async fn reference() -> Reference {
    assay_reference::start(assay_reference::Options::default()).await.unwrap()
}

/// A reference deployment with what must survive in it.
pub async fn reference_with_decoys() -> (Reference, Decoys) {
    let reference = reference().await;
    let decoys = Decoys::fill(&Access::cloud(&reference.clouds_yaml()), None).await.unwrap();
    (reference, decoys)
}

/// The clouds.yaml of a reference deployment. Its member is called `member`: `--cloud reference` is the embedded one.
pub fn clouds(reference: &Reference) -> String {
    member_renamed(&reference.clouds_yaml())
}

pub fn member_renamed(clouds: &str) -> String {
    let member = clouds.replace("  reference:\n", "  member:\n");
    assert_ne!(member, clouds, "the reference deployment's clouds.yaml has another form now");
    member
}

/// A clouds.yaml with more lines in every entry.
pub fn with_lines(clouds: &str, lines: &str) -> String {
    let marker = "    identity_api_version: 3\n";
    assert!(clouds.contains(marker), "the reference deployment's clouds.yaml has another form now");
    clouds.replace(marker, &format!("{marker}{lines}"))
}

/// Logs in with an entry of a clouds.yaml.
pub async fn login(clouds: &str, name: &str) -> Login {
    let cloud = Clouds::from_text("clouds.yaml", clouds).unwrap().get(name).unwrap();
    let session = Session::new(Role::Member, cloud).unwrap();
    let recorder = Recorder::new(None, Redactor::default()).unwrap();
    session.login(&recorder.log("login")).await.unwrap().as_ref().clone()
}

/// A clouds.yaml in which every address of a reference deployment is one of the proxy's.
pub async fn through(clouds: &str, url: &str, proxy: &str) -> String {
    let mut result = String::new();
    for entry in entries(clouds) {
        let name = entry.trim().split(':').next().unwrap_or_default();
        if name == "clouds" {
            result.push_str(&entry);
            continue;
        }
        // The manager of a domain is in no project, and has no images and objects.
        let Some(project) = login(clouds, name).await.project_id else {
            result.push_str(&entry.replace(url, proxy));
            continue;
        };
        let lines = format!(
            "    image_endpoint_override: {proxy}/image\n    \
             object_store_endpoint_override: {proxy}/object-store/v1/AUTH_{project}\n"
        );
        result.push_str(&with_lines(&entry, &lines).replace(url, proxy));
    }
    result
}

/// The head of a clouds.yaml and its entries, each with its lines.
fn entries(clouds: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for line in clouds.split_inclusive('\n') {
        let begins = !line.starts_with("   ");
        match entries.last_mut() {
            Some(entry) if !begins => entry.push_str(line),
            _ => entries.push(line.to_owned()),
        }
    }
    entries
}

/// The address at which a reference deployment listens.
pub fn address(url: &str) -> std::net::SocketAddr {
    url.trim_start_matches("http://").parse().unwrap()
}

/// Makes a request of our own, past the tool under test; gives the answer as it came.
pub async fn request(method: &str, url: &str, token: &str, body: &str) -> String {
    let (host, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nX-Auth-Token: {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
