//! Albums, artists and tracks by name.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Published, answer};
use crate::explore::{Hit, Kind, Search};
use crate::serve::Served;
use crate::serve::parameters::Parameters;
use crate::serve::problem::Problem;

/// What a search found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Hits {
    /// Exact ones first, then the more alike.
    hits: Vec<Hit>,
}

/// Search by name
///
/// Albums, artists and tracks whose name has the words of `q`, whatever their case and accents, and then, where these
/// are few, names that are only spelt like it.
#[utoipa::path(
    get,
    path = "/api/v1/search",
    tag = "questions",
    params(
        ("q" = String, Query, description = "The name, or part of it", min_length = 1, max_length = 200),
        ("type" = Option<String>, Query, description = "Some of album, artist and track, separated by commas; all unless it says otherwise"),
        ("limit" = Option<u32>, Query, description = "How many, 10 unless it says otherwise", minimum = 1, maximum = 50),
    ),
    responses(
        (status = 200, description = "What was found, which may be nothing", body = Published<Hits>),
        (status = 304, description = "Nothing was published since"),
        (status = 400, description = "An empty name, or a parameter that is not known or means nothing", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Nothing is published yet", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn search(
    State(served): State<Served>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = Parameters::of(&uri)?.only(&["q", "type", "limit"])?;
    let search = Search {
        name: name(&parameters)?,
        kinds: &kinds(&parameters)?,
        limit: parameters.number("limit", 10, 1..=50)?,
    };
    answer(&served, &uri, &headers, async |db| {
        let hits = search.read(db).await?;
        Ok(Hits { hits })
    })
    .await
}

fn name(parameters: &Parameters) -> Result<&str, Problem> {
    match parameters.text("q").map(str::trim).unwrap_or_default() {
        "" => Err(Problem::bad_request(
            "q is the name to look for, and must not be empty",
        )),
        name if name.chars().count() > Search::LONGEST_NAME => Err(Problem::bad_request(format!(
            "q is longer than {} characters",
            Search::LONGEST_NAME
        ))),
        name => Ok(name),
    }
}

fn kinds(parameters: &Parameters) -> Result<Vec<Kind>, Problem> {
    let Some(words) = parameters.text("type") else {
        return Ok(Kind::ALL.to_vec());
    };
    let kinds = words.split(',').map(|word| word.trim().parse());
    kinds
        .collect::<Result<_, _>>()
        .map_err(|error: crate::explore::Unknown| Problem::bad_request(format!("type: {error}")))
}
