//! What the sandbox can be told at its start.

use std::path::PathBuf;

use super::{Fault, Profile, Quirk};

/// Settings of the sandbox; each is a flag of `firstpress sandbox`.
#[derive(clap::Args, Clone, Debug, PartialEq)]
pub struct Options {
    /// What kind of app calls: which endpoints, page sizes and fields it has
    #[arg(long, value_name = "NAME", value_enum, default_value_t = Options::default().profile)]
    pub profile: Profile,

    /// Length of the new-releases list; 0 is the whole --catalogue, or 10,000 generated albums
    #[arg(long, value_name = "N", default_value_t = Options::default().albums)]
    pub albums: usize,

    /// Gives every generated album exactly N tracks, all of them distinct (for benchmarks)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=2000))]
    pub tracks_per_album: Option<u16>,

    /// Another seed is another generated catalogue
    #[arg(long, default_value_t = Options::default().seed)]
    pub seed: u64,

    /// Serves albums.csv.gz, artists.csv.gz, tracks.csv.gz and audio_features.csv.gz of this folder instead
    #[arg(long, value_name = "DIR")]
    pub catalogue: Option<PathBuf>,

    /// Puts one more generated album on the list every so many seconds; 0 lets the list stand still
    #[arg(long, value_name = "SECONDS", default_value_t = Options::default().release_every, value_parser = seconds)]
    pub release_every: f64,

    /// Web API calls allowed in the rolling window, then 429 with Retry-After; 0 is no limit
    #[arg(long, value_name = "N", default_value_t = Options::default().calls_per_window)]
    pub calls_per_window: usize,

    /// Length of the rolling window
    #[arg(long, value_name = "SECONDS", default_value_t = Options::default().window_seconds, value_parser = seconds)]
    pub window_seconds: f64,

    /// Web API calls allowed in any 24 hours, then 429 QUOTA_EXCEEDED with Retry-After; 0 is no limit
    #[arg(long, value_name = "N", default_value_t = Options::default().daily_quota)]
    pub daily_quota: usize,

    /// Life of an access token
    #[arg(long, value_name = "SECONDS", default_value_t = Options::default().token_ttl)]
    pub token_ttl: u32,

    /// Waits so long before every answer
    #[arg(long, value_name = "MILLISECONDS", default_value_t = Options::default().latency_ms)]
    pub latency_ms: u64,

    /// A fault as ENDPOINT:CALLS:KIND, e.g. tracks:2-4:503 or any:every/10:429=1; repeatable
    ///
    /// ENDPOINT: token, new-releases, albums, album, album-tracks, tracks, track, audio-features, artists,
    /// artist, artist-albums, search, reccobeats, any. CALLS: 3, 2-4, every/5, * or id=<22 characters>. KIND: a status
    /// (503, 503-text, 503-html, 503-empty), 429=SECONDS, 429-missing, 429-zero, 429-text=SECONDS,
    /// 429-empty=SECONDS, quota=SECONDS, premium, reset, cut, stall=SECONDS, not-json, expire-token,
    /// foreign-next, repeat.
    #[arg(long = "fault", value_name = "SPEC")]
    pub faults: Vec<Fault>,

    /// An oddity of the real API that some objects then show; repeatable
    #[arg(long = "quirk", value_name = "NAME", value_enum)]
    pub quirks: Vec<Quirk>,

    /// Never compresses, whatever Accept-Encoding says
    #[arg(long)]
    pub no_gzip: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            albums: 100,
            tracks_per_album: None,
            seed: 1,
            catalogue: None,
            release_every: 10.0,
            calls_per_window: 300,
            window_seconds: 30.0,
            daily_quota: 0,
            token_ttl: 3600,
            latency_ms: 0,
            faults: Vec::new(),
            quirks: Vec::new(),
            no_gzip: false,
        }
    }
}

/// Seconds, fractions allowed, up to a year.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=31_536_000.0).contains(&seconds) => Ok(seconds),
        _ => Err("expected seconds from 0 to a year, such as 20 or 0.5".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command};

    use super::*;

    #[test]
    fn every_flag_has_a_help_line_and_defaults_agree() {
        let command = Options::augment_args(Command::new("sandbox"));
        for flag in command.get_arguments() {
            assert!(flag.get_help().is_some(), "{} says nothing", flag.get_id());
        }
        let matches = command.try_get_matches_from(["sandbox"]).unwrap();
        let options = <Options as clap::FromArgMatches>::from_arg_matches(&matches).unwrap();
        assert_eq!(options, Options::default());
    }
}
