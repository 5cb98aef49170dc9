//! How an audio feature goes with popularity, track by track.

use std::str::FromStr;

use chrono::{Datelike, NaiveDate, Weekday};
use minijinja::context;
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::feature::Feature;
use super::sql::rendered;
use super::unknown::Unknown;
use crate::domain::day;

/// A feature against popularity. Each track counts once, with its latest popularity, in the week of the first of its
/// albums, as in `trends.feature_popularity_correlation`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FeaturePopularity {
    /// The feature.
    pub feature: Feature,
    /// all, or the Monday of the release week.
    #[schema(value_type = String, examples("all", "2026-01-05"))]
    pub period: Period,
    /// The line through all pairs of the period.
    pub line: Line,
    /// How far the two go together; null where the table has no row for it.
    pub correlation: Option<Correlation>,
    /// Tracks with both, all or a fair sample of them.
    pub points: Vec<Point>,
}

/// The time that a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// All time, with tracks whose day of release is unknown.
    All,
    /// A release week, by its Monday.
    Week(NaiveDate),
}

/// The least-squares line of popularity on the feature: popularity = intercept + slope * value.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow, ToSchema)]
pub struct Line {
    /// Number of tracks with this feature and a popularity, all of which the line rests on.
    pub n: i64,
    /// Points of popularity by unit of the feature; null where the feature does not vary.
    pub slope: Option<f64>,
    /// Popularity where the feature is 0; null where the feature does not vary.
    pub intercept: Option<f64>,
    /// The feature's lowest value; null without pairs.
    pub least_value: Option<f64>,
    /// The feature's highest value; null without pairs.
    pub greatest_value: Option<f64>,
    /// Day of the earliest of the readings of popularity (UTC).
    pub first_observed_on: Option<NaiveDate>,
    /// Day of the latest of them.
    pub last_observed_on: Option<NaiveDate>,
}

/// A correlation with its 95 % interval: columns of `trends.feature_popularity_correlation`. Of all time it rests on a
/// sample of the tracks once there are many, so that its `n` may be smaller than the line's.
#[derive(Debug, Clone, Serialize, sqlx::FromRow, ToSchema)]
#[expect(missing_docs, reason = "columns of the table, which trends.yml describes")]
pub struct Correlation {
    pub tracks: i32,
    pub n: i32,
    pub pearson: Option<f64>,
    pub pearson_low: Option<f64>,
    pub pearson_high: Option<f64>,
    pub spearman: Option<f64>,
    pub spearman_low: Option<f64>,
    pub spearman_high: Option<f64>,
    pub correlation_missing_reason: Option<String>,
    pub rows_spotify: i32,
    pub rows_reccobeats: i32,
}

/// A track with the feature and a popularity.
#[derive(Debug, Clone, Serialize, sqlx::FromRow, ToSchema)]
pub struct Point {
    /// The track.
    pub track_id: String,
    /// Its name; null when Spotify sends it empty.
    pub track_name: Option<String>,
    /// Its artists in Spotify's order, separated by a comma.
    pub artist_names: Option<String>,
    /// The first of its albums.
    pub album_id: String,
    /// Who measured its features: spotify or reccobeats.
    pub features_source: Option<String>,
    /// The feature, in its unit.
    pub value: f64,
    /// Latest popularity, 0 to 100.
    pub popularity: i32,
}

impl FeaturePopularity {
    /// The most points that are worth drawing.
    pub const MOST_POINTS: u32 = 2000;

    /// Reads it with at most `limit` points.
    ///
    /// # Errors
    /// When the database fails, also because nothing is published.
    pub async fn read(
        db: &mut PgConnection,
        feature: Feature,
        period: Period,
        limit: u32,
    ) -> sqlx::Result<Self> {
        Ok(Self {
            feature,
            period,
            line: Line::read(db, feature, period).await?,
            correlation: Correlation::read(db, feature, period).await?,
            points: Point::read(db, feature, period, limit).await?,
        })
    }
}

impl Line {
    /// Reads it.
    ///
    /// # Errors
    /// When the database fails, also because nothing is published.
    pub async fn read(db: &mut PgConnection, feature: Feature, period: Period) -> sqlx::Result<Self> {
        let sql = rendered(
            include_str!("sql/feature_line.sql"),
            context! { feature => feature.as_str() },
        )?;
        sqlx::query_as(&sql).bind(period.week()).fetch_one(db).await
    }
}

impl Correlation {
    async fn read(db: &mut PgConnection, feature: Feature, period: Period) -> sqlx::Result<Option<Self>> {
        sqlx::query_as(include_str!("sql/correlation.sql"))
            .bind(feature.as_str())
            .bind(period.week())
            .fetch_optional(db)
            .await
    }
}

impl Point {
    /// The names of its fields, in their order.
    pub const COLUMNS: [&str; 7] = [
        "track_id",
        "track_name",
        "artist_names",
        "album_id",
        "features_source",
        "value",
        "popularity",
    ];

    /// Reads at most `limit`, by the track's number in `core.dim_track.sample_number`.
    ///
    /// # Errors
    /// When the database fails, also because nothing is published.
    pub async fn read(
        db: &mut PgConnection,
        feature: Feature,
        period: Period,
        limit: u32,
    ) -> sqlx::Result<Vec<Self>> {
        let sql = rendered(
            include_str!("sql/feature_points.sql"),
            context! { feature => feature.as_str() },
        )?;
        sqlx::query_as(&sql)
            .bind(period.week())
            .bind(i64::from(limit.min(FeaturePopularity::MOST_POINTS)))
            .fetch_all(db)
            .await
    }
}

impl Period {
    /// The Monday of the week; none for all time.
    #[must_use]
    pub fn week(self) -> Option<NaiveDate> {
        match self {
            Self::All => None,
            Self::Week(monday) => Some(monday),
        }
    }
}

impl TryFrom<String> for Period {
    type Error = Unknown;

    fn try_from(text: String) -> Result<Self, Unknown> {
        text.parse()
    }
}

impl FromStr for Period {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        if text == "all" {
            return Ok(Self::All);
        }
        day(text)
            .filter(|day| day.weekday() == Weekday::Mon)
            .map(Self::Week)
            .ok_or(Unknown(
                "a period is all, or a release week by its Monday as YYYY-MM-DD",
            ))
    }
}

impl Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::Week(monday) => monday.serialize(serializer),
        }
    }
}
