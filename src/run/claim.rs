//! The beginning and the end of a run in the ledger.

use chrono::Utc;
use uuid::Uuid;

use super::{Job, RunError};
use crate::postgres::lock::{Acquired, RunLock};
use crate::postgres::runs::{self, Status};
use crate::spotify::CallsByEndpoint;

/// Takes the lock and begins the run, unless it is not its time yet.
pub(super) async fn claim(job: &Job, run_id: Uuid) -> Result<RunLock, RunError> {
    let lock = match RunLock::acquire(&job.db, run_id).await? {
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

/// Writes down the calls and how the run ended.
pub(super) async fn release(
    job: &Job,
    run_id: Uuid,
    calls: &CallsByEndpoint,
    ended_by: Option<&RunError>,
) -> Result<(), RunError> {
    runs::record_calls(&job.db, run_id, calls).await?;
    for endpoint in calls
        .0
        .iter()
        .filter(|(_, calls)| calls.calls > calls.failed + calls.rate_limited)
    {
        runs::record_capability(&job.db, &endpoint.0.to_string(), None).await?;
    }
    let Some(error) = ended_by else {
        return Ok(runs::finish(&job.db, run_id, Status::Succeeded, None).await?);
    };
    if let Some((endpoint, reason)) = error.closed_endpoint() {
        runs::record_capability(&job.db, &endpoint, Some(&reason)).await?;
    }
    // Retry-After counts from now at the latest
    let not_before = error.not_before().filter(|time| *time > Utc::now());
    Ok(runs::finish(
        &job.db,
        run_id,
        error.status(),
        Some((&error.to_string(), not_before)),
    )
    .await?)
}
