//! Audio features: Spotify's object (4.5) and the row of ReccoBeats (8.1).

use serde::{Serialize, Serializer};

use super::{Int, Link, Uri, View};
use crate::sandbox::catalogue::{Features, Track};
use crate::sandbox::quirks::Quirk;

/// Spotify's audio features: 18 keys.
#[derive(Serialize)]
pub(crate) struct FeaturesObject<'a> {
    acousticness: Option<Float>,
    analysis_url: Link<'a>,
    danceability: Option<Float>,
    duration_ms: Int,
    energy: Option<Float>,
    id: &'a str,
    instrumentalness: Option<Float>,
    key: Option<Int>,
    liveness: Option<Float>,
    loudness: Option<Float>,
    mode: Option<Int>,
    speechiness: Option<Float>,
    tempo: Option<Float>,
    time_signature: Option<Int>,
    track_href: Link<'a>,
    #[serde(rename = "type")]
    kind: &'static str,
    uri: Uri,
    valence: Option<Float>,
}

/// A float, which the API at times writes as an integer where it is whole.
#[derive(Clone, Copy)]
struct Float {
    value: f64,
    as_int: bool,
}

impl Serialize for Float {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_int && self.value.fract() == 0.0 {
            true => serializer.serialize_i64(self.value as i64),
            false => serializer.serialize_f64(self.value),
        }
    }
}

impl<'a> FeaturesObject<'a> {
    /// None for a track that Spotify has not analysed.
    pub(crate) fn of(view: &View<'a>, track: &'a Track) -> Option<Self> {
        let Features {
            danceability,
            energy,
            key,
            loudness,
            mode,
            speechiness,
            ..
        } = track.features;
        let Features {
            acousticness,
            instrumentalness,
            liveness,
            valence,
            tempo,
            time_signature,
            ..
        } = track.features;
        let as_int = view.quirks.has(Quirk::IntFloats);
        let float = |value: Option<f64>| value.map(|value| Float { value, as_int });
        let int = |value: Option<i64>| value.map(|value| view.int(value));
        track.is_analysed.then(|| Self {
            acousticness: float(acousticness),
            analysis_url: view.link("audio-analysis", track.id),
            danceability: float(danceability),
            duration_ms: view.int(track.duration_ms),
            energy: float(energy),
            id: track.id.as_str(),
            instrumentalness: float(instrumentalness),
            key: int(key),
            liveness: float(liveness),
            loudness: float(loudness),
            mode: int(mode),
            speechiness: float(speechiness),
            tempo: float(tempo.map(|tempo| if as_int { tempo.round() } else { tempo })),
            time_signature: int(time_signature),
            track_href: view.link("tracks", track.id),
            kind: "audio_features",
            uri: Uri {
                kind: "track",
                id: track.id,
            },
            valence: float(valence),
        })
    }
}

/// A row of ReccoBeats: no duration, no time signature, its own id, the track's only in `href`.
#[derive(Serialize)]
pub(crate) struct ReccoBeatsRow<'a> {
    id: String,
    href: Link<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    isrc: Option<&'a str>,
    acousticness: Option<f64>,
    danceability: Option<f64>,
    energy: Option<f64>,
    instrumentalness: Option<f64>,
    key: Option<i64>,
    liveness: Option<f64>,
    loudness: Option<f64>,
    mode: Option<i64>,
    speechiness: Option<f64>,
    tempo: Option<f64>,
    valence: Option<f64>,
}

impl<'a> ReccoBeatsRow<'a> {
    pub(crate) fn of(track: &'a Track) -> Self {
        let features = &track.features;
        Self {
            id: uuid::Builder::from_random_bytes(
                (u128::from(track.id.hash()) * 0x1_0000_0001_0000_0003).to_be_bytes(),
            )
            .into_uuid()
            .to_string(),
            href: Link {
                base: "https://open.spotify.com",
                kind: "track",
                id: track.id,
            },
            isrc: track.isrc.as_deref(),
            acousticness: features.acousticness,
            danceability: features.danceability,
            energy: features.energy,
            instrumentalness: features.instrumentalness,
            key: features.key,
            liveness: features.liveness,
            loudness: features.loudness,
            mode: features.mode,
            speechiness: features.speechiness,
            tempo: features.tempo,
            valence: features.valence,
        }
    }
}
