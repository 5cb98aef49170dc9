//! `GET /v1/albums/{id}`, `/v1/albums?ids=` and `/v1/albums/{id}/tracks` (3.2 to 3.4)

use std::sync::Arc;

use serde::Serialize;

use super::parameters::one_id;
use super::{Answer, Call, json};
use crate::sandbox::catalogue::Album;
use crate::sandbox::objects::AlbumObject;
use crate::sandbox::problem::Problem;
use crate::sandbox::quirks::Quirk;

#[derive(Serialize)]
struct Body<'a> {
    albums: Vec<Option<AlbumObject<'a>>>,
}

pub(super) fn one(call: &Call<'_>, id: &str) -> Answer {
    let album = find(call, id)?;
    json(&AlbumObject::new(&call.view(), &album))
}

pub(super) fn several(call: &Call<'_>) -> Answer {
    let ids = call.parameters.ids(20)?;
    let found: Vec<Option<Arc<Album>>> = ids
        .iter()
        .map(|id| call.catalogue().album(*id, call.now))
        .collect();
    let view = call.view();
    let shown = |album: &&Arc<Album>| !call.world.quirks.strikes(Quirk::NullInArrays, album.number, 9);
    let albums = found.iter().map(|album| {
        let album = album.as_ref().filter(shown)?;
        Some(AlbumObject::new(&view, album))
    });
    json(&Body {
        albums: albums.collect(),
    })
}

pub(super) fn tracks(call: &Call<'_>, id: &str) -> Answer {
    let span = call.span()?;
    let album = find(call, id)?;
    json(&AlbumObject::tracks(
        &call.view(),
        &album,
        span,
        call.offset_of_items(span),
    ))
}

fn find(call: &Call<'_>, id: &str) -> Result<Arc<Album>, Problem> {
    call.catalogue()
        .album(one_id(id)?, call.now)
        .ok_or_else(Problem::not_found)
}
