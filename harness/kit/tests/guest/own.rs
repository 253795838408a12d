//! A server made of the library's own server side, for machines without OpenSSH: it runs what it is told in a shell.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use assay_kit::guest::Key;
use russh::keys::{Algorithm, PrivateKey, PublicKey};
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Session, VerifiedPublicKey, run_stream};
use russh::{Channel, ChannelId};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::process::Command;

/// Who is let in.
#[derive(Clone)]
struct Gate {
    user: String,
    key: PublicKey,
}

/// Starts one that lets in this user with this key; gives its address. It ends with the test.
pub async fn start(user: &str, key: &Key) -> SocketAddr {
    let gate = Gate { user: user.to_owned(), key: PublicKey::from_openssh(&key.public().unwrap()).unwrap() };
    let config = Arc::new(Config {
        keys: vec![PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519).unwrap()],
        auth_rejection_time: Duration::from_millis(50),
        ..Config::default()
    });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (config, gate) = (config.clone(), gate.clone());
            tokio::spawn(async move {
                // How a session ends is for the client to judge.
                if let Ok(session) = run_stream(config, stream, gate).await {
                    let _ = session.await;
                }
            });
        }
    });
    address
}

impl Handler for Gate {
    type Error = russh::Error;

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        let known = user == self.user && key.public_key.key_data() == self.key.key_data();
        Ok(if known { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        command: &[u8],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        session.channel_success(channel)?;
        let (client, command) = (session.handle(), String::from_utf8(command.to_vec()).unwrap());
        tokio::spawn(async move {
            let mut shell = Command::new("sh");
            shell.args(["-c", &command]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = shell.kill_on_drop(true).spawn().unwrap();
            let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = out.read(&mut buffer).await {
                if client.data(channel, buffer[..read].to_vec()).await.is_err() {
                    // Nobody listens any more; the program ends with this.
                    return;
                }
            }
            let mut text = Vec::new();
            err.read_to_end(&mut text).await.unwrap();
            let _ = client.extended_data(channel, 1, text).await;
            let status = child.wait().await.unwrap();
            if let (None, Some(code)) = (status.signal(), status.code()) {
                let _ = client.exit_status_request(channel, u32::try_from(code).unwrap()).await;
            }
            let _ = client.close(channel).await;
        });
        Ok(())
    }
}
