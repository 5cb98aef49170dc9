//! Objects as the raw tables keep them, decoded as if Spotify had just sent them.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Decoder;
use crate::domain::AudioFeatures;
use crate::spotify::Endpoint;
use crate::spotify::objects::{Album, AlbumTrack, Track};

/// An object of which `available_markets` is kept apart.
#[derive(Debug, Clone, Copy)]
pub struct KeptObject<'a> {
    /// The object without its `available_markets`.
    pub json: &'a str,
    /// Those, as `raw.market_sets` has them; `None` where Spotify sent null, or none.
    pub markets: Option<&'a str>,
    /// Spotify did not send the field.
    pub markets_withheld: bool,
}

impl KeptObject<'_> {
    /// The object with its markets.
    fn whole(&self) -> String {
        let inside = self.json.strip_suffix('}').unwrap_or(self.json);
        let comma = if inside.trim_end().ends_with('{') { "" } else { "," };
        match self.markets {
            _ if self.markets_withheld => self.json.to_owned(),
            None => format!(r#"{inside}{comma}"available_markets":null}}"#),
            Some(codes) => {
                let codes: Vec<&str> = codes.split_whitespace().collect();
                let codes = serde_json::json!(codes);
                format!(r#"{inside}{comma}"available_markets":{codes}}}"#)
            }
        }
    }
}

/// Decodes what is kept, with the decoders that read Spotify's answers.
#[derive(Default)]
pub struct KeptDecoder(Decoder);

impl KeptDecoder {
    /// An album; without tracks, which are kept apart.
    ///
    /// # Errors
    /// When the object is not of the form it should have, as with all that follow.
    pub fn album(&self, kept: KeptObject<'_>) -> serde_json::Result<Album> {
        with_raw(&kept.whole(), |object| self.0.read_album(Endpoint::Album, object))
    }

    /// A track as an album lists it.
    ///
    /// # Errors
    /// As above.
    pub fn album_track(&self, kept: KeptObject<'_>) -> serde_json::Result<AlbumTrack> {
        with_raw(&kept.whole(), |object| {
            self.0.read_album_track(Endpoint::AlbumTracks, object)
        })
    }

    /// A track.
    ///
    /// # Errors
    /// As above.
    pub fn track(&self, kept: KeptObject<'_>) -> serde_json::Result<Track> {
        with_raw(&kept.whole(), |object| self.0.read_track(Endpoint::Track, object))
    }

    /// Spotify's audio features.
    ///
    /// # Errors
    /// As above.
    pub fn audio_features(&self, json: &str) -> serde_json::Result<AudioFeatures> {
        with_raw(json, |object| self.0.read_audio_features(object))
    }
}

fn with_raw<T>(json: &str, decode: impl Fn(&RawValue) -> serde_json::Result<T>) -> serde_json::Result<T> {
    decode(<&RawValue>::deserialize(
        &mut serde_json::Deserializer::from_str(json),
    )?)
}
