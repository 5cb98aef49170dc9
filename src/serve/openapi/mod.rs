//! The OpenAPI document, and its page.

mod document;
mod page;
mod parameters;
mod problems;
mod table;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::openapi::OpenApi;

use super::Served;
use super::answer::{Answer, Asked};
use super::problem::Problem;

const JSON: &str = "application/json";

/// `/openapi.json`, and `/docs` with its files.
pub(super) fn routes() -> Router<Served> {
    page::routes().route("/openapi.json", get(openapi))
}

/// What can be asked here
///
/// This document, by OpenAPI 3.1, with a path for each table that is published now.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "description",
    responses((status = 200, description = "The document", body = Object), (status = 304, description = "You have it")),
)]
async fn openapi(State(served): State<Served>, headers: HeaderMap) -> Result<Response, Problem> {
    match served.answers.publication(&served.db).await {
        // there is something to read also before there are tables
        Err(problem) if problem.status == StatusCode::NOT_FOUND.as_u16() => {
            let headers = [(header::CONTENT_TYPE, JSON), (header::CACHE_CONTROL, "no-store")];
            Ok((headers, json(&document::of(&[]))?).into_response())
        }
        _ => {
            let asked = Asked::new("/openapi.json", "json", &headers);
            served.answers.answer(&served.db, asked, of_tables(&served)).await
        }
    }
}

async fn of_tables(served: &Served) -> Result<Answer, Problem> {
    let publication = served.answers.publication(&served.db).await?;
    let tables = served.catalogue.of(&served.db, Some(publication)).await?;
    Ok(Answer {
        publication: tables.publication.ok_or_else(Problem::nothing_published)?,
        content_type: JSON,
        body: json(&document::of(&tables.tables))?,
        headers: Vec::new(),
    })
}

fn json(document: &OpenApi) -> Result<Bytes, Problem> {
    let json = document.to_json().map_err(|error| {
        tracing::error!("the OpenAPI document cannot be written: {error}");
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the document failed; the log says why",
        )
    })?;
    Ok(Bytes::from(json))
}
