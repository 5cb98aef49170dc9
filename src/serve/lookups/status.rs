//! The pipeline's status, now or of a day.

use axum::Json;
use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::explore::{self, Day, Publication};
use crate::serve::Served;
use crate::serve::parameters::Parameters;
use crate::serve::problem::Problem;
use crate::status::Status;

/// The status, and the publication that stands now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Answered {
    /// Null before the first.
    publication: Option<Publication>,
    #[serde(flatten)]
    status: StatusOf,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum StatusOf {
    /// Without a date: how it stands.
    Now(Box<Status>),
    /// With a date: what was done on it.
    Day(Day),
}

/// The pipeline's status
///
/// How it stands now: freshness, what waits, the budget of calls and the latest runs. With a date, what it did on that
/// day (UTC): the runs that began then with their stages, calls, failed checks and what they published, and whether
/// the day was fresh and complete.
#[utoipa::path(
    get,
    path = "/api/v1/status",
    tag = "questions",
    params(("date" = Option<chrono::NaiveDate>, Query, description = "A day as YYYY-MM-DD (UTC); now unless it is given")),
    responses(
        (status = 200, description = "The status", body = Answered),
        (status = 400, description = "A parameter that is not known, or means nothing", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The schema was never migrated", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn status(State(served): State<Served>, uri: Uri) -> Result<Response, Problem> {
    let date = Parameters::of(&uri)?.only(&["date"])?.day("date")?;
    let mut db = explore::snapshot(&served.db).await?;
    let answered = Answered {
        publication: Publication::read(&mut *db).await?,
        status: match date {
            Some(date) => StatusOf::Day(Day::read(&mut db, date).await?),
            None => StatusOf::Now(Box::new(Status::for_readers(&mut db).await?)),
        },
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answered)).into_response())
}
