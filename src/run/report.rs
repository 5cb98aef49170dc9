//! What a run did, in figures.

use std::time::Instant;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::{Archived, RunError};
use crate::extract::DiscoveryWay;
use crate::http::CallsByEndpoint;
use crate::load::Loaded;
use crate::postgres::drift::Drift;
use crate::postgres::runs::{Standing, Status, Step};
use crate::transform::{CheckReport, ModelReport};

/// What a run did and how it ended: the results of its stages, put together.
#[derive(Debug, Serialize)]
pub struct RunReport {
    /// The run, as in `ops.runs`.
    pub run_id: Uuid,
    /// Version of firstpress.
    pub version: &'static str,
    /// When the command was started.
    pub started_at: DateTime<Utc>,
    /// How it ended.
    pub outcome: Status,
    /// The process's exit code.
    pub exit_code: u8,
    /// Why it failed or was refused. Where it was only postponed, `postponed` says why.
    pub error: Option<String>,
    /// Where new releases were found.
    pub discovered_by: DiscoveryWay,
    /// Albums in the list of new releases.
    pub listed: u64,
    /// Albums to load after that: new ones, and those whose time in quarantine is over. Null until it is known.
    pub new_albums: Option<u64>,
    /// Albums that an earlier run had discovered but not loaded.
    pub left_by_earlier_runs: u64,
    /// Items put aside in `raw.quarantine`.
    pub quarantined: u64,
    /// What was stored of albums.
    pub loaded: Loaded,
    /// What was stored of refreshed popularity and audio features.
    pub refreshed: Loaded,
    /// Rows of both; null where storing was given up halfway.
    pub rows_loaded: Option<u64>,
    /// Albums that are discovered and not loaded, as of the end; null where the database could not be asked.
    pub albums_waiting: Option<u64>,
    /// How long before the end the newest album was loaded, by whichever run.
    pub freshness_seconds: Option<f64>,
    /// How many of the latest runs in a row were put off (exit code 75), this one included. Of runs that were
    /// refused only this one counts, since they leave nothing in `ops.runs`.
    pub postponed_in_a_row: Option<u64>,
    /// Albums that wait because the day's budget is used up.
    pub waiting_for_budget: u64,
    /// Calls in any 24 hours, where there is a budget.
    pub daily_budget: Option<u32>,
    /// What the day's budget leaves.
    pub calls_left: Option<u64>,
    /// What showed that the app is in development mode; null when nothing did.
    pub development_mode: Option<String>,
    /// Calls per second at the end.
    pub calls_per_second: f64,
    /// Calls by endpoint.
    pub calls: CallsByEndpoint,
    /// Fields that the API's objects have gained or lost since earlier runs.
    pub drift: Vec<Drift>,
    /// Nothing has changed since the tables were published, and they were left as they are.
    pub tables_stand: bool,
    /// The models built, in order.
    pub models: Vec<ModelReport>,
    /// The checks on them.
    pub checks: Vec<CheckReport>,
    /// What was archived; null where there is no archive.
    pub archived: Option<Archived>,
    /// How many checks failed; null where none was made.
    pub checks_failed: Option<u64>,
    /// The stages, in order.
    pub steps: Vec<Step>,
    /// Why the rest was put off to a later run.
    #[serde(serialize_with = "as_text")]
    pub postponed: Option<RunError>,
    /// How long it took, from the start of the command.
    pub seconds: f64,
    #[serde(skip)]
    started: Instant,
}

impl RunReport {
    /// Of a run that has done nothing yet.
    #[must_use]
    pub fn new(run_id: Uuid) -> Self {
        Self {
            run_id,
            version: env!("CARGO_PKG_VERSION"),
            started_at: Utc::now(),
            outcome: Status::Failed,
            exit_code: 1,
            error: None,
            discovered_by: DiscoveryWay::default(),
            listed: 0,
            new_albums: None,
            left_by_earlier_runs: 0,
            quarantined: 0,
            loaded: Loaded::default(),
            refreshed: Loaded::default(),
            rows_loaded: None,
            albums_waiting: None,
            freshness_seconds: None,
            postponed_in_a_row: None,
            waiting_for_budget: 0,
            daily_budget: None,
            calls_left: None,
            development_mode: None,
            calls_per_second: 0.0,
            calls: CallsByEndpoint::default(),
            drift: Vec::new(),
            tables_stand: false,
            models: Vec::new(),
            checks: Vec::new(),
            archived: None,
            checks_failed: None,
            steps: Vec::new(),
            postponed: None,
            seconds: 0.0,
            started: Instant::now(),
        }
    }

    /// The run has ended so.
    pub fn end(&mut self, outcome: Status, exit_code: u8, error: Option<String>) {
        self.outcome = outcome;
        self.exit_code = exit_code;
        self.error = error;
        self.seconds = self.started.elapsed().as_secs_f64();
    }

    pub(super) fn note(&mut self, standing: Standing) {
        self.albums_waiting = u64::try_from(standing.albums_waiting).ok();
        self.freshness_seconds = standing.freshness_seconds;
        self.postponed_in_a_row = u64::try_from(standing.postponed_in_a_row).ok();
    }

    pub(super) fn stored_nothing(&self) -> bool {
        self.loaded.batches == 0 && self.refreshed.batches == 0
    }
}

fn as_text<S: Serializer>(error: &Option<RunError>, serializer: S) -> Result<S::Ok, S::Error> {
    error.as_ref().map(ToString::to_string).serialize(serializer)
}
