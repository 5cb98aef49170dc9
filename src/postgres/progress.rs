//! How far the stages of a run are: `ops.run_progress`.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::Connection;
use sqlx::postgres::{PgConnection, PgPool};
use uuid::Uuid;

use super::runs::signed;

/// For one statement, with the connection that it may need first.
const PATIENCE: Duration = Duration::from_secs(2);

/// How far a stage is: a row of `ops.run_progress`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageProgress {
    /// The stage's name.
    pub step: &'static str,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Albums or models that are done.
    pub done: u64,
    /// Of how many; none where nobody knows.
    pub total: Option<u64>,
}

/// Writes the progress of one run, on a connection beside the pool's, so that it takes none from the run's own work.
pub struct ProgressWriter {
    db: PgPool,
    run_id: Uuid,
    connection: Option<PgConnection>,
}

impl ProgressWriter {
    /// Connects when there is something to write.
    #[must_use]
    pub fn new(db: PgPool, run_id: Uuid) -> Self {
        Self {
            db,
            run_id,
            connection: None,
        }
    }

    /// Writes how far these stages are, all or none. It takes two seconds at most, and may be called again after an
    /// error.
    ///
    /// # Errors
    /// When the database fails or does not answer in time.
    pub async fn write(&mut self, stages: &[StageProgress]) -> sqlx::Result<()> {
        // taken out: a connection that fails, or is given up in the middle of a statement, is not used again
        let connection = self.connection.take();
        let write = async {
            let mut connection = match connection {
                Some(connection) => connection,
                None => connect(&self.db).await?,
            };
            record(&mut connection, self.run_id, stages).await?;
            Ok::<_, sqlx::Error>(connection)
        };
        let written = tokio::time::timeout(PATIENCE, write).await;
        self.connection = Some(written.map_err(|_| sqlx::Error::PoolTimedOut)??);
        Ok(())
    }

    /// Says goodbye to the server.
    pub async fn close(self) {
        if let Some(connection) = self.connection {
            // whoever goes is not missed
            _ = connection.close().await;
        }
    }
}

async fn connect(db: &PgPool) -> sqlx::Result<PgConnection> {
    let mut connection = PgConnection::connect_with(&db.connect_options()).await?;
    sqlx::query(include_str!("sql/progress_session.sql"))
        .execute(&mut connection)
        .await?;
    Ok(connection)
}

async fn record(connection: &mut PgConnection, run_id: Uuid, stages: &[StageProgress]) -> sqlx::Result<()> {
    let steps: Vec<_> = stages.iter().map(|stage| stage.step).collect();
    let started: Vec<_> = stages.iter().map(|stage| stage.started_at).collect();
    let done: Vec<_> = stages.iter().map(|stage| signed(stage.done)).collect();
    let totals: Vec<_> = stages.iter().map(|stage| stage.total.map(signed)).collect();
    sqlx::query(include_str!("sql/record_progress.sql"))
        .bind(run_id)
        .bind(steps)
        .bind(started)
        .bind(done)
        .bind(totals)
        .execute(connection)
        .await?;
    Ok(())
}
