//! Fetch: from album ids to complete albums, calls side by side.

use std::sync::Arc;

use indicatif::ProgressBar;
use serde::Serialize;
use sqlx::postgres::PgPool;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::worklist::{Patience, Reply, Request, Worklist};
use super::{Extracted, Quarantined};
use crate::domain::SpotifyId;
use crate::postgres::albums::{Stored, stored};
use crate::spotify::{Album, AlbumTrack, Answer, Client, Page, SpotifyError};

/// Calls that may fail one after the other before the fault is taken to lie with Spotify and not with an id.
/// To corner one id among twenty takes six.
const FAILURES_IN_A_ROW: u32 = 8;

/// Where the extraction reads.
#[derive(Clone)]
pub struct Source {
    /// The Web API.
    pub spotify: Arc<Client>,
    /// What is stored already.
    pub db: PgPool,
    /// Calls that may be under way at once.
    pub max_in_flight: usize,
    /// Cancelled when the run is to end.
    pub stop: CancellationToken,
}

/// What a fetch brought.
#[derive(Debug, Default, Serialize)]
pub struct Fetched {
    /// What ended it early. All that is counted here has been handed on.
    #[serde(skip)]
    pub stopped_by: Option<ExtractError>,
    /// Complete albums.
    pub albums: u64,
    /// Their tracks.
    pub tracks: u64,
    /// Items that could not be used.
    pub quarantined: u64,
    /// Entries of the albums' lists of tracks that were null.
    pub null_tracks: u64,
}

/// Why an extraction ended early. What was complete by then has been handed on.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// Spotify.
    #[error(transparent)]
    Spotify(#[from] SpotifyError),
    /// The database, while looking up what is stored.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// A signal, or the loader has stopped.
    #[error("interrupted")]
    Interrupted,
}

/// Fetches these albums with all that belongs to them and hands each on when it is complete. It stops at the
/// first error that no single id is to blame for, when the calls under way then are finished.
pub async fn fetch(
    source: &Source,
    albums: Vec<SpotifyId>,
    complete: Sender<Extracted>,
    bar: &ProgressBar,
) -> Fetched {
    work_off(source, Worklist::of_albums(albums), complete, bar).await
}

/// Makes the calls of a worklist, some side by side, and hands on what becomes complete.
pub(super) async fn work_off(
    source: &Source,
    mut work: Worklist,
    complete: Sender<Extracted>,
    bar: &ProgressBar,
) -> Fetched {
    let mut calls = JoinSet::new();
    let mut fetched = Fetched::default();
    let mut failures_in_a_row = 0;
    loop {
        while fetched.stopped_by.is_none() && calls.len() < source.max_in_flight {
            let Some((request, patience)) = work.next_request() else {
                break;
            };
            let source = source.with(patience);
            calls.spawn(async move { (source.call(&request).await, request) });
        }
        let call = tokio::select! {
            call = calls.join_next() => call,
            () = source.stop.cancelled() => return fetched.stopped(ExtractError::Interrupted),
        };
        match call.map(|call| call.unwrap_or_else(|died| std::panic::resume_unwind(died.into_panic()))) {
            None => return fetched,
            Some((Ok(reply), _)) => {
                failures_in_a_row = 0;
                work.answered(reply);
            }
            Some((Err(ExtractError::Spotify(error)), request))
                if error.may_lie_with_an_id() && failures_in_a_row < FAILURES_IN_A_ROW =>
            {
                failures_in_a_row += 1;
                tracing::warn!("{error}; asking for fewer ids at a time");
                work.failed(request, &error.to_string());
            }
            Some((Err(error), _)) => fetched = fetched.stopped(error),
        }
        for extracted in work.take_complete() {
            fetched.count(&extracted);
            bar.set_position(fetched.albums);
            if complete.send(extracted).await.is_err() {
                return fetched.stopped(ExtractError::Interrupted);
            }
        }
    }
}

impl Fetched {
    /// The first error is the one to tell.
    fn stopped(self, error: ExtractError) -> Self {
        Self {
            stopped_by: self.stopped_by.or(Some(error)),
            ..self
        }
    }

    fn count(&mut self, extracted: &Extracted) {
        if let Some((_, tracks)) = extracted.album.as_deref() {
            self.albums += 1;
            self.tracks += tracks.len() as u64;
        }
        self.null_tracks += extracted.null_tracks;
        for Quarantined { item, id, reason, .. } in &extracted.quarantined {
            self.quarantined += 1;
            let (item, id) = (item.as_str(), id.as_deref().unwrap_or("without an id"));
            tracing::warn!(item, id, "{item} {id} put aside: {reason}");
        }
    }
}

impl Source {
    fn with(&self, patience: Patience) -> Self {
        match patience {
            Patience::Whole => self.clone(),
            Patience::Spent => Self {
                spotify: Arc::new(self.spotify.hasty()),
                ..self.clone()
            },
        }
    }

    async fn call(&self, request: &Request) -> Result<Reply, ExtractError> {
        Ok(match request {
            Request::Albums(ids) => {
                let answers = self.spotify.albums(ids).await?;
                let stored = self
                    .stored(answers.iter().filter_map(|(_, answer)| first_page(answer)))
                    .await?;
                Reply::Albums(answers, stored)
            }
            Request::TrackPage { album, offset } => {
                let page = self.spotify.album_tracks(*album, *offset).await?;
                let stored = self.stored([&page].into_iter()).await?;
                Reply::TrackPage(*album, page, stored)
            }
            Request::Details(ids) => Reply::Details(self.spotify.tracks(ids).await?),
            Request::AudioFeatures(ids) => Reply::AudioFeatures(self.spotify.audio_features(ids).await?),
        })
    }

    async fn stored(&self, pages: impl Iterator<Item = &Page<AlbumTrack>>) -> sqlx::Result<Stored> {
        let tracks: Vec<SpotifyId> = pages
            .flat_map(|page| page.items.iter().map(|track| track.fields.id))
            .collect();
        stored(&self.db, &tracks).await
    }
}

fn first_page(answer: &Answer<Album>) -> Option<&Page<AlbumTrack>> {
    match answer {
        Answer::Found(album) => Some(&album.tracks),
        _ => None,
    }
}
