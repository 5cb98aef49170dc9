//! The pipeline's status, now or of a day.

use axum::Json;
use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::Failures;
use super::query::Query;
use crate::explore::{self, Day, Publication};
use crate::serve::Served;
use crate::serve::problem::Problem;
use crate::status::Status;

/// The status, and the publication that stands now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StatusNow {
    /// Null before the first.
    publication: Option<Publication>,
    #[serde(flatten)]
    status: Status,
}

/// What was done on a day, and the publication that stands now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StatusOfDay {
    /// Null before the first.
    publication: Option<Publication>,
    #[serde(flatten)]
    day: Day,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Answered {
    /// Without a date.
    Now(Box<StatusNow>),
    /// With a date.
    Day(StatusOfDay),
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
        Failures,
    ),
)]
pub(super) async fn status(State(served): State<Served>, uri: Uri) -> Result<Response, Problem> {
    let date = Query::of(&uri, &["date"])?.day("date")?;
    let mut db = explore::snapshot(&served.db).await?;
    let publication = Publication::read(&mut db).await?;
    let answered = match date {
        Some(date) => Answered::Day(StatusOfDay {
            publication,
            day: Day::read(&mut db, date).await?,
        }),
        None => Answered::Now(Box::new(StatusNow {
            publication,
            status: Status::for_readers(&mut db, &served.settings.spotify).await?,
        })),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answered)).into_response())
}
