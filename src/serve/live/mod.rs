//! The running job's stages as they move: server-sent events, and the same over a WebSocket.

mod events;
mod feed;
mod socket;
mod state;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::get;

use super::Served;
use super::problem::Problem;
pub(super) use feed::Feed;
use feed::Watching;
pub(super) use state::Live;

/// Bytes that a client may say at once, although nobody listens to them.
const LONGEST_MESSAGE: usize = 1024;

/// Where it is told.
pub(super) const LIVE: &str = "/api/v1/status/live";

pub(super) fn routes() -> Router<Served> {
    Router::new().route(LIVE, get(live))
}

/// The pipeline's state as it moves.
///
/// Server-sent events named `status`, each of them the whole state; to a request that asks to be upgraded, the same as
/// messages of a WebSocket. Pages of other sites get neither.
#[utoipa::path(
    get,
    path = LIVE,
    tag = "status",
    responses(
        (status = 200, description = "The state now, and again with every move", body = Live, content_type = "text/event-stream"),
        (status = 101, description = "The same over a WebSocket"),
        (status = 400, description = "No WebSocket can be made of the request", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "A page of another site asks", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too many look on", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn live(
    State(served): State<Served>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    if !asks_for_a_socket(&headers) {
        return Ok(events::stream(watch(&served)?));
    }
    let upgrade = upgrade.map_err(|refused| Problem::new(refused.status(), refused.body_text()))?;
    let watching = watch(&served)?;
    Ok(upgrade
        .max_message_size(LONGEST_MESSAGE)
        .max_frame_size(LONGEST_MESSAGE)
        .on_upgrade(move |socket| socket::talk(socket, watching)))
}

fn watch(served: &Served) -> Result<Watching, Problem> {
    served.feed.watch().ok_or_else(|| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!(
                "{} look on already; try again when one of them has gone",
                feed::CLIENTS
            ),
        )
    })
}

fn asks_for_a_socket(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(header::UPGRADE).map(|upgrade| upgrade.as_bytes());
    upgrade.is_some_and(|upgrade| upgrade.eq_ignore_ascii_case(b"websocket"))
}
