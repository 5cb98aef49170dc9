//! Refresh: what moves or is missing after an album is loaded.

use indicatif::ProgressBar;
use serde::Serialize;
use tokio::sync::mpsc::Sender;
use uuid::Uuid;

use super::fetch::work_off;
use super::ways::{FeaturesWay, Ways};
use super::worklist::Worklist;
use super::{ExtractError, Extracted, Source};
use crate::postgres::albums::{audio_features_due, isrcs_due, popularity_due};

/// What is asked again, in the order of worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Audio features that nobody had when they were asked for last.
    AudioFeatures,
    /// Popularity of tracks released within so many days, once a day.
    Popularity {
        /// The setting `POPULARITY_WINDOW_DAYS`.
        window_days: u16,
    },
    /// ISRCs of tracks of which only the album's list is known, and that no part of this run brought: what is
    /// left of a day's budget belongs to albums that are still to come that day.
    Isrcs {
        /// This run.
        run_id: Uuid,
    },
}

impl Due {
    /// The stage's name in `ops.run_steps`.
    #[must_use]
    pub fn step(self) -> &'static str {
        match self {
            Self::AudioFeatures => "refresh_audio_features",
            Self::Popularity { .. } => "refresh_popularity",
            Self::Isrcs { .. } => "fetch_isrcs",
        }
    }
}

/// What was asked again.
#[derive(Debug, Default, Serialize)]
pub struct Refreshed {
    /// What ended it early.
    #[serde(skip)]
    pub stopped_by: Option<ExtractError>,
    /// Tracks that were due.
    pub due: u64,
    /// Answers that could not be used.
    pub quarantined: u64,
}

/// Asks again about what is due and hands on the answers, call by call. It stops at the first error that no
/// single id is to blame for, and where the day's budget ends.
///
/// # Errors
/// When what is due cannot be looked up.
pub async fn refresh(
    source: &Source,
    due: Due,
    answers: Sender<Extracted>,
) -> Result<Refreshed, ExtractError> {
    let ways = Ways::to_tracks(&source.spotify, source.audio_features);
    let (details, audio_features) = match due {
        Due::AudioFeatures if matches!(ways.features, FeaturesWay::Nobody(..)) => (Vec::new(), Vec::new()),
        Due::AudioFeatures => (Vec::new(), audio_features_due(&source.db).await?),
        Due::Popularity { window_days } => (popularity_due(&source.db, window_days).await?, Vec::new()),
        Due::Isrcs { run_id } => (isrcs_due(&source.db, run_id).await?, Vec::new()),
    };
    let due = (details.len() + audio_features.len()) as u64;
    let work = Worklist::of_tracks(details, audio_features, ways);
    let fetched = work_off(source, work, answers, &ProgressBar::hidden()).await;
    Ok(Refreshed {
        stopped_by: fetched.stopped_by,
        due,
        quarantined: fetched.quarantined,
    })
}
