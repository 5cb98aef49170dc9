//! The audio features that are numbers: those that the trend tables compare.

use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;

use super::unknown::Unknown;

/// An audio feature: a column of `core.dim_track`, named as Spotify names it. The duration counts as one, as in the
/// trend tables; key, mode and time signature do not, since they name things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "Spotify's names, which trends.yml describes")]
pub enum Feature {
    Danceability,
    Energy,
    Loudness,
    Speechiness,
    Acousticness,
    Instrumentalness,
    Liveness,
    Valence,
    Tempo,
    DurationMs,
}

impl Feature {
    /// All of them, in the tables' order.
    pub const ALL: [Self; 10] = [
        Self::Danceability,
        Self::Energy,
        Self::Loudness,
        Self::Speechiness,
        Self::Acousticness,
        Self::Instrumentalness,
        Self::Liveness,
        Self::Valence,
        Self::Tempo,
        Self::DurationMs,
    ];

    /// The column's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Danceability => "danceability",
            Self::Energy => "energy",
            Self::Loudness => "loudness",
            Self::Speechiness => "speechiness",
            Self::Acousticness => "acousticness",
            Self::Instrumentalness => "instrumentalness",
            Self::Liveness => "liveness",
            Self::Valence => "valence",
            Self::Tempo => "tempo",
            Self::DurationMs => "duration_ms",
        }
    }
}

impl TryFrom<String> for Feature {
    type Error = Unknown;

    fn try_from(name: String) -> Result<Self, Unknown> {
        name.parse()
    }
}

impl FromStr for Feature {
    type Err = Unknown;

    fn from_str(name: &str) -> Result<Self, Unknown> {
        let named = Self::ALL.into_iter().find(|feature| feature.as_str() == name);
        named.ok_or(Unknown(
            "there is no such audio feature; there are danceability, energy, loudness, speechiness, acousticness, \
             instrumentalness, liveness, valence, tempo and duration_ms",
        ))
    }
}
