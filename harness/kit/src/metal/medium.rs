//! A small medium that a machine can be given, served from here for as long as a test needs it.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::header::{ACCEPT_RANGES, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use super::Redfish;
use crate::outcome::{Outcome, Stop};

/// How long a sector of a disc is (ECMA-119, 6.1.2).
const SECTOR: usize = 2048;

/// A medium that is served at the address by which this machine reaches the service; it ends when this is dropped.
#[derive(Debug)]
pub struct Medium {
    url: String,
    fetched: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl Medium {
    /// Serves a disc of this name.
    pub async fn serve(redfish: &Redfish, name: &str) -> Outcome<Self> {
        let cannot = |error: std::io::Error| Stop::Error(format!("no medium can be served from here: {error}"));
        let url = Url::parse(&redfish.client().url("")).map_err(|error| Stop::Error(error.to_string()))?;
        let toward = url.socket_addrs(|| None).map_err(cannot)?;
        let any = if toward.first().is_some_and(std::net::SocketAddr::is_ipv6) { "[::]:0" } else { "0.0.0.0:0" };
        // Nothing is sent: the operating system says by which of its addresses it would be.
        let probe = UdpSocket::bind(any).map_err(cannot)?;
        probe.connect(toward.as_slice()).map_err(cannot)?;
        let own = probe.local_addr().map_err(cannot)?.ip();
        let listener = TcpListener::bind((own, 0)).await.map_err(cannot)?;
        let url = format!("http://{}/{name}.iso", listener.local_addr().map_err(cannot)?);
        let fetched = Arc::new(AtomicUsize::new(0));
        let routes = Router::new().fallback(answer).with_state(fetched.clone());
        let serving = tokio::spawn(async move {
            // It ends with the test; a machine that goes away is none of its concern.
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { url, fetched, serving })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether anybody asked for it.
    #[must_use]
    pub fn was_asked_for(&self) -> bool {
        self.fetched.load(Ordering::Relaxed) > 0
    }
}

impl Drop for Medium {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The disc, or the part of it that is asked for: controllers read it piece by piece.
async fn answer(State(fetched): State<Arc<AtomicUsize>>, headers: HeaderMap) -> Response {
    fetched.fetch_add(1, Ordering::Relaxed);
    let disc = disc();
    let kind = [(CONTENT_TYPE, "application/x-iso9660-image".to_owned()), (ACCEPT_RANGES, "bytes".to_owned())];
    let wanted = headers.get(RANGE).and_then(|range| range.to_str().ok()?.strip_prefix("bytes="));
    let part = wanted.and_then(|range| {
        let (first, last) = range.split_once('-')?;
        let first: usize = first.parse().ok()?;
        let last = last.parse().unwrap_or(usize::MAX).min(disc.len() - 1);
        Some((first, last, disc.get(first..=last)?.to_vec()))
    });
    match part {
        Some((first, last, part)) => {
            let range = [(CONTENT_RANGE, format!("bytes {first}-{last}/{}", disc.len()))];
            (StatusCode::PARTIAL_CONTENT, kind, range, part).into_response()
        }
        None => (kind, disc).into_response(),
    }
}

/// An empty disc (ECMA-119): a volume descriptor, its end, two path tables and a root directory with nothing in it.
fn disc() -> Vec<u8> {
    const SECTORS: u32 = 24;
    let both16 = |number: u16| [number.to_le_bytes(), number.to_be_bytes()].concat();
    let both32 = |number: u32| [number.to_le_bytes(), number.to_be_bytes()].concat();
    let length = u32::try_from(SECTOR).unwrap_or_default();
    // A directory record of the root itself (9.1), as `.` and, with another name, as `..`.
    let directory = |name: u8| {
        let mut record = vec![34, 0];
        record.extend(both32(20));
        record.extend(both32(length));
        record.extend([126, 1, 1, 0, 0, 0, 0, 2, 0, 0]);
        record.extend(both16(1));
        record.extend([1, name]);
        record
    };
    let mut disc = vec![0; SECTOR * SECTORS as usize];
    let mut put = |at: usize, bytes: &[u8]| disc[at..at + bytes.len()].copy_from_slice(bytes);
    let volume = 16 * SECTOR;
    put(volume, b"\x01CD001\x01");
    put(volume + 8, &[b' '; 64]);
    put(volume + 40, b"ASSAY");
    put(volume + 80, &both32(SECTORS));
    put(volume + 120, &both16(1));
    put(volume + 124, &both16(1));
    put(volume + 128, &both16(2048));
    put(volume + 132, &both32(10));
    put(volume + 140, &18_u32.to_le_bytes());
    put(volume + 148, &19_u32.to_be_bytes());
    put(volume + 156, &directory(0));
    put(volume + 190, &[b' '; 623]);
    put(volume + 813, &[b'0'; 68]);
    put(volume + 881, &[1]);
    put(volume + SECTOR, b"\xffCD001\x01");
    put(18 * SECTOR, b"\x01\x00\x14\x00\x00\x00\x01\x00\x00\x00");
    put(19 * SECTOR, b"\x01\x00\x00\x00\x00\x14\x00\x01\x00\x00");
    put(20 * SECTOR, &directory(0));
    put(20 * SECTOR + 34, &directory(1));
    disc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disc_is_one_that_names_its_length_and_its_root() {
        let disc = disc();
        assert_eq!(disc.len(), 24 * SECTOR);
        assert_eq!(&disc[16 * SECTOR + 1..16 * SECTOR + 6], b"CD001");
        assert_eq!(disc[16 * SECTOR + 80..16 * SECTOR + 84], 24_u32.to_le_bytes());
        assert_eq!(disc[20 * SECTOR], 34, "the root directory begins with itself");
    }
}
