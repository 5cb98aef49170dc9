//! Manifests: which files hold what a run stored.

use chrono::{DateTime, Utc};
use object_store::path::Path;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::tables::Table;

/// What a run left. The same rows make the same manifest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The run's row in `ops.runs`.
    pub(super) run: Run,
    /// Version of firstpress that wrote the files.
    pub(super) firstpress_version: String,
    /// Number of the latest migration of the database they come from.
    pub(super) schema_version: i64,
    /// A file for each table of which there were rows.
    pub(super) files: Vec<File>,
}

/// A row of `ops.runs`.
#[derive(Debug, Clone, Serialize, Deserialize, FromRow)]
pub(super) struct Run {
    pub(super) run_id: Uuid,
    pub(super) status: String,
    pub(super) started_at: DateTime<Utc>,
    pub(super) finished_at: Option<DateTime<Utc>>,
    pub(super) version: String,
    pub(super) api_url: String,
    pub(super) not_before: Option<DateTime<Utc>>,
    /// Null also in manifests of before it was written down.
    pub(super) daily_budget: Option<i64>,
    pub(super) error: Option<String>,
}

/// A Parquet file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct File {
    /// Where it lies in the archive.
    pub(super) path: String,
    /// The table, with its schema.
    pub(super) table: String,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// In hexadecimal digits.
    pub(super) sha256: String,
}

impl Manifest {
    /// Rows in all files.
    pub(super) fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Bytes of all files.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Writes down in `ops.archives` that the run is in an archive.
    pub(super) async fn record(&self, connection: &mut PgConnection, archive: &str) -> sqlx::Result<()> {
        let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        sqlx::query(include_str!("sql/record_kept.sql"))
            .bind(self.run.run_id)
            .bind(archive)
            .bind(i32::try_from(self.files.len()).unwrap_or(i32::MAX))
            .bind(signed(self.rows()))
            .bind(signed(self.bytes()))
            .execute(connection)
            .await?;
        Ok(())
    }
}

/// The folder of the manifests.
pub(super) const FOLDER: &str = "manifests";

impl Run {
    /// Where its manifest lies.
    pub(super) fn manifest(&self) -> Path {
        self.path(FOLDER, "json")
    }

    /// Where its rows of a table lie.
    pub(super) fn file(&self, table: &Table) -> Path {
        self.path(&table.folder(), "parquet")
    }

    fn path(&self, folder: &str, extension: &str) -> Path {
        let date = self.started_at.date_naive();
        Path::from(format!("{folder}/date={date}/{}.{extension}", self.run_id))
    }
}
