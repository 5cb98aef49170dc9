//! Who is let in, how often, and what every answer says to browsers.
//!
//! A request is refused for its form, for the address or page that it comes from, for coming too often, for want of
//! credentials, and when too much is under way, in this order: what costs least is asked first, and who guesses
//! credentials is held to the limit.
//!
//! No layer catches panics: the release profile aborts, so nothing could be caught, and whoever supervises the process
//! starts it again.

mod access;
mod form;
mod headers;
mod limits;
mod origin;
mod refusal;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower::util::MapResponseLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};

use super::Served;
use super::health::{LIVES, Metrics, Requests};
use crate::config::Serving;
use access::Access;
use limits::Limits;
pub(super) use limits::household;
use refusal::Refusal;

/// The routes behind the guard. Answers are compressed for who asks for it, but for streams of events and what is
/// compressed already, and counted by route.
pub(super) fn guarded(routes: Router<Served>, serving: &Serving, metrics: &Metrics) -> Router<Served> {
    let guard = Arc::new(Guard::new(serving));
    let worth_it = DefaultPredicate::new().and(NotForContentType::const_new("font/"));
    routes
        .layer(CompressionLayer::new().compress_when(worth_it))
        .layer(middleware::from_fn_with_state(guard, admit))
        .layer(middleware::from_fn_with_state(
            metrics.requests.clone(),
            Requests::count,
        ))
        .layer(MapResponseLayer::new(headers::add))
}

struct Guard {
    /// None where nobody has to show credentials; then only this machine's own names are answered.
    access: Option<Access>,
    limits: Limits,
}

async fn admit(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    if let Err(refusal) = guard.check(&request) {
        return refusal.into_response();
    }
    if request.uri().path() == LIVES {
        return next.run(request).await;
    }
    guard.limits.run(request, next).await
}

impl Guard {
    fn new(serving: &Serving) -> Self {
        Self {
            access: Access::of(serving),
            limits: Limits::new(serving.requests_per_second),
        }
    }

    fn check(&self, request: &Request) -> Result<(), Refusal> {
        form::check(request)?;
        let path = request.uri().path();
        if path == LIVES {
            return Ok(());
        }
        if self.access.is_none() {
            origin::check_host(request)?;
        }
        origin::check_origin(request.headers())?;
        self.limits.check(client(request))?;
        match &self.access {
            Some(access) if path != super::health::READY => access.check(request.headers()),
            _ => Ok(()),
        }
    }
}

/// The address at the other end of the connection. What headers say of it, anybody can write.
fn client(request: &Request) -> IpAddr {
    let connected = request.extensions().get::<ConnectInfo<SocketAddr>>();
    connected.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |connected| connected.0.ip())
}
