//! A call to make, its answer, and what there is room for.

use crate::domain::{Answer, AudioFeatures, SpotifyId};
use crate::postgres::albums::Stored;
use crate::spotify::{Album, AlbumTrack, Endpoint, Page, Track};

/// A call to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::extract) enum Request {
    Albums(Vec<SpotifyId>),
    Album(SpotifyId),
    TrackPage { album: SpotifyId, offset: u32 },
    Details(Vec<SpotifyId>),
    Track(SpotifyId),
    AudioFeatures(Vec<SpotifyId>),
    ReccoBeats(Vec<SpotifyId>),
}

/// How long to put up with failures of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) enum Patience {
    Whole,
    /// It was spent on the call that this one is a part of.
    Spent,
}

/// Why a call failed as a whole.
#[derive(Debug, Clone, Copy)]
pub(in crate::extract) struct Failure<'a> {
    pub(in crate::extract) reason: &'a str,
    /// Whether the trouble is the server's own, so that it may be over soon.
    pub(in crate::extract) may_pass: bool,
}

/// A call's answer. Album answers come with what the database has of their tracks.
pub(in crate::extract) enum Reply {
    Albums(Vec<(SpotifyId, Answer<Album>)>, Stored),
    TrackPage(SpotifyId, Page<AlbumTrack>, Stored),
    Details(Vec<(SpotifyId, Answer<Track>)>),
    AudioFeatures(Vec<(SpotifyId, Answer<AudioFeatures>)>),
}

/// What there is room for.
pub(in crate::extract) struct Room {
    /// Calls to Spotify that may be under way at once.
    pub(in crate::extract) in_flight: usize,
    /// Calls that the day's budget leaves; `None` without a budget.
    pub(in crate::extract) calls_left: Option<u64>,
    /// Endpoints of which nobody knows whether the app may call them: one call at a time goes there.
    pub(in crate::extract) unknown: Vec<Endpoint>,
}

impl Request {
    /// Spotify's endpoint; `None` is ReccoBeats.
    pub(in crate::extract) fn endpoint(&self) -> Option<Endpoint> {
        match self {
            Self::Albums(_) => Some(Endpoint::Albums),
            Self::Album(_) => Some(Endpoint::Album),
            Self::TrackPage { .. } => Some(Endpoint::AlbumTracks),
            Self::Details(_) => Some(Endpoint::Tracks),
            Self::Track(_) => Some(Endpoint::Track),
            Self::AudioFeatures(_) => Some(Endpoint::AudioFeatures),
            Self::ReccoBeats(_) => None,
        }
    }

    /// Whether its answer may bring tracks that are not on the list yet.
    pub(super) fn brings_tracks(&self) -> bool {
        matches!(self, Self::Albums(_) | Self::Album(_) | Self::TrackPage { .. })
    }

    /// Albums that it asks for.
    pub(in crate::extract) fn albums(&self) -> &[SpotifyId] {
        match self {
            Self::Albums(ids) => ids,
            Self::Album(id) => std::slice::from_ref(id),
            _ => &[],
        }
    }
}
