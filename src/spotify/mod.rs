//! Spotify's Web API: one client, one token, one limiter.
//!
//! From the outside in: an endpoint here → [`request`] (repeat, permit, token, send, classify) → [`decode`].

mod calls;
mod decode;
mod error;
mod limiter;
mod objects;
mod request;
mod retry;
mod token;

use std::sync::Arc;
use std::time::Duration;

use url::Url;

pub use calls::{Calls, CallsByEndpoint, Endpoint};
pub use decode::{Answer, Page, Undecodable};
pub use error::SpotifyError;
pub use objects::{Album, AlbumTrack, Artist, AudioFeatures, ListedAlbum, Track};

use crate::config::{Credentials, Spotify};
use crate::domain::SpotifyId;
use calls::Counter;
use decode::Decoder;
use limiter::Limiter;
use token::TokenSource;

/// Albums on one page of new releases.
const NEW_RELEASES_PER_PAGE: u32 = 50;
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

/// A client of the Web API for apps with all rights. Clones share the token, the limiter and the count.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    api_url: Url,
    market: Option<String>,
    max_wait: Duration,
    repeats: usize,
    token: Arc<TokenSource>,
    limiter: Arc<Limiter>,
    counter: Arc<Counter>,
    decoder: Arc<Decoder>,
}

impl Client {
    /// A client for this app. Sends nothing yet.
    ///
    /// # Errors
    /// When TLS cannot be set up, for want of root certificates for instance.
    pub fn new(settings: &Spotify, credentials: &Credentials) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("firstpress/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(settings.timeout.min(Duration::from_secs(10)))
            .timeout(settings.timeout)
            // a redirect could carry the bearer token to another host
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            repeats: retry::REPEATS,
            token: Arc::new(TokenSource::new(credentials, settings, http.clone())),
            http,
            api_url: settings.api_url.clone(),
            market: settings.market.clone(),
            max_wait: settings.max_wait,
            limiter: Arc::new(Limiter::new(settings.requests_per_second)),
            counter: Arc::default(),
            decoder: Arc::default(),
        })
    }

    /// The same client with less patience, for parts of a call that failed after every repeat.
    #[must_use]
    pub fn hasty(&self) -> Self {
        Self {
            repeats: retry::FEW_REPEATS,
            ..self.clone()
        }
    }

    /// Calls made so far.
    #[must_use]
    pub fn calls(&self) -> CallsByEndpoint {
        self.counter.so_far()
    }

    /// The page of new releases that starts at `offset`. The page's own `next` is never followed: it may point
    /// to another host, which must not see the token.
    ///
    /// # Errors
    /// Any [`SpotifyError`].
    pub async fn new_releases(&self, offset: u32) -> Result<Page<ListedAlbum>, SpotifyError> {
        let path = format!("/browse/new-releases?limit={NEW_RELEASES_PER_PAGE}&offset={offset}");
        let decode = |body: &[u8]| self.decoder.new_releases(body);
        self.get(Endpoint::NewReleases, &path, decode).await
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

fn comma_separated(ids: &[SpotifyId]) -> String {
    ids.iter().map(SpotifyId::as_str).collect::<Vec<_>>().join(",")
}
