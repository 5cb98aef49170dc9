//! Why there is nothing to show.

use serde::Serialize;
use sqlx::{FromRow, PgConnection};

/// How many tracks have a popularity and audio features, and why the others have none.
#[derive(Debug, Serialize, FromRow)]
pub(super) struct Missing {
    tracks: i64,
    tracks_with_popularity: i64,
    tracks_with_features: i64,
    /// The reason that most tracks without a popularity have; none when all have one.
    popularity_missing_reason: Option<String>,
    /// The same of audio features.
    features_missing_reason: Option<String>,
}

impl Missing {
    /// Reads it of all tracks, which takes a while where there are many: only for pages that have nothing else to show.
    pub(super) async fn read(db: &mut PgConnection) -> sqlx::Result<Self> {
        sqlx::query_as(include_str!("sql/missing.sql"))
            .fetch_one(db)
            .await
    }
}
