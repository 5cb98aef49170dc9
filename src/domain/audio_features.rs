//! Audio features, whoever gives them.

use serde::Deserialize;

use super::integer;

/// A track's audio features.
#[derive(Debug, Clone)]
pub struct AudioFeatures {
    /// Who gave them.
    pub source: FeaturesSource,
    /// The typed part.
    pub fields: AudioFeatureFields,
    /// The object as it was sent.
    pub json: String,
}

/// Who gives audio features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeaturesSource {
    /// Spotify, to apps that may still ask.
    Spotify,
    /// ReccoBeats, which knows many tracks by their Spotify ids.
    ReccoBeats,
}

impl FeaturesSource {
    /// The word in `raw.audio_features.source`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spotify => "spotify",
            Self::ReccoBeats => "reccobeats",
        }
    }
}

/// The typed part of audio features: 0 to 1, but for loudness (dB), tempo (beats per minute), key (-1 to 11),
/// mode (0 or 1), time_signature (beats a bar) and duration (ms). ReccoBeats has no time signature and no duration.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "Spotify's own names, explained above")]
pub struct AudioFeatureFields {
    pub danceability: Option<f64>,
    pub energy: Option<f64>,
    #[serde(default, deserialize_with = "integer")]
    pub key: Option<i32>,
    pub loudness: Option<f64>,
    #[serde(default, deserialize_with = "integer")]
    pub mode: Option<i32>,
    pub speechiness: Option<f64>,
    pub acousticness: Option<f64>,
    pub instrumentalness: Option<f64>,
    pub liveness: Option<f64>,
    pub valence: Option<f64>,
    pub tempo: Option<f64>,
    #[serde(default, deserialize_with = "integer")]
    pub duration_ms: Option<i32>,
    #[serde(default, deserialize_with = "integer")]
    pub time_signature: Option<i32>,
}

impl AudioFeatureFields {
    /// Whether there is not one feature in it, which is no answer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let numbers = [
            self.danceability,
            self.energy,
            self.loudness,
            self.speechiness,
            self.acousticness,
            self.instrumentalness,
            self.liveness,
            self.valence,
            self.tempo,
        ];
        numbers.iter().all(Option::is_none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_be_written_either_way() {
        let features: AudioFeatureFields =
            serde_json::from_str(r#"{"instrumentalness":0,"key":-1.0,"tempo":120}"#).unwrap();
        assert_eq!((features.instrumentalness, features.key), (Some(0.0), Some(-1)));
        assert_eq!((features.tempo, features.time_signature), (Some(120.0), None));
        assert!(serde_json::from_str::<AudioFeatureFields>(r#"{"key":1.5}"#).is_err());
        assert!(!features.is_empty());
    }

    #[test]
    fn an_object_without_a_single_feature_is_no_answer() {
        let features: AudioFeatureFields =
            serde_json::from_str(r#"{"id":"x","energy":null,"duration_ms":1}"#).unwrap();
        assert!(features.is_empty());
    }
}
