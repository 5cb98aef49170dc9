//! `GET /v1/artists/{id}`, `/v1/artists?ids=` and `/v1/artists/{id}/albums` (3.9 to 3.11)

use std::sync::Arc;

use serde::Serialize;

use super::new_releases::is_null;
use super::parameters::one_id;
use super::{Answer, Call, json};
use crate::sandbox::catalogue::id::Id;
use crate::sandbox::catalogue::{Album, ArtistProfile};
use crate::sandbox::objects::{ArtistObject, Pages, SimplifiedAlbum};
use crate::sandbox::problem::Problem;

const GROUPS: [&str; 4] = ["album", "single", "appears_on", "compilation"];

#[derive(Serialize)]
struct Body<'a> {
    artists: Vec<Option<ArtistObject<'a>>>,
}

pub(super) fn one(call: &Call<'_>, id: &str) -> Answer {
    let profile = call
        .catalogue()
        .artist(one_id(id)?)
        .ok_or_else(Problem::not_found)?;
    json(&ArtistObject::new(&call.view(), &profile))
}

pub(super) fn several(call: &Call<'_>) -> Answer {
    let ids = call.parameters.ids(50)?;
    let profiles: Vec<Option<ArtistProfile>> = ids.iter().map(|id| call.catalogue().artist(*id)).collect();
    let view = call.view();
    let artists = profiles
        .iter()
        .map(|profile| profile.as_ref().map(|profile| ArtistObject::new(&view, profile)));
    json(&Body {
        artists: artists.collect(),
    })
}

/// The artist's albums that stand on the new-releases list. The limit of 50 for extended apps is inferred.
pub(super) fn albums(call: &Call<'_>, id: &str) -> Answer {
    let span = call.span()?;
    let id = one_id(id)?;
    call.catalogue().artist(id).ok_or_else(Problem::not_found)?;
    let wanted = call
        .parameters
        .get("include_groups")
        .map(|groups| groups.split(',').collect::<Vec<_>>());
    let wanted = wanted.unwrap_or_else(|| GROUPS.to_vec());
    if wanted.iter().any(|group| !GROUPS.contains(group)) {
        return Err(Problem::bad_request("Invalid include_groups"));
    }
    let albums: Vec<(Arc<Album>, &str)> = call
        .catalogue()
        .all_listed(call.list())
        .filter_map(|album| group(&album, id).map(|group| (album, group)))
        .filter(|(_, group)| wanted.contains(group))
        .collect();
    let view = call.view();
    let shown = albums.iter().skip(call.offset_of_items(span)).take(span.limit);
    let items = shown.map(|(album, group)| {
        (!is_null(call, album)).then(|| SimplifiedAlbum::of_artist(&view, album, group))
    });
    let mut pages = Pages::new(format!("/artists/{id}/albums"), albums.len());
    pages.parameters = format!("&include_groups={}", wanted.join(","));
    json(&pages.page(&view, span, items.collect()))
}

/// What an album is to an artist; None where the artist has no part in it.
fn group(album: &Album, artist: Id) -> Option<&'static str> {
    if album.artists.iter().any(|other| other.id == artist) {
        let own = album.album_type.as_deref().unwrap_or("album").to_lowercase();
        return Some(GROUPS.into_iter().find(|group| *group == own).unwrap_or("album"));
    }
    let appears = album
        .tracks
        .iter()
        .any(|track| track.artists.iter().any(|other| other.id == artist));
    appears.then_some("appears_on")
}
