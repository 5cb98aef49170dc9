//! The plan: what a run would do, told without loading anything.

use std::collections::BTreeMap;
use std::fmt;

use indicatif::ProgressBar;
use serde::Serialize;

use crate::extract::{self, Amounts, DiscoveryWay, Forecast, Source};
use crate::postgres::apps;
use crate::reccobeats;
use crate::run::{self, RunError};
use crate::spotify::{Access, Endpoint};
use crate::table::table;

/// What a plan is made with.
pub struct Planning {
    /// Where a run would read.
    pub source: Source,
    /// The Spotify app's client id.
    pub client_id: String,
    /// The API's address, or `sandbox`.
    pub api: String,
    /// How many days after its release a track's popularity is read again.
    pub popularity_window_days: u16,
    /// Calls to ReccoBeats per second.
    pub reccobeats_per_second: f64,
}

/// What a run that starts now would do.
#[derive(Debug, Serialize)]
pub struct Plan {
    /// Where new releases are found.
    pub discovered_by: DiscoveryWay,
    /// Albums in the list of new releases.
    pub listed: u64,
    /// Those of them that are new.
    pub new_albums: u64,
    /// Albums that earlier runs discovered and did not load.
    pub left_by_earlier_runs: u64,
    /// Calls by endpoint, as `ops.api_calls` names it.
    pub calls: BTreeMap<&'static str, u64>,
    /// Those of them of which nobody knows yet whether the app may call them. They are taken to be open.
    pub not_known_yet: Vec<&'static str>,
    /// What the run costs where audio features, of which nobody knows it yet, prove closed to the app, as they are to
    /// most; null where it is known.
    pub if_audio_features_are_closed: Option<Cost>,
    /// Calls to Spotify's Web API: all of them but those for a token and those to ReccoBeats.
    pub spotify_calls: u64,
    /// How long the calls take at the present rate; those to ReccoBeats go out beside those to Spotify.
    pub minutes: f64,
    /// The present rate of calls to Spotify, per second.
    pub calls_per_second: f64,
    /// Calls in any 24 hours; null without a budget.
    pub daily_budget: Option<u32>,
    /// What of them is left before the run.
    pub calls_left: Option<u64>,
    /// The run's part of the day's budget, from 0 to 1.
    pub share_of_budget: Option<f64>,
    /// What the run gets done within the budget.
    pub fits_today: Amounts,
    /// What waits after it.
    pub left_for_tomorrow: Amounts,
}

/// What a run costs in another case than the plan's.
#[derive(Debug, Serialize)]
pub struct Cost {
    /// Calls by endpoint.
    pub calls: BTreeMap<&'static str, u64>,
    /// Calls to Spotify's Web API.
    pub spotify_calls: u64,
    /// How long the calls take at the present rate.
    pub minutes: f64,
}

/// Reads the list of new releases, as a run would, and says what the run would do after that. Nothing is loaded;
/// the calls count against the day's budget, and what they tell of the app is remembered.
///
/// # Errors
/// What would keep a run from its work, or end it while it reads the list.
pub async fn plan(planning: &Planning) -> Result<Plan, RunError> {
    let source = &planning.source;
    let _lock = run::admit(&source.db, &planning.api, "firstpress plan").await?;
    let planned = planning.plan().await;
    // whatever came of it
    let written = planning.write_down().await;
    let plan = planned?;
    written?;
    Ok(plan)
}

impl Planning {
    async fn write_down(&self) -> Result<(), RunError> {
        let Source { spotify, db, .. } = &self.source;
        spotify.settle().await?;
        apps::remember(db, &self.client_id, &spotify.known()).await?;
        Ok(())
    }

    async fn plan(&self) -> Result<Plan, RunError> {
        let spotify = &self.source.spotify;
        let discovered = extract::discover(spotify, &ProgressBar::hidden()).await?;
        let Forecast {
            new_albums,
            left_by_earlier_runs,
            calls,
            calls_left,
            done,
            left,
            calls_if_features_are_closed,
        } = extract::look_ahead(&self.source, &discovered, self.popularity_window_days).await?;
        let daily_budget = spotify.daily_budget();
        let Cost {
            calls,
            spotify_calls,
            minutes,
        } = self.cost(calls);
        let is_unknown = |endpoint: &Endpoint| {
            *endpoint != Endpoint::Token
                && calls.contains_key(endpoint.as_str())
                && spotify.access(*endpoint) == Access::Unknown
        };
        Ok(Plan {
            not_known_yet: Endpoint::ALL
                .into_iter()
                .filter(is_unknown)
                .map(Endpoint::as_str)
                .collect(),
            discovered_by: discovered.way,
            listed: discovered.albums.len() as u64,
            new_albums,
            left_by_earlier_runs,
            spotify_calls,
            minutes,
            if_audio_features_are_closed: calls_if_features_are_closed.map(|calls| self.cost(calls)),
            calls_per_second: spotify.pace(),
            daily_budget,
            calls_left,
            share_of_budget: daily_budget.map(|budget| spotify_calls as f64 / f64::from(budget)),
            fits_today: done,
            left_for_tomorrow: left,
            calls,
        })
    }

    fn cost(&self, calls: BTreeMap<&'static str, u64>) -> Cost {
        let spotify_calls = calls
            .iter()
            .filter(|(endpoint, _)| is_counted(endpoint))
            .map(|(_, calls)| calls)
            .sum();
        let to_reccobeats = calls.get(reccobeats::ENDPOINT).copied().unwrap_or_default();
        let to_spotify = seconds(spotify_calls, self.source.spotify.pace());
        let seconds = to_spotify.max(seconds(to_reccobeats, self.reccobeats_per_second));
        Cost {
            calls,
            spotify_calls,
            minutes: seconds / 60.0,
        }
    }
}

fn is_counted(endpoint: &str) -> bool {
    ![Endpoint::Token.as_str(), reccobeats::ENDPOINT].contains(&endpoint)
}

fn seconds(calls: u64, per_second: f64) -> f64 {
    calls as f64 / per_second
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (new, listed, left) = (self.new_albums, self.listed, self.left_by_earlier_runs);
        writeln!(
            formatter,
            "{new} new albums among {listed} listed, {left} left by earlier runs.\n"
        )?;
        let mut calls = table(&["endpoint", "calls"], &[1]);
        for (endpoint, number) in &self.calls {
            calls.add_row([(*endpoint).to_owned(), number.to_string()]);
        }
        writeln!(formatter, "{calls}\n")?;
        writeln!(
            formatter,
            "{} calls to Spotify, {:.1} minutes at {:.1} calls a second.",
            self.spotify_calls, self.minutes, self.calls_per_second
        )?;
        if !self.not_known_yet.is_empty() {
            writeln!(
                formatter,
                "Whether the app may call {} is not known yet: where it may not, the run takes the next way.",
                self.not_known_yet.join(", ")
            )?;
        }
        if let Some(cost) = &self.if_audio_features_are_closed {
            let to_reccobeats = cost.calls.get(reccobeats::ENDPOINT).copied().unwrap_or_default();
            writeln!(
                formatter,
                "Where {} proves closed: {} calls to Spotify and {to_reccobeats} to ReccoBeats, {:.1} minutes.",
                Endpoint::AudioFeatures,
                cost.spotify_calls,
                cost.minutes
            )?;
        }
        if let (Some(budget), Some(left), Some(share)) =
            (self.daily_budget, self.calls_left, self.share_of_budget)
        {
            let percent = share * 100.0;
            writeln!(
                formatter,
                "That is {percent:.0} % of the budget of {budget} calls in any 24 hours, which leaves {left} now."
            )?;
        }
        let mut amounts = table(&["", "fits today", "left for tomorrow"], &[1, 2]);
        for (what, fits, waits) in self.amounts() {
            amounts.add_row([what.to_owned(), fits.to_string(), waits.to_string()]);
        }
        write!(formatter, "\n{amounts}")
    }
}

impl Plan {
    fn amounts(&self) -> [(&'static str, u64, u64); 4] {
        let (fits, waits) = (self.fits_today, self.left_for_tomorrow);
        [
            ("albums to load", fits.albums, waits.albums),
            (
                "tracks to ask about audio features again",
                fits.audio_features,
                waits.audio_features,
            ),
            (
                "tracks to read the popularity of",
                fits.popularity,
                waits.popularity,
            ),
            ("tracks to ask for their ISRC", fits.isrcs, waits.isrcs),
        ]
    }
}
