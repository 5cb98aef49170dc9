//! The archive: the raw rows of each run as Parquet files, in a directory or on S3, and the raw tables rebuilt from
//! them.
//!
//! A run's files lie at `raw/albums/date=2026-11-26/RUN_ID.parquet` and so on, the date being that of the run's start
//! in UTC. Its manifest, `manifests/date=…/RUN_ID.json`, is written last: a run is in the archive when its manifest is,
//! and neither it nor what it names is written again.

#[cfg(feature = "archive")]
mod columns;
mod error;
#[cfg(feature = "archive")]
mod keep;
#[cfg(feature = "archive")]
mod manifest;
#[cfg(feature = "archive")]
mod outdated;
#[cfg(feature = "archive")]
mod restore;
#[cfg(feature = "archive")]
mod sql;
#[cfg(feature = "archive")]
mod store;
#[cfg(feature = "archive")]
mod tables;
#[cfg(feature = "archive")]
mod verify;

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::postgres::{PgConnection, PgPool};

pub use error::ArchiveError;

use crate::config::ArchivePlace;

/// Whether this binary can write and read archives.
pub const IS_BUILT_IN: bool = cfg!(feature = "archive");

/// What was written.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Kept {
    /// Runs.
    pub runs: u64,
    /// Parquet files.
    pub files: u64,
    /// Rows in them.
    pub rows: u64,
    /// Their size.
    pub bytes: u64,
}

/// What was loaded.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Restored {
    /// Runs.
    pub runs: u64,
    /// Rows, each version counted of those that several runs stored.
    pub rows: u64,
}

/// Writes down the raw rows of every run that has ended and is not in the archive yet, the oldest first. What is
/// written is counted in `kept`, also when a later run fails.
///
/// # Errors
/// [`ArchiveError`]; runs before the one that failed are in the archive.
pub async fn keep(db: &PgPool, place: &ArchivePlace, kept: &mut Kept) -> Result<(), ArchiveError> {
    #[cfg(feature = "archive")]
    return keep::keep(db, &store::Store::open(place).await?, kept).await;
    #[cfg(not(feature = "archive"))]
    Err(not_built_in(&(db, place, kept)).await)
}

/// Replaces the raw tables and the ledger of albums by what the archive holds, in a transaction of the caller's; rows of
/// runs that were purged from it stay. The ledger of runs is added to.
///
/// # Errors
/// [`ArchiveError::Damaged`] names every file that is not what its manifest says, [`ArchiveError::Lacks`] the runs that
/// only the database knows. Then, and after any other error, the transaction is to be rolled back.
pub async fn restore(connection: &mut PgConnection, place: &ArchivePlace) -> Result<Restored, ArchiveError> {
    #[cfg(feature = "archive")]
    return restore::restore(connection, &store::Store::open(place).await?).await;
    #[cfg(not(feature = "archive"))]
    Err(not_built_in(&(connection, place)).await)
}

/// Runs that are in the archive and started on a UTC day before `before`.
///
/// # Errors
/// When the archive cannot be read.
pub async fn outdated(place: &ArchivePlace, before: NaiveDate) -> Result<u64, ArchiveError> {
    #[cfg(feature = "archive")]
    return outdated::count(&store::Store::open(place).await?, before).await;
    #[cfg(not(feature = "archive"))]
    Err(not_built_in(&(place, before)).await)
}

/// Removes whatever lies in the archive of runs that started on a UTC day before `before`, manifests first: also what
/// was left of a run that is not, or no longer, in it.
///
/// # Errors
/// [`ArchiveError`]; what is left is removed when this is repeated.
pub async fn remove_outdated(place: &ArchivePlace, before: NaiveDate) -> Result<(), ArchiveError> {
    #[cfg(feature = "archive")]
    return outdated::remove(&store::Store::open(place).await?, before).await;
    #[cfg(not(feature = "archive"))]
    Err(not_built_in(&(place, before)).await)
}

/// Writes a file and removes it.
///
/// # Errors
/// When that cannot be done.
pub async fn probe(place: &ArchivePlace) -> Result<(), ArchiveError> {
    #[cfg(feature = "archive")]
    return store::Store::open(place).await?.probe().await;
    #[cfg(not(feature = "archive"))]
    Err(not_built_in(place).await)
}

#[cfg(not(feature = "archive"))]
async fn not_built_in<T: ?Sized>(_: &T) -> ArchiveError {
    std::future::ready(ArchiveError::NotBuiltIn).await
}
