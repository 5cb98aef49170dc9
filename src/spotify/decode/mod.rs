//! From an answer's bytes to objects. Each object is decoded by itself, so that one that cannot be used is put
//! aside and the others go on; and what weighs most in it, `available_markets`, is cut out of the JSON that is
//! kept.

mod kept;
mod page;
mod slim;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::value::RawValue;

pub use kept::{KeptDecoder, KeptObject};
pub use page::Page;

use super::Endpoint;
use super::objects::{Album, AlbumTrack, DetailsSource, ListedAlbum, Track};
use crate::domain::{Answer, AudioFeatures, FeaturesSource, Markets, SpotifyId, Undecodable};
use crate::http::{FieldRecorder, Kind};
use page::RawPage;
use slim::{Slim, without_nul};

/// Decodes bodies. Remembers the sets of markets that it has met, since thousands of objects share a few, and notes
/// the fields of every object.
#[derive(Default)]
pub(super) struct Decoder {
    markets: Mutex<HashMap<Box<str>, Arc<Markets>>>,
    pub(super) fields: FieldRecorder,
}

/// More sets than Spotify has ever been seen to use at once; past this the memory starts anew.
const MARKET_SETS_REMEMBERED: usize = 1024;

impl Decoder {
    /// The page of albums in an answer of `/browse/new-releases` or `/search`.
    pub(super) fn listed_albums(
        &self,
        endpoint: Endpoint,
        body: &[u8],
    ) -> serde_json::Result<Page<ListedAlbum>> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow)]
            albums: RawPage<'a>,
        }
        let Envelope { albums } = serde_json::from_slice(body)?;
        self.fields.note(kind(endpoint, "page"), &albums.keys);
        Ok(albums.decode(|item| {
            self.fields.note_json(kind(endpoint, "album"), item.get());
            serde_json::from_str(item.get())
        }))
    }

    pub(super) fn album_tracks(&self, body: &[u8]) -> serde_json::Result<Page<AlbumTrack>> {
        let page: RawPage = serde_json::from_slice(body)?;
        Ok(self.track_page(Endpoint::AlbumTracks, page))
    }

    pub(super) fn albums(
        &self,
        ids: &[SpotifyId],
        body: &[u8],
    ) -> serde_json::Result<Vec<(SpotifyId, Answer<Album>)>> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow)]
            albums: Vec<Option<&'a RawValue>>,
        }
        let Envelope { albums } = serde_json::from_slice(body)?;
        Ok(align(ids, albums, |item| self.read_album(Endpoint::Albums, item)))
    }

    pub(super) fn album(&self, body: &[u8]) -> serde_json::Result<Answer<Album>> {
        single(body, |item| self.read_album(Endpoint::Album, item))
    }

    pub(super) fn tracks(
        &self,
        ids: &[SpotifyId],
        body: &[u8],
    ) -> serde_json::Result<Vec<(SpotifyId, Answer<Track>)>> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow)]
            tracks: Vec<Option<&'a RawValue>>,
        }
        let Envelope { tracks } = serde_json::from_slice(body)?;
        Ok(align(ids, tracks, |item| self.read_track(Endpoint::Tracks, item)))
    }

    pub(super) fn track(&self, body: &[u8]) -> serde_json::Result<Answer<Track>> {
        single(body, |item| self.read_track(Endpoint::Track, item))
    }

    pub(super) fn audio_features(
        &self,
        ids: &[SpotifyId],
        body: &[u8],
    ) -> serde_json::Result<Vec<(SpotifyId, Answer<AudioFeatures>)>> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow)]
            audio_features: Vec<Option<&'a RawValue>>,
        }
        let Envelope { audio_features } = serde_json::from_slice(body)?;
        Ok(align(ids, audio_features, |item| self.read_audio_features(item)))
    }

    fn read_audio_features(&self, item: &RawValue) -> serde_json::Result<AudioFeatures> {
        self.fields
            .note_json(kind(Endpoint::AudioFeatures, "audio_features"), item.get());
        let Identified { id } = serde_json::from_str(item.get())?;
        let _: SpotifyId = id.parse().map_err(serde::de::Error::custom)?;
        Ok(AudioFeatures {
            source: FeaturesSource::Spotify,
            fields: serde_json::from_str(item.get())?,
            json: without_nul(item.get().to_owned()),
        })
    }

    fn read_album(&self, endpoint: Endpoint, item: &RawValue) -> serde_json::Result<Album> {
        let slim: Slim = serde_json::from_str(item.get())?;
        self.fields.note(kind(endpoint, "album"), &slim.keys);
        let withheld = slim.lacks(&["available_markets", "external_ids", "label", "popularity"]);
        // an album without its tracks has them asked for by themselves, from the first
        let first_page_missing = || Page {
            next_offset: Some(0),
            ..Page::default()
        };
        let tracks = slim
            .tracks
            .map_or_else(first_page_missing, |page| self.track_page(endpoint, page));
        Ok(Album {
            fields: serde_json::from_str(&slim.json)?,
            markets: self.market_set(slim.markets)?,
            withheld,
            json: slim.json,
            tracks,
        })
    }

    fn read_track(&self, endpoint: Endpoint, item: &RawValue) -> serde_json::Result<Track> {
        let slim: Slim = serde_json::from_str(item.get())?;
        self.fields.note(kind(endpoint, "track"), &slim.keys);
        if let Some(keys) = &slim.album_keys {
            self.fields.note(kind(endpoint, "album"), keys);
        }
        Ok(Track {
            source: DetailsSource::Track,
            withheld: slim.lacks(&["available_markets", "external_ids", "popularity"]),
            fields: serde_json::from_str(&slim.json)?,
            markets: self.market_set(slim.markets)?,
            json: slim.json,
        })
    }

    fn track_page(&self, endpoint: Endpoint, page: RawPage<'_>) -> Page<AlbumTrack> {
        self.fields.note(kind(endpoint, "page"), &page.keys);
        page.decode(|item| self.read_album_track(endpoint, item))
    }

    fn read_album_track(&self, endpoint: Endpoint, item: &RawValue) -> serde_json::Result<AlbumTrack> {
        let slim: Slim = serde_json::from_str(item.get())?;
        self.fields.note(kind(endpoint, "track"), &slim.keys);
        let markets = self.market_set(slim.markets)?;
        Ok(AlbumTrack {
            fields: serde_json::from_str(&slim.json)?,
            markets,
            json: slim.json,
        })
    }

    fn market_set(&self, json: Option<&RawValue>) -> serde_json::Result<Option<Arc<Markets>>> {
        let Some(json) = json else { return Ok(None) };
        let mut known = self.markets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(markets) = known.get(json.get()) {
            return Ok(Some(Arc::clone(markets)));
        }
        let Some(codes) = serde_json::from_str::<Option<Vec<&str>>>(json.get())? else {
            return Ok(None);
        };
        let markets = Arc::new(Markets::new(codes));
        if known.len() >= MARKET_SETS_REMEMBERED {
            known.clear();
        }
        known.insert(json.get().into(), Arc::clone(&markets));
        Ok(Some(markets))
    }
}

fn kind(endpoint: Endpoint, object: &'static str) -> Kind {
    Kind {
        endpoint: endpoint.as_str(),
        object,
    }
}

/// Which answer belongs to which id. Spotify answers in the order of the request, and a track may come back
/// under another id than was asked for; only where the number of answers is not that of the ids do the ids in
/// the answers decide.
fn align<T>(
    ids: &[SpotifyId],
    items: Vec<Option<&RawValue>>,
    decode: impl Fn(&RawValue) -> serde_json::Result<T>,
) -> Vec<(SpotifyId, Answer<T>)> {
    let answer = |item: &RawValue| match decode(item) {
        Ok(object) => Answer::Found(object),
        Err(error) => Answer::Undecodable(undecodable(item, &error)),
    };
    if items.len() == ids.len() {
        let answers = items.into_iter().map(|item| item.map_or(Answer::Null, answer));
        return ids.iter().copied().zip(answers).collect();
    }
    let by_id: HashMap<String, &RawValue> = items
        .into_iter()
        .flatten()
        .filter_map(|item| Some((id_of(item)?, item)))
        .collect();
    ids.iter()
        .map(|id| {
            (
                *id,
                by_id.get(id.as_str()).map_or(Answer::Null, |item| answer(item)),
            )
        })
        .collect()
}

fn undecodable(item: &RawValue, error: &serde_json::Error) -> Undecodable {
    Undecodable {
        id: id_of(item),
        reason: error.to_string(),
        json: item.get().to_owned(),
    }
}

/// An answer that is one object.
fn single<T>(
    body: &[u8],
    decode: impl Fn(&RawValue) -> serde_json::Result<T>,
) -> serde_json::Result<Answer<T>> {
    let item: Option<&RawValue> = serde_json::from_slice(body)?;
    Ok(item.map_or(Answer::Null, |item| match decode(item) {
        Ok(object) => Answer::Found(object),
        Err(error) => Answer::Undecodable(undecodable(item, &error)),
    }))
}

#[derive(Deserialize)]
struct Identified {
    id: String,
}

fn id_of(item: &RawValue) -> Option<String> {
    serde_json::from_str::<Identified>(item.get())
        .ok()
        .map(|item| item.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4aawyAB9vmqN3uQ7FjRGTy";
    const OTHER: &str = "0TnOYISbd1XYRBk9myaseg";

    fn ids() -> Vec<SpotifyId> {
        vec![ID.parse().unwrap(), OTHER.parse().unwrap()]
    }

    #[test]
    fn markets_and_tracks_are_cut_out_and_the_rest_is_kept_to_the_letter() {
        let body = format!(
            r#"{{"albums":[{{"id":"{ID}","available_markets":["SE","DE"],"na\u006de" : "\"available_markets\":[]",
            "tracks":{{"items":[null,{{"id":"{OTHER}","available_markets":["DE","SE"],"x":1.50}},{{"id":7}}],
            "next":null,"offset":0,"limit":50,"total":3}}}},null]}}"#
        );
        let albums = Decoder::default().albums(&ids(), body.as_bytes()).unwrap();
        let [(_, Answer::Found(album)), (_, Answer::Null)] = &albums[..] else {
            panic!("{albums:?}")
        };
        assert_eq!(
            album.json,
            format!(r#"{{"id":"{ID}","name":"\"available_markets\":[]"}}"#)
        );
        assert_eq!(album.markets.as_ref().unwrap().codes, "DE SE");
        assert_eq!(
            album.tracks.items[0].json,
            format!(r#"{{"id":"{OTHER}","x":1.50}}"#)
        );
        assert_eq!(album.tracks.items[0].markets, album.markets);
        assert_eq!((album.tracks.nulls, album.tracks.undecodable.len()), (1, 1));
    }

    #[test]
    fn a_tracks_album_loses_its_markets_too() {
        let body = format!(
            r#"{{"tracks":[null,{{"id":"{OTHER}","album":{{"available_markets":["DE"],"id":"{ID}"}}}}]}}"#
        );
        let tracks = Decoder::default().tracks(&ids(), body.as_bytes()).unwrap();
        let [(_, Answer::Null), (_, Answer::Found(track))] = &tracks[..] else {
            panic!("{tracks:?}")
        };
        assert_eq!(
            track.json,
            format!(r#"{{"id":"{OTHER}","album":{{"id":"{ID}"}}}}"#)
        );
        assert_eq!(track.fields.album.as_ref().unwrap().id.as_deref(), Some(ID));
    }

    #[test]
    fn a_short_array_is_matched_by_id_and_a_full_one_by_position() {
        let short = format!(r#"{{"audio_features":[{{"id":"{OTHER}"}}]}}"#);
        let answers = Decoder::default()
            .audio_features(&ids(), short.as_bytes())
            .unwrap();
        assert!(matches!(&answers[..], [(_, Answer::Null), (_, Answer::Found(_))]));
        let relinked = r#"{"tracks":[{"id":"6rqhFgbbKwnb9MLmUQDhG6"},null]}"#;
        let answers = Decoder::default().tracks(&ids(), relinked.as_bytes()).unwrap();
        assert!(matches!(&answers[..], [(id, Answer::Found(_)), (_, Answer::Null)] if id.as_str() == ID));
    }

    #[test]
    fn an_album_without_its_tracks_has_them_still_to_come() {
        let body = format!(r#"{{"albums":[{{"id":"{ID}"}},{{"id":"{OTHER}","tracks":null}}]}}"#);
        for (_, answer) in Decoder::default().albums(&ids(), body.as_bytes()).unwrap() {
            let Answer::Found(album) = answer else {
                panic!("{answer:?}")
            };
            assert_eq!((album.tracks.items.len(), album.tracks.next_offset), (0, Some(0)));
        }
    }
}
