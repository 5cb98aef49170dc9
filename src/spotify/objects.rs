//! What the Web API's objects say, as far as firstpress has columns for it. Whatever Spotify may withhold is
//! optional, enums stay text, and numbers may be written either way.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::Deserializer;

use crate::domain::{Markets, SpotifyId, integer};

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
    /// Number of tracks that the list states.
    #[serde(default, deserialize_with = "integer")]
    pub total_tracks: Option<i32>,
}

/// A full album. `json` is Spotify's object without `tracks` and `available_markets`.
#[derive(Debug)]
pub struct Album {
    /// The typed part.
    pub fields: AlbumFields,
    /// `available_markets`, where Spotify sent it.
    pub markets: Option<Arc<Markets>>,
    /// Fields with a column of their own that the object does not have.
    pub withheld: Vec<&'static str>,
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

/// A full track, or what an album says of it. `json` is Spotify's object without any `available_markets`.
#[derive(Debug)]
pub struct Track {
    /// Where it comes from.
    pub source: DetailsSource,
    /// The typed part.
    pub fields: TrackFields,
    /// `available_markets`, where Spotify sent it.
    pub markets: Option<Arc<Markets>>,
    /// Fields with a column of their own that the object does not have.
    pub withheld: Vec<&'static str>,
    /// Spotify's own words.
    pub json: String,
}

/// Where a track's details come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailsSource {
    /// An answer about the track.
    Track,
    /// The list of tracks of an album, which has no ISRC and no popularity.
    Album,
}

impl DetailsSource {
    /// The word in `raw.track_details.source`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Album => "album",
        }
    }
}

impl AlbumTrack {
    /// The details that an album's list of tracks gives, for apps that may not ask for tracks.
    #[must_use]
    pub fn as_details(&self, album: SpotifyId) -> Track {
        let mut fields = self.fields.clone();
        fields.album = Some(AlbumReference {
            id: Some(album.to_string()),
        });
        Track {
            source: DetailsSource::Album,
            fields,
            markets: self.markets.clone(),
            withheld: vec!["external_ids", "popularity"],
            json: self.json.clone(),
        }
    }
}

/// The typed part of a track, simplified or full.
#[derive(Debug, Clone, Deserialize)]
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
#[derive(Debug, Clone, Deserialize)]
pub struct AlbumReference {
    /// The album's id; null on placeholders.
    #[serde(default, deserialize_with = "text")]
    pub id: Option<String>,
}

/// Identifiers outside Spotify.
#[derive(Debug, Clone, Deserialize)]
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
