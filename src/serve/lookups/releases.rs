//! Weeks, their releases, and what sounds like a release.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Published, answer};
use crate::domain::SpotifyId;
use crate::explore::{Release, Similar, Week};
use crate::serve::Served;
use crate::serve::parameters::Parameters;
use crate::serve::problem::Problem;

/// The weeks in which something came out.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Weeks {
    /// The newest first.
    weeks: Vec<Week>,
}

/// Release weeks
///
/// All weeks with releases, the newest first, each with their number.
#[utoipa::path(
    get,
    path = "/api/v1/weeks",
    tag = "questions",
    responses(
        (status = 200, description = "The weeks", body = Published<Weeks>),
        (status = 304, description = "Nothing was published since"),
        (status = 400, description = "A parameter that is not known", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Nothing is published yet", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn weeks(
    State(served): State<Served>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Parameters::of(&uri)?.only(&[])?;
    answer(&served, &uri, &headers, async |db| {
        let weeks = Week::read(db).await?;
        Ok(Weeks { weeks })
    })
    .await
}

/// A release
///
/// The album, its place in its week, its artists, its tracks with audio features and popularity, and how its popularity
/// moved.
#[utoipa::path(
    get,
    path = "/api/v1/releases/{album_id}",
    tag = "questions",
    params(("album_id" = String, Path, description = "Spotify's id of the album", pattern = "^[0-9A-Za-z]{22}$")),
    responses(
        (status = 200, description = "The release", body = Published<Release>),
        (status = 304, description = "Nothing was published since"),
        (status = 400, description = "A parameter that is not known", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such release, or nothing is published yet", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn release(
    State(served): State<Served>,
    album_id: Result<Path<String>, PathRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let album_id = spotify_id(album_id)?;
    Parameters::of(&uri)?.only(&[])?;
    answer(&served, &uri, &headers, async |db| {
        let release = Release::read(db, &album_id).await?;
        release.ok_or_else(|| no_release(&album_id))
    })
    .await
}

/// Releases that sound alike
///
/// The releases nearest to one by the means of their tracks' audio features, each feature counted in standard
/// deviations of the releases. Where none of its tracks has features, the list is empty and says why.
#[utoipa::path(
    get,
    path = "/api/v1/releases/{album_id}/similar",
    tag = "questions",
    params(
        ("album_id" = String, Path, description = "Spotify's id of the album", pattern = "^[0-9A-Za-z]{22}$"),
        ("limit" = Option<u32>, Query, description = "How many, 10 unless it says otherwise", minimum = 1, maximum = 50),
    ),
    responses(
        (status = 200, description = "The nearest first", body = Published<Similar>),
        (status = 304, description = "Nothing was published since"),
        (status = 400, description = "A parameter that is not known, or means nothing", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such release, or nothing is published yet", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn similar(
    State(served): State<Served>,
    album_id: Result<Path<String>, PathRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let album_id = spotify_id(album_id)?;
    let limit = Parameters::of(&uri)?
        .only(&["limit"])?
        .number("limit", 10, 1..=50)?;
    answer(&served, &uri, &headers, async |db| {
        let similar = Similar::read(db, &album_id, limit).await?;
        similar.ok_or_else(|| no_release(&album_id))
    })
    .await
}

/// An id as Spotify makes them: 22 letters and digits.
fn spotify_id(path: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    let id = path.ok().map(|Path(id)| id);
    let id = id.filter(|id| id.parse::<SpotifyId>().is_ok());
    id.ok_or_else(|| Problem::not_found("that is no Spotify id, which has 22 letters and digits"))
}

fn no_release(album_id: &str) -> Problem {
    Problem::not_found(format!(
        "no release {album_id} is known; /api/v1/search finds releases by name"
    ))
}
