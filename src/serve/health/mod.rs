//! Whether it lives, whether it can answer, and figures for Prometheus.

mod pipeline;
mod requests;

use std::future::{Ready, ready as at_once};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use prometheus_client::encoding::prometheus_text::CONTENT_TYPE;

use super::Served;
use super::problem::Problem;
use crate::explore::Publication;
pub(super) use pipeline::Pipeline;
pub(super) use requests::Requests;

/// 200 as long as the process lives: open to everybody, and never refused.
pub(super) const LIVES: &str = "/healthz";
/// 200 when requests can be answered: open to everybody.
pub(super) const READY: &str = "/readyz";

/// For the database to answer.
const TO_ANSWER: Duration = Duration::from_secs(2);

/// What `/metrics` tells of.
#[derive(Debug, Clone, Default)]
pub(super) struct Metrics {
    /// HTTP requests, as they were answered.
    pub(super) requests: Requests,
    /// The pipeline, as the database knows it.
    pub(super) pipeline: Pipeline,
}

pub(super) fn routes() -> Router<Served> {
    Router::new()
        .route(LIVES, get(lives))
        .route(READY, get(ready))
        .route("/metrics", get(metrics))
}

/// Whether the process lives
///
/// Open to everybody, and never refused.
#[utoipa::path(get, path = "/healthz", tag = "health", responses(
    (status = 200, description = "It does", body = String, content_type = "text/plain"),
))]
pub(super) fn lives() -> Ready<&'static str> {
    at_once("it lives\n")
}

/// Whether requests can be answered
///
/// Open to everybody.
#[utoipa::path(get, path = "/readyz", tag = "health", responses(
    (status = 200, description = "They can", body = String, content_type = "text/plain"),
))]
pub(super) async fn ready(State(served): State<Served>) -> Result<&'static str, Problem> {
    let unready = |detail| Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail);
    match tokio::time::timeout(TO_ANSWER, Publication::read(&served.db)).await {
        Ok(Ok(Some(_))) => Ok("it answers\n"),
        Ok(Ok(None)) => Err(unready(
            "nothing is published yet; `firstpress run` publishes the first tables",
        )),
        Ok(Err(_)) | Err(_) => Err(unready("the database does not answer now")),
    }
}

/// Figures of the pipeline and of this server, for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "health", responses(
    (status = 200, description = "In Prometheus's text format", body = String, content_type = "text/plain"),
))]
pub(super) async fn metrics(State(served): State<Served>) -> Result<impl IntoResponse, Problem> {
    let Metrics { requests, pipeline } = &served.metrics;
    let text = pipeline.text(&served.db).await;
    let text = text.and_then(|text| Ok(text + &requests.text()?));
    let text = text.map_err(|error| Problem::failed("the text of the figures", &error))?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text))
}
