//! The WebSocket.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use bytes::Bytes;
use tokio::time::{Instant, interval, timeout};

use super::feed::Watching;

/// Between pings.
const PING: Duration = Duration::from_secs(15);

/// A client that has said nothing for so long, not even to pings, is gone.
const SILENCE: Duration = Duration::from_secs(40);

/// For a client to take a message.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends a state after the other, until the server ends or the client goes. What the client says is of no account.
pub(super) async fn talk(mut socket: WebSocket, mut watching: Watching) {
    let mut pings = interval(PING);
    let mut heard = Instant::now();
    loop {
        let message = tokio::select! {
            state = watching.next() => match state {
                Some(state) => Message::text(&*state.json),
                None => {
                    _ = timeout(PATIENCE, socket.send(the_server_ends())).await;
                    return;
                }
            },
            said = socket.recv() => match said {
                Some(Ok(Message::Close(_))) => {
                    // the answer to it goes out with the next look
                    _ = timeout(PATIENCE, socket.recv()).await;
                    return;
                }
                Some(Ok(_)) => {
                    heard = Instant::now();
                    continue;
                }
                Some(Err(_)) | None => return,
            },
            _ = pings.tick() => {
                if heard.elapsed() > SILENCE {
                    return;
                }
                Message::Ping(Bytes::new())
            }
        };
        let Ok(Ok(())) = timeout(PATIENCE, socket.send(message)).await else {
            return;
        };
    }
}

fn the_server_ends() -> Message {
    Message::Close(Some(CloseFrame {
        code: close_code::AWAY,
        reason: "the server ends".into(),
    }))
}
