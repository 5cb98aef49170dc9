//! What the sandbox can be told at its start.

use std::path::PathBuf;

use super::{Fault, FaultFile, Profile, Quirk};

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
    ///
    /// The search `tag:new` finds what came out in the two weeks before the newest release date of such a catalogue;
    /// of a generated one, in the last two weeks.
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
    /// artist, artist-albums, search, reccobeats, any. CALLS: 3, 2-4, every/5, a share (20% or 0.5%, the same calls
    /// for the same --seed), * or id=<22 characters>. KIND: a status (503, 503-text, 503-html, 503-empty), 5xx (all
    /// of them in turn), 429=SECONDS, 429-missing, 429-zero, 429-absurd, 429-date=SECONDS, 429-word,
    /// 429-text=SECONDS, 429-empty=SECONDS, quota=SECONDS, premium, premium-text, reset, cut, cut-gzip (a body that
    /// cannot be unpacked), stall=SECONDS, not-json, expire-token, revoke (the token in use), foreign-next, repeat,
    /// shift (another album at the head of the generated list or search before the page is answered). Of several
    /// faults that strike a call the first one counts.
    #[arg(long = "fault", value_name = "SPEC")]
    pub faults: Vec<Fault>,

    /// A file of faults, one a line, # begins a comment; they follow those of --fault; repeatable
    #[arg(long = "faults", value_name = "FILE")]
    pub fault_files: Vec<FaultFile>,

    /// How many tracks in a hundred ReccoBeats knows
    #[arg(long, value_name = "PERCENT", default_value_t = Options::default().reccobeats_coverage)]
    #[arg(value_parser = clap::value_parser!(u8).range(0..=100))]
    pub reccobeats_coverage: u8,

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
            fault_files: Vec::new(),
            reccobeats_coverage: 75,
            quirks: Vec::new(),
            no_gzip: false,
        }
    }
}

impl Options {
    /// The faults of the flags, then those of the files.
    pub(crate) fn all_faults(&self) -> Vec<Fault> {
        let in_files = self.fault_files.iter().flat_map(FaultFile::faults);
        self.faults.iter().chain(in_files).cloned().collect()
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
