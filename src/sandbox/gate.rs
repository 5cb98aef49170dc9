//! What every call passes: the record, the quota, the rate window, the faults, the token; then it is answered.

use std::io;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::response::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

use super::connection::Connection;
use super::endpoint::Endpoint;
use super::faults::{Alteration, Kind};
use super::problem::Problem;
use super::routes::{self, control};
use super::world::{ForeignCall, World};

/// Longest request body that is read.
const LONGEST_BODY: usize = 1 << 20;

/// The sandbox as an application; it wants to know the [`Connection`] of every call.
pub(crate) fn app(world: Arc<World>) -> Router {
    let answers = Router::new().fallback(answer).with_state(Arc::clone(&world));
    let answers = match world.compresses {
        true => answers.layer(CompressionLayer::new().quality(CompressionLevel::Fastest)),
        false => answers,
    };
    // Outside the compression, so that a body can be cut as it goes over the wire.
    answers.layer(from_fn_with_state(world, pass))
}

/// The host to which a foreign `next` leads: it notes what it is sent and knows nobody.
pub(crate) fn foreign(world: Arc<World>) -> Router {
    let note = move |request: Request| {
        let headers = request.headers().iter();
        let headers =
            headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()));
        let call = ForeignCall {
            path: path_and_query(&request).to_owned(),
            headers: headers.collect(),
        };
        world
            .foreign_calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(call);
        std::future::ready(Problem::unauthorized("invalid_token", "Invalid access token"))
    };
    Router::new().fallback(note)
}

async fn pass(
    State(world): State<Arc<World>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with(control::PREFIX) {
        return next.run(request).await;
    }
    let (endpoint, _) = Endpoint::of(request.uri().path());
    let call = world
        .journal
        .arrived(endpoint, path_and_query(&request).to_owned());
    // A sleep of nothing would still last until the timer's next tick.
    if !world.latency.is_zero() {
        tokio::time::sleep(world.latency).await;
    }
    let Some(response) = admitted(&world, endpoint, request, next).await else {
        connection.sever();
        return StatusCode::NO_CONTENT.into_response();
    };
    world.journal.answered(call, response.status().as_u16());
    response
}

/// The answer to a call that may be refused or befallen by a fault; None is no answer at all.
async fn admitted(world: &World, endpoint: Endpoint, mut request: Request, next: Next) -> Option<Response> {
    if endpoint.is_web_api()
        && let Err(problem) = within_limits(world)
    {
        return Some(problem.into_response());
    }
    let fault = world.faults.strike(endpoint, path_and_query(&request));
    if let Some(problem) = fault.as_ref().and_then(|fault| fault.problem(endpoint)) {
        return Some(problem.into_response());
    }
    match fault {
        Some(Kind::Reset) => return None,
        Some(Kind::Cut) => return Some(cut(next.run(request).await).await),
        Some(Kind::Stall(seconds)) => tokio::time::sleep(Duration::from_secs_f64(seconds)).await,
        Some(Kind::CutGzip) => return Some(cut_short(next.run(request).await).await),
        Some(Kind::ExpireToken) => world.tokens.expire_all(),
        Some(Kind::Revoke) => world.tokens.revoke(request.headers()),
        Some(Kind::Altered(alteration)) => {
            request.extensions_mut().insert(alteration);
        }
        _ => {}
    }
    Some(next.run(request).await)
}

/// The quota is first: it counts every call, whatever its answer.
fn within_limits(world: &World) -> Result<(), Problem> {
    let now = world.clock.now();
    world.quota.admit(now).map_err(Problem::quota_exceeded)?;
    let limited = |seconds| Problem::rate_limited().retry_after(seconds);
    world.rate_window.admit(now).map_err(limited)
}

async fn answer(State(world): State<Arc<World>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return Problem::bad_request("The body could not be read").into_response();
    };
    if path.starts_with(control::PREFIX) {
        return control::answer(&world, &parts.method, path, &body);
    }
    let (endpoint, _) = Endpoint::of(path);
    let wanted = if endpoint == Endpoint::Token {
        Method::POST
    } else {
        Method::GET
    };
    if parts.method != wanted {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    if endpoint == Endpoint::Token {
        return world.tokens.answer(&parts.headers, &body, world.clock.now());
    }
    let identified = match endpoint {
        Endpoint::ReccoBeats => routes::check_user_agent(&parts.headers),
        _ => world.tokens.verify(&parts.headers, world.clock.now()),
    };
    let alteration = parts.extensions.get::<Alteration>().copied();
    let query = parts.uri.query().unwrap_or_default();
    match identified.and_then(|()| routes::answer(&world, path, query, alteration)) {
        Ok(json) => found(endpoint, json),
        Err(problem) => problem.into_response(),
    }
}

fn found(endpoint: Endpoint, json: Vec<u8>) -> Response {
    let lifetime = match endpoint {
        Endpoint::NewReleases => "private, max-age=600",
        Endpoint::AudioFeatures => "private, max-age=0",
        _ => "public, max-age=7200",
    };
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json; charset=utf-8"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static(lifetime)),
    ];
    (headers, json).into_response()
}

/// The same answer, but the connection breaks off halfway through a body whose full length was announced.
async fn cut(response: Response) -> Response {
    let (mut parts, whole) = at_once(response).await;
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len().max(2)));
    let half = whole.slice(..whole.len() / 2);
    let rest = stream::once(async {
        // The half must be on its way before the connection breaks.
        tokio::time::sleep(Duration::from_millis(30)).await;
        Err::<Bytes, io::Error>(io::ErrorKind::ConnectionReset.into())
    });
    Response::from_parts(
        parts,
        Body::from_stream(stream::once(std::future::ready(Ok(half))).chain(rest)),
    )
}

/// The first half of the answer's body, compressed or not, with a length that agrees.
async fn cut_short(response: Response) -> Response {
    let (mut parts, whole) = at_once(response).await;
    let half = whole.slice(..whole.len() / 2);
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(half.len()));
    Response::from_parts(parts, Body::from(half))
}

/// An answer whose body is there as a whole.
async fn at_once(response: Response) -> (Parts, Bytes) {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::TRANSFER_ENCODING);
    (parts, to_bytes(body, usize::MAX).await.unwrap_or_default())
}

fn path_and_query(request: &Request) -> &str {
    request.uri().path_and_query().map_or("/", |path| path.as_str())
}
