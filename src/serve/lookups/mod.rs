//! Questions that take more than one table: a release, a search, what sounds alike, top artists, the pipeline's status.

mod releases;

mod features;

mod search;

mod artists;

mod status;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::{OpenApi, ToSchema};

use super::Served;
use super::answer::{Answer, Asked};
use super::form::Form;
use super::problem::Problem;
use crate::explore::{self, Publication};

pub(super) fn routes() -> Router<Served> {
    Router::new()
        .route("/api/v1/weeks", get(releases::weeks))
        .route("/api/v1/releases/{album_id}", get(releases::release))
        .route("/api/v1/releases/{album_id}/similar", get(releases::similar))
        .route("/api/v1/features/{feature}/popularity", get(features::popularity))
        .route("/api/v1/search", get(search::search))
        .route("/api/v1/artists/top", get(artists::top))
        .route("/api/v1/status", get(status::status))
}

/// These routes, described.
#[derive(OpenApi)]
#[openapi(paths(
    releases::weeks,
    releases::release,
    releases::similar,
    features::popularity,
    search::search,
    artists::top,
    status::status,
))]
pub(super) struct Lookups;

/// An answer, and the publication that it is taken from.
#[derive(Debug, Serialize, ToSchema)]
struct Published<T> {
    publication: Publication,
    #[serde(flatten)]
    answer: T,
}

/// Answers a question from one state of the database, as JSON.
async fn answer<T: Serialize>(
    served: &Served,
    uri: &Uri,
    headers: &HeaderMap,
    read: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Problem>,
) -> Result<Response, Problem> {
    let asked = Asked::new(uri.to_string(), Form::Json, headers);
    answer_as(served, asked, async |publication, db| {
        let answer = read(db).await?;
        json(publication, answer)
    })
    .await
}

/// The same in the form that is asked for, which `write` writes.
async fn answer_as(
    served: &Served,
    asked: Asked,
    write: impl AsyncFnOnce(Publication, &mut PgConnection) -> Result<Bytes, Problem>,
) -> Result<Response, Problem> {
    let publication = served.answers.publication(&served.db).await?;
    let form = asked.form;
    let make = async {
        let mut db = explore::snapshot(&served.db).await?;
        let publication = Publication::read(&mut *db).await?;
        let publication = publication.ok_or_else(Problem::nothing_published)?;
        Ok(Answer {
            publication,
            form,
            body: write(publication, &mut db).await?,
            headers: Vec::new(),
        })
    };
    served.answers.answer(publication, asked, make).await
}

fn json<T: Serialize>(publication: Publication, answer: T) -> Result<Bytes, Problem> {
    let body = serde_json::to_vec(&Published { publication, answer });
    let body = body.map_err(|error| Problem::failed("this answer", &error))?;
    Ok(Bytes::from(body))
}
