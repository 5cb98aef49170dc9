//! Fetch: from album ids to complete albums, calls side by side.

use std::sync::Arc;

use indicatif::ProgressBar;
use serde::Serialize;
use sqlx::postgres::PgPool;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::ways::Ways;
use super::worklist::{Failure, Patience, Reply, Request, Room, Worklist};
use super::{Extracted, Quarantined};
use crate::config::AudioFeaturesFrom;
use crate::domain::{Answer, SpotifyId};
use crate::postgres::albums::{PendingAlbum, Stored, stored};
use crate::reccobeats::{self, ReccoBeatsError};
use crate::spotify::{Access, Album, AlbumTrack, Client, Endpoint, Page, SpotifyError};

/// Calls that may fail one after the other before the fault is taken to lie with Spotify and not with an id.
/// To corner one id among twenty takes six.
const FAILURES_IN_A_ROW: u32 = 8;

/// Where the extraction reads.
#[derive(Clone)]
pub struct Source {
    /// The Web API.
    pub spotify: Arc<Client>,
    /// For audio features that Spotify does not give.
    pub reccobeats: Arc<reccobeats::Client>,
    /// Who is asked for audio features.
    pub audio_features: AudioFeaturesFrom,
    /// What is stored already.
    pub db: PgPool,
    /// Cancelled when the run is to end.
    pub stop: CancellationToken,
}

/// What a fetch brought.
#[derive(Debug, Default, Serialize)]
pub struct Fetched {
    /// What ended it early. All that is counted here has been handed on.
    #[serde(skip)]
    pub stopped_by: Option<ExtractError>,
    /// Albums that the day's budget did not allow.
    pub left: u64,
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

/// Why a call brought nothing. What goes wrong with ReccoBeats ends no extraction.
enum CallError {
    ReccoBeats(ReccoBeatsError),
    Other(ExtractError),
}

impl<E: Into<ExtractError>> From<E> for CallError {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

/// Fetches these albums with all that belongs to them and hands each on when it is complete. It stops at the
/// first error that no single id is to blame for, when the calls under way then are finished, and where the day's
/// budget ends.
pub async fn fetch(
    source: &Source,
    albums: Vec<PendingAlbum>,
    complete: Sender<Extracted>,
    bar: &ProgressBar,
) -> Fetched {
    let ways = Ways::to_albums(&source.spotify, source.audio_features);
    work_off(source, Worklist::of_albums(albums, ways), complete, bar).await
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
    let albums = work.albums_left() as u64;
    source.spotify.report_progress(0, albums);
    loop {
        while fetched.stopped_by.is_none()
            && let Some((request, patience)) = work.next_request(&source.room())
        {
            let source = source.with(patience);
            let call = async move { (source.call(&request).await, request) };
            calls.spawn(call.in_current_span());
        }
        let call = tokio::select! {
            call = calls.join_next() => call,
            () = source.stop.cancelled() => return fetched.stopped(ExtractError::Interrupted),
        };
        let Some(call) = call else {
            fetched.left = work.albums_left() as u64;
            source.spotify.report_progress(0, 0);
            return fetched;
        };
        let (answer, request) = call.unwrap_or_else(|died| std::panic::resume_unwind(died.into_panic()));
        match answer {
            Ok(_) => failures_in_a_row = 0,
            Err(CallError::Other(ExtractError::Spotify(_))) => failures_in_a_row += 1,
            Err(_) => {}
        }
        if let Err(error) = take_in(&mut work, request, answer, failures_in_a_row) {
            fetched = fetched.stopped(error);
        }
        for extracted in work.take_complete() {
            fetched.count(&extracted);
            bar.set_position(fetched.albums);
            source.spotify.report_progress(fetched.albums, albums);
            if complete.send(extracted).await.is_err() {
                return fetched.stopped(ExtractError::Interrupted);
            }
        }
    }
}

/// Enters what a call came to. Returns what no single id and no other way can mend.
fn take_in(
    work: &mut Worklist,
    request: Request,
    answer: Result<Reply, CallError>,
    failures_in_a_row: u32,
) -> Result<(), ExtractError> {
    match answer {
        Ok(reply) => work.answered(&request, reply),
        Err(CallError::Other(ExtractError::Spotify(SpotifyError::Forbidden { endpoint, message }))) => {
            if !work.refused(request, endpoint) {
                return Err(SpotifyError::Forbidden { endpoint, message }.into());
            }
        }
        Err(CallError::Other(ExtractError::Spotify(error)))
            if error.may_lie_with_an_id() && failures_in_a_row <= FAILURES_IN_A_ROW =>
        {
            tracing::warn!("{error}; asking for fewer ids at a time");
            let why = Failure {
                reason: &error.to_string(),
                may_pass: error.may_be_over_soon(),
            };
            work.failed(request, why);
        }
        Err(CallError::ReccoBeats(error @ ReccoBeatsError::Rejected(_))) => {
            let why = Failure {
                reason: &error.to_string(),
                may_pass: false,
            };
            work.failed(request, why);
        }
        Err(CallError::ReccoBeats(error)) => {
            tracing::warn!("{error}; its tracks are asked about again in an hour");
            if let ReccoBeatsError::LongWait(_) = error {
                work.leave_reccobeats_alone();
            }
            work.reccobeats_failed(&request, &error.to_string());
        }
        Err(CallError::Other(error)) => return Err(error),
    }
    Ok(())
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

    async fn call(&self, request: &Request) -> Result<Reply, CallError> {
        Ok(match request {
            Request::Albums(ids) => {
                let answers = self.spotify.albums(ids).await?;
                let stored = self
                    .stored(answers.iter().filter_map(|(_, answer)| first_page(answer)))
                    .await?;
                Reply::Albums(answers, stored)
            }
            Request::Album(id) => {
                let answer = self.spotify.album(*id).await?;
                let stored = self.stored(first_page(&answer).into_iter()).await?;
                Reply::Albums(vec![(*id, answer)], stored)
            }
            Request::TrackPage { album, offset } => {
                let page = self.spotify.album_tracks(*album, *offset).await?;
                let stored = self.stored([&page].into_iter()).await?;
                Reply::TrackPage(*album, page, stored)
            }
            Request::Details(ids) => Reply::Details(self.spotify.tracks(ids).await?),
            Request::Track(id) => Reply::Details(vec![(*id, self.spotify.track(*id).await?)]),
            Request::AudioFeatures(ids) => Reply::AudioFeatures(self.spotify.audio_features(ids).await?),
            Request::ReccoBeats(ids) => {
                let answers = self.reccobeats.audio_features(ids).await;
                Reply::AudioFeatures(answers.map_err(CallError::ReccoBeats)?)
            }
        })
    }

    fn room(&self) -> Room {
        let is_unknown = |endpoint: &Endpoint| self.spotify.access(*endpoint) == Access::Unknown;
        Room {
            in_flight: self.spotify.max_in_flight(),
            calls_left: self.spotify.calls_left(),
            unknown: Endpoint::ALL.into_iter().filter(is_unknown).collect(),
        }
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
