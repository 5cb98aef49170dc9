//! How a run that is asked to end does so in time, also when the database keeps it waiting: whoever asks may
//! kill it 30 s later.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// For what is complete, to be stored.
pub(super) const TO_STORE: Duration = Duration::from_secs(4);

/// For the ledger after that. A run of which it does not learn the end counts as dead to the next one.
pub(super) const TO_WRITE_DOWN: Duration = Duration::from_secs(3);

/// For the archive after that. What it lacks then is caught up by the next run.
pub(super) const TO_ARCHIVE: Duration = Duration::from_secs(10);

/// Waits until the run was asked to end, and so long after. What is given up then rolls back.
pub(super) async fn overdue(stop: &CancellationToken, patience: Duration) {
    stop.cancelled().await;
    tokio::time::sleep(patience).await;
}
