//! `GET /v1/tracks/{id}` and `/v1/tracks?ids=` (3.5, 3.6)

use std::sync::Arc;

use serde::Serialize;

use super::parameters::one_id;
use super::{Answer, Call, json};
use crate::sandbox::catalogue::id::Id;
use crate::sandbox::catalogue::{Album, Track};
use crate::sandbox::objects::TrackObject;
use crate::sandbox::problem::Problem;
use crate::sandbox::quirks::Quirk;

#[derive(Serialize)]
struct Body<'a> {
    tracks: Vec<Option<TrackObject<'a>>>,
}

/// A track, kept alive by the album that it stands on.
pub(super) struct Found {
    pub(super) album: Arc<Album>,
    place: usize,
}

impl Found {
    pub(super) fn track(&self) -> Option<&Track> {
        self.album.tracks.get(self.place)
    }
}

pub(super) fn one(call: &Call<'_>, id: &str) -> Answer {
    let found = find(call, one_id(id)?).ok_or_else(Problem::not_found)?;
    let track = found.track().ok_or_else(Problem::not_found)?;
    json(&TrackObject::new(&call.view(), &found.album, track))
}

pub(super) fn several(call: &Call<'_>) -> Answer {
    let ids = call.parameters.ids(50)?;
    let found = find_each(call, &ids);
    let view = call.view();
    let tracks = found.iter().map(|found| {
        let found = found.as_ref()?;
        Some(TrackObject::new(&view, &found.album, found.track()?))
    });
    json(&Body {
        tracks: tracks.collect(),
    })
}

pub(super) fn find(call: &Call<'_>, id: Id) -> Option<Found> {
    let (album, place) = call.catalogue().track(id, call.now)?;
    Some(Found { album, place })
}

/// The tracks of a batch, where some known ones may be missing by a quirk.
pub(super) fn find_each(call: &Call<'_>, ids: &[Id]) -> Vec<Option<Found>> {
    let shown = |found: &Found| {
        let number = found.album.number.wrapping_add(found.place as u64);
        !call.world.quirks.strikes(Quirk::NullInArrays, number, 9)
    };
    ids.iter().map(|id| find(call, *id).filter(shown)).collect()
}
