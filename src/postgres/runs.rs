//! The ledger of runs: `ops.runs`, `ops.run_steps`, `ops.api_calls`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::postgres::PgPool;
use uuid::Uuid;

use crate::http::{Calls, CallsByEndpoint};

/// How a run ended, as `ops.runs.status` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Everything was done.
    Succeeded,
    /// Something failed.
    Failed,
    /// A signal ended it in good order.
    Interrupted,
    /// Spotify asked for a long wait.
    Postponed,
}

impl Status {
    /// The word in `ops.runs.status`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Postponed => "postponed",
        }
    }
}

/// A finished stage of a run: a row of `ops.run_steps`.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// The stage's name.
    pub step: &'static str,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
    /// Rows, or other items, that it brought on.
    pub rows: u64,
    /// Calls made meanwhile.
    pub calls: Calls,
    /// The stage's own figures.
    pub detail: serde_json::Value,
    /// What went wrong, if it failed.
    pub error: Option<String>,
}

impl Step {
    /// How long it took.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        (self.finished_at - self.started_at).as_seconds_f64()
    }
}

/// What stands in the database when a run has ended.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Standing {
    /// Albums that are discovered and not loaded.
    pub albums_waiting: i64,
    /// How long ago the newest album was loaded; none where there is no album.
    pub freshness_seconds: Option<f64>,
    /// How many of the latest runs in a row were postponed or interrupted.
    pub postponed_in_a_row: i64,
}

/// What stands in the database.
///
/// # Errors
/// When the database fails.
pub async fn standing(db: &PgPool) -> sqlx::Result<Standing> {
    sqlx::query_as(include_str!("sql/standing.sql"))
        .fetch_one(db)
        .await
}

/// Begins a run: those that died without a word are marked, how far earlier ones came is forgotten, and this one is
/// written down.
/// Needs the run lock, which proves that a run still marked `running` is dead. Returns how many were.
///
/// # Errors
/// When the database fails.
pub async fn begin(db: &PgPool, run_id: Uuid, api_url: &str, daily_budget: Option<u32>) -> sqlx::Result<u64> {
    let died = sqlx::query(include_str!("sql/mark_dead_runs.sql"))
        .execute(db)
        .await?
        .rows_affected();
    sqlx::query(include_str!("sql/forget_old_calls.sql"))
        .execute(db)
        .await?;
    sqlx::query(include_str!("sql/forget_progress.sql"))
        .execute(db)
        .await?;
    sqlx::query(include_str!("sql/begin_run.sql"))
        .bind(run_id)
        .bind(env!("CARGO_PKG_VERSION"))
        .bind(api_url)
        .bind(daily_budget.map(i64::from))
        .execute(db)
        .await?;
    Ok(died)
}

/// Writes down how a run ended.
///
/// # Errors
/// When the database fails.
pub async fn finish(
    db: &PgPool,
    run_id: Uuid,
    status: Status,
    error: Option<(String, Option<DateTime<Utc>>)>,
) -> sqlx::Result<()> {
    sqlx::query(include_str!("sql/finish_run.sql"))
        .bind(run_id)
        .bind(status.as_str())
        .bind(error.as_ref().map(|(text, _)| storable(text)))
        .bind(error.as_ref().and_then(|(_, not_before)| *not_before))
        .execute(db)
        .await?;
    Ok(())
}

/// Writes down when Spotify may be called again, at once, so that a death of the run does not lose it.
///
/// # Errors
/// When the database fails.
pub async fn record_not_before(db: &PgPool, run_id: Uuid, not_before: DateTime<Utc>) -> sqlx::Result<()> {
    let record = sqlx::query(include_str!("sql/record_not_before.sql"));
    record.bind(run_id).bind(not_before).execute(db).await?;
    Ok(())
}

/// Writes down a finished stage.
///
/// # Errors
/// When the database fails.
pub async fn record_step(db: &PgPool, run_id: Uuid, step: &Step) -> sqlx::Result<()> {
    sqlx::query(include_str!("sql/record_step.sql"))
        .bind(run_id)
        .bind(step.step)
        .bind(if step.error.is_none() {
            "succeeded"
        } else {
            "failed"
        })
        .bind(step.started_at)
        .bind(step.finished_at)
        .bind(signed(step.rows))
        .bind(signed(step.calls.calls))
        .bind(signed(step.calls.retries))
        .bind(step.calls.waited_seconds)
        .bind(&step.detail)
        .bind(step.error.as_deref().map(storable))
        .execute(db)
        .await?;
    Ok(())
}

/// Writes down the calls of a run so far, and how many it is allowed in any 24 hours, if that has a limit.
///
/// # Errors
/// When the database fails.
pub async fn record_calls(
    db: &PgPool,
    run_id: Uuid,
    calls: &CallsByEndpoint,
    daily_budget: Option<u32>,
) -> sqlx::Result<()> {
    sqlx::query(include_str!("sql/record_budget.sql"))
        .bind(run_id)
        .bind(daily_budget.map(i64::from))
        .execute(db)
        .await?;
    for (endpoint, calls) in &calls.0 {
        sqlx::query(include_str!("sql/record_calls.sql"))
            .bind(run_id)
            .bind(endpoint)
            .bind(signed(calls.calls))
            .bind(signed(calls.bytes))
            .bind(signed(calls.retries))
            .bind(signed(calls.rate_limited))
            .bind(signed(calls.failed))
            .bind(calls.waited_seconds)
            .execute(db)
            .await?;
    }
    Ok(())
}

/// The time before which Spotify asked the latest run, or another command, not to call again, if it is still to
/// come.
///
/// # Errors
/// When the database fails.
pub async fn not_before(db: &PgPool) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar(include_str!("sql/not_before.sql"))
        .fetch_optional(db)
        .await
        .map(Option::flatten)
}

/// Whether a run that stored nothing finds the published tables as it would build them.
///
/// # Errors
/// When the database fails.
pub async fn tables_stand(db: &PgPool, run_id: Uuid, fingerprint: &str) -> sqlx::Result<bool> {
    let stand = sqlx::query_scalar(include_str!("sql/tables_stand.sql"));
    stand.bind(run_id).bind(fingerprint).fetch_one(db).await
}

/// The API that the runs in this database spoke to, if there were any.
///
/// # Errors
/// When the database fails.
pub async fn api_of_earlier_runs(db: &PgPool) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(include_str!("sql/api_of_earlier_runs.sql"))
        .fetch_optional(db)
        .await
}

/// An API's own words may hold NUL, which Postgres cannot.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
