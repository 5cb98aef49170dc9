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

mod extension;
mod sql;

mod unknown;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::postgres::PgPool;
use sqlx::{PgExecutor, Postgres, Transaction};
use uuid::Uuid;

pub use day::{Day, Run, Stage};
pub use feature::Feature;
pub use feature_popularity::{Correlation, FeaturePopularity, Line, Period, Point};
pub use release::{Album, Credit, Place, Reading, Release, Track};
pub use search::{Hit, Kind, Search};
pub use similar::{Similar, SimilarRelease};
pub(crate) use sql::rendered;
pub use top_artists::{Measure, TopArtist, TopArtists};
pub use unknown::Unknown;
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

/// Whether the database holds releases of the sandbox, which do not exist; not before the first run. `run` lets no
/// database hold both.
///
/// # Errors
/// When the database fails, also because its schema was never migrated.
pub async fn is_of_sandbox(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    let api: Option<String> = sqlx::query_scalar(include_str!("../postgres/sql/api_of_earlier_runs.sql"))
        .fetch_optional(db)
        .await?;
    Ok(api.is_some_and(|api| api == "sandbox"))
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
