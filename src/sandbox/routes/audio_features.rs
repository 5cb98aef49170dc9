//! `GET /v1/audio-features/{id}` and `/v1/audio-features?ids=` (3.7, 3.8)

use axum::http::StatusCode;
use serde::Serialize;

use super::parameters::one_id;
use super::tracks::{find, find_each};
use super::{Answer, Call, json};
use crate::sandbox::objects::FeaturesObject;
use crate::sandbox::problem::Problem;

#[derive(Serialize)]
struct Body<'a> {
    audio_features: Vec<Option<FeaturesObject<'a>>>,
}

pub(super) fn one(call: &Call<'_>, id: &str) -> Answer {
    let found = find(call, one_id(id)?);
    let view = call.view();
    match found
        .as_ref()
        .and_then(|found| FeaturesObject::of(&view, found.track()?))
    {
        Some(features) => json(&features),
        None => Err(Problem::web_api(StatusCode::NOT_FOUND, "analysis not found")),
    }
}

pub(super) fn several(call: &Call<'_>) -> Answer {
    let ids = call.parameters.ids(100)?;
    let found = find_each(call, &ids);
    let view = call.view();
    let features = found
        .iter()
        .map(|found| FeaturesObject::of(&view, found.as_ref()?.track()?));
    json(&Body {
        audio_features: features.collect(),
    })
}
