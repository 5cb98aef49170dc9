//! An audio feature against popularity.

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::{Published, answer_as, json};
use crate::cell::inert;
use crate::explore::{Feature, FeaturePopularity, Period, Point, Unknown};
use crate::serve::Served;
use crate::serve::answer::Asked;
use crate::serve::form::Form;
use crate::serve::parameters::Parameters;
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
    let parameters = Parameters::of(&uri)?.only(&["period", "limit", "format"])?;
    let period = parameters.parsed("period")?.unwrap_or(Period::All);
    let most = FeaturePopularity::MOST_POINTS;
    let limit = parameters.number("limit", most, 1..=most)?;
    let form = Form::named(&parameters)?.unwrap_or(Form::Json);
    let asked = Asked::new(uri.to_string(), form, &headers);
    answer_as(&served, asked, async |publication, db| {
        let read = FeaturePopularity::read(db, feature, period, limit).await?;
        match (&read.correlation, form) {
            (None, _) => Err(no_week()),
            (_, Form::Csv) => csv(&read.points).map_err(|error| Problem::failed("this answer", &error)),
            (_, Form::Json) => json(publication, read),
        }
    })
    .await
}

/// The header stands also where there are no points.
fn csv(points: &[Point]) -> anyhow::Result<Bytes> {
    let mut rows = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    rows.write_record(Point::COLUMNS)?;
    for point in points {
        rows.serialize(Point {
            track_name: point.track_name.as_deref().map(inert),
            artist_names: point.artist_names.as_deref().map(inert),
            ..point.clone()
        })?;
    }
    Ok(Bytes::from(rows.into_inner()?))
}

fn no_week() -> Problem {
    Problem::not_found("no releases of that week are known; /api/v1/weeks lists the weeks that have some")
}
