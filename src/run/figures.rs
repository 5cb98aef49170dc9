//! A run in figures: what CloudWatch, OpenTelemetry and whoever reads the summary are told.

use super::RunReport;
use crate::postgres::runs::Status;

/// One figure of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// Its name, as CloudWatch is told.
    pub name: &'static str,
    /// The stage that it belongs to; none where it belongs to the run.
    pub stage: Option<&'static str>,
    /// How much it is.
    pub amount: Amount,
}

/// How much a figure is, and of what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// So many.
    Count(u64),
    /// So long.
    Seconds(f64),
}

impl RunReport {
    /// The figures of a run that has ended. What is not known is left out.
    #[must_use]
    pub fn figures(&self) -> Vec<Figure> {
        let ended = |outcomes: &[Status]| Some(u64::from(outcomes.contains(&self.outcome)));
        let calls = self.calls.of_all_apis();
        let counts = [
            ("RunSucceeded", ended(&[Status::Succeeded])),
            ("RunFailed", ended(&[Status::Failed])),
            ("RunPostponed", ended(&[Status::Postponed, Status::Interrupted])),
            ("PostponedInARow", self.postponed_in_a_row),
            ("ChecksFailed", self.checks_failed),
            ("NewAlbums", self.new_albums),
            ("RowsLoaded", self.rows_loaded),
            ("Calls", Some(calls.calls)),
            ("RateLimited", Some(calls.rate_limited)),
            ("AlbumsWaiting", self.albums_waiting),
        ];
        let seconds = [
            ("WaitSeconds", Some(calls.waited_seconds)),
            ("RunSeconds", Some(self.seconds)),
            ("FreshnessSeconds", self.freshness_seconds),
        ];
        let of_run = |name, amount| Figure {
            name,
            stage: None,
            amount,
        };
        let counts = counts
            .into_iter()
            .filter_map(|(name, count)| Some(of_run(name, Amount::Count(count?))));
        let seconds = seconds
            .into_iter()
            .filter_map(|(name, seconds)| Some(of_run(name, Amount::Seconds(seconds?))));
        let stages = self.steps.iter().map(|step| Figure {
            name: "StageSeconds",
            stage: Some(step.step),
            amount: Amount::Seconds(step.seconds()),
        });
        counts.chain(seconds).chain(stages).collect()
    }
}
