//! Load: rows that belong together into the raw tables, in one transaction or not at all.

mod batch;
mod rebuild;
mod store;

use indicatif::ProgressBar;
use serde::Serialize;
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool};
use tokio::sync::mpsc::Receiver;
use uuid::Uuid;

use crate::extract::Extracted;
use batch::Batch;
pub use rebuild::{Rebuilt, rebuild};

/// Albums in one transaction at most: some 2 MB of rows. As many may wait meanwhile, and a process that dies loses
/// these and those.
const ALBUMS_PER_BATCH: usize = 50;

/// By Postgres's appendix A.
const DEADLOCK_DETECTED: &str = "40P01";

/// What was stored.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Loaded {
    /// Albums now known.
    pub albums: u64,
    /// Rows in `raw.album_tracks`.
    pub album_tracks: u64,
    /// Rows in `raw.track_details`.
    pub track_details: u64,
    /// Answers in `raw.audio_features`.
    pub audio_features: u64,
    /// Readings in `raw.track_popularity`.
    pub track_popularity: u64,
    /// Rows in `raw.artists`.
    pub artists: u64,
    /// Transactions.
    pub batches: u64,
}

impl Loaded {
    /// Rows of all tables together.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let of_tracks = self.album_tracks + self.track_details + self.audio_features + self.track_popularity;
        self.albums + of_tracks + self.artists
    }

    /// Adds what another load stored.
    pub fn add(&mut self, other: &Self) {
        self.albums += other.albums;
        self.album_tracks += other.album_tracks;
        self.track_details += other.track_details;
        self.audio_features += other.audio_features;
        self.track_popularity += other.track_popularity;
        self.artists += other.artists;
        self.batches += other.batches;
    }
}

/// Why loading ended early. Nothing of the batch at hand is in the tables.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The database failed or went away.
    #[error("cannot store a batch of albums: {0}")]
    Database(#[from] sqlx::Error),
    /// A value that the wire format cannot hold.
    #[error("cannot write a row: {0}")]
    Row(#[from] sqlx::error::BoxDynError),
}

/// Stores what arrives until the sender is done. Whatever has arrived by the time the last batch is stored
/// makes the next one, so that the database is never waited for longer than it needs.
///
/// # Errors
/// The first error; batches before it are stored.
pub async fn load(
    db: &PgPool,
    run_id: Uuid,
    mut extracted: Receiver<Extracted>,
    bar: &ProgressBar,
) -> Result<Loaded, LoadError> {
    let mut loaded = Loaded::default();
    let mut arrived = Vec::with_capacity(ALBUMS_PER_BATCH);
    let mut connection = None;
    while extracted.recv_many(&mut arrived, ALBUMS_PER_BATCH).await > 0 {
        let connection = match &mut connection {
            Some(connection) => connection,
            none => none.insert(staged(db).await?),
        };
        loaded.add(&store(connection, run_id, &arrived).await?);
        bar.set_position(loaded.albums);
        arrived.clear();
    }
    Ok(loaded)
}

/// Stores a batch. Where Postgres has ended a deadlock with somebody else, a migration for instance, at the batch's cost,
/// the other one is through by then, and the batch is stored anew.
async fn store(
    connection: &mut PgConnection,
    run_id: Uuid,
    extracted: &[Extracted],
) -> Result<Loaded, LoadError> {
    match Batch::new(run_id, extracted)?.store(connection).await {
        Err(LoadError::Database(error)) if is_deadlock(&error) => {
            tracing::warn!("a batch is stored once more: {error}");
            Batch::new(run_id, extracted)?.store(connection).await
        }
        stored => stored,
    }
}

fn is_deadlock(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.as_deref() == Some(DEADLOCK_DETECTED)
}

/// Renews Postgres's statistics of tables that have grown by a tenth: without them it takes grown tables for empty
/// ones when the models are built right after. Autovacuum would do the same, by the same share, a minute later.
///
/// # Errors
/// When the database fails.
pub async fn refresh_statistics(connection: &mut PgConnection, loaded: &Loaded) -> sqlx::Result<()> {
    let known: i64 = sqlx::query_scalar(include_str!("sql/known_albums.sql"))
        .fetch_one(&mut *connection)
        .await?;
    if loaded.albums * 10 >= known.unsigned_abs() {
        sqlx::raw_sql(include_str!("sql/analyze.sql"))
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// A connection that has the tables in which a batch lands.
async fn staged(db: &PgPool) -> sqlx::Result<PoolConnection<Postgres>> {
    let mut connection = db.acquire().await?;
    sqlx::raw_sql(include_str!("sql/stage.sql"))
        .execute(&mut *connection)
        .await?;
    Ok(connection)
}
