//! Questions that take more than one table: a release, a search, what sounds alike, top artists, the pipeline's status.

mod releases;

mod features;

mod search;

mod artists;

mod status;

mod query;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::get;
use serde::Serialize;
use sqlx::postgres::PgPool;
use sqlx::{Postgres, Transaction};
use utoipa::{IntoResponses, OpenApi, ToSchema};

use super::Served;
use super::answer::Answer;
use super::problem::Problem;
use crate::explore::{self, Publication};

const JSON: &str = "application/json";

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

/// What any of these routes may answer when the database fails.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes problems, and makes none")]
enum Failures {
    /// The answer failed; the server's log says why
    #[response(status = 500, content_type = "application/problem+json")]
    Failed(Problem),
    /// The database does not answer, or takes too long
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

/// One state of the database, and the publication that stands there.
///
/// # Errors
/// 404 before the first publication.
async fn standing(db: &PgPool) -> Result<(Publication, Transaction<'static, Postgres>), Problem> {
    let mut snapshot = explore::snapshot(db).await?;
    let publication = Publication::read(&mut snapshot).await?;
    Ok((publication.ok_or_else(Problem::nothing_published)?, snapshot))
}

fn json<T: Serialize>(publication: Publication, answer: T) -> Result<Answer, Problem> {
    let body = serde_json::to_vec(&Published { publication, answer });
    let body = body.map_err(|error| unwritten(&error))?;
    Ok(Answer {
        publication,
        content_type: JSON,
        body: Bytes::from(body),
        headers: Vec::new(),
    })
}

fn unwritten(error: &dyn std::error::Error) -> Problem {
    tracing::error!("an answer cannot be written: {error}");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "this answer failed; the log says why",
    )
}
