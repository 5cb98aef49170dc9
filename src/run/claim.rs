//! The beginning and the end of a run in the ledger.

use sqlx::postgres::PgPool;
use uuid::Uuid;

use super::{Job, RunError, RunReport, stop};
use crate::http::CallsByEndpoint;
use crate::postgres::apps;
use crate::postgres::lock::{Acquired, RunLock};
use crate::postgres::runs::{self, Status};

/// Takes the run lock, which keeps apart whatever writes raw tables or models. `name` is what others are told who want
/// it meanwhile.
///
/// # Errors
/// [`RunError::Locked`], or the database's.
pub async fn lock(db: &PgPool, name: &str) -> Result<RunLock, RunError> {
    match RunLock::acquire(db, name).await? {
        Acquired::Mine(lock) => Ok(lock),
        Acquired::Theirs { holder } => Err(RunError::Locked { holder }),
    }
}

/// Takes the run lock for what calls Spotify on behalf of this database. `api` is the API's address or `sandbox`.
///
/// # Errors
/// [`RunError::OtherApi`], [`RunError::TooEarly`], or those of [`lock`].
pub async fn admit(db: &PgPool, api: &str, name: &str) -> Result<RunLock, RunError> {
    let lock = lock(db, name).await?;
    if let Some(holds) = runs::api_of_earlier_runs(db).await?
        && (holds == "sandbox") != (api == "sandbox")
    {
        return Err(RunError::OtherApi { holds });
    }
    if let Some(not_before) = runs::not_before(db).await? {
        return Err(RunError::TooEarly { not_before });
    }
    Ok(lock)
}

/// Takes the lock and begins the run, unless it is not its time yet.
pub(super) async fn claim(job: &Job, run_id: Uuid) -> Result<RunLock, RunError> {
    let lock = admit(&job.db, &job.api, &format!("firstpress run {run_id}")).await?;
    let died = runs::begin(&job.db, run_id, &job.api, job.spotify.daily_budget()).await?;
    if died > 0 {
        tracing::warn!(
            runs = died,
            "an earlier run died without a word; going on from what it had loaded"
        );
    }
    Ok(lock)
}

/// What stands in the database beside a run that has no part in it.
pub(super) async fn note_refusal(job: &Job, report: &mut RunReport, refused: &RunError) {
    // a database that keeps the run waiting for its beginning may do so here too
    let standing = tokio::time::timeout(stop::TO_WRITE_DOWN, runs::standing(&job.db)).await;
    if let Ok(Ok(standing)) = standing {
        report.note(standing);
        let is_put_off = refused.exit_code() == 75;
        let earlier = report.postponed_in_a_row.filter(|_| is_put_off);
        report.postponed_in_a_row = Some(earlier.map_or(0, |earlier| earlier + 1));
    }
}

/// Writes down the calls, what was learned of the app, and how the run ended. A time before which Spotify wants no
/// call is kept whatever else went wrong after it was heard.
pub(super) async fn release(
    job: &Job,
    run_id: Uuid,
    calls: &CallsByEndpoint,
    errors: [Option<&RunError>; 2],
) -> Result<(), RunError> {
    job.spotify.settle().await?;
    runs::record_calls(&job.db, run_id, calls, job.spotify.daily_budget()).await?;
    apps::remember(&job.db, &job.client_id, &job.spotify.known()).await?;
    let errors = || errors.into_iter().flatten();
    let Some(error) = errors().next() else {
        return Ok(runs::finish(&job.db, run_id, Status::Succeeded, None).await?);
    };
    let not_before = errors().find_map(RunError::not_before);
    let ended = Some((error.to_string(), not_before));
    Ok(runs::finish(&job.db, run_id, error.status(), ended).await?)
}
