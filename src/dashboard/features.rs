//! How audio features go with popularity.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use super::audio_feature::{AUDIO_FEATURES, AudioFeature};
use super::charts::{Cell, Dot, Heatmap, Placed, Scatter};
use super::missing::Missing;
use super::{Query, View};
use crate::explore::{self, Feature, FeaturePopularity, Line, Period, Point};

/// As many of the latest release weeks are shown beside all time.
const WEEKS: i64 = 8;

/// As many points are drawn.
const POINTS: u32 = FeaturePopularity::MOST_POINTS;

/// How audio features go with popularity.
#[derive(Debug, Serialize)]
pub struct Features {
    /// all, and the release weeks, the latest first.
    periods: Vec<Period>,
    /// The one that the page is about.
    period: Period,
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
    #[sqlx(try_from = "String")]
    period: Period,
    #[sqlx(try_from = "String")]
    feature: Feature,
    #[sqlx(flatten)]
    #[serde(flatten)]
    of: explore::Correlation,
    updated_at: DateTime<Utc>,
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
    leading: Vec<Point>,
    chart: Scatter,
}

impl View for Features {
    const PATH: &'static str = "/features";
    const TEMPLATE: &'static str = "features.html";

    fn title(&self) -> String {
        "How audio features go with popularity".to_owned()
    }

    async fn read(db: &mut PgConnection, query: &mut Query) -> sqlx::Result<Self> {
        let measure = Measure::asked(query);
        let asked = query.text("period").and_then(|text| text.parse().ok());
        let correlations: Vec<Correlation> = sqlx::query_as(include_str!("sql/correlations.sql"))
            .bind(WEEKS)
            .bind(asked.and_then(Period::week))
            .fetch_all(&mut *db)
            .await?;
        let mut periods: Vec<Period> = correlations.iter().map(|row| row.period).collect();
        periods.dedup();
        let period = period(query, asked, &periods);
        let feature = feature(query, &correlations);
        let features = rows(&correlations, &periods, period, measure);
        let tracks = Tracks::read(db, feature, period).await?;
        let missing = match correlations.iter().any(|row| row.of.pearson.is_some()) {
            true => None,
            false => Some(Missing::read(db).await?),
        };
        Ok(Self {
            heatmap: heatmap(&periods, &features),
            computed_at: of_period(&correlations, period).map(|row| row.updated_at).max(),
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
fn period(query: &mut Query, asked: Option<Period>, known: &[Period]) -> Period {
    match (query.text("period"), asked) {
        (None, _) => Period::All,
        (Some(_), Some(asked)) if asked == Period::All || known.contains(&asked) => asked,
        (Some(text), _) => {
            let told = format!("“{text}” is no release week with tracks, so all time is shown");
            query.reject("period", told);
            Period::All
        }
    }
}

/// The feature that is asked for, else the one that goes with popularity most.
fn feature(query: &mut Query, correlations: &[Correlation]) -> AudioFeature {
    let [first, ..] = AUDIO_FEATURES;
    let most = || {
        let strength = |row: &&Correlation| row.of.spearman.unwrap_or_default().abs();
        let of_all = of_period(correlations, Period::All);
        let strongest = of_all.max_by(|one, other| strength(one).total_cmp(&strength(other)));
        strongest.map_or(first.feature, |row| row.feature)
    };
    let asked = match query.text("feature").map(|name| (name, name.parse())) {
        None => most(),
        Some((_, Ok(feature))) => feature,
        Some((name, Err(_))) => {
            let told = format!("“{name}” is no audio feature that is compared");
            query.reject("feature", told);
            most()
        }
    };
    let shown = AUDIO_FEATURES.into_iter().find(|shown| shown.feature == asked);
    shown.unwrap_or(first)
}

fn of_period(correlations: &[Correlation], period: Period) -> impl Iterator<Item = &Correlation> {
    correlations.iter().filter(move |row| row.period == period)
}

fn rows(correlations: &[Correlation], periods: &[Period], period: Period, measure: Measure) -> Vec<Row> {
    let row = |feature: AudioFeature| {
        let at = |period: Period| of_period(correlations, period).find(|row| row.feature == feature.feature);
        let cell = |period: &Period| at(*period).map(|row| measure.of(&row.of));
        Row {
            feature,
            of_period: at(period).cloned(),
            cells: periods.iter().map(cell).collect(),
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
                query.reject("measure", told);
                Self::Spearman
            }
        }
    }

    fn of(self, row: &explore::Correlation) -> Cell {
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

fn heatmap(periods: &[Period], features: &[Row]) -> Heatmap {
    let mut cells = Vec::new();
    for (row, of) in features.iter().enumerate() {
        for (column, cell) in of.cells.iter().enumerate() {
            cells.extend(cell.clone().map(|cell| Placed { column, row, cell }));
        }
    }
    let column = |period: &Period| match period {
        Period::Week(monday) => monday.format("%-d %b %y").to_string(),
        Period::All => "all time".to_owned(),
    };
    Heatmap {
        columns: periods.iter().map(column).collect(),
        rows: features.iter().map(|of| of.feature.label).collect(),
        cells,
    }
}

impl Tracks {
    /// As many of the most popular tracks are listed.
    const LISTED: usize = 50;

    async fn read(db: &mut PgConnection, of: AudioFeature, period: Period) -> sqlx::Result<Self> {
        let line = Line::read(db, of.feature, period).await?;
        let points = Point::read(db, of.feature, period, POINTS).await?;
        let chart = scatter(of, &points, &line);
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

fn scatter(of: AudioFeature, points: &[Point], line: &Line) -> Scatter {
    let dot = |point: &Point| Dot {
        x: point.value,
        y: point.popularity,
        name: point.track_name.clone().unwrap_or_else(|| point.track_id.clone()),
    };
    Scatter {
        x: format!("{} ({})", of.label, of.unit),
        y: "popularity",
        points: points.iter().map(dot).collect(),
        line: ends(line),
    }
}

/// Where the line begins and ends; none where there is no line.
fn ends(line: &Line) -> Option<[(f64, f64); 2]> {
    let at = |value: f64| Some((value, line.intercept? + line.slope? * value));
    Some([at(line.least_value?)?, at(line.greatest_value?)?])
}
