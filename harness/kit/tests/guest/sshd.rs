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
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        let place = folder.path().display();
        let config = format!(
            "ListenAddress {address}\nHostKey {place}/host_key\nAuthorizedKeysFile {place}/authorized_keys\n\
             PidFile none\nUsePAM no\nStrictModes no\nPermitRootLogin prohibit-password\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        );
        private(&folder.path().join("config"), config.as_bytes());
        let said = fs::File::create(folder.path().join("log")).unwrap();
        let mut command = Command::new(program);
        command.args(["-D", "-e", "-f"]).arg(folder.path().join("config"));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said).spawn().unwrap();
        let mut sshd = Self { address, folder, child };
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return Some(sshd);
            }
            let ended = sshd.child.try_wait().unwrap();
            assert!(ended.is_none(), "sshd ended with {ended:?}: {}", sshd.said());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("sshd does not listen: {}", sshd.said());
    }

    /// Lets in who has this key.
    pub fn authorize(&self, key: &Key) {
        private(&self.folder.path().join("authorized_keys"), format!("{}\n", key.public().unwrap()).as_bytes());
    }

    fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = writeln!(std::io::stderr(), "{}", self.said());
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
