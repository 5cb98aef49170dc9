//! An audio feature against popularity.

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::query::Query;
use super::{Failures, Published, json, standing, unwritten};
use crate::cell::inert;
use crate::explore::{Feature, FeaturePopularity, Period, Point, Publication, Unknown};
use crate::serve::Served;
use crate::serve::answer::{Answer, Asked};
use crate::serve::problem::Problem;

/// A feature against popularity
///
/// Tracks as points of a scatter plot, all or a fair sample, the least-squares line through all of the period's, and
/// the correlation with its 95 % interval. Each track counts once, in the week of the first of its albums. As CSV, the
/// points alone.
#[utoipa::path(
    get,
    path = "/api/v1/features/{feature}/popularity",
    tag = "questions",
    params(
        ("feature" = Feature, Path, description = "The audio feature"),
        ("period" = Option<String>, Query, description = "all, which it is unless it says otherwise, or a release week by its Monday as YYYY-MM-DD"),
        ("limit" = Option<u32>, Query, description = "The most points, 2,000 unless it says otherwise", minimum = 1, maximum = 2000),
        ("format" = Option<String>, Query, description = "json, which it is unless it says otherwise, or csv"),
    ),
    responses(
        (status = 200, description = "The points, the line and the correlation", content(
            (Published<FeaturePopularity> = "application/json"),
            (String = "text/csv"),
        )),
        (status = 304, description = "Nothing was published since"),
        (status = 400, description = "A parameter that is not known, or means nothing", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such feature, no releases of that week, or nothing is published yet", body = Problem, content_type = "application/problem+json"),
        Failures,
    ),
)]
pub(super) async fn popularity(
    State(served): State<Served>,
    feature: Result<Path<String>, PathRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let feature = feature.map_or_else(|_| String::new(), |Path(name)| name);
    let feature: Feature = feature
        .parse()
        .map_err(|error: Unknown| Problem::not_found(error.to_string()))?;
    let query = Query::of(&uri, &["period", "limit", "format"])?;
    let period = query.parsed("period")?.unwrap_or(Period::All);
    let most = FeaturePopularity::MOST_POINTS;
    let limit = query.number("limit", most, 1..=most)?;
    let form = match query.text("format").unwrap_or("json") {
        "json" => "json",
        "csv" => "csv",
        _ => return Err(Problem::bad_request("format is json or csv")),
    };
    let asked = Asked::new(uri.to_string(), form, &headers);
    let make = async {
        let (publication, mut db) = standing(&served.db).await?;
        let read = FeaturePopularity::read(&mut db, feature, period, limit).await?;
        match (&read.correlation, form) {
            (None, _) => Err(no_week()),
            (_, "csv") => csv(publication, &read.points),
            _ => json(publication, read),
        }
    };
    served.answers.answer(&served.db, asked, make).await
}

fn csv(publication: Publication, points: &[Point]) -> Result<Answer, Problem> {
    let mut rows = csv::Writer::from_writer(Vec::new());
    for point in points {
        let point = Point {
            track_name: point.track_name.as_deref().map(inert),
            artist_names: point.artist_names.as_deref().map(inert),
            ..point.clone()
        };
        rows.serialize(point).map_err(|error| unwritten(&error))?;
    }
    let body = rows.into_inner().map_err(|error| unwritten(&error))?;
    Ok(Answer {
        publication,
        content_type: "text/csv; charset=utf-8; header=present",
        body: Bytes::from(body),
        headers: Vec::new(),
    })
}

fn no_week() -> Problem {
    Problem::not_found("no releases of that week are known; /api/v1/weeks lists the weeks that have some")
}
