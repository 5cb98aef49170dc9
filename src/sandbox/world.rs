//! All that a running sandbox holds.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::catalogue::Catalogue;
use super::catalogue::markets::MarketSets;
use super::clock::{Clock, DAY_MS};
use super::faults::Faults;
use super::journal::Journal;
use super::options::Options;
use super::profile::Profile;
use super::quirks::Quirks;
use super::rolling_window::RollingWindow;
use super::search::Searches;
use super::tokens::Tokens;

#[derive(Debug)]
pub(crate) struct World {
    /// `http://127.0.0.1:PORT/v1`
    pub(crate) api_url: String,
    /// Where `next` leads by the fault `foreign-next`.
    pub(crate) foreign_url: String,
    pub(crate) clock: Clock,
    pub(crate) catalogue: Catalogue,
    pub(crate) markets: MarketSets,
    pub(crate) quirks: Quirks,
    profile: Mutex<Profile>,
    pub(crate) tokens: Tokens,
    pub(crate) rate_window: RollingWindow,
    pub(crate) quota: RollingWindow,
    pub(crate) faults: Faults,
    pub(crate) searches: Searches,
    pub(crate) journal: Journal,
    /// What came to the foreign host: path and headers of each call.
    pub(crate) foreign_calls: Mutex<Vec<ForeignCall>>,
    /// Tracks in a hundred.
    pub(crate) reccobeats_coverage: u8,
    pub(crate) latency: Duration,
    pub(crate) compresses: bool,
}

/// A call that came to the foreign host.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct ForeignCall {
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl World {
    /// # Errors
    /// The files of a real catalogue cannot be read.
    pub(crate) fn new(options: Options, origin: &str, foreign: &str) -> anyhow::Result<Self> {
        let clock = Clock::default();
        let quirks = Quirks::new(&options.quirks);
        let window_ms = (options.window_seconds * 1000.0) as i64;
        Ok(Self {
            api_url: format!("{origin}/v1"),
            foreign_url: format!("{foreign}/v1"),
            catalogue: Catalogue::open(&options, quirks.clone(), clock.now())?,
            clock,
            markets: MarketSets::new()?,
            quirks,
            profile: Mutex::new(options.profile),
            tokens: Tokens::new(options.token_ttl),
            rate_window: RollingWindow::new(options.calls_per_window, window_ms),
            quota: RollingWindow::new(options.daily_quota, DAY_MS),
            faults: Faults::new(options.seed, options.all_faults()),
            searches: Searches::default(),
            journal: Journal::new(),
            foreign_calls: Mutex::default(),
            reccobeats_coverage: options.reccobeats_coverage,
            latency: Duration::from_millis(options.latency_ms),
            compresses: !options.no_gzip,
        })
    }

    /// What the app may do at present.
    pub(crate) fn profile(&self) -> Profile {
        *self.profile.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another kind of app from now on.
    pub(crate) fn set_profile(&self, profile: Profile) {
        *self.profile.lock().unwrap_or_else(PoisonError::into_inner) = profile;
    }
}
