//! The three questions, answered in a few lines from the published tables.

mod table;

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::postgres::PgPool;

/// Short answers from the trend tables. A table that is not there, in a project of other models, leaves its
/// answer empty.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// Which new releases are the most popular? The first five of the latest week.
    pub top_releases: Vec<TopRelease>,
    /// How do audio features go with popularity? The four that go with it most, over all time; where none has a
    /// correlation, four that say why.
    pub features: Vec<FeatureCorrelation>,
    /// How do the features of new releases compare between artists? The five most popular artists; without
    /// popularity the five with the most tracks.
    pub artists: Vec<ArtistProfile>,
    /// Who gave the audio features?
    pub feature_sources: Option<FeatureSources>,
}

/// A row of `trends.weekly_top_releases`.
#[derive(Debug, Serialize, sqlx::FromRow)]
#[expect(missing_docs, reason = "columns of the table, which describes them")]
pub struct TopRelease {
    pub release_week: NaiveDate,
    pub rank: i32,
    pub album_id: String,
    pub album_name: Option<String>,
    pub artist_names: Option<String>,
    pub release_type: Option<String>,
    pub popularity: Option<i32>,
    pub popularity_missing_reason: Option<String>,
    pub popularity_coverage: String,
    pub ranked_by: String,
}

/// A row of `trends.feature_popularity_correlation`.
#[derive(Debug, Serialize, sqlx::FromRow)]
#[expect(missing_docs, reason = "columns of the table, which describes them")]
pub struct FeatureCorrelation {
    pub feature: String,
    pub n: i32,
    pub spearman: Option<f64>,
    pub spearman_low: Option<f64>,
    pub spearman_high: Option<f64>,
    pub correlation_missing_reason: Option<String>,
}

/// A row of `trends.artist_feature_profile`.
#[derive(Debug, Serialize, sqlx::FromRow)]
#[expect(missing_docs, reason = "columns of the table, which describes them")]
pub struct ArtistProfile {
    pub artist_name: Option<String>,
    pub tracks: i32,
    pub mean_popularity: Option<f64>,
    pub danceability: Option<f64>,
    pub energy: Option<f64>,
    pub valence: Option<f64>,
    pub acousticness: Option<f64>,
    pub tempo: Option<f64>,
}

/// Numbers of tracks in `core.dim_track`.
#[derive(Debug, Serialize, sqlx::FromRow)]
pub struct FeatureSources {
    /// With audio features from Spotify.
    pub spotify: i64,
    /// With audio features from ReccoBeats.
    pub reccobeats: i64,
    /// Without audio features.
    pub unknown: i64,
}

impl Summary {
    /// Reads the answers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(db: &PgPool) -> sqlx::Result<Self> {
        Ok(Self {
            top_releases: rows(db, include_str!("sql/top_releases.sql")).await?,
            features: rows(db, include_str!("sql/features.sql")).await?,
            artists: rows(db, include_str!("sql/artists.sql")).await?,
            feature_sources: rows(db, include_str!("sql/feature_sources.sql")).await?.pop(),
        })
    }
}

async fn rows<T>(db: &PgPool, query: &'static str) -> sqlx::Result<Vec<T>>
where
    T: for<'row> sqlx::FromRow<'row, sqlx::postgres::PgRow> + Send + Unpin,
{
    match sqlx::query_as(query).fetch_all(db).await {
        Err(sqlx::Error::Database(error)) if is_missing(error.code().as_deref()) => Ok(Vec::new()),
        rows => rows,
    }
}

/// `undefined_table` or `undefined_column`, by Postgres's appendix A.
fn is_missing(code: Option<&str>) -> bool {
    matches!(code, Some("42P01" | "42703"))
}
