//! `/_sandbox`: what tests and operators ask of the sandbox itself. No token, no rate limit, no record.
//!
//! | call | body | answer |
//! |---|---|---|
//! | `GET calls` | | every call so far: `[{"endpoint", "path", "status", "at_ms"}]`, in order of arrival |
//! | `DELETE calls` | | forgets them |
//! | `POST faults` | `["tracks:2-4:503"]` | these faults and no others |
//! | `POST release` | `{"albums": 3}` | puts more albums on the list now |
//! | `POST clock` | `{"advance_seconds": 86400}` | moves the clock forward |
//! | `POST profile` | `{"profile": "dev_feb2026"}` | another kind of app from now on |
//! | `GET foreign` | | what came to the host of a foreign `next`: `[{"path", "headers"}]` |

use std::sync::PoisonError;

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::sandbox::faults::Fault;
use crate::sandbox::profile::Profile;
use crate::sandbox::world::World;

pub(crate) const PREFIX: &str = "/_sandbox/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    albums: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    profile: Profile,
}

/// Answers a call to a path that begins with [`PREFIX`].
pub(crate) fn answer(world: &World, method: &Method, path: &str, body: &[u8]) -> Response {
    let done = match (method, path.trim_start_matches(PREFIX)) {
        (&Method::GET, "calls") => return Json(world.journal.calls()).into_response(),
        (&Method::GET, "foreign") => {
            let calls = world
                .foreign_calls
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            return Json(calls).into_response();
        }
        (&Method::DELETE, "calls") => {
            world.journal.clear();
            Ok(())
        }
        (&Method::POST, "faults") => parse::<Vec<Fault>>(body).map(|faults| world.faults.replace(faults)),
        (&Method::POST, "release") => parse::<Release>(body).and_then(|release| put_out(world, &release)),
        (&Method::POST, "clock") => parse::<Advance>(body).map(|by| world.clock.advance(by.advance_seconds)),
        (&Method::POST, "profile") => parse::<Change>(body).map(|to| world.set_profile(to.profile)),
        _ => Err("no such control; there are calls, faults, release, clock, profile and foreign".to_owned()),
    };
    match done {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(reason) => (StatusCode::BAD_REQUEST, reason).into_response(),
    }
}

fn put_out(world: &World, release: &Release) -> Result<(), String> {
    match world.catalogue.release(release.albums) {
        true => Ok(()),
        false => Err("a catalogue read from files has no more albums to release".to_owned()),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}
