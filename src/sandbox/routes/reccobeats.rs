//! `GET /reccobeats/v1/audio-features?ids=` (8.1)

use axum::http::{HeaderMap, StatusCode, header};
use serde::Serialize;

use super::tracks::{Found, find};
use super::{Answer, Call, json};
use crate::sandbox::catalogue::id::Id;
use crate::sandbox::objects::ReccoBeatsRow;
use crate::sandbox::problem::Problem;

/// Ids a call may hold.
const MOST: usize = 40;

#[derive(Serialize)]
struct Body<'a> {
    content: Vec<ReccoBeatsRow<'a>>,
}

/// Rows in no order that the caller knows; unknown ids are left out.
pub(super) fn audio_features(call: &Call<'_>) -> Answer {
    let ids: Vec<&str> = call
        .parameters
        .all("ids")
        .flat_map(|ids| ids.split(','))
        .filter(|id| !id.is_empty())
        .collect();
    match ids.len() {
        0 => {
            return Err(Problem::reccobeats(
                StatusCode::BAD_REQUEST,
                4001,
                "ids is missing",
            ));
        }
        1..=MOST => {}
        _ => {
            return Err(Problem::reccobeats(
                StatusCode::BAD_REQUEST,
                4004,
                "size must be between 1 and 40",
            ));
        }
    }
    let mut found: Vec<(u64, Found)> = ids.iter().filter_map(|id| known(call, id)).collect();
    found.sort_by_key(|(order, _)| *order);
    found.dedup_by_key(|(order, _)| *order);
    let content = found
        .iter()
        .filter_map(|(_, found)| found.track().map(ReccoBeatsRow::of));
    json(&Body {
        content: content.collect(),
    })
}

/// The track of a Spotify id, and its place in the answer. ISRCs and ids of its own are unknown to this stand-in.
///
/// Which tracks are known goes by the id, whether or not Spotify has analysed them: more coverage adds tracks.
fn known(call: &Call<'_>, id: &str) -> Option<(u64, Found)> {
    let id = Id::parse(id)?;
    let is_known = id.hash() % 100 < u64::from(call.world.reccobeats_coverage);
    let found = find(call, id).filter(|_| is_known)?;
    Some((id.hash(), found))
}

/// Callers that do not name themselves, or by a library's default name, are refused.
///
/// # Errors
/// 403.
pub(crate) fn check_user_agent(headers: &HeaderMap) -> Result<(), Problem> {
    let name = headers
        .get(header::USER_AGENT)
        .and_then(|name| name.to_str().ok())
        .unwrap_or_default();
    match name.is_empty() || name.to_ascii_lowercase().starts_with("python") {
        true => Err(Problem::reccobeats(StatusCode::FORBIDDEN, 403, "Forbidden")),
        false => Ok(()),
    }
}
