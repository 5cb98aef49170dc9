//! The ways to what is wanted, by what the app may call. When one turns out to be closed, the next is taken.

use super::AskAgain;
use crate::config::AudioFeaturesFrom;
use crate::reccobeats;
use crate::spotify::{Access, Client, Endpoint, ids_per_call};

/// The way to each kind of thing at present.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ways {
    pub(super) albums: AlbumsWay,
    pub(super) details: DetailsWay,
    details_otherwise: DetailsWay,
    pub(super) features: FeaturesWay,
    features_otherwise: FeaturesWay,
}

/// How albums are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AlbumsWay {
    Several,
    Single,
}

/// How tracks' details are had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DetailsWay {
    Several,
    Single,
    /// From the tracks that an album lists.
    FromAlbum,
    Nobody,
}

/// Who is asked for audio features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FeaturesWay {
    Spotify,
    ReccoBeats,
    /// Nobody, for this reason.
    Nobody(&'static str, AskAgain),
}

/// The setting says so; once it says otherwise, the tracks are asked about.
const SWITCHED_OFF: &str = "AUDIO_FEATURES is off";
const CLOSED: &str = "Spotify gives this app no audio features, and AUDIO_FEATURES=spotify asks nobody else";

impl Ways {
    /// To albums with all that belongs to them.
    pub(super) fn to_albums(spotify: &Client, features: AudioFeaturesFrom) -> Self {
        Self::new(features, DetailsWay::FromAlbum).past_what_is_closed_to(spotify)
    }

    /// To tracks of stored albums.
    pub(super) fn to_tracks(spotify: &Client, features: AudioFeaturesFrom) -> Self {
        Self::new(features, DetailsWay::Single).past_what_is_closed_to(spotify)
    }

    /// The first ways of all, with the one to details that follows when several tracks cannot be asked for.
    pub(super) fn new(features: AudioFeaturesFrom, details_otherwise: DetailsWay) -> Self {
        let features_otherwise = match features {
            AudioFeaturesFrom::Off => FeaturesWay::Nobody(SWITCHED_OFF, AskAgain::OnceAllowed),
            AudioFeaturesFrom::Spotify => FeaturesWay::Nobody(CLOSED, AskAgain::OnceAllowed),
            AudioFeaturesFrom::Auto | AudioFeaturesFrom::ReccoBeats => FeaturesWay::ReccoBeats,
        };
        let asks_spotify = matches!(features, AudioFeaturesFrom::Auto | AudioFeaturesFrom::Spotify);
        Self {
            albums: AlbumsWay::Several,
            details: DetailsWay::Several,
            details_otherwise,
            features: if asks_spotify {
                FeaturesWay::Spotify
            } else {
                features_otherwise
            },
            features_otherwise,
        }
    }

    fn past_what_is_closed_to(mut self, spotify: &Client) -> Self {
        for endpoint in [
            Endpoint::Albums,
            Endpoint::Tracks,
            Endpoint::Track,
            Endpoint::AudioFeatures,
        ] {
            if spotify.access(endpoint) == Access::Closed {
                self.refused(endpoint);
            }
        }
        self
    }

    /// Takes the next way where this endpoint is closed. Returns whether there is one.
    pub(super) fn refused(&mut self, endpoint: Endpoint) -> bool {
        match endpoint {
            Endpoint::Albums => self.albums = AlbumsWay::Single,
            Endpoint::Tracks if self.details == DetailsWay::Several => self.details = self.details_otherwise,
            Endpoint::Track if self.details == DetailsWay::Single => self.details = DetailsWay::Nobody,
            Endpoint::Track => {
                if self.details_otherwise == DetailsWay::Single {
                    self.details_otherwise = DetailsWay::Nobody;
                }
            }
            Endpoint::AudioFeatures if self.features == FeaturesWay::Spotify => {
                self.features = self.features_otherwise;
            }
            Endpoint::Tracks | Endpoint::AudioFeatures => {}
            _ => return false,
        }
        true
    }

    /// ReccoBeats is asked no more in this run, for this reason.
    pub(super) fn without_reccobeats(&mut self, reason: &'static str) {
        self.features = FeaturesWay::Nobody(reason, AskAgain::InAnHour);
    }

    pub(super) fn albums_per_call(&self) -> usize {
        match self.albums {
            AlbumsWay::Several => ids_per_call::ALBUMS,
            AlbumsWay::Single => 1,
        }
    }

    /// 0 where no call is made.
    pub(super) fn details_per_call(&self) -> usize {
        match self.details {
            DetailsWay::Several => ids_per_call::TRACKS,
            DetailsWay::Single => 1,
            DetailsWay::FromAlbum | DetailsWay::Nobody => 0,
        }
    }

    /// 0 where no call is made.
    pub(super) fn features_per_call(&self) -> usize {
        match self.features {
            FeaturesWay::Spotify => ids_per_call::AUDIO_FEATURES,
            FeaturesWay::ReccoBeats => reccobeats::IDS_PER_CALL,
            FeaturesWay::Nobody(..) => 0,
        }
    }
}
