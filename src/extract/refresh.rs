//! Refresh: what moves after an album is loaded. Popularity is read once a day for some weeks, and audio
//! features that Spotify had none of are asked for again.

use indicatif::ProgressBar;
use serde::Serialize;
use tokio::sync::mpsc::Sender;

use super::fetch::work_off;
use super::worklist::Worklist;
use super::{ExtractError, Extracted, Source};
use crate::postgres::albums::{audio_features_due, popularity_due};

/// What was asked again.
#[derive(Debug, Default, Serialize)]
pub struct Refreshed {
    /// What ended it early.
    #[serde(skip)]
    pub stopped_by: Option<ExtractError>,
    /// Tracks whose popularity was due.
    pub popularity: u64,
    /// Tracks whose audio features were due.
    pub audio_features: u64,
    /// Answers that could not be used.
    pub quarantined: u64,
}

/// Asks again about what is due today and hands on the answers, call by call. It stops at the first error that no
/// single id is to blame for.
///
/// # Errors
/// When what is due cannot be looked up.
pub async fn refresh(
    source: &Source,
    window_days: u16,
    answers: Sender<Extracted>,
) -> Result<Refreshed, ExtractError> {
    let popularity = popularity_due(&source.db, window_days).await?;
    let audio_features = audio_features_due(&source.db).await?;
    let due = (popularity.len() as u64, audio_features.len() as u64);
    let work = Worklist::of_tracks(popularity, audio_features);
    let fetched = work_off(source, work, answers, &ProgressBar::hidden()).await;
    Ok(Refreshed {
        stopped_by: fetched.stopped_by,
        popularity: due.0,
        audio_features: due.1,
        quarantined: fetched.quarantined,
    })
}
