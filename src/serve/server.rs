//! Connections: how many there are, how long one may dawdle, and how they end.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::guard::household;

/// Others wait until one ends. With the WebSockets, which are counted where they look on, they stay below the 1,024
/// files that a process may usually have open.
const CONNECTIONS: u32 = 900;
/// Of one address; more are closed at once. A proxy needs no more for all its clients: one for each that looks on and
/// for each answer that may be under way, and some that idle.
const OF_ONE_ADDRESS: usize = 225;
/// For the head of a request to arrive, and between one request and the next: who sends a byte now and then is cut off.
const TO_ASK: Duration = Duration::from_secs(10);
/// For a client to take something of what it is sent.
const TO_TAKE: Duration = Duration::from_secs(30);
/// For answers that are under way when it is to end.
const TO_END: Duration = Duration::from_secs(5);
/// What the head of a request may take before a bare 431; the guard refuses less, and says why.
const LONGEST_HEAD_BYTES: usize = 64 * 1024;
/// After a connection could not be accepted, such as for want of file descriptors.
const RETRY: Duration = Duration::from_millis(100);

/// Serves HTTP/1 with upgrades.
pub(super) struct Server {
    listener: TcpListener,
    places: Arc<Semaphore>,
    /// As many references as the address has connections, and one more.
    of_addresses: HashMap<IpAddr, Arc<()>>,
    to_take: Duration,
}

/// A connection, and its place among all and among those of its address.
struct Connection {
    stream: TcpStream,
    client: SocketAddr,
    _place: OwnedSemaphorePermit,
    _of_address: Arc<()>,
}

impl Server {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self {
            listener,
            places: Arc::new(Semaphore::new(CONNECTIONS as usize)),
            of_addresses: HashMap::new(),
            to_take: TO_TAKE,
        }
    }

    /// Serves until `stop` comes. Then it accepts nobody, closes what is idle, and waits a few seconds for the rest, and
    /// for `upgraded`: the end of connections that have become something else.
    pub(super) async fn serve(
        mut self,
        app: Router,
        stop: impl Future<Output = ()>,
        upgraded: impl Future<Output = ()>,
    ) {
        let ending = CancellationToken::new();
        let mut stop = pin!(stop);
        loop {
            let connection = tokio::select! {
                () = &mut stop => break,
                connection = self.accept() => connection,
            };
            match connection {
                Ok(connection) => {
                    tokio::spawn(converse(connection, app.clone(), ending.clone()));
                }
                Err(error) => {
                    tracing::warn!("a connection cannot be accepted: {error}");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
        drop(self.listener);
        ending.cancel();
        let rest = async {
            let _ = self.places.acquire_many(CONNECTIONS).await;
            upgraded.await;
        };
        // who listens to a stream until then hears its end with the process's
        let _ = tokio::time::timeout(TO_END, rest).await;
    }

    async fn accept(&mut self) -> io::Result<Connection> {
        let place = self.places.clone().acquire_owned().await;
        let place = place.map_err(io::Error::other)?;
        loop {
            let (stream, client) = self.listener.accept().await?;
            let Some(of_address) = self.one_more_of(client.ip()) else {
                tracing::debug!(
                    "{} has {OF_ONE_ADDRESS} connections: one more is closed",
                    client.ip()
                );
                continue;
            };
            // answers are written whole, so waiting for more only delays them
            stream.set_nodelay(true)?;
            // macOS and Windows have nothing of the kind
            #[cfg(target_os = "linux")]
            socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(self.to_take))?;
            return Ok(Connection {
                stream,
                client,
                _place: place,
                _of_address: of_address,
            });
        }
    }

    /// None where the address has as many as it may.
    fn one_more_of(&mut self, client: IpAddr) -> Option<Arc<()>> {
        self.of_addresses
            .retain(|_, connections| Arc::strong_count(connections) > 1);
        let connections = self.of_addresses.entry(household(client)).or_default();
        (Arc::strong_count(connections) <= OF_ONE_ADDRESS).then(|| connections.clone())
    }
}

async fn converse(connection: Connection, app: Router, ending: CancellationToken) {
    let answer = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(connection.client));
        let app = app.clone();
        async move { app.oneshot(request).await as Result<_, Infallible> }
    });
    let conversation = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(TO_ASK)
        .max_buf_size(LONGEST_HEAD_BYTES)
        .serve_connection(TokioIo::new(connection.stream), answer)
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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures::stream;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpSocket;
    use tokio::time::{Instant, timeout};

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

    async fn started() -> SocketAddr {
        start(Router::new().fallback(async || "here"), TO_TAKE).await
    }

    async fn start(app: Router, to_take: Duration) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server {
            to_take,
            ..Server::new(listener)
        };
        tokio::spawn(server.serve(app, std::future::pending(), async {}));
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
        idle.write_all(REQUEST).await.unwrap();
        let mut said = String::new();
        idle.read_to_string(&mut said).await.unwrap();
        assert!(said.ends_with("here"), "{said}");
        let seconds = begin.elapsed().as_secs();
        assert!((10..=12).contains(&seconds), "{seconds} s");
    }

    /// A connection from an address of loopback's, and whether it is answered.
    async fn ask(server: SocketAddr, from: &str) -> (TcpStream, bool) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
        let mut stream = socket.connect(server).await.unwrap();
        let is_answered = stream.write_all(REQUEST).await.is_ok() && stream.read_u8().await.is_ok();
        (stream, is_answered)
    }

    #[tokio::test]
    async fn one_address_does_not_take_all_connections() {
        let server = started().await;
        let mut open = Vec::new();
        for number in 0..OF_ONE_ADDRESS {
            let (stream, is_answered) = ask(server, "127.0.0.1").await;
            assert!(is_answered, "{number}");
            open.push(stream);
        }
        assert!(!ask(server, "127.0.0.1").await.1, "one more is closed");
        assert!(ask(server, "127.0.0.2").await.1, "another address is answered");
        open.pop();
        let is_let_in_again = async { while !ask(server, "127.0.0.1").await.1 {} };
        timeout(Duration::from_secs(5), is_let_in_again)
            .await
            .expect("the place of one that has gone is free");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn who_takes_nothing_of_an_answer_is_cut_off() {
        let seats = Arc::new(Semaphore::new(1));
        let endless = {
            let seats = seats.clone();
            move || {
                let seat = seats.clone().try_acquire_owned().unwrap();
                let zeroes = stream::repeat_with(move || {
                    let _ = &seat;
                    Ok::<_, Infallible>(Bytes::from_static(&[0; 65_536]))
                });
                std::future::ready(Body::from_stream(zeroes))
            }
        };
        let server = start(Router::new().fallback(endless), Duration::from_secs(1)).await;
        let (_takes_nothing, is_answered) = ask(server, "127.0.0.1").await;
        assert!(is_answered && seats.available_permits() == 0);
        let seat = timeout(Duration::from_secs(10), seats.acquire()).await;
        assert!(seat.is_ok(), "its seat is free again");
    }
}
