//! The beginning and the end of a run in the ledger.

use uuid::Uuid;

use super::{Job, RunError};
use crate::http::CallsByEndpoint;
use crate::postgres::apps;
use crate::postgres::lock::{Acquired, RunLock};
use crate::postgres::runs::{self, Status};

/// Takes the lock and begins the run, unless it is not its time yet.
pub(super) async fn claim(job: &Job, run_id: Uuid) -> Result<RunLock, RunError> {
    let lock = match RunLock::acquire(&job.db, &format!("firstpress run {run_id}")).await? {
        Acquired::Mine(lock) => lock,
        Acquired::Theirs { holder } => return Err(RunError::Locked { holder }),
    };
    if let Some(api) = runs::api_of_earlier_runs(&job.db).await?
        && (api == "sandbox") != (job.api == "sandbox")
    {
        return Err(RunError::OtherApi { holds: api });
    }
    if let Some(not_before) = runs::not_before(&job.db).await? {
        return Err(RunError::TooEarly { not_before });
    }
    let died = runs::begin(&job.db, run_id, &job.api).await?;
    if died > 0 {
        tracing::warn!(
            runs = died,
            "an earlier run died without a word; going on from what it had loaded"
        );
    }
    Ok(lock)
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
    runs::record_calls(&job.db, run_id, calls).await?;
    apps::remember(&job.db, &job.client_id, &job.spotify.known()).await?;
    let errors = || errors.into_iter().flatten();
    let Some(error) = errors().next() else {
        return Ok(runs::finish(&job.db, run_id, Status::Succeeded, None).await?);
    };
    let not_before = errors().find_map(RunError::not_before);
    let ended = Some((error.to_string(), not_before));
    Ok(runs::finish(&job.db, run_id, error.status(), ended).await?)
}
