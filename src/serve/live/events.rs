//! Server-sent events, as the HTML standard has them.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::{HeaderName, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;

use super::feed::Watching;

/// Between comments that keep the connection from being taken for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// After which a browser connects again.
const RETRY: Duration = Duration::from_secs(2);

/// Nothing on the way may keep it: neither a cache nor the buffer of a proxy such as nginx.
const UNKEPT: [(HeaderName, &str); 2] = [
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("x-accel-buffering"), "no"),
];

/// A state after the other, until the server ends.
pub(super) fn stream(watching: Watching) -> Response {
    let events = stream::unfold(watching, async |mut watching| {
        let state = watching.next().await?;
        let event = Event::default()
            .event("status")
            .id(state.nth.to_string())
            .retry(RETRY)
            .data(&*state.json);
        Some((Ok::<_, Infallible>(event), watching))
    });
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    (UNKEPT, events).into_response()
}
