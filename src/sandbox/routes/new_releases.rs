//! `GET /v1/browse/new-releases` (3.1)

use std::sync::Arc;

use serde::Serialize;

use super::{Answer, Call, json};
use crate::sandbox::catalogue::Album;
use crate::sandbox::faults::Alteration;
use crate::sandbox::objects::{Page, Pages, SimplifiedAlbum};
use crate::sandbox::quirks::Quirk;

#[derive(Serialize)]
struct Body<'a> {
    albums: Page<SimplifiedAlbum<'a>>,
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let span = call.span()?;
    if call.is(Alteration::Shift) {
        call.catalogue().release(1);
    }
    let list = call.list();
    let start = call.offset_of_items(span);
    let shown = start..start.saturating_add(span.limit).min(list.total);
    let albums: Vec<Arc<Album>> = shown
        .filter_map(|position| call.catalogue().listed(list, position))
        .collect();
    let view = call.view();
    let item = |album| (!is_null(call, album)).then(|| SimplifiedAlbum::listed(&view, album));
    let items = albums.iter().map(|album| item(album)).collect();
    let pages = Pages::new("/browse/new-releases".to_owned(), list.total);
    json(&Body {
        albums: pages.page(&view, span, items),
    })
}

/// Whether a page shows null in place of this album.
pub(super) fn is_null(call: &Call<'_>, album: &Album) -> bool {
    call.world.quirks.strikes(Quirk::NullItems, album.number, 9)
}
