//! What answers at an address and is no guest: half dead, endless, or no SSH at all.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use assay_kit::guest::{GuestError, Key, Patience, Session};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How it starts like a guest.
const GREETING: &[u8] = b"SSH-2.0-OpenSSH_9.2p1\r\n";
/// As much as tests need to be sure.
const PATIENCE: Patience = Patience {
    connection: Duration::from_secs(3),
    greeting: Duration::from_millis(500),
    command: Duration::from_millis(500),
    session: Duration::from_millis(1500),
};

/// Something that says this at once, and then this again and again at these intervals, whatever it hears. It tells when the
/// other side has ended the connection.
async fn pretender(first: &'static [u8], then: &'static [u8], pause: Duration) -> (SocketAddr, oneshot::Receiver<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = oneshot::channel();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (mut hears, mut says) = stream.into_split();
        let talking = tokio::spawn(async move {
            says.write_all(first).await?;
            loop {
                says.write_all(then).await?;
                tokio::time::sleep(pause).await;
            }
            #[expect(unreachable_code, reason = "tells the type of the errors above")]
            Ok::<(), std::io::Error>(())
        });
        let mut buffer = [0; 4096];
        while let Ok(1..) = hears.read(&mut buffer).await {}
        talking.abort();
        let _ = tell.send(());
    });
    (address, told)
}

/// Logs in to it; the connection must have an end as well, which the library leaves to the other side.
async fn refused(first: &'static [u8], then: &'static [u8], pause: Duration) -> GuestError {
    let (address, ended) = pretender(first, then, pause).await;
    let log = super::log();
    let error = Session::open(address, "somebody", &Key::generate().unwrap(), PATIENCE, &log).await.unwrap_err();
    tokio::time::timeout(Duration::from_secs(60), ended).await.expect("the connection ends").unwrap();
    error
}

const SELDOM: Duration = Duration::from_millis(50);

#[tokio::test]
async fn one_that_never_speaks_is_given_up() {
    let error = refused(b"", b"", SELDOM).await;
    assert!(matches!(error, GuestError::Slow { .. }), "{error}");
}

#[tokio::test]
async fn one_that_greets_and_falls_silent_is_given_up() {
    let error = refused(GREETING, b"", SELDOM).await;
    assert!(matches!(error, GuestError::Slow { .. }), "{error}");
}

/// Its packet is announced as long and comes a byte at a time, so that it is never silent.
#[tokio::test]
async fn one_that_keeps_the_connection_busy_is_given_up() {
    let error = refused(b"SSH-2.0-OpenSSH_9.2p1\r\n\0\0\x80\0", b"\x04", SELDOM).await;
    assert!(matches!(error, GuestError::Slow { .. }), "{error}");
}

#[tokio::test]
async fn a_banner_without_end_is_not_read_to_its_end() {
    for line in [&b"you are very welcome here\r\n"[..], b"welcome "] {
        let error = refused(b"", line, Duration::ZERO).await;
        assert!(matches!(error, GuestError::Protocol { .. }), "{error}");
    }
}

/// Packets to be ignored are no reason to listen for ever: message 2 (RFC 4253, 11.2) of eleven bytes of nothing.
#[tokio::test]
async fn a_flood_of_packets_to_be_ignored_ends_with_the_connection() {
    const IGNORED: &[u8] = b"\0\0\0\x14\x0a\x02\0\0\0\x04none\0\0\0\0\0\0\0\0\0\0";
    refused(GREETING, IGNORED, Duration::ZERO).await;
}

#[tokio::test]
async fn what_speaks_another_protocol_is_no_guest() {
    let error =
        refused(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", b"<p>no</p>\r\n", Duration::ZERO).await;
    assert!(matches!(error, GuestError::Protocol { .. }), "{error}");
    let error = refused(GREETING, b"\xff\xff\xff\xff", Duration::ZERO).await;
    assert!(matches!(error, GuestError::Protocol { .. }), "{error}");
}
