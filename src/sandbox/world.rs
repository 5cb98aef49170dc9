//! All that a running sandbox holds.

use std::sync::Mutex;
use std::time::Duration;

use super::catalogue::Catalogue;
use super::catalogue::markets::MarketSets;
use super::clock::Clock;
use super::faults::Faults;
use super::journal::Journal;
use super::options::Options;
use super::quirks::Quirks;
use super::rate_window::RateWindow;
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
    pub(crate) tokens: Tokens,
    pub(crate) rate_window: RateWindow,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    /// What came to the foreign host: path and headers of each call.
    pub(crate) foreign_calls: Mutex<Vec<ForeignCall>>,
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
        let window = Duration::from_secs_f64(options.window_seconds);
        Ok(Self {
            api_url: format!("{origin}/v1"),
            foreign_url: format!("{foreign}/v1"),
            catalogue: Catalogue::open(&options, quirks.clone(), clock.now())?,
            clock,
            markets: MarketSets::new()?,
            quirks,
            tokens: Tokens::new(options.token_ttl),
            rate_window: RateWindow::new(options.calls_per_window, window),
            faults: Faults::new(&options.faults),
            journal: Journal::new(),
            foreign_calls: Mutex::default(),
            latency: Duration::from_millis(options.latency_ms),
            compresses: !options.no_gzip,
        })
    }
}
