//! What each endpoint answers (the contract's section 3), to the kind of app that calls.

mod albums;
mod artists;
mod audio_features;
mod new_releases;
mod parameters;
mod reccobeats;
mod search;
mod tracks;

pub(crate) mod control;

use serde::Serialize;

use super::catalogue::{Catalogue, List};
use super::clock::Instant;
use super::endpoint::Endpoint;
use super::faults::Alteration;
use super::objects::{Span, View};
use super::problem::Problem;
use super::profile::Profile;
use super::world::World;
use parameters::Parameters;

pub(crate) use reccobeats::check_user_agent;

/// One call: where it goes, and what it comes with.
pub(crate) struct Call<'a> {
    world: &'a World,
    endpoint: Endpoint,
    profile: Profile,
    parameters: Parameters,
    /// None where the call names no market.
    market: Option<String>,
    alteration: Option<Alteration>,
    now: Instant,
}

/// Answers a call that has passed the gate and holds a valid token.
///
/// # Errors
/// The answer is an error of the API.
pub(crate) fn answer(world: &World, path: &str, query: &str, alteration: Option<Alteration>) -> Answer {
    let (endpoint, id) = Endpoint::of(path);
    let profile = world.profile();
    profile.admit(endpoint)?;
    let parameters = Parameters::parse(query);
    let now = world.clock.now();
    let call = Call {
        world,
        endpoint,
        profile,
        market: parameters.market(&world.markets)?,
        parameters,
        alteration,
        now,
    };
    match (endpoint, id) {
        (Endpoint::NewReleases, _) => new_releases::list(&call),
        (Endpoint::Album, Some(id)) => albums::one(&call, id),
        (Endpoint::Albums, _) => albums::several(&call),
        (Endpoint::AlbumTracks, Some(id)) => albums::tracks(&call, id),
        (Endpoint::Track, Some(id)) => tracks::one(&call, id),
        (Endpoint::Tracks, _) => tracks::several(&call),
        (Endpoint::AudioFeatures, Some(id)) => audio_features::one(&call, id),
        (Endpoint::AudioFeatures, None) => audio_features::several(&call),
        (Endpoint::Artist, Some(id)) => artists::one(&call, id),
        (Endpoint::Artists, _) => artists::several(&call),
        (Endpoint::ArtistAlbums, Some(id)) => artists::albums(&call, id),
        (Endpoint::Search, _) => search::search(&call),
        (Endpoint::ReccoBeats, _) => reccobeats::audio_features(&call),
        _ => Err(Problem::web_api(
            axum::http::StatusCode::NOT_FOUND,
            "Service not found",
        )),
    }
}

/// The body of a good answer, or an error of the API.
type Answer = Result<Vec<u8>, Problem>;

impl Call<'_> {
    fn catalogue(&self) -> &Catalogue {
        &self.world.catalogue
    }

    fn list(&self) -> List {
        self.world.catalogue.list(self.now)
    }

    fn is(&self, alteration: Alteration) -> bool {
        self.alteration == Some(alteration)
    }

    fn view(&self) -> View<'_> {
        let base = self.world.api_url.as_str();
        View {
            base,
            next_base: match self.alteration {
                Some(Alteration::ForeignNext) => &self.world.foreign_url,
                _ => base,
            },
            profile: self.profile,
            quirks: &self.world.quirks,
            markets: &self.world.markets,
            market: self.market.as_deref(),
            day: self.now.day(),
        }
    }

    /// Which items the call asks for, within the page size of the endpoint and the app.
    fn span(&self) -> Result<Span, Problem> {
        self.parameters.span(self.profile.page_size(self.endpoint))
    }

    /// Offset of the items that a page shows, which a fault can set back by a page.
    fn offset_of_items(&self, span: Span) -> usize {
        match self.alteration {
            Some(Alteration::Repeat) => span.offset.saturating_sub(span.limit),
            _ => span.offset,
        }
    }
}

fn json(body: &impl Serialize) -> Answer {
    // Most answers of several objects take this much; growing from nothing would copy each many times.
    let mut bytes = Vec::with_capacity(16 * 1024);
    match serde_json::to_writer(&mut bytes, body) {
        Ok(()) => Ok(bytes),
        Err(error) => Err(Problem::web_api(
            axum::http::StatusCode::INTERNAL_SERVER_ERROR,
            &error.to_string(),
        )),
    }
}
