//! Spotify's Web API: one client, one token, one limiter, and what is known of the app.
//!
//! From the outside in: an endpoint here → [`request`] (repeat, permit, token, send, classify) → [`decode`].

mod allowance;
mod app;
mod decode;
mod endpoint;
mod error;
#[cfg(test)]
mod fuzz;
mod objects;
mod request;
mod token;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use allowance::{CallLedger, Granted};
pub use app::{Access, Capability, Known};
pub use decode::{KeptDecoder, KeptObject, Page};
pub use endpoint::Endpoint;
pub use error::SpotifyError;
pub use objects::{Album, AlbumTrack, Artist, DetailsSource, ListedAlbum, Track};

use crate::config::{AudioFeaturesFrom, Credentials, DailyBudget, Spotify};
use crate::domain::{Answer, AudioFeatures, SpotifyId};
use crate::http::{Calls, CallsByEndpoint, Counter, FieldSeen, Limiter, Repeat};
use allowance::Allowance;
use app::App;
use decode::Decoder;
use request::Refusal;
use token::TokenSource;

/// Albums on one page of new releases.
const NEW_RELEASES_PER_PAGE: u32 = 50;
/// Albums on one page of a search: more is refused to apps in development mode.
const FOUND_PER_PAGE: u32 = 10;
/// Spotify shows no result of a search beyond this one.
const SEARCH_REACHES: u32 = 1000;
/// Tracks on one page of an album, also on the page that an album embeds.
const TRACKS_PER_PAGE: u32 = 50;

/// How many ids one call may name, by endpoint.
pub mod ids_per_call {
    /// `GET /albums?ids=`
    pub const ALBUMS: usize = 20;
    /// `GET /tracks?ids=`
    pub const TRACKS: usize = 50;
    /// `GET /audio-features?ids=`
    pub const AUDIO_FEATURES: usize = 100;
}

/// What an app is given where the settings do not say: by Spotify's mode for it.
mod by_mode {
    /// Calls per second in extended quota mode, and in development mode.
    pub(super) const CALLS_PER_SECOND: (f64, f64) = (5.0, 1.0);
    /// Calls under way at once.
    pub(super) const IN_FLIGHT: (usize, usize) = (4, 1);
    /// Calls in any 24 hours in development mode: quotas were met from some 1,100 on.
    pub(super) const DAILY_BUDGET: u32 = 900;
}

/// A client of the Web API. Clones share the token, the limiter, the count and what is known of the app.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    settings: Arc<Spotify>,
    repeats: usize,
    token: Arc<TokenSource>,
    limiter: Arc<Limiter>,
    allowance: Arc<Allowance>,
    app: Arc<App>,
    counter: Arc<Counter>,
    decoder: Arc<Decoder>,
    refusal: Arc<Mutex<Option<Refusal>>>,
    /// Of all that is to be fetched, in tenths of a percent; over 1000 where nobody knows.
    done: Arc<AtomicU64>,
}

impl Client {
    /// A client of which `known` is remembered, and whose calls are entered in `ledger`. Sends nothing yet.
    ///
    /// # Errors
    /// When TLS cannot be set up, for want of root certificates for instance.
    pub fn new(
        settings: &Spotify,
        credentials: &Credentials,
        known: Known,
        ledger: Arc<dyn CallLedger>,
    ) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("firstpress/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(settings.timeout.min(Duration::from_secs(10)))
            .timeout(settings.timeout)
            // a redirect could carry the bearer token to another host
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let is_in_development = known.development_mode.is_some();
        Ok(Self {
            repeats: Repeat::OFTEN,
            token: Arc::new(TokenSource::new(credentials, settings, http.clone())),
            http,
            limiter: Arc::new(Limiter::new(
                calls_per_second(settings, is_in_development),
                known.calls_per_second,
            )),
            allowance: Arc::new(Allowance::new(ledger, daily_budget(settings, is_in_development))),
            app: Arc::new(App::new(known)),
            settings: Arc::new(settings.clone()),
            counter: Arc::default(),
            decoder: Arc::default(),
            refusal: Arc::default(),
            done: Arc::new(AtomicU64::new(u64::MAX)),
        })
    }

    /// The same client with less patience, for parts of a call that failed after every repeat.
    #[must_use]
    pub fn hasty(&self) -> Self {
        Self {
            repeats: Repeat::SELDOM,
            ..self.clone()
        }
    }

    /// Whether the app may call an endpoint.
    #[must_use]
    pub fn access(&self, endpoint: Endpoint) -> Access {
        self.app.access(endpoint)
    }

    /// What is to be remembered of the app. The pace is there when 429s have lowered it.
    #[must_use]
    pub fn known(&self) -> Known {
        Known {
            calls_per_second: self.limiter.learned(),
            not_before: self.not_before(),
            ..self.app.known()
        }
    }

    /// Calls per second at present.
    #[must_use]
    pub fn pace(&self) -> f64 {
        self.limiter.pace().0
    }

    /// Calls that may be under way at once.
    #[must_use]
    pub fn max_in_flight(&self) -> usize {
        let (extended, development) = by_mode::IN_FLIGHT;
        let by_mode = if self.is_in_development() {
            development
        } else {
            extended
        };
        self.settings.max_in_flight.unwrap_or(by_mode)
    }

    /// Calls in any 24 hours; `None` without a budget.
    #[must_use]
    pub fn daily_budget(&self) -> Option<u32> {
        daily_budget(&self.settings, self.is_in_development())
    }

    /// Calls that the day's budget leaves, as of the latest call; `None` without a budget.
    #[must_use]
    pub fn calls_left(&self) -> Option<u64> {
        self.allowance.left()
    }

    /// Asks the ledger what the day's budget leaves.
    ///
    /// # Errors
    /// [`SpotifyError::Ledger`].
    pub async fn look_up_calls_left(&self) -> Result<Option<u64>, SpotifyError> {
        self.allowance.look_up().await
    }

    /// Strikes out of the ledger what was entered in advance. To be called when no more calls follow.
    ///
    /// # Errors
    /// [`SpotifyError::Ledger`].
    pub async fn settle(&self) -> Result<(), SpotifyError> {
        self.allowance.give_back().await
    }

    /// How much of what is to be fetched is there, for the line that a 429 writes.
    pub fn report_progress(&self, done: u64, of: u64) {
        let done = (done * 1000).checked_div(of).unwrap_or(u64::MAX);
        self.done.store(done, Ordering::Relaxed);
    }

    /// Calls made so far by endpoint, token requests among them.
    #[must_use]
    pub fn calls(&self) -> CallsByEndpoint {
        self.counter.so_far()
    }

    /// Web API calls made so far.
    #[must_use]
    pub fn total_calls(&self) -> Calls {
        self.counter.so_far().total()
    }

    /// Fields that the objects in answers had so far.
    #[must_use]
    pub fn fields_seen(&self) -> Vec<FieldSeen> {
        self.decoder.fields.so_far()
    }

    fn is_in_development(&self) -> bool {
        self.app.known().development_mode.is_some()
    }

    /// Asks for a token, unless there is one that is still good.
    ///
    /// # Errors
    /// What the token endpoint says, or that it says nothing.
    pub async fn authorize(&self) -> Result<(), SpotifyError> {
        let token = self.bearer().await;
        token.map(drop).inspect_err(|error| self.heed(error))
    }

    /// The page of new releases that starts at `offset`. The page's own `next` is never followed: it may point
    /// to another host, which must not see the token.
    ///
    /// # Errors
    /// Any [`SpotifyError`].
    pub async fn new_releases(&self, offset: u32) -> Result<Page<ListedAlbum>, SpotifyError> {
        let path = format!("/browse/new-releases?limit={NEW_RELEASES_PER_PAGE}&offset={offset}");
        let decode = |body: &[u8]| self.decoder.listed_albums(Endpoint::NewReleases, body);
        self.get(Endpoint::NewReleases, &path, decode).await
    }

    /// The page, starting at `offset`, of albums that a search finds among those of the last two weeks. Spotify
    /// shows a thousand of them at most.
    ///
    /// # Errors
    /// Any [`SpotifyError`].
    pub async fn search_new(&self, offset: u32) -> Result<Page<ListedAlbum>, SpotifyError> {
        let path = format!("/search?q=tag%3Anew&type=album&limit={FOUND_PER_PAGE}&offset={offset}");
        let decode = |body: &[u8]| self.decoder.listed_albums(Endpoint::Search, body);
        let mut page = self.get(Endpoint::Search, &path, decode).await?;
        page.next_offset = page
            .next_offset
            .filter(|next| next + FOUND_PER_PAGE <= SEARCH_REACHES);
        Ok(page)
    }

    /// Whether nothing that the app was asked so far tells its mode: the list of new releases is open in either,
    /// and audio features are closed, or will not be asked for.
    #[must_use]
    pub fn may_be_in_either_mode(&self, audio_features: AudioFeaturesFrom) -> bool {
        let asks_spotify = matches!(
            audio_features,
            AudioFeaturesFrom::Auto | AudioFeaturesFrom::Spotify
        );
        self.access(Endpoint::NewReleases) == Access::Open
            && self.access(Endpoint::SearchOverTen) == Access::Unknown
            && (!asks_spotify || self.access(Endpoint::AudioFeatures) == Access::Closed)
    }

    /// Finds out whether the app is in development mode, by a search with a limit that is refused to such apps.
    ///
    /// # Errors
    /// Any [`SpotifyError`] but that refusal.
    pub async fn learn_mode(&self) -> Result<(), SpotifyError> {
        let endpoint = Endpoint::SearchOverTen;
        let path = format!(
            "/search?q=tag%3Anew&type=album&limit={}&offset=0",
            FOUND_PER_PAGE + 1
        );
        let decode = |body: &[u8]| self.decoder.listed_albums(endpoint, body);
        match self.get(endpoint, &path, decode).await {
            Err(SpotifyError::Rejected {
                status: 400, message, ..
            }) if message.as_deref().is_none_or(is_about_the_limit) => {
                let words = message.as_deref().unwrap_or("without a message");
                self.refused(endpoint, &format!("400 {words}"));
                Ok(())
            }
            Err(SpotifyError::Forbidden { .. }) | Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Up to 20 albums, each with its first 50 tracks, in the order of `ids`.
    ///
    /// # Errors
    /// Any [`SpotifyError`].
    pub async fn albums(&self, ids: &[SpotifyId]) -> Result<Vec<(SpotifyId, Answer<Album>)>, SpotifyError> {
        let path = format!("/albums?ids={}", comma_separated(ids));
        let decode = |body: &[u8]| self.decoder.albums(ids, body);
        self.get(Endpoint::Albums, &path, decode).await
    }

    /// An album with its first 50 tracks.
    ///
    /// # Errors
    /// Any [`SpotifyError`].
    pub async fn album(&self, id: SpotifyId) -> Result<Answer<Album>, SpotifyError> {
        let decode = |body: &[u8]| self.decoder.album(body);
        let answer = self.get(Endpoint::Album, &format!("/albums/{id}"), decode).await;
        if matches!(&answer, Ok(Answer::Found(album)) if !album.withheld.contains(&"popularity")) {
            self.app.saw_a_withheld_field();
        }
        null_if_unknown(answer)
    }

    /// The page of an album's tracks that starts at `offset`.
    ///
    /// # Errors
    /// Any [`SpotifyError`].
    pub async fn album_tracks(
        &self,
        album: SpotifyId,
        offset: u32,
    ) -> Result<Page<AlbumTrack>, SpotifyError> {
        let path = format!("/albums/{album}/tracks?limit={TRACKS_PER_PAGE}&offset={offset}");
        let decode = |body: &[u8]| self.decoder.album_tracks(body);
        self.get(Endpoint::AlbumTracks, &path, decode).await
    }

    /// Up to 50 tracks, in the order of `ids`.
    ///
    /// # Errors
    /// Any [`SpotifyError`].
    pub async fn tracks(&self, ids: &[SpotifyId]) -> Result<Vec<(SpotifyId, Answer<Track>)>, SpotifyError> {
        let path = format!("/tracks?ids={}", comma_separated(ids));
        let decode = |body: &[u8]| self.decoder.tracks(ids, body);
        self.get(Endpoint::Tracks, &path, decode).await
    }

    /// A track.
    ///
    /// # Errors
    /// Any [`SpotifyError`].
    pub async fn track(&self, id: SpotifyId) -> Result<Answer<Track>, SpotifyError> {
        let decode = |body: &[u8]| self.decoder.track(body);
        null_if_unknown(self.get(Endpoint::Track, &format!("/tracks/{id}"), decode).await)
    }

    /// The audio features of up to 100 tracks, in the order of `ids`.
    ///
    /// # Errors
    /// Any [`SpotifyError`].
    pub async fn audio_features(
        &self,
        ids: &[SpotifyId],
    ) -> Result<Vec<(SpotifyId, Answer<AudioFeatures>)>, SpotifyError> {
        let path = format!("/audio-features?ids={}", comma_separated(ids));
        let decode = |body: &[u8]| self.decoder.audio_features(ids, body);
        self.get(Endpoint::AudioFeatures, &path, decode).await
    }
}

fn is_about_the_limit(message: &str) -> bool {
    message.to_lowercase().contains("limit")
}

fn comma_separated(ids: &[SpotifyId]) -> String {
    ids.iter().map(SpotifyId::as_str).collect::<Vec<_>>().join(",")
}

/// Asked for one id alone, Spotify says 404 where it says null among several.
fn null_if_unknown<T>(answer: Result<Answer<T>, SpotifyError>) -> Result<Answer<T>, SpotifyError> {
    match answer {
        Err(SpotifyError::Rejected { status: 404, .. }) => Ok(Answer::Null),
        answer => answer,
    }
}

fn calls_per_second(settings: &Spotify, is_in_development: bool) -> f64 {
    let (extended, development) = by_mode::CALLS_PER_SECOND;
    let by_mode = if is_in_development { development } else { extended };
    settings.requests_per_second.unwrap_or(by_mode)
}

/// Calls in any 24 hours: what the settings say, else what suits the app's mode. `None` without a budget.
#[must_use]
pub fn daily_budget(settings: &Spotify, is_in_development: bool) -> Option<u32> {
    match settings.daily_budget {
        DailyBudget::Calls(calls) => Some(calls),
        DailyBudget::None => None,
        DailyBudget::ByMode => is_in_development.then_some(by_mode::DAILY_BUDGET),
    }
}
