//! Releases that sound alike.

use chrono::NaiveDate;
use minijinja::context;
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::extension;
use super::feature::Feature;

/// The releases that sound most like one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Similar {
    /// The release.
    pub album_id: String,
    /// How many of its tracks have audio features.
    pub tracks_with_features: i64,
    /// Why there are none to name; null where there are.
    pub missing_reason: Option<&'static str>,
    /// The releases, the nearest first.
    pub releases: Vec<SimilarRelease>,
}

/// A release at a distance.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow, ToSchema)]
pub struct SimilarRelease {
    /// Spotify's id of it.
    pub album_id: String,
    /// Its name; null when Spotify sends it empty.
    pub album_name: Option<String>,
    /// Its artists in Spotify's order, separated by a comma.
    pub artist_names: Option<String>,
    /// album, single, ep or compilation.
    pub release_type: Option<String>,
    /// Day of release; null where it is unknown.
    pub release_date: Option<NaiveDate>,
    /// On how many of its tracks its sound rests.
    pub tracks_with_features: i64,
    /// Euclidean distance between the means of the tracks' features, each counted in standard deviations of the
    /// releases: 0 for the same sound.
    pub distance: f64,
    /// Its page at Spotify.
    pub spotify_url: String,
}

impl Similar {
    /// Reads at most `limit` releases that sound like an album; none where no album has this id. A release sounds as
    /// the tracks on it do in the mean, those that came out elsewhere too. Features that do not vary are left out, and
    /// so are releases without a feature that others have. With `pgvector` in the database the nearest are found by
    /// its distance, which is of single precision, and put in order by the same one as without.
    ///
    /// # Errors
    /// When the database fails, also because nothing is published.
    pub async fn read(db: &mut PgConnection, album_id: &str, limit: u32) -> sqlx::Result<Option<Self>> {
        let measured: Option<i64> = sqlx::query_scalar(include_str!("sql/tracks_with_features.sql"))
            .bind(album_id)
            .fetch_optional(&mut *db)
            .await?;
        let Some(tracks_with_features) = measured else {
            return Ok(None);
        };
        let releases = match tracks_with_features {
            0 => Vec::new(),
            _ => nearest(db, album_id, limit).await?,
        };
        Ok(Some(Self {
            album_id: album_id.to_owned(),
            tracks_with_features,
            missing_reason: match (tracks_with_features, releases.len()) {
                (0, _) => Some("none of its tracks has audio features"),
                (_, 0) => Some("no other release has the same audio features"),
                _ => None,
            },
            releases,
        }))
    }
}

async fn nearest(db: &mut PgConnection, album_id: &str, limit: u32) -> sqlx::Result<Vec<SimilarRelease>> {
    // all that say how a track sounds
    let features = Feature::ALL
        .into_iter()
        .filter(|feature| *feature != Feature::DurationMs);
    let features: Vec<&str> = features.map(Feature::as_str).collect();
    let template = include_str!("sql/similar.sql");
    let (sql, mut part) = extension::question(db, "vector", template, context! { features }).await?;
    let nearest = sqlx::query_as(&sql)
        .bind(album_id)
        .bind(i64::from(limit))
        .fetch_all(&mut *part)
        .await?;
    part.rollback().await?;
    Ok(nearest)
}
