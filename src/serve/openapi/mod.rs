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
use super::form::Form;
use super::problem::Problem;
use crate::explore::Publication;

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
        Ok(publication) => {
            let asked = Asked::new("/openapi.json", Form::Json, &headers);
            let make = of_tables(&served, publication);
            served.answers.answer(publication, asked, make).await
        }
        // there is something to read also before there are tables
        Err(problem) if problem.status == StatusCode::NOT_FOUND.as_u16() => {
            let headers = [
                (header::CONTENT_TYPE, Form::Json.content_type()),
                (header::CACHE_CONTROL, "no-store"),
            ];
            Ok((headers, json(&document::of(&[]))?).into_response())
        }
        Err(problem) => Err(problem),
    }
}

async fn of_tables(served: &Served, publication: Publication) -> Result<Answer, Problem> {
    let tables = served.catalogue.of(&served.db, publication).await?;
    Ok(Answer {
        publication: tables.publication.ok_or_else(Problem::nothing_published)?,
        form: Form::Json,
        body: json(&document::of(&tables.tables))?,
        headers: Vec::new(),
    })
}

fn json(document: &OpenApi) -> Result<Bytes, Problem> {
    let json = document.to_json();
    let json = json.map_err(|error| Problem::failed("the document", &error))?;
    Ok(Bytes::from(json))
}
