//! The archive at the end of a run.

use serde::Serialize;
use serde_json::json;

use super::{Run, stop};
use crate::archive::{self, Kept};

/// What was archived, and what kept the rest from it.
#[derive(Debug, Default, Serialize)]
pub struct Archived {
    /// This run, and earlier ones that were not archived yet.
    #[serde(flatten)]
    pub kept: Kept,
    /// Why not all is in the archive; the next run catches up.
    pub error: Option<String>,
}

impl Run<'_> {
    /// Archives what this run stored, and what earlier ones could not. Whatever goes wrong here, the rows are in the
    /// database.
    pub(super) async fn archive(&mut self) {
        let job = self.job;
        let Some(place) = &job.archive else { return };
        let mut kept = Kept::default();
        let work = async {
            tokio::select! {
                done = archive::keep(&job.db, place, &mut kept) => done.map_err(|error| error.to_string()),
                () = stop::overdue(&job.stop, stop::TO_ARCHIVE) => Err("the run was asked to end".to_owned()),
            }
        };
        let (done, mut step) = self.timed("archive", work, |()| 0).await;
        step.rows = kept.rows;
        step.detail = json!(kept);
        if let Err(error) = self.record(step).await {
            tracing::warn!("what was archived is not written down: {error}");
        }
        self.report.archived = Some(Archived {
            kept,
            error: done.err(),
        });
    }
}
