//! A connection that ends by itself: after so many bytes, or so long a time.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// A TCP connection from which only so much is read, and only for so long.
///
/// The SSH library works in a task of its own, which goes on as long as the other side keeps it busy: banners, packets to
/// be ignored and key exchanges without end. With this it ends all the same.
#[derive(Debug)]
pub(super) struct Bounded {
    stream: TcpStream,
    left: usize,
    end: Pin<Box<Sleep>>,
}

impl Bounded {
    pub(super) fn new(stream: TcpStream, bytes: usize, life: Duration) -> Self {
        Self { stream, left: bytes, end: Box::pin(tokio::time::sleep(life)) }
    }
}

impl AsyncRead for Bounded {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.end.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the connection has lasted too long")));
        }
        if self.left == 0 {
            return Poll::Ready(Err(io::Error::other("the other side has sent too much")));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.left = self.left.saturating_sub(buffer.filled().len() - before);
        polled
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
