//! What the Web API's objects say, as far as firstpress has columns for it. Whatever Spotify may withhold is
//! optional, enums stay text, and numbers may be written either way.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected, Visitor};

use crate::domain::{Markets, SpotifyId};

/// An entry in the list of new releases.
#[derive(Debug, Clone, Deserialize)]
pub struct ListedAlbum {
    /// The album's id.
    pub id: SpotifyId,
    /// The name; empty after a takedown.
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    /// album, single, compilation, and in lists also ep.
    #[serde(default, deserialize_with = "text")]
    pub album_type: Option<String>,
    /// YYYY, YYYY-MM, YYYY-MM-DD or 0000.
    #[serde(default, deserialize_with = "text")]
    pub release_date: Option<String>,
}

/// A full album. `json` is Spotify's object without `tracks` and `available_markets`.
#[derive(Debug)]
pub struct Album {
    /// The typed part.
    pub fields: AlbumFields,
    /// `available_markets`, where Spotify sent it.
    pub markets: Option<Arc<Markets>>,
    /// Spotify's own words.
    pub json: String,
    /// The first 50 tracks.
    pub tracks: super::Page<AlbumTrack>,
}

/// The typed part of a full album.
#[derive(Debug, Deserialize)]
pub struct AlbumFields {
    pub id: SpotifyId,
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub album_type: Option<String>,
    #[serde(default, deserialize_with = "artists")]
    pub artists: Vec<Artist>,
    #[serde(default, deserialize_with = "integer")]
    pub total_tracks: Option<i32>,
    #[serde(default, deserialize_with = "text")]
    pub release_date: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub release_date_precision: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub label: Option<String>,
    #[serde(default, deserialize_with = "integer")]
    pub popularity: Option<i32>,
    #[serde(default)]
    pub external_ids: Option<ExternalIds>,
}

/// A track as an album lists it. `json` is Spotify's object without `available_markets`.
#[derive(Debug)]
pub struct AlbumTrack {
    /// The typed part.
    pub fields: TrackFields,
    /// `available_markets`, where Spotify sent it.
    pub markets: Option<Arc<Markets>>,
    /// Spotify's own words.
    pub json: String,
}

/// A full track. `json` is Spotify's object without any `available_markets`.
#[derive(Debug)]
pub struct Track {
    /// The typed part.
    pub fields: TrackFields,
    /// `available_markets`, where Spotify sent it.
    pub markets: Option<Arc<Markets>>,
    /// Spotify's own words.
    pub json: String,
}

/// The typed part of a track, simplified or full.
#[derive(Debug, Deserialize)]
pub struct TrackFields {
    pub id: SpotifyId,
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "artists")]
    pub artists: Vec<Artist>,
    #[serde(default, deserialize_with = "integer")]
    pub disc_number: Option<i32>,
    #[serde(default, deserialize_with = "integer")]
    pub track_number: Option<i32>,
    #[serde(default, deserialize_with = "integer")]
    pub duration_ms: Option<i32>,
    #[serde(default)]
    pub explicit: Option<bool>,
    #[serde(default, deserialize_with = "integer")]
    pub popularity: Option<i32>,
    #[serde(default)]
    pub external_ids: Option<ExternalIds>,
    #[serde(default)]
    pub album: Option<AlbumReference>,
}

/// The album that a full track is filed under.
#[derive(Debug, Deserialize)]
pub struct AlbumReference {
    /// The album's id; null on placeholders.
    #[serde(default, deserialize_with = "text")]
    pub id: Option<String>,
}

/// Identifiers outside Spotify.
#[derive(Debug, Deserialize)]
pub struct ExternalIds {
    #[serde(default, deserialize_with = "text")]
    pub upc: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub isrc: Option<String>,
}

/// An artist, as albums and tracks name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Artist {
    /// The artist's id.
    pub id: SpotifyId,
    /// The artist's name there.
    pub name: Option<String>,
}

/// A track's audio features. `json` is Spotify's object.
#[derive(Debug)]
pub struct AudioFeatures {
    /// The typed part.
    pub fields: AudioFeatureFields,
    /// Spotify's own words.
    pub json: String,
}

/// The typed part of audio features: 0 to 1, but for loudness (dB), tempo (beats per minute), key (-1 to 11),
/// mode (0 or 1), time_signature (beats a bar) and duration (ms).
#[derive(Debug, Deserialize)]
pub struct AudioFeatureFields {
    pub id: SpotifyId,
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

/// Text without NUL, which Postgres cannot hold.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(|text| {
        if text.contains('\0') {
            text.replace('\0', "\u{fffd}")
        } else {
            text
        }
    }))
}

/// Artists with an id; null entries and placeholders without one are passed over.
fn artists<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Artist>, D::Error> {
    #[derive(Deserialize)]
    struct Entry {
        #[serde(default)]
        id: Option<String>,
        #[serde(default, deserialize_with = "text")]
        name: Option<String>,
    }
    let entries = Option::<Vec<Option<Entry>>>::deserialize(deserializer)?.unwrap_or_default();
    let artist = |entry: Entry| {
        Some(Artist {
            id: entry.id?.parse().ok()?,
            name: entry.name,
        })
    };
    Ok(entries.into_iter().flatten().filter_map(artist).collect())
}

/// A whole number, also where it is written `640.0` or `4.9022656E7`.
fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i32>, D::Error> {
    struct Lenient;
    impl<'de> Visitor<'de> for Lenient {
        type Value = Option<i32>;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("a whole number")
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
            let unexpected = |_| E::invalid_value(Unexpected::Unsigned(value), &self);
            i32::try_from(value).map(Some).map_err(unexpected)
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
            i32::try_from(value)
                .map(Some)
                .map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
        }

        fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
            if value.fract() != 0.0 || !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value) {
                return Err(E::invalid_value(Unexpected::Float(value), &self));
            }
            #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and in range")]
            Ok(Some(value as i32))
        }
    }
    deserializer.deserialize_any(Lenient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_be_written_either_way_and_every_removable_field_may_be_absent() {
        let id = r#""id":"4aawyAB9vmqN3uQ7FjRGTy""#;
        let track: TrackFields = serde_json::from_str(&format!(
            r#"{{{id},"duration_ms":4.9022656E7,"popularity":640.0}}"#
        ))
        .unwrap();
        assert_eq!(
            (track.duration_ms, track.popularity),
            (Some(49_022_656), Some(640))
        );
        let track: TrackFields = serde_json::from_str(&format!(r#"{{{id},"popularity":null}}"#)).unwrap();
        assert_eq!(
            (track.popularity, track.explicit, track.artists.len()),
            (None, None, 0)
        );
        let features: AudioFeatureFields =
            serde_json::from_str(&format!(r#"{{{id},"instrumentalness":0,"key":-1.0}}"#)).unwrap();
        assert_eq!((features.instrumentalness, features.key), (Some(0.0), Some(-1)));
        assert!(serde_json::from_str::<TrackFields>(&format!(r#"{{{id},"popularity":1.5}}"#)).is_err());
    }

    #[test]
    fn artists_without_an_id_are_passed_over_and_nul_is_replaced() {
        let json = r#"{"id":"4aawyAB9vmqN3uQ7FjRGTy","name":"a\u0000b",
            "artists":[null,{"id":null,"name":"x"},{"id":"0TnOYISbd1XYRBk9myaseg","name":"Pitbull"}]}"#;
        let track: TrackFields = serde_json::from_str(json).unwrap();
        assert_eq!(track.name.as_deref(), Some("a\u{fffd}b"));
        assert_eq!(track.artists.len(), 1);
    }
}
