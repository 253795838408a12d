//! OpenSSH's server, on the loopback address, with everything of its own in a temporary folder.

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use assay_kit::guest::Key;
use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, PrivateKey};
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;

/// Where systems have it: it insists on being called by its whole path.
const PROGRAMS: [&str; 3] = ["/usr/sbin/sshd", "/usr/bin/sshd", "/usr/local/sbin/sshd"];
/// With the value `required`, a machine without it fails the tests that need it.
const REQUIRED: &str = "ASSAY_SSHD";

/// A running server, which ends with this.
pub struct Sshd {
    pub address: SocketAddr,
    folder: TempDir,
    child: Child,
}

impl Sshd {
    /// Starts one that lets nobody in yet. Without the program the tests do without it, and say so past the test runner, which
    /// keeps to itself what a passing test prints.
    pub async fn start() -> Option<Self> {
        let Some(program) = PROGRAMS.into_iter().find(|program| Path::new(program).exists()) else {
            let missing = "logging in was not tested against OpenSSH: no sshd here; apt-get install openssh-server";
            assert!(std::env::var(REQUIRED).as_deref() != Ok("required"), "{missing}");
            std::io::stderr().write_all(format!("warning: {missing}\n").as_bytes()).unwrap();
            return None;
        };
        if super::printed("id", &["-u"]).trim() == "0" {
            // A service would make it; started by root, the server insists on it.
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let folder = TempDir::new().unwrap();
        let host_key = PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519).unwrap();
        let text = host_key.to_openssh(LineEnding::LF).unwrap();
        private(&folder.path().join("host_key"), text.as_bytes());
        private(&folder.path().join("authorized_keys"), b"");
        for _ in 0..5 {
            if let Some((address, child)) = listening(program, folder.path()).await {
                return Some(Self { address, folder, child });
            }
        }
        panic!("sshd does not listen: {}", said(folder.path()));
    }

    /// Lets in who has this key.
    pub fn authorize(&self, key: &Key) {
        private(&self.folder.path().join("authorized_keys"), format!("{}\n", key.public().unwrap()).as_bytes());
    }
}

/// Starts a server at a free port; `None` where another process has taken the port in the meantime.
async fn listening(program: &str, folder: &Path) -> Option<(SocketAddr, Child)> {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let place = folder.display();
    let config = format!(
        "ListenAddress {address}\nHostKey {place}/host_key\nAuthorizedKeysFile {place}/authorized_keys\n\
         PidFile none\nUsePAM no\nStrictModes no\nPermitRootLogin prohibit-password\n\
         PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
    );
    private(&folder.join("config"), config.as_bytes());
    let log = fs::File::create(folder.join("log")).unwrap();
    let mut command = Command::new(program);
    command.args(["-D", "-e", "-f"]).arg(folder.join("config"));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
    for _ in 0..200 {
        if greets(address).await {
            return Some((address, child));
        }
        if child.try_wait().unwrap().is_some() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// Whether an SSH server answers there. That somebody takes the connection is not enough: a port that is free may be anyone's.
async fn greets(address: SocketAddr) -> bool {
    let Ok(mut stream) = tokio::net::TcpStream::connect(address).await else { return false };
    let mut greeting = [0; 4];
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_exact(&mut greeting)).await;
    matches!(read, Ok(Ok(_))) && greeting == *b"SSH-"
}

fn said(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap_or_default()
}

impl Drop for Sshd {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = writeln!(std::io::stderr(), "{}", said(self.folder.path()));
        }
        // This process and no other; its sessions end with their connections.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes a file that only its owner may read: the server refuses other host keys.
fn private(path: &Path, text: &[u8]) {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).unwrap();
    file.write_all(text).unwrap();
}
