//! The audio features, as readers see them.

use serde::Serialize;

use crate::explore::Feature;

/// An audio feature.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct AudioFeature {
    /// Its name in templates: `duration_ms`.
    #[serde(rename = "name")]
    pub(super) feature: Feature,
    /// Its name in a sentence's beginning.
    pub(super) label: &'static str,
    /// Its unit, or its scale where it has none.
    pub(super) unit: &'static str,
    /// As many decimals of a mean say something.
    pub(super) decimals: usize,
    /// A difference that can be heard, for the slope of a line.
    pub(super) step: f64,
    /// The same in words.
    pub(super) step_label: &'static str,
}

/// All of them, in Spotify's order, those of a scale from 0 to 1 first.
pub(super) const AUDIO_FEATURES: [AudioFeature; 10] = [
    share(Feature::Danceability, "Danceability"),
    share(Feature::Energy, "Energy"),
    share(Feature::Speechiness, "Speechiness"),
    share(Feature::Acousticness, "Acousticness"),
    share(Feature::Instrumentalness, "Instrumentalness"),
    share(Feature::Liveness, "Liveness"),
    share(Feature::Valence, "Valence"),
    AudioFeature {
        feature: Feature::Loudness,
        label: "Loudness",
        unit: "dB",
        decimals: 1,
        step: 1.0,
        step_label: "1 dB",
    },
    AudioFeature {
        feature: Feature::Tempo,
        label: "Tempo",
        unit: "beats per minute",
        decimals: 1,
        step: 10.0,
        step_label: "10 beats per minute",
    },
    AudioFeature {
        feature: Feature::DurationMs,
        label: "Duration",
        unit: "ms",
        decimals: 0,
        step: 10_000.0,
        step_label: "10 seconds",
    },
];

const fn share(feature: Feature, label: &'static str) -> AudioFeature {
    AudioFeature {
        feature,
        label,
        unit: "0 to 1",
        decimals: 3,
        step: 0.1,
        step_label: "0.1",
    }
}
