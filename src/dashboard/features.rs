//! How audio features go with popularity.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use super::audio_feature::{AUDIO_FEATURES, AudioFeature};
use super::missing::Missing;
use super::{Query, View};
use crate::explore::{Feature, FeaturePopularity, Line, Period};

/// As many of the latest release weeks are shown beside all time.
const WEEKS: i64 = 8;

/// As many points are drawn.
const POINTS: u32 = FeaturePopularity::MOST_POINTS;

/// How audio features go with popularity.
#[derive(Debug, Serialize)]
pub struct Features {
    /// all, and the release weeks, the latest first.
    periods: Vec<String>,
    /// The one that the page is about.
    period: String,
    measure: Measure,
    /// A row for each audio feature.
    features: Vec<Row>,
    /// When a figure of the period changed last; none when it has no figures.
    computed_at: Option<DateTime<Utc>>,
    heatmap: Heatmap,
    /// The feature that is set against popularity, track by track.
    feature: AudioFeature,
    tracks: Tracks,
    audio_features: [AudioFeature; 10],
    /// Why there is no correlation at all; none when there is one.
    missing: Option<Missing>,
}

/// How a correlation is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Measure {
    Spearman,
    Pearson,
}

/// An audio feature and its correlations.
#[derive(Debug, Serialize)]
struct Row {
    feature: AudioFeature,
    /// That of the period that the page is about.
    of_period: Option<Correlation>,
    /// In the order of the periods, by the measure.
    cells: Vec<Option<Cell>>,
}

/// A row of `trends.feature_popularity_correlation`.
#[derive(Debug, Clone, Serialize, FromRow)]
struct Correlation {
    period: String,
    feature: String,
    tracks: i32,
    n: i32,
    pearson: Option<f64>,
    pearson_low: Option<f64>,
    pearson_high: Option<f64>,
    spearman: Option<f64>,
    spearman_low: Option<f64>,
    spearman_high: Option<f64>,
    correlation_missing_reason: Option<String>,
    rows_spotify: i32,
    rows_reccobeats: i32,
    updated_at: DateTime<Utc>,
}

/// A correlation by one measure, with its 95 % interval.
#[derive(Debug, Clone, Serialize)]
struct Cell {
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    n: i32,
    reason: Option<String>,
}

/// What charts.js draws as `heatmap`.
#[derive(Debug, Serialize)]
struct Heatmap {
    columns: Vec<String>,
    rows: Vec<&'static str>,
    cells: Vec<Placed>,
}

#[derive(Debug, Serialize)]
struct Placed {
    column: usize,
    row: usize,
    #[serde(flatten)]
    cell: Cell,
}

/// A feature against popularity, track by track.
#[derive(Debug, Serialize)]
struct Tracks {
    line: Line,
    /// By how many points of popularity the line rises a step of the feature.
    rise: Option<f64>,
    /// How many points are drawn.
    drawn: usize,
    /// The most popular of them.
    leading: Vec<crate::explore::Point>,
    chart: Scatter,
}

/// What charts.js draws as `scatter`.
#[derive(Debug, Serialize)]
struct Scatter {
    x: String,
    y: &'static str,
    points: Vec<Point>,
    line: Option<[(f64, f64); 2]>,
}

#[derive(Debug, Serialize)]
struct Point {
    x: f64,
    y: i32,
    name: String,
}

impl View for Features {
    const PATH: &'static str = "/features";
    const TEMPLATE: &'static str = "features.html";

    fn title(&self) -> String {
        "How audio features go with popularity".to_owned()
    }

    async fn read(db: &mut PgConnection, query: &mut Query) -> sqlx::Result<Self> {
        let measure = Measure::asked(query);
        let asked = query.text("period").unwrap_or("all").to_owned();
        let correlations: Vec<Correlation> = sqlx::query_as(include_str!("sql/correlations.sql"))
            .bind(WEEKS)
            .bind(&asked)
            .fetch_all(&mut *db)
            .await?;
        let mut periods: Vec<String> = correlations.iter().map(|row| row.period.clone()).collect();
        periods.dedup();
        let period = period(query, asked, &periods);
        let feature = feature(query, &correlations);
        let features = rows(&correlations, &periods, &period, measure);
        let tracks = Tracks::read(db, feature, &period).await?;
        let missing = match correlations.iter().any(|row| row.pearson.is_some()) {
            true => None,
            false => Some(Missing::read(db).await?),
        };
        Ok(Self {
            heatmap: Heatmap::new(&periods, &features),
            computed_at: of_period(&correlations, &period).map(|row| row.updated_at).max(),
            periods,
            period,
            measure,
            features,
            feature,
            tracks,
            audio_features: AUDIO_FEATURES,
            missing,
        })
    }
}

/// The period that is asked for, else all time.
fn period(query: &mut Query, asked: String, known: &[String]) -> String {
    if asked == "all" || known.contains(&asked) {
        return asked;
    }
    query.is_wrong(
        "period",
        format!("“{asked}” is no release week with tracks, so all time is shown"),
    );
    "all".to_owned()
}

/// The feature that is asked for, else the one that goes with popularity most.
fn feature(query: &mut Query, correlations: &[Correlation]) -> AudioFeature {
    let most = || {
        let strength = |row: &&Correlation| row.spearman.unwrap_or_default().abs();
        let strongest =
            of_period(correlations, "all").max_by(|one, other| strength(one).total_cmp(&strength(other)));
        strongest.and_then(|row| AudioFeature::named(&row.feature))
    };
    let [first, ..] = AUDIO_FEATURES;
    let Some(name) = query.text("feature") else {
        return most().unwrap_or(first);
    };
    let named = AudioFeature::named(name);
    if named.is_none() {
        let told = format!("“{name}” is no audio feature that is compared");
        query.is_wrong("feature", told);
    }
    named.or_else(most).unwrap_or(first)
}

fn of_period<'a>(correlations: &'a [Correlation], period: &'a str) -> impl Iterator<Item = &'a Correlation> {
    correlations.iter().filter(move |row| row.period == period)
}

fn rows(correlations: &[Correlation], periods: &[String], period: &str, measure: Measure) -> Vec<Row> {
    let by_place: BTreeMap<(&str, &str), &Correlation> = correlations
        .iter()
        .map(|row| ((row.period.as_str(), row.feature.as_str()), row))
        .collect();
    let row = |feature: AudioFeature| {
        let at = |period: &str| by_place.get(&(period, feature.name)).copied();
        Row {
            feature,
            of_period: at(period).cloned(),
            cells: periods
                .iter()
                .map(|period| at(period).map(|row| measure.of(row)))
                .collect(),
        }
    };
    AUDIO_FEATURES.into_iter().map(row).collect()
}

impl Measure {
    fn asked(query: &mut Query) -> Self {
        match query.text("measure") {
            Some("pearson") => Self::Pearson,
            None | Some("spearman") => Self::Spearman,
            Some(other) => {
                let told = format!("“{other}” is neither spearman nor pearson");
                query.is_wrong("measure", told);
                Self::Spearman
            }
        }
    }

    fn of(self, row: &Correlation) -> Cell {
        let (value, low, high) = match self {
            Self::Spearman => (row.spearman, row.spearman_low, row.spearman_high),
            Self::Pearson => (row.pearson, row.pearson_low, row.pearson_high),
        };
        Cell {
            value,
            low,
            high,
            n: row.n,
            reason: row.correlation_missing_reason.clone(),
        }
    }
}

impl Heatmap {
    fn new(periods: &[String], features: &[Row]) -> Self {
        let mut cells = Vec::new();
        for (row, of) in features.iter().enumerate() {
            for (column, cell) in of.cells.iter().enumerate() {
                cells.extend(cell.clone().map(|cell| Placed { column, row, cell }));
            }
        }
        let column = |period: &String| match period.parse::<NaiveDate>() {
            Ok(week) => week.format("%-d %b %y").to_string(),
            Err(_) => "all time".to_owned(),
        };
        Self {
            columns: periods.iter().map(column).collect(),
            rows: features.iter().map(|of| of.feature.label).collect(),
            cells,
        }
    }
}

impl Tracks {
    /// As many of the most popular tracks are listed.
    const LISTED: usize = 50;

    async fn read(db: &mut PgConnection, of: AudioFeature, period: &str) -> sqlx::Result<Self> {
        // both were read from what is known, so that neither falls back
        let feature: Feature = of.name.parse().unwrap_or(Feature::Danceability);
        let period: Period = period.parse().unwrap_or(Period::All);
        let read = FeaturePopularity::read(db, feature, period, POINTS).await?;
        let chart = Scatter::new(of, &read);
        let FeaturePopularity { line, points, .. } = read;
        let drawn = points.len();
        let mut leading = points;
        leading.sort_by_key(|point| std::cmp::Reverse(point.popularity));
        leading.truncate(Self::LISTED);
        Ok(Self {
            rise: line.slope.map(|slope| slope * of.step),
            line,
            drawn,
            leading,
            chart,
        })
    }
}

impl Scatter {
    fn new(of: AudioFeature, read: &FeaturePopularity) -> Self {
        let point = |point: &crate::explore::Point| Point {
            x: point.value,
            y: point.popularity,
            name: point.track_name.clone().unwrap_or_else(|| point.track_id.clone()),
        };
        Self {
            x: format!("{} ({})", of.label, of.unit),
            y: "popularity",
            points: read.points.iter().map(point).collect(),
            line: ends(&read.line),
        }
    }
}

/// Where the line begins and ends; none where there is no line.
fn ends(line: &Line) -> Option<[(f64, f64); 2]> {
    let at = |value: f64| Some((value, line.intercept? + line.slope? * value));
    Some([at(line.least_value?)?, at(line.greatest_value?)?])
}
