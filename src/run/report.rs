//! What a run did, in figures.

use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::{Archived, RunError};
use crate::extract::DiscoveryWay;
use crate::http::CallsByEndpoint;
use crate::load::Loaded;
use crate::postgres::drift::Drift;
use crate::postgres::runs::Step;
use crate::transform::{CheckReport, ModelReport};

/// The results of a run's stages, put together.
#[derive(Debug, Serialize)]
pub struct RunReport {
    /// The run, as in `ops.runs`.
    pub run_id: Uuid,
    /// Where new releases were found.
    pub discovered_by: DiscoveryWay,
    /// Albums in the list of new releases.
    pub listed: u64,
    /// Albums to load after that: new ones, and those whose time in quarantine is over.
    pub new_albums: u64,
    /// Albums that an earlier run had discovered but not loaded.
    pub left_by_earlier_runs: u64,
    /// Items put aside in `raw.quarantine`.
    pub quarantined: u64,
    /// What was stored of albums.
    pub loaded: Loaded,
    /// What was stored of refreshed popularity and audio features.
    pub refreshed: Loaded,
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
    /// The stages, in order.
    pub steps: Vec<Step>,
    /// Why the rest was put off to a later run.
    #[serde(serialize_with = "as_text")]
    pub postponed: Option<RunError>,
    /// How long the run took.
    pub seconds: f64,
}

impl RunReport {
    pub(super) fn new(run_id: Uuid) -> Self {
        Self {
            run_id,
            discovered_by: DiscoveryWay::default(),
            listed: 0,
            new_albums: 0,
            left_by_earlier_runs: 0,
            quarantined: 0,
            loaded: Loaded::default(),
            refreshed: Loaded::default(),
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
            steps: Vec::new(),
            postponed: None,
            seconds: 0.0,
        }
    }

    pub(super) fn stored_nothing(&self) -> bool {
        self.loaded.batches == 0 && self.refreshed.batches == 0
    }
}

fn as_text<S: Serializer>(error: &Option<RunError>, serializer: S) -> Result<S::Ok, S::Error> {
    error.as_ref().map(ToString::to_string).serialize(serializer)
}
