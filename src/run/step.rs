//! A stage of a run, timed, counted and written down.

use chrono::Utc;
use serde::Serialize;
use serde_json::json;
use tracing::Instrument;
use tracing::field::Empty;

use super::{Run, RunError};
use crate::postgres::apps;
use crate::postgres::runs::{self, Step};

impl Run<'_> {
    /// Does a stage and writes it down.
    pub(super) async fn step<T: Serialize>(
        &mut self,
        name: &'static str,
        work: impl Future<Output = Result<T, RunError>>,
        rows: impl FnOnce(&T) -> u64,
    ) -> Result<T, RunError> {
        let (result, step) = self.timed(name, work, rows).await;
        self.record(step).await?;
        result
    }

    /// Does a stage and says how it went.
    pub(super) async fn timed<T: Serialize, E: std::fmt::Display>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<T, E>>,
        rows: impl FnOnce(&T) -> u64,
    ) -> (Result<T, E>, Step) {
        let span = tracing::debug_span!("stage", otel.name = name, otel.status_code = Empty);
        let (started_at, calls_before) = (Utc::now(), self.job.spotify.total_calls());
        let going = self.progress.begin(name, started_at, self.job.bars.of(name));
        let result = work.instrument(span.clone()).await;
        drop(going);
        if result.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        let step = Step {
            step: name,
            started_at,
            finished_at: Utc::now(),
            rows: result.as_ref().map_or(0, rows),
            calls: self.job.spotify.total_calls() - calls_before,
            detail: result.as_ref().map_or(json!({}), |done| json!(done)),
            error: result.as_ref().err().map(ToString::to_string),
        };
        (result, step)
    }

    pub(super) async fn record(&mut self, step: Step) -> Result<(), RunError> {
        let (name, rows, calls) = (step.step, step.rows, step.calls.calls);
        let seconds = step.seconds();
        match &step.error {
            None => tracing::info!(step = name, rows, calls, seconds, "{name} done"),
            Some(error) => tracing::warn!(step = name, rows, calls, seconds, "{name} ended early: {error}"),
        }
        self.report.steps.push(step.clone());
        runs::record_step(&self.job.db, self.run_id, &step).await?;
        // after each stage, so that what a run that dies has called and learned is not forgotten
        runs::record_calls(
            &self.job.db,
            self.run_id,
            &self.job.calls(),
            self.job.spotify.daily_budget(),
        )
        .await?;
        apps::remember(&self.job.db, &self.job.client_id, &self.job.spotify.known()).await?;
        Ok(())
    }
}
