//! Refresh: what moves after an album is loaded. Popularity is read once a day for some weeks, and audio
//! features that Spotify had none of are asked for again.

use futures::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use tokio::sync::mpsc::Sender;

use super::{ExtractError, Extracted, Source};
use crate::domain::SpotifyId;
use crate::postgres::albums::{audio_features_due, popularity_due};
use crate::spotify::ids_per_call;

/// What was asked again.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Refreshed {
    /// Tracks whose popularity was due.
    pub popularity: u64,
    /// Tracks whose audio features were due.
    pub audio_features: u64,
}

/// Asks again about what is due today and hands on the answers, call by call.
///
/// # Errors
/// The first error; what was answered before it has been handed on.
pub async fn refresh(
    source: &Source,
    window_days: u16,
    answers: Sender<Extracted>,
) -> Result<Refreshed, ExtractError> {
    let popularity = popularity_due(&source.db, window_days).await?;
    let audio_features = audio_features_due(&source.db).await?;
    let refreshed = Refreshed {
        popularity: popularity.len() as u64,
        audio_features: audio_features.len() as u64,
    };
    let details = popularity
        .chunks(ids_per_call::TRACKS)
        .map(|ids| details(source, ids));
    hand_on(source, details, &answers).await?;
    let features = audio_features
        .chunks(ids_per_call::AUDIO_FEATURES)
        .map(|ids| features(source, ids));
    hand_on(source, features, &answers).await?;
    Ok(refreshed)
}

async fn hand_on<Call>(
    source: &Source,
    calls: impl Iterator<Item = Call>,
    answers: &Sender<Extracted>,
) -> Result<(), ExtractError>
where
    Call: Future<Output = Result<Extracted, ExtractError>>,
{
    let work = stream::iter(calls)
        .buffer_unordered(source.max_in_flight)
        .try_for_each(async |extracted| {
            answers
                .send(extracted)
                .await
                .map_err(|_| ExtractError::Interrupted)
        });
    tokio::select! {
        done = work => done,
        () = source.stop.cancelled() => Err(ExtractError::Interrupted),
    }
}

async fn details(source: &Source, ids: &[SpotifyId]) -> Result<Extracted, ExtractError> {
    let mut extracted = Extracted::default();
    for (id, answer) in source.spotify.tracks(ids).await? {
        extracted.add_details(id, answer);
    }
    Ok(extracted)
}

async fn features(source: &Source, ids: &[SpotifyId]) -> Result<Extracted, ExtractError> {
    let mut extracted = Extracted::default();
    for (id, answer) in source.spotify.audio_features(ids).await? {
        extracted.add_audio_features(id, answer);
    }
    Ok(extracted)
}
