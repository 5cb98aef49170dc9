//! What the pipeline did on a day.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

/// A day of the pipeline (UTC).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Day {
    /// The day.
    pub date: NaiveDate,
    /// Whether a run that began that day brought the data up to date.
    pub is_fresh: bool,
    /// Whether the latest run of the day succeeded and all albums that were discovered up to the end of the day are
    /// stored by now.
    pub is_complete: bool,
    /// Albums that were discovered that day.
    pub albums_discovered: i64,
    /// Albums that were stored that day.
    pub albums_stored: i64,
    /// Albums that were discovered up to the end of the day, are not stored yet, and were not dropped.
    pub albums_waiting: i64,
    /// The runs that began that day, the earliest first.
    pub runs: Vec<Run>,
}

/// A run: a row of `ops.runs` with what belongs to it.
#[derive(Debug, Clone, Serialize, sqlx::FromRow, ToSchema)]
pub struct Run {
    /// Its id.
    pub run_id: Uuid,
    /// running, succeeded, failed, interrupted, postponed or died; `died?` where the run holds the run lock no longer,
    /// but never said that it ended.
    pub status: String,
    /// Whether it succeeded, or was ended early but stored albums and published them.
    pub brought_data: bool,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; null while it runs and when it died.
    pub finished_at: Option<DateTime<Utc>>,
    /// Spotify asked not to be called before.
    pub not_before: Option<DateTime<Utc>>,
    /// Why it did not succeed.
    pub error: Option<String>,
    /// Albums that it stored.
    pub albums: i64,
    /// Web API calls, token requests left out.
    pub calls: i64,
    /// How many of them were answered 429.
    pub rate_limited: i64,
    /// How many of them were made again.
    pub retries: i64,
    /// How many of them failed for good.
    pub failed_calls: i64,
    /// Checks that it made on the tables.
    pub checks: i64,
    /// Names of the checks that failed, which keep the tables from being published.
    pub checks_failed: Vec<String>,
    /// Names of the checks that warned.
    pub checks_warned: Vec<String>,
    /// When it published the tables, for as long as a model stands that it published.
    pub published_at: Option<DateTime<Utc>>,
    /// The models that stand as it published them.
    pub models_published: Vec<String>,
    /// Its stages in order; none where they were purged.
    #[sqlx(json)]
    pub stages: Vec<Stage>,
}

/// A stage of a run: a row of `ops.run_steps`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Stage {
    /// Its name.
    pub step: String,
    /// succeeded or failed.
    pub status: String,
    /// How long it took.
    pub seconds: f64,
    /// Rows, or other items, that it brought on.
    pub rows: i64,
    /// Calls made meanwhile.
    pub calls: i64,
    /// What went wrong, if it failed.
    pub error: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Albums {
    discovered: i64,
    stored: i64,
    waiting: i64,
}

impl Day {
    /// Reads what was done on `date`.
    ///
    /// # Errors
    /// When the database fails, also because its schema was never migrated.
    pub async fn read(db: &mut PgConnection, date: NaiveDate) -> sqlx::Result<Self> {
        let albums: Albums = sqlx::query_as(include_str!("sql/day_albums.sql"))
            .bind(date)
            .fetch_one(&mut *db)
            .await?;
        let runs: Vec<Run> = sqlx::query_as(include_str!("sql/day_runs.sql"))
            .bind(date)
            .fetch_all(db)
            .await?;
        Ok(Self {
            date,
            is_fresh: runs.iter().any(|run| run.brought_data),
            is_complete: albums.waiting == 0 && runs.last().is_some_and(|run| run.status == "succeeded"),
            albums_discovered: albums.discovered,
            albums_stored: albums.stored,
            albums_waiting: albums.waiting,
            runs,
        })
    }
}
