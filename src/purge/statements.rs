//! The statements that take away what is due, of each retention.
//!
//! Each takes the purge, the time before which rows are due, the time that the batch before it has reached, and how
//! many rows it may take. It deletes them, enters them in `ops.purged`, and tells how many they were and which time it
//! has reached.

use crate::domain::Retained;

/// Albums in one transaction: some two thousand tracks.
const ALBUMS: i64 = 200;
/// Runs in one transaction: some two hundred check results each.
const RUNS: i64 = 50;
/// Rows in one transaction.
const ROWS: i64 = 5000;

/// A statement that takes away one batch.
pub(super) struct Deletion {
    pub(super) statement: &'static str,
    /// How much it may take at once.
    pub(super) batch: i64,
    /// Whether models are built from what goes.
    pub(super) feeds_models: bool,
}

/// What has to run for a retention, in this order.
pub(super) fn of(retained: Retained) -> Vec<Deletion> {
    match retained {
        Retained::Albums => vec![
            models_read(include_str!("sql/albums.sql"), ALBUMS),
            nobody_reads(include_str!("sql/purged_albums_sightings.sql"), ROWS),
            models_read(include_str!("sql/artists.sql"), ROWS),
            nobody_reads(include_str!("sql/market_sets.sql"), ROWS),
        ],
        Retained::TrackPopularity => vec![models_read(include_str!("sql/track_popularity.sql"), ROWS)],
        Retained::ReleaseSightings => vec![models_read(include_str!("sql/release_sightings.sql"), ROWS)],
        Retained::Quarantine => vec![nobody_reads(include_str!("sql/quarantine.sql"), ROWS)],
        Retained::Json => [
            include_str!("sql/json_albums.sql"),
            include_str!("sql/json_album_tracks.sql"),
            include_str!("sql/json_track_details.sql"),
            include_str!("sql/json_audio_features.sql"),
            include_str!("sql/json_quarantine.sql"),
        ]
        .map(|statement| nobody_reads(statement, ROWS))
        .into(),
        Retained::Runs => vec![nobody_reads(include_str!("sql/runs.sql"), RUNS)],
        // not a table: see purge_archive
        Retained::Archive => Vec::new(),
    }
}

fn models_read(statement: &'static str, batch: i64) -> Deletion {
    Deletion {
        statement,
        batch,
        feeds_models: true,
    }
}

fn nobody_reads(statement: &'static str, batch: i64) -> Deletion {
    Deletion {
        statement,
        batch,
        feeds_models: false,
    }
}
