//! Whether the API's objects are what they were.

use super::{Run, RunError};
use crate::postgres::drift::{self, Change, Drift};

impl Run<'_> {
    /// Compares the objects of this run's answers with those of earlier runs, and warns of what differs.
    pub(super) async fn note_drift(&mut self) -> Result<(), RunError> {
        let mut seen = self.job.spotify.fields_seen();
        seen.extend(self.job.reccobeats.fields_seen());
        self.report.drift = drift::compare(&self.job.db, self.run_id, &seen).await?;
        for Drift {
            endpoint,
            object,
            field,
            change,
        } in &self.report.drift
        {
            match change {
                Change::Appeared => {
                    tracing::warn!(
                        endpoint,
                        object,
                        field,
                        "{endpoint}: {object} has a new field {field}"
                    );
                }
                Change::Vanished => {
                    tracing::warn!(
                        endpoint,
                        object,
                        field,
                        "{endpoint}: {object} has lost the field {field}"
                    );
                }
            }
        }
        Ok(())
    }
}
