//! From an answer's bytes to objects. Each object is decoded by itself, so that one that cannot be used is put
//! aside and the others go on; and what weighs most in it, `available_markets`, is cut out of the JSON that is
//! kept.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::objects::{Album, AlbumTrack, DetailsSource, ListedAlbum, Track};
use crate::domain::{Answer, AudioFeatures, FeaturesSource, Markets, SpotifyId, Undecodable};

/// A page of a list. Entries that are null are counted, those that cannot be decoded put aside.
#[derive(Debug)]
pub struct Page<T> {
    /// The entries that can be used, in order.
    pub items: Vec<T>,
    /// Entries that cannot.
    pub undecodable: Vec<Undecodable>,
    /// How many entries were null.
    pub nulls: usize,
    /// Where the next page starts; `None` on the last one.
    pub next_offset: Option<u32>,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            undecodable: Vec::new(),
            nulls: 0,
            next_offset: None,
        }
    }
}

/// Decodes bodies. Remembers the sets of markets that it has met, since thousands of objects share a few.
#[derive(Default)]
pub(super) struct Decoder {
    markets: Mutex<HashMap<Box<str>, Arc<Markets>>>,
}

/// More sets than Spotify has ever been seen to use at once; past this the memory starts anew.
const MARKET_SETS_REMEMBERED: usize = 1024;

impl Decoder {
    /// The page of albums in an answer of `/browse/new-releases` or `/search`.
    pub(super) fn listed_albums(&self, body: &[u8]) -> serde_json::Result<Page<ListedAlbum>> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow)]
            albums: RawPage<'a>,
        }
        let Envelope { albums } = serde_json::from_slice(body)?;
        Ok(albums.decode(|item| serde_json::from_str(item.get())))
    }

    pub(super) fn album_tracks(&self, body: &[u8]) -> serde_json::Result<Page<AlbumTrack>> {
        let page: RawPage = serde_json::from_slice(body)?;
        Ok(self.track_page(page))
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
        Ok(align(ids, albums, |item| self.read_album(item)))
    }

    pub(super) fn album(&self, body: &[u8]) -> serde_json::Result<Answer<Album>> {
        single(body, |item| self.read_album(item))
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
        Ok(align(ids, tracks, |item| self.read_track(item)))
    }

    pub(super) fn track(&self, body: &[u8]) -> serde_json::Result<Answer<Track>> {
        single(body, |item| self.read_track(item))
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
        Ok(align(ids, audio_features, |item| {
            let Identified { id } = serde_json::from_str(item.get())?;
            let _: SpotifyId = id.parse().map_err(serde::de::Error::custom)?;
            Ok(AudioFeatures {
                source: FeaturesSource::Spotify,
                fields: serde_json::from_str(item.get())?,
                json: without_nul(item.get().to_owned()),
            })
        }))
    }

    fn read_album(&self, item: &RawValue) -> serde_json::Result<Album> {
        let slim: Slim = serde_json::from_str(item.get())?;
        let withheld = slim.lacks(&["available_markets", "external_ids", "label", "popularity"]);
        // an album without its tracks has them asked for by themselves, from the first
        let first_page_missing = || Page {
            next_offset: Some(0),
            ..Page::default()
        };
        let tracks = slim
            .tracks
            .map_or_else(first_page_missing, |page| self.track_page(page));
        Ok(Album {
            fields: serde_json::from_str(&slim.json)?,
            markets: self.market_set(slim.markets)?,
            withheld,
            json: slim.json,
            tracks,
        })
    }

    fn read_track(&self, item: &RawValue) -> serde_json::Result<Track> {
        let slim: Slim = serde_json::from_str(item.get())?;
        Ok(Track {
            source: DetailsSource::Track,
            withheld: slim.lacks(&["available_markets", "external_ids", "popularity"]),
            fields: serde_json::from_str(&slim.json)?,
            markets: self.market_set(slim.markets)?,
            json: slim.json,
        })
    }

    fn track_page(&self, page: RawPage<'_>) -> Page<AlbumTrack> {
        page.decode(|item| {
            let slim: Slim = serde_json::from_str(item.get())?;
            let markets = self.market_set(slim.markets)?;
            Ok(AlbumTrack {
                fields: serde_json::from_str(&slim.json)?,
                markets,
                json: slim.json,
            })
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

/// A page whose entries are not decoded yet.
#[derive(Deserialize)]
#[serde(expecting = "a page of items")]
struct RawPage<'a> {
    #[serde(borrow)]
    items: Vec<Option<&'a RawValue>>,
    #[serde(default)]
    next: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    offset: f64,
    #[serde(default)]
    limit: f64,
    #[serde(default)]
    total: f64,
}

impl RawPage<'_> {
    fn decode<T: Sized>(self, decode: impl Fn(&RawValue) -> serde_json::Result<T>) -> Page<T> {
        let mut page = Page {
            next_offset: self.next_offset(),
            ..Page::default()
        };
        for item in self.items {
            match item.map(|item| decode(item).map_err(|error| undecodable(item, &error))) {
                None => page.nulls += 1,
                Some(Ok(object)) => page.items.push(object),
                Some(Err(undecodable)) => page.undecodable.push(undecodable),
            }
        }
        page
    }

    /// `next` has been null with results left, and set on the last page: there is more when either it or
    /// `total` says so, and an empty page is the last in any case.
    fn next_offset(&self) -> Option<u32> {
        let end = self.offset + self.limit.max(1.0);
        let more = !self.items.is_empty() && (self.next.is_some() || end < self.total);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be in range"
        )]
        (more && (0.0..1e6).contains(&end)).then_some(end as u32)
    }
}

/// One object: its text without `available_markets` and `tracks`, and those two by themselves. The same cut is
/// made in the `album` of a track.
struct Slim<'a> {
    json: String,
    keys: Vec<Cow<'a, str>>,
    markets: Option<&'a RawValue>,
    tracks: Option<RawPage<'a>>,
}

impl<'de> Deserialize<'de> for Slim<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SlimVisitor)
    }
}

struct SlimVisitor;

impl<'de> Visitor<'de> for SlimVisitor {
    type Value = Slim<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<Slim<'de>, M::Error> {
        let mut slim = Slim {
            json: String::with_capacity(1024),
            keys: Vec::with_capacity(24),
            markets: None,
            tracks: None,
        };
        slim.json.push('{');
        while let Some(key) = members.next_key::<Cow<'de, str>>()? {
            match &*key {
                "available_markets" => slim.markets = members.next_value()?,
                "tracks" => slim.tracks = members.next_value()?,
                "album" => {
                    let album: Option<Slim> = members.next_value()?;
                    slim.push(&key, album.as_ref().map_or("null", |album| &album.json));
                }
                _ => slim.push(&key, members.next_value::<&RawValue>()?.get()),
            }
            slim.keys.push(key);
        }
        slim.json.push('}');
        Ok(Slim {
            json: without_nul(slim.json),
            ..slim
        })
    }
}

impl Slim<'_> {
    /// Which of these fields the object does not have.
    fn lacks(&self, fields: &[&'static str]) -> Vec<&'static str> {
        let lacks = |field: &&&str| !self.keys.iter().any(|key| key == **field);
        fields.iter().filter(lacks).copied().collect()
    }

    fn push(&mut self, key: &str, value: &str) {
        if self.json.len() > 1 {
            self.json.push(',');
        }
        self.json.push_str(&serde_json::Value::from(key).to_string());
        self.json.push(':');
        self.json.push_str(value);
    }
}

/// JSON without the escape of NUL, which Postgres cannot cast to jsonb; the typed text loses it in the same way.
fn without_nul(json: String) -> String {
    const NUL: &str = r"\u0000";
    if !json.contains(NUL) {
        return json;
    }
    // an escaped backslash before it makes u0000 plain letters
    let parts: Vec<String> = json
        .split(r"\\")
        .map(|part| part.replace(NUL, r"\ufffd"))
        .collect();
    parts.join(r"\\")
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
    fn the_kept_json_can_be_cast_to_jsonb() {
        let json = r#"{"a":"x\u0000","b":"\\u0000","c":"\\\u0000"}"#.to_owned();
        assert_eq!(
            without_nul(json),
            r#"{"a":"x\ufffd","b":"\\u0000","c":"\\\ufffd"}"#
        );
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
    fn there_is_a_next_page_when_next_or_total_says_so_but_never_after_an_empty_one() {
        let next = |json: &str| serde_json::from_str::<RawPage>(json).unwrap().next_offset();
        assert_eq!(
            next(r#"{"items":[null],"next":"x","offset":50,"limit":50,"total":1}"#),
            Some(100)
        );
        assert_eq!(
            next(r#"{"items":[null],"next":null,"offset":0.0,"limit":50.0,"total":51.0}"#),
            Some(50)
        );
        assert_eq!(
            next(r#"{"items":[null],"next":null,"offset":0,"limit":50,"total":50}"#),
            None
        );
        assert_eq!(
            next(r#"{"items":[],"next":"x","offset":50,"limit":50,"total":500}"#),
            None
        );
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
