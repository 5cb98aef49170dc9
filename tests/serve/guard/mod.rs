//! What `serve` promises to whoever must trust it: who is let in, how often, and what no request can do to it.

mod access;
mod attacks;
pub(crate) mod health;
mod limits;
mod session;

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::{in_process, shared};

const TOKEN: &str = "canary-of-the-token";
const PASSWORD: &str = "canary-of-the-password";

/// A server on the tables that all tests share.
async fn with(settings: &[(&str, &str)]) -> String {
    in_process(&shared().await.pipeline.database.url, settings).await
}

/// A server on them that asks for credentials.
async fn guarded() -> String {
    let credentials = [
        ("SERVE_TOKEN", TOKEN),
        ("SERVE_USER", "reader"),
        ("SERVE_PASSWORD", PASSWORD),
        ("SERVE_REQUESTS_PER_SECOND", "none"),
    ];
    with(&credentials).await
}

/// What a server says to these bytes until it closes the connection, which it must.
async fn say(url: &str, bytes: &[u8]) -> String {
    let mut connection = TcpStream::connect(url.trim_start_matches("http://"))
        .await
        .unwrap();
    connection.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // a connection that is reset has been closed too
    let read = connection.read_to_end(&mut answer);
    let _ = tokio::time::timeout(Duration::from_secs(20), read)
        .await
        .expect("the connection is closed");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The statuses in what a server said.
fn statuses(answers: &str) -> Vec<u16> {
    answers
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| answer[..3].parse().unwrap())
        .collect()
}
