//! The audio features, as readers see them.

use serde::Serialize;

/// An audio feature.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct AudioFeature {
    /// Its column: `duration_ms`.
    pub(super) name: &'static str,
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
    share("danceability", "Danceability"),
    share("energy", "Energy"),
    share("speechiness", "Speechiness"),
    share("acousticness", "Acousticness"),
    share("instrumentalness", "Instrumentalness"),
    share("liveness", "Liveness"),
    share("valence", "Valence"),
    AudioFeature {
        name: "loudness",
        label: "Loudness",
        unit: "dB",
        decimals: 1,
        step: 1.0,
        step_label: "1 dB",
    },
    AudioFeature {
        name: "tempo",
        label: "Tempo",
        unit: "beats per minute",
        decimals: 1,
        step: 10.0,
        step_label: "10 beats per minute",
    },
    AudioFeature {
        name: "duration_ms",
        label: "Duration",
        unit: "ms",
        decimals: 0,
        step: 10_000.0,
        step_label: "10 seconds",
    },
];

const fn share(name: &'static str, label: &'static str) -> AudioFeature {
    AudioFeature {
        name,
        label,
        unit: "0 to 1",
        decimals: 3,
        step: 0.1,
        step_label: "0.1",
    }
}

impl AudioFeature {
    /// The feature of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        AUDIO_FEATURES.into_iter().find(|feature| feature.name == name)
    }
}
