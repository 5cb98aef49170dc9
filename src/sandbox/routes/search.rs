//! `GET /v1/search` (3.12), over the albums of the new-releases list.

use std::ops::Range;
use std::sync::Arc;

use axum::http::StatusCode;
use serde::Serialize;

use super::new_releases::is_null;
use super::{Answer, Call, json};
use crate::sandbox::faults::Alteration;
use crate::sandbox::objects::{ArtistObject, Page, Pages, SimplifiedAlbum, Span, TrackObject};
use crate::sandbox::problem::Problem;
use crate::sandbox::search::{Hits, REACH, Search};

/// Albums that are released at most until a search finds one of them.
const MOST_RELEASED: u32 = 50;
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

pub(super) fn search(call: &Call<'_>) -> Answer {
    let span = call.span()?;
    let search = asked(call)?;
    if span.offset.saturating_add(span.limit) > REACH {
        return Err(Problem::web_api(StatusCode::NOT_FOUND, "Not found."));
    }
    let hits = match call.is(Alteration::Shift) {
        true => shifted(call, &search),
        false => find(call, &search),
    };
    json(&body(call, span, (&search, &hits)))
}

fn find(call: &Call<'_>, search: &Search) -> Arc<Hits> {
    call.world.searches.find(call.catalogue(), search)
}

/// What the search finds after albums were released until it finds another one at the head.
fn shifted(call: &Call<'_>, search: &Search) -> Arc<Hits> {
    let head = |hits: &Hits| hits.albums.first().map(|album| album.id);
    let before = find(call, search);
    let mut search = search.clone();
    for _ in 0..MOST_RELEASED {
        if !call.catalogue().release(1) {
            break;
        }
        search.list = call.list();
        let after = find(call, &search);
        if head(&after) != head(&before) {
            return after;
        }
    }
    before
}

fn asked(call: &Call<'_>) -> Result<Search, Problem> {
    let q = call
        .parameters
        .get("q")
        .or_else(|| call.parameters.get("query"))
        .filter(|q| !q.trim().is_empty());
    let kinds = call
        .parameters
        .get("type")
        .ok_or_else(|| Problem::bad_request("Missing parameter type"))?;
    let kinds: Vec<String> = kinds.split(',').map(str::to_owned).collect();
    if let Some(kind) = kinds.iter().find(|kind| !TYPES.contains(&kind.as_str())) {
        return Err(Problem::bad_request(&format!("Bad search type field {kind}")));
    }
    Ok(Search {
        q: q.ok_or_else(|| Problem::bad_request("No search query"))?
            .to_owned(),
        kinds,
        list: call.list(),
        today: call.catalogue().today(call.now),
    })
}

fn body<'a>(call: &'a Call<'_>, span: Span, (search, hits): (&Search, &'a Hits)) -> Body<'a> {
    let view = call.view();
    let start = call.offset_of_items(span);
    let shown = start..start.saturating_add(span.limit);
    Body {
        albums: search.wants("album").then(|| {
            let albums = on_page(&hits.albums, &shown);
            let items =
                albums.map(|album| (!is_null(call, album)).then(|| SimplifiedAlbum::new(&view, album)));
            pages(search, "album", hits.albums.len()).page(&view, span, items.collect())
        }),
        artists: search.wants("artist").then(|| {
            let artists = on_page(&hits.artists, &shown);
            let items = artists.map(|profile| Some(ArtistObject::new(&view, profile)));
            pages(search, "artist", hits.artists.len()).page(&view, span, items.collect())
        }),
        tracks: search.wants("track").then(|| {
            let tracks = on_page(&hits.tracks, &shown);
            let items =
                tracks.map(|(album, place)| Some(TrackObject::new(&view, album, album.tracks.get(*place)?)));
            pages(search, "track", hits.tracks.len()).page(&view, span, items.collect())
        }),
    }
}

fn on_page<'a, T>(hits: &'a [T], shown: &Range<usize>) -> impl Iterator<Item = &'a T> {
    hits.iter().skip(shown.start).take(shown.len())
}

/// The pages of one kind. `q` comes back as `query`.
fn pages(search: &Search, kind: &str, total: usize) -> Pages {
    let q: String = url::form_urlencoded::byte_serialize(search.q.as_bytes()).collect();
    Pages {
        path: "/search".to_owned(),
        parameters: format!("&query={q}&type={kind}"),
        total,
        end: total,
    }
}
