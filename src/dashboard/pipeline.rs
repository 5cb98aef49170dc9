//! How the pipeline does: its runs, their stages, the checks of the data, and what waits.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::{Query, View};
use crate::status::Status;

/// As many of the latest runs are shown with their stages.
const RUNS: i64 = 5;
/// As many rows that a check found are shown.
const ROWS: i32 = 5;

/// How the pipeline does.
#[derive(Debug, Serialize)]
pub struct Pipeline {
    status: Status,
    stages: Vec<Stage>,
    checks: Vec<Check>,
    /// Rows that the checks that did not pass found first.
    failures: Vec<Failure>,
}

/// A stage of a run that has ended: a row of `ops.run_steps`.
#[derive(Debug, Serialize, FromRow)]
struct Stage {
    run_id: Uuid,
    step: String,
    status: String,
    seconds: f64,
    rows: i64,
    calls: i64,
    retries: i64,
    waited_seconds: f64,
    error: Option<String>,
}

/// What a check found when a run made it last.
#[derive(Debug, Serialize, FromRow)]
struct Check {
    check_name: String,
    status: String,
    failing_rows: i64,
    made_at: DateTime<Utc>,
}

/// A row that a check found.
#[derive(Debug, Serialize, FromRow)]
struct Failure {
    check_name: String,
    /// As the check selected it.
    failing_row: Json<Map<String, Value>>,
}

impl View for Pipeline {
    const PATH: &'static str = "/pipeline";
    const TEMPLATE: &'static str = "pipeline.html";
    const NEEDS_TABLES: bool = false;

    fn title(&self) -> String {
        "Pipeline".to_owned()
    }

    async fn read(db: &mut PgConnection, _: &mut Query) -> sqlx::Result<Self> {
        Ok(Self {
            status: Status::for_readers(db).await?,
            stages: sqlx::query_as(include_str!("sql/stages.sql"))
                .bind(RUNS)
                .fetch_all(&mut *db)
                .await?,
            checks: sqlx::query_as(include_str!("sql/checks.sql"))
                .fetch_all(&mut *db)
                .await?,
            failures: sqlx::query_as(include_str!("sql/failures.sql"))
                .bind(ROWS)
                .fetch_all(&mut *db)
                .await?,
        })
    }
}
