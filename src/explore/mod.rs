//! What readers ask of the published tables. It only reads, and never raw rows.
//!
//! Each question is a type with a `read` that takes a connection. Whoever shows several answers together takes them from
//! one [`snapshot`], so that they belong to one publication.

mod release;
mod weeks;

mod feature;
mod feature_popularity;

mod search;
mod similar;
mod top_artists;

mod day;

mod cell;

mod extension;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::postgres::PgPool;
use sqlx::{PgExecutor, Postgres, Transaction};
use uuid::Uuid;

pub use cell::inert;
pub use day::{Day, Run, Stage};
pub use feature::{Feature, Unknown};
pub use feature_popularity::{Correlation, FeaturePopularity, Line, Period, Point};
pub use release::{Album, Credit, Place, Reading, Release, Track};
pub use search::{Hit, Kind, Search};
pub use similar::{Similar, SimilarRelease};
pub use top_artists::{Measure, TopArtist, TopArtists};
pub use weeks::Week;

/// The publication whose tables stand in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Publication {
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// The run that published it; null when `firstpress transform`, or another command, did.
    pub run_id: Option<Uuid>,
}

impl Publication {
    /// Reads it; none before the first, also where the schema was never migrated.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(db: impl PgExecutor<'_>) -> sqlx::Result<Option<Self>> {
        let read = sqlx::query_as(include_str!("sql/publication.sql"))
            .fetch_optional(db)
            .await;
        match read {
            Err(error) if is_not_there(&error) => Ok(None),
            read => read,
        }
    }
}

/// Whether it is about a table that nothing has made yet: `undefined_table` or `invalid_schema_name`, by Postgres's
/// appendix A.
#[must_use]
pub fn is_not_there(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("42P01" | "3F000"))
}

/// A transaction that sees one state of the database, whatever is published meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn snapshot(db: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    db.begin_with(include_str!("sql/snapshot.sql")).await
}
