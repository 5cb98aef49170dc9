//! The OpenAPI document, and its page.

mod document;
mod page;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::Json;

use super::Served;
use super::problem::Problem;

pub(super) fn routes() -> Router<Served> {
    page::routes().route("/openapi.json", get(document))
}

async fn document(State(_): State<Served>) -> Result<Response, Problem> {
    Ok(Json(document::fixed()).into_response())
}
