//! The running job's stages as they move: server-sent events and a WebSocket.

use axum::Router;

use super::Served;

pub(super) fn routes() -> Router<Served> {
    Router::new()
}
