//! Connections: how many there are, how long one may dawdle, and how they end.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Others wait until one ends.
const CONNECTIONS: u32 = 1000;
/// For the head of a request to arrive, and between one request and the next: who sends a byte now and then is cut off.
const TO_ASK: Duration = Duration::from_secs(10);
/// For answers that are under way when it is to end.
const TO_END: Duration = Duration::from_secs(5);
/// What the head of a request may take before a bare 431; the guard refuses less, and says why.
const LONGEST_HEAD_BYTES: usize = 64 * 1024;
/// After a connection could not be accepted, such as for want of file descriptors.
const RETRY: Duration = Duration::from_millis(100);

/// Serves HTTP/1 with upgrades until `stop` comes. Then it accepts nobody, closes what is idle, and waits a few seconds
/// for the rest.
pub(super) async fn serve(listener: TcpListener, app: Router, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS as usize));
    let ending = CancellationToken::new();
    let mut stop = pin!(stop);
    loop {
        let connection = tokio::select! {
            () = &mut stop => break,
            connection = accept(&listener, &places) => connection,
        };
        match connection {
            Ok((connection, client)) => {
                tokio::spawn(converse(connection, client, app.clone(), ending.clone()));
            }
            Err(error) => {
                tracing::warn!("a connection cannot be accepted: {error}");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
    drop(listener);
    ending.cancel();
    // who listens to a stream until then hears its end with the process's
    let _ = tokio::time::timeout(TO_END, places.acquire_many(CONNECTIONS)).await;
}

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> io::Result<(Connection, SocketAddr)> {
    let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, client) = listener.accept().await?;
    // answers are written whole, so waiting for more only delays them
    stream.set_nodelay(true)?;
    let connection = Connection {
        stream,
        _place: place,
    };
    Ok((connection, client))
}

async fn converse(connection: Connection, client: SocketAddr, app: Router, ending: CancellationToken) {
    let answer = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(client));
        let app = app.clone();
        async move { app.oneshot(request).await as Result<_, Infallible> }
    });
    let conversation = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(TO_ASK)
        .max_buf_size(LONGEST_HEAD_BYTES)
        .serve_connection(TokioIo::new(connection), answer)
        .with_upgrades();
    let mut conversation = pin!(conversation);
    let ended = tokio::select! {
        ended = conversation.as_mut() => ended,
        () = ending.cancelled() => {
            conversation.as_mut().graceful_shutdown();
            conversation.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection has ended: {error}");
    }
}

/// A connection and its place among the others, which it keeps when it becomes a WebSocket.
struct Connection {
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::Instant;

    use super::*;

    async fn started() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(async || "here");
        tokio::spawn(serve(listener, app, std::future::pending()));
        address
    }

    /// What it says to a client that sends the first bytes at once and then one a second, and after how many seconds it
    /// ends the connection.
    async fn dawdle(first: &[u8]) -> (String, u64) {
        let (mut from, mut to) = TcpStream::connect(started().await).await.unwrap().into_split();
        let begin = Instant::now();
        to.write_all(first).await.unwrap();
        let dawdling = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if to.write_all(b"a").await.is_err() {
                    return;
                }
            }
        });
        let mut said = Vec::new();
        let _ = from.read_to_end(&mut said).await;
        dawdling.abort();
        (String::from_utf8(said).unwrap(), begin.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_get_to_the_end_of_a_request_is_cut_off() {
        let (said, seconds) = dawdle(b"GET / HTTP/1.1\r\nHost: localhost\r\nDawdle: ").await;
        assert!(!said.contains("here"), "{said}");
        assert!((10..=12).contains(&seconds), "{seconds} s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_asks_nothing_more_is_closed() {
        let mut idle = TcpStream::connect(started().await).await.unwrap();
        let begin = Instant::now();
        idle.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        let mut said = String::new();
        idle.read_to_string(&mut said).await.unwrap();
        assert!(said.ends_with("here"), "{said}");
        let seconds = begin.elapsed().as_secs();
        assert!((10..=12).contains(&seconds), "{seconds} s");
    }
}
