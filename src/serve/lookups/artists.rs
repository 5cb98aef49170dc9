//! Artists of new releases in order.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Published, answer};
use crate::explore::{Measure, TopArtist, TopArtists};
use crate::serve::Served;
use crate::serve::parameters::Parameters;
use crate::serve::problem::Problem;

/// Artists in order of a measure.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Artists {
    /// popularity, or the audio feature.
    by: &'static str,
    /// In order, ties by their ids.
    artists: Vec<TopArtist>,
}

/// Top artists
///
/// The artists of new releases (`trends.artist_feature_profile`) whose tracks are the most popular, or have the most
/// or the least of an audio feature, by the mean.
#[utoipa::path(
    get,
    path = "/api/v1/artists/top",
    tag = "questions",
    params(
        ("by" = Option<String>, Query, description = "popularity, which it is unless it says otherwise, or an audio feature"),
        ("order" = Option<String>, Query, description = "desc, the most first, which it is unless it says otherwise, or asc"),
        ("limit" = Option<u32>, Query, description = "How many, 10 unless it says otherwise", minimum = 1, maximum = 500),
        ("min_tracks" = Option<u32>, Query, description = "The fewest tracks that the mean rests on, 1 unless it says otherwise", minimum = 1, maximum = 1000000),
    ),
    responses(
        (status = 200, description = "The artists in order", body = Published<Artists>),
        (status = 304, description = "Nothing was published since"),
        (status = 400, description = "A parameter that is not known, or means nothing", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Nothing is published yet", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn top(
    State(served): State<Served>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = Parameters::of(&uri)?.only(&["by", "order", "limit", "min_tracks"])?;
    let top = TopArtists {
        by: parameters.parsed("by")?.unwrap_or(Measure::Popularity),
        ascending: match parameters.text("order").unwrap_or("desc") {
            "asc" => true,
            "desc" => false,
            _ => return Err(Problem::bad_request("order is asc or desc")),
        },
        min_tracks: parameters.number("min_tracks", 1, 1..=1_000_000)?,
        limit: parameters.number("limit", 10, 1..=500)?,
    };
    answer(&served, &uri, &headers, async |db| {
        let by = top.by.as_str();
        let artists = top.read(db).await?;
        Ok(Artists { by, artists })
    })
    .await
}
