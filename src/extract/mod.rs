//! From Spotify: discover new releases, exclude what is known, fetch complete albums, refresh what moves.

mod discover;
mod fetch;
mod forecast;
mod refresh;
mod ways;
mod worklist;

pub use discover::{Discovered, DiscoveryWay, discover};
pub use fetch::{ExtractError, Fetched, Source, fetch};
pub use forecast::{Amounts, Forecast, look_ahead};
pub use refresh::{Due, Refreshed, refresh};

use crate::domain::{Answer, AudioFeatures, SpotifyId, Undecodable};
use crate::spotify::{Album, AlbumTrack, Track};
use worklist::Failure;

/// Rows that belong together: they are stored in one transaction or not at all.
#[derive(Debug, Default)]
pub struct Extracted {
    /// A complete album with all its tracks.
    pub album: Option<Box<(Album, Vec<AlbumTrack>)>>,
    /// Details of tracks that were not stored yet, by the id that was asked for.
    pub details: Vec<(SpotifyId, Track)>,
    /// Answers about audio features: the features, or why there are none.
    pub audio_features: Vec<(SpotifyId, Result<AudioFeatures, Missing>)>,
    /// What could not be used.
    pub quarantined: Vec<Quarantined>,
    /// Entries in the album's list of tracks that were null.
    pub null_tracks: u64,
}

/// Why there are no audio features of a track.
#[derive(Debug)]
pub struct Missing {
    /// The reason.
    pub reason: String,
    /// When somebody is asked again.
    pub ask_again: AskAgain,
}

/// When a track without audio features is asked about again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskAgain {
    /// Somebody was asked and has none: after growing intervals, for four weeks.
    LaterEachTime,
    /// Whoever was to be asked did not answer, which is no reason to give the track up.
    InAnHour,
    /// Nobody may be asked: once the settings or the app's rights allow it.
    OnceAllowed,
}

/// An item that could not be used.
#[derive(Debug)]
pub struct Quarantined {
    /// What it is.
    pub item: Item,
    /// Spotify's id, where it has one.
    pub id: Option<String>,
    /// Endpoint whose answer could not be used.
    pub endpoint: &'static str,
    /// Why it could not be used.
    pub reason: String,
    /// The item as Spotify sent it.
    pub json: Option<String>,
    /// Whether the trouble is the server's own and not the item's, so that it may be over soon.
    pub may_pass: bool,
}

/// What an item in quarantine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// An album, or an entry in the list of new releases.
    Album,
    /// A track in an album's list.
    AlbumTrack,
    /// A track's details.
    Track,
    /// A track's audio features.
    AudioFeatures,
}

impl Item {
    /// The word in `raw.quarantine.item_type`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Album => "album",
            Self::AlbumTrack => "album_track",
            Self::Track => "track",
            Self::AudioFeatures => "audio_features",
        }
    }
}

impl Quarantined {
    fn undecodable(
        item: Item,
        requested: Option<SpotifyId>,
        undecodable: Undecodable,
        endpoint: &'static str,
    ) -> Self {
        let id = requested.map(|id| id.to_string()).or(undecodable.id);
        Self {
            item,
            id,
            endpoint,
            reason: undecodable.reason,
            json: Some(undecodable.json),
            may_pass: false,
        }
    }

    /// Spotify answers null.
    fn unknown(item: Item, id: SpotifyId, endpoint: &'static str) -> Self {
        let why = Failure {
            reason: UNKNOWN_ID,
            may_pass: false,
        };
        Self::failed(item, id, why, endpoint)
    }

    fn failed(item: Item, id: SpotifyId, why: Failure<'_>, endpoint: &'static str) -> Self {
        Self {
            item,
            id: Some(id.to_string()),
            endpoint,
            reason: why.reason.to_owned(),
            json: None,
            may_pass: why.may_pass,
        }
    }
}

/// What Spotify's null means for an album or a track.
const UNKNOWN_ID: &str = "Spotify answers null: it does not know the id, or does not offer it at present";

impl Extracted {
    /// Takes over what was answered about a track.
    fn append(&mut self, answered: Extracted) {
        self.details.extend(answered.details);
        self.audio_features.extend(answered.audio_features);
        self.quarantined.extend(answered.quarantined);
    }

    fn add_details(&mut self, id: SpotifyId, answer: Answer<Track>, endpoint: &'static str) {
        let aside = match answer {
            Answer::Found(track) => return self.details.push((id, track)),
            Answer::Null => Quarantined::unknown(Item::Track, id, endpoint),
            Answer::Undecodable(item) => Quarantined::undecodable(Item::Track, Some(id), item, endpoint),
        };
        self.quarantined.push(aside);
    }

    fn add_audio_features(&mut self, id: SpotifyId, answer: Answer<AudioFeatures>, endpoint: &'static str) {
        let missing = |reason| {
            Err(Missing {
                reason,
                ask_again: AskAgain::LaterEachTime,
            })
        };
        let features = match answer {
            Answer::Found(features) if !features.fields.is_empty() => Ok(features),
            Answer::Found(_) | Answer::Null => missing(format!("{endpoint} has none of this track yet")),
            Answer::Undecodable(item) => {
                let reason = format!("the answer of {endpoint} cannot be decoded: {}", item.reason);
                let aside = Quarantined::undecodable(Item::AudioFeatures, Some(id), item, endpoint);
                self.quarantined.push(aside);
                missing(reason)
            }
        };
        self.audio_features.push((id, features));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FeaturesSource;

    #[test]
    fn audio_features_without_a_single_one_are_asked_for_again() {
        let id: SpotifyId = "4aawyAB9vmqN3uQ7FjRGTy".parse().unwrap();
        let answer = |json: &str| {
            Answer::Found(AudioFeatures {
                source: FeaturesSource::ReccoBeats,
                fields: serde_json::from_str(json).unwrap(),
                json: json.to_owned(),
            })
        };
        let mut extracted = Extracted::default();
        extracted.add_audio_features(
            id,
            answer(r#"{"energy":null,"key":3}"#),
            "reccobeats/audio-features",
        );
        extracted.add_audio_features(id, answer(r#"{"energy":0.5}"#), "reccobeats/audio-features");
        let [(_, Err(missing)), (_, Ok(_))] = &extracted.audio_features[..] else {
            panic!("{extracted:?}")
        };
        assert_eq!(missing.ask_again, AskAgain::LaterEachTime);
    }
}
