//! The release weeks.

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

/// A release week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow, ToSchema)]
pub struct Week {
    /// Its Monday.
    pub release_week: NaiveDate,
    /// Number of releases whose day of release is in it.
    pub releases: i64,
    /// Whether it had begun when this was published (UTC): albums are listed before they come out.
    pub has_begun: bool,
}

impl Week {
    /// Reads all weeks with releases, the newest first.
    ///
    /// # Errors
    /// When the database fails, also because nothing is published.
    pub async fn read(db: &mut PgConnection) -> sqlx::Result<Vec<Self>> {
        sqlx::query_as(include_str!("sql/weeks.sql")).fetch_all(db).await
    }
}
