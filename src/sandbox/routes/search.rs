//! `GET /v1/search` (3.12), over the albums of the new-releases list.

use std::collections::HashSet;
use std::sync::Arc;

use axum::http::StatusCode;
use serde::Serialize;

use super::new_releases::is_null;
use super::{Answer, Call, json};
use crate::sandbox::catalogue::{Album, ArtistProfile, Track};
use crate::sandbox::clock::day_of;
use crate::sandbox::objects::{ArtistObject, Page, Pages, SimplifiedAlbum, Span, TrackObject};
use crate::sandbox::problem::Problem;

/// No result beyond this one can be had.
const REACH: usize = 1000;
/// `tag:new` is what was released in the last two weeks.
const NEW_DAYS: i64 = 14;
const TYPES: [&str; 7] = [
    "album",
    "artist",
    "playlist",
    "track",
    "show",
    "episode",
    "audiobook",
];

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    albums: Option<Page<SimplifiedAlbum<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artists: Option<Page<ArtistObject<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracks: Option<Page<TrackObject<'a>>>,
}

/// What `q` asks for: free words and fields.
#[derive(Debug, Default, PartialEq)]
struct Query {
    words: Vec<String>,
    fields: Vec<(String, String)>,
}

/// What a call wants to see of what is found.
struct Wanted<'a> {
    q: &'a str,
    kinds: Vec<&'a str>,
    span: Span,
}

/// What was found, before it is cut into pages.
struct Hits {
    albums: Vec<Arc<Album>>,
    artists: Vec<ArtistProfile>,
    tracks: Vec<(Arc<Album>, usize)>,
}

pub(super) fn search(call: &Call<'_>) -> Answer {
    let wanted = Wanted::of(call)?;
    if wanted.span.offset.saturating_add(wanted.span.limit) > REACH {
        return Err(Problem::web_api(StatusCode::NOT_FOUND, "Not found."));
    }
    let hits = hits(call, &wanted);
    json(&pages(call, &hits, &wanted))
}

impl<'a> Wanted<'a> {
    fn of(call: &'a Call<'_>) -> Result<Self, Problem> {
        let q = call
            .parameters
            .get("q")
            .or_else(|| call.parameters.get("query"))
            .filter(|q| !q.trim().is_empty());
        let kinds = call
            .parameters
            .get("type")
            .ok_or_else(|| Problem::bad_request("Missing parameter type"))?;
        let kinds: Vec<&str> = kinds.split(',').collect();
        if let Some(kind) = kinds.iter().find(|kind| !TYPES.contains(kind)) {
            return Err(Problem::bad_request(&format!("Bad search type field {kind}")));
        }
        Ok(Self {
            q: q.ok_or_else(|| Problem::bad_request("No search query"))?,
            kinds,
            span: call.span()?,
        })
    }

    fn wants(&self, kind: &str) -> bool {
        self.kinds.contains(&kind)
    }

    /// The pages of one kind. `q` comes back as `query`.
    fn pages(&self, kind: &str, total: usize) -> Pages {
        let q: String = url::form_urlencoded::byte_serialize(self.q.as_bytes()).collect();
        let total = total.min(REACH);
        Pages {
            path: "/search".to_owned(),
            parameters: format!("&query={q}&type={kind}"),
            total,
            end: total,
        }
    }
}

fn hits(call: &Call<'_>, wanted: &Wanted<'_>) -> Hits {
    let query = Query::parse(wanted.q);
    let mut hits = Hits {
        albums: Vec::new(),
        artists: Vec::new(),
        tracks: Vec::new(),
    };
    let mut seen = HashSet::new();
    for album in call.catalogue().all_listed(call.list()) {
        if !query.is_in_time(&album, call.now.day()) {
            continue;
        }
        if wanted.wants("track") {
            let places = album
                .tracks
                .iter()
                .enumerate()
                .filter(|(_, track)| query.matches_track(&album, track));
            hits.tracks
                .extend(places.map(|(place, _)| (Arc::clone(&album), place)));
        }
        if wanted.wants("artist") {
            let artists = album
                .artists
                .iter()
                .filter(|artist| query.matches_artist(&artist.name));
            let new = artists.filter(|artist| seen.insert(artist.id));
            hits.artists
                .extend(new.filter_map(|artist| call.catalogue().artist(artist.id)));
        }
        if wanted.wants("album") && query.matches_album(&album) {
            hits.albums.push(album);
        }
    }
    hits
}

fn pages<'a>(call: &'a Call<'_>, hits: &'a Hits, wanted: &Wanted<'_>) -> Body<'a> {
    let view = call.view();
    let span = wanted.span;
    let start = call.offset_of_items(span);
    Body {
        albums: wanted.wants("album").then(|| {
            let shown = hits.albums.iter().skip(start).take(span.limit);
            let items =
                shown.map(|album| (!is_null(call, album)).then(|| SimplifiedAlbum::new(&view, album)));
            wanted
                .pages("album", hits.albums.len())
                .page(&view, span, items.collect())
        }),
        artists: wanted.wants("artist").then(|| {
            let shown = hits.artists.iter().skip(start).take(span.limit);
            let items = shown.map(|profile| Some(ArtistObject::new(&view, profile)));
            wanted
                .pages("artist", hits.artists.len())
                .page(&view, span, items.collect())
        }),
        tracks: wanted.wants("track").then(|| {
            let shown = hits.tracks.iter().skip(start).take(span.limit);
            let items =
                shown.map(|(album, place)| Some(TrackObject::new(&view, album, album.tracks.get(*place)?)));
            wanted
                .pages("track", hits.tracks.len())
                .page(&view, span, items.collect())
        }),
    }
}

impl Query {
    /// Words and `field:value`; quotes hold a value of several words together.
    fn parse(q: &str) -> Self {
        let mut query = Query::default();
        let mut rest = q.trim();
        while !rest.is_empty() {
            let (field, value) = match rest.split_once(':') {
                Some((field, value)) if field.chars().all(|letter| letter.is_ascii_lowercase()) => {
                    (field, value)
                }
                _ => ("", rest),
            };
            let (value, after) = match value.strip_prefix('"').and_then(|value| value.split_once('"')) {
                Some(quoted) => quoted,
                None => value.split_once(char::is_whitespace).unwrap_or((value, "")),
            };
            match field {
                "" => query.words.push(value.to_lowercase()),
                _ => query.fields.push((field.to_owned(), value.to_lowercase())),
            }
            rest = after.trim_start();
        }
        query
    }

    fn is_in_time(&self, album: &Album, today: i64) -> bool {
        let date = album.release_date.as_deref().unwrap_or_default();
        self.all("tag", |tag| match tag {
            "new" => day_of(date).is_some_and(|day| (today - NEW_DAYS..=today).contains(&day)),
            _ => true,
        }) && self.all("year", |years| {
            let (first, last) = years.split_once('-').unwrap_or((years, years));
            date.get(..4).is_some_and(|year| (first..=last).contains(&year))
        })
    }

    fn matches_album(&self, album: &Album) -> bool {
        let name = album.name.to_lowercase();
        let by = |name: &str| {
            album
                .artists
                .iter()
                .any(|artist| artist.name.to_lowercase().contains(name))
        };
        self.all("album", |wanted| name.contains(wanted))
            && self.all("artist", by)
            && self.all("upc", |upc| {
                album.upc.trim_start_matches('0') == upc.trim_start_matches('0')
            })
            && self.all("isrc", |_| false)
            && self.words.iter().all(|word| name.contains(word) || by(word))
    }

    fn matches_track(&self, album: &Album, track: &Track) -> bool {
        let name = track.name.to_lowercase();
        let by = |name: &str| {
            track
                .artists
                .iter()
                .any(|artist| artist.name.to_lowercase().contains(name))
        };
        self.all("isrc", |isrc| {
            track
                .isrc
                .as_deref()
                .is_some_and(|own| own.eq_ignore_ascii_case(isrc))
        }) && self.all("track", |wanted| name.contains(wanted))
            && self.all("album", |wanted| album.name.to_lowercase().contains(wanted))
            && self.all("artist", by)
            && self.words.iter().all(|word| name.contains(word) || by(word))
    }

    fn matches_artist(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.all("artist", |wanted| name.contains(wanted))
            && self.words.iter().all(|word| name.contains(word))
    }

    fn all(&self, field: &str, holds: impl Fn(&str) -> bool) -> bool {
        self.fields
            .iter()
            .filter(|(name, _)| name == field)
            .all(|(_, value)| holds(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_words_and_fields() {
        let query = Query::parse("tag:new  Glass artist:\"Mara Reyes\" isrc:QZHN92600001 year:2025-2026");
        assert_eq!(query.words, ["glass"]);
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            query.fields,
            [
                field("tag", "new"),
                field("artist", "mara reyes"),
                field("isrc", "qzhn92600001"),
                field("year", "2025-2026"),
            ]
        );
    }
}
