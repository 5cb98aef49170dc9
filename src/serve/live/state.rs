//! The state that is told.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::postgres::PgPool;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::explore::{Publication, is_not_there, snapshot};

/// The pipeline's state at one moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub(in crate::serve) struct Live {
    /// Whether the database answers. While it is away, the rest is what was known last.
    database: Database,
    /// The run that is at work, or the latest; null before the first.
    run: Option<LiveRun>,
    /// Its stages, in the order in which they began.
    stages: Vec<LiveStage>,
    /// The publication whose tables stand; null before the first.
    publication: Option<Publication>,
    /// How fresh the data is.
    freshness: Freshness,
}

/// Whether the database answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Database {
    /// It does.
    #[default]
    Here,
    /// It does not.
    Away,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow, ToSchema)]
struct LiveRun {
    /// As in `ops.runs`.
    run_id: Uuid,
    /// As in `ops.runs`; `died?` where the run never said that it ended, but holds the run lock no longer.
    status: String,
    /// When it began.
    started_at: DateTime<Utc>,
    /// When it ended; null while it runs and when it died.
    finished_at: Option<DateTime<Utc>>,
    /// How long it took, in seconds; null while it runs and when it died.
    seconds: Option<f64>,
    /// Why it did not succeed.
    error: Option<String>,
    /// Whether its process is there, also after it has said how it ended.
    #[serde(skip)]
    is_at_work: bool,
}

/// A stage of the run.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow, ToSchema)]
struct LiveStage {
    /// Its name, as in `ops.run_steps`.
    step: String,
    /// `running`, `succeeded`, `failed`, or `unfinished` where the run ended in the middle of it.
    status: String,
    /// When it began.
    started_at: DateTime<Utc>,
    /// When it ended; null while it goes on.
    finished_at: Option<DateTime<Utc>>,
    /// Rows, or albums, that it brought on; null while it goes on.
    rows: Option<i64>,
    /// Web API calls made meanwhile; null while it goes on.
    calls: Option<i64>,
    /// Albums or models that are done; null in runs before the latest to write it down.
    done: Option<i64>,
    /// Of how many; null where nobody knows.
    total: Option<i64>,
}

/// How fresh the data is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, sqlx::FromRow, ToSchema)]
struct Freshness {
    /// End of the last run that brought the data up to date: it succeeded, or was ended early but stored albums and
    /// published them.
    last_data_at: Option<DateTime<Utc>>,
    /// End of the last run that succeeded.
    last_success_at: Option<DateTime<Utc>>,
    /// When the newest album was stored.
    last_album_at: Option<DateTime<Utc>>,
}

impl Live {
    /// Reads it from one snapshot. Where the schema was never migrated there is nothing yet.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn read(db: &PgPool) -> sqlx::Result<Self> {
        match Self::read_from(&mut *snapshot(db).await?).await {
            Err(error) if is_not_there(&error) => Ok(Self::default()),
            read => read,
        }
    }

    /// The same, without the database.
    pub(super) fn away(self) -> Self {
        Self {
            database: Database::Away,
            ..self
        }
    }

    async fn read_from(db: &mut PgConnection) -> sqlx::Result<Self> {
        let run: Option<LiveRun> = sqlx::query_as(include_str!("sql/run.sql"))
            .fetch_optional(&mut *db)
            .await?;
        let stages = match &run {
            Some(run) => {
                sqlx::query_as(include_str!("sql/stages.sql"))
                    .bind(run.run_id)
                    .bind(run.is_at_work)
                    .fetch_all(&mut *db)
                    .await?
            }
            None => Vec::new(),
        };
        let freshness = sqlx::query_as(include_str!("sql/freshness.sql"))
            .fetch_one(&mut *db)
            .await?;
        Ok(Self {
            database: Database::Here,
            run,
            stages,
            publication: Publication::read(db).await?,
            freshness,
        })
    }
}
