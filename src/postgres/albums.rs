//! The album ledger: what has been discovered, what of it is loaded, and what is stored about tracks.

use std::collections::HashSet;

use sqlx::postgres::PgPool;
use uuid::Uuid;

use crate::domain::SpotifyId;
use crate::spotify::ListedAlbum;

/// Which of some tracks need not be asked about again.
#[derive(Debug, Default)]
pub struct Stored {
    /// Tracks whose details are stored.
    pub details: HashSet<SpotifyId>,
    /// Tracks about whose audio features there is an answer.
    pub audio_features: HashSet<SpotifyId>,
}

/// An album that is discovered and not loaded.
#[derive(Debug, Clone, Copy)]
pub struct PendingAlbum {
    /// Its id.
    pub id: SpotifyId,
    /// Number of tracks that the list stated.
    pub total_tracks: Option<u32>,
}

/// Writes down what a run's list showed: a sighting of each album, and in the ledger those never seen before.
///
/// # Errors
/// When the database fails.
pub async fn record_sightings(db: &PgPool, run_id: Uuid, listed: &[ListedAlbum]) -> sqlx::Result<()> {
    sqlx::query(include_str!("sql/record_sightings.sql"))
        .bind(run_id)
        .bind(listed.iter().map(|album| album.id.as_str()).collect::<Vec<_>>())
        .bind(
            listed
                .iter()
                .map(|album| album.name.as_deref())
                .collect::<Vec<_>>(),
        )
        .bind(
            listed
                .iter()
                .map(|album| album.album_type.as_deref())
                .collect::<Vec<_>>(),
        )
        .bind(
            listed
                .iter()
                .map(|album| album.release_date.as_deref())
                .collect::<Vec<_>>(),
        )
        .bind(listed.iter().map(|album| album.total_tracks).collect::<Vec<_>>())
        .execute(db)
        .await?;
    Ok(())
}

/// Albums that were discovered but are not loaded, oldest discovery first. Those in quarantine wait until their
/// time has come.
///
/// # Errors
/// When the database fails.
pub async fn pending(db: &PgPool) -> sqlx::Result<Vec<PendingAlbum>> {
    let pending = sqlx::query_as(include_str!("sql/pending_albums.sql"));
    Ok(valid_albums(pending.fetch_all(db).await?))
}

/// Those of the listed albums that a run would enter in the ledger and take up, in the order in which it takes
/// them.
///
/// # Errors
/// When the database fails.
pub async fn new_among(db: &PgPool, listed: &[ListedAlbum]) -> sqlx::Result<Vec<PendingAlbum>> {
    let new = sqlx::query_as(include_str!("sql/new_albums.sql"))
        .bind(listed.iter().map(|album| album.id.as_str()).collect::<Vec<_>>())
        .bind(listed.iter().map(|album| album.total_tracks).collect::<Vec<_>>());
    Ok(valid_albums(new.fetch_all(db).await?))
}

/// What is stored about these tracks.
///
/// # Errors
/// When the database fails.
pub async fn stored(db: &PgPool, tracks: &[SpotifyId]) -> sqlx::Result<Stored> {
    let tracks: Vec<&str> = tracks.iter().map(SpotifyId::as_str).collect();
    let (details, audio_features): (Vec<String>, Vec<String>) =
        sqlx::query_as(include_str!("sql/stored_tracks.sql"))
            .bind(tracks)
            .fetch_one(db)
            .await?;
    Ok(Stored {
        details: valid(details).into_iter().collect(),
        audio_features: valid(audio_features).into_iter().collect(),
    })
}

/// Tracks whose popularity is to be read today: those released within the last `window_days` without a reading
/// yet, those that were read longest ago first, and those whose details are in quarantine until now.
///
/// # Errors
/// When the database fails.
pub async fn popularity_due(db: &PgPool, window_days: u16) -> sqlx::Result<Vec<SpotifyId>> {
    let due = sqlx::query_scalar(include_str!("sql/popularity_due.sql")).bind(i32::from(window_days));
    Ok(valid(due.fetch_all(db).await?))
}

/// Tracks of which only the album's list is known, and not from this run, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn isrcs_due(db: &PgPool, run_id: Uuid) -> sqlx::Result<Vec<SpotifyId>> {
    let due = sqlx::query_scalar(include_str!("sql/isrcs_due.sql")).bind(run_id);
    Ok(valid(due.fetch_all(db).await?))
}

/// Tracks whose audio features are to be asked for again, and those about which nobody was asked.
///
/// # Errors
/// When the database fails.
pub async fn audio_features_due(db: &PgPool) -> sqlx::Result<Vec<SpotifyId>> {
    Ok(valid(
        sqlx::query_scalar(include_str!("sql/audio_features_due.sql"))
            .fetch_all(db)
            .await?,
    ))
}

fn valid(ids: Vec<String>) -> Vec<SpotifyId> {
    ids.iter().filter_map(|id| id.parse().ok()).collect()
}

fn valid_albums(albums: Vec<(String, Option<i32>)>) -> Vec<PendingAlbum> {
    let valid = |(id, total_tracks): (String, Option<i32>)| {
        Some(PendingAlbum {
            id: id.parse().ok()?,
            total_tracks: total_tracks.and_then(|tracks| u32::try_from(tracks).ok()),
        })
    };
    albums.into_iter().filter_map(valid).collect()
}
