//! File locks: the kernel lets go of them however their holder ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::error::{EmbeddedError, cannot};

/// How often a wait looks again.
pub(super) const GLANCE: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_secs(180);

/// Waits for the lock that lets only one process at a time start the server.
pub(super) async fn exclusive(path: &Path) -> Result<File, EmbeddedError> {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(lock) = try_exclusive(path)? {
            return Ok(lock);
        }
        if Instant::now() > until {
            return Err(EmbeddedError::TooSlow {
                what: "another firstpress that is starting Postgres, and its lock",
                seconds: PATIENCE.as_secs(),
                path: path.to_path_buf(),
                advice: "see what that process is doing and end it",
            });
        }
        tokio::time::sleep(GLANCE).await;
    }
}

/// The lock, or none when someone holds it.
pub(super) fn try_exclusive(path: &Path) -> Result<Option<File>, EmbeddedError> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(cannot("lock", path)(error)),
    }
}

/// A lock that many can hold at a time.
pub(super) fn shared(path: &Path) -> Result<File, EmbeddedError> {
    let file = open(path)?;
    file.lock_shared().map_err(cannot("lock", path))?;
    Ok(file)
}

fn open(path: &Path) -> Result<File, EmbeddedError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path).map_err(cannot("open", path))
}
