//! From files into the raw tables.

use std::io::Cursor;

use bytes::Bytes;
use polars_core::frame::DataFrame;
use polars_io::SerReader;
use polars_io::parquet::read::{ParallelStrategy, ParquetReader};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::columns::{Field, fields, value};
use super::manifest::{File, Manifest, Run};
use super::sql::render;
use super::store::Store;
use super::tables::{TABLES, Table};
use super::verify::{open, verify};
use super::{ArchiveError, Restored};
use crate::postgres::copy::Rows;

/// Rows that are decoded at once.
const ROWS: usize = 4096;

pub(super) async fn restore(connection: &mut PgConnection, store: &Store) -> Result<Restored, ArchiveError> {
    let manifests = verify(store).await?;
    let archived: Vec<_> = manifests.iter().map(|manifest| manifest.run.run_id).collect();
    refuse(connection, store, (&manifests, &archived)).await?;
    let mut targets = Vec::new();
    for table in TABLES {
        targets.push(Target::stage(connection, table, &archived).await?);
    }
    sqlx::raw_sql(include_str!("sql/empty.sql"))
        .execute(&mut *connection)
        .await?;
    for manifest in &manifests {
        enter(connection, &manifest.run).await?;
        manifest.record(connection, &store.url).await?;
    }
    for target in &targets {
        target.merge(connection).await?;
    }
    for manifest in &manifests {
        for target in &targets {
            target.load(connection, store, manifest).await?;
        }
    }
    sqlx::raw_sql(include_str!("sql/settle.sql"))
        .execute(connection)
        .await?;
    Ok(Restored {
        runs: manifests.len() as u64,
        rows: manifests.iter().map(Manifest::rows).sum(),
    })
}

/// Refuses what would lose rows, or cannot be read.
async fn refuse(
    connection: &mut PgConnection,
    store: &Store,
    (manifests, archived): (&[Manifest], &[Uuid]),
) -> Result<(), ArchiveError> {
    if manifests.is_empty() {
        return Err(ArchiveError::Empty {
            archive: store.url.clone(),
        });
    }
    let schema_version: i64 = sqlx::query_scalar(include_str!("sql/schema_version.sql"))
        .fetch_one(&mut *connection)
        .await?;
    if let Some(newer) = manifests.iter().find(|of| of.schema_version > schema_version) {
        return Err(ArchiveError::Newer {
            manifest: newer.run.manifest().to_string(),
            version: newer.firstpress_version.clone(),
        });
    }
    let runs: Vec<String> = sqlx::query_scalar(include_str!("sql/unknown_runs.sql"))
        .bind(archived)
        .bind(&store.url)
        .fetch_all(connection)
        .await?;
    if runs.is_empty() {
        Ok(())
    } else {
        Err(ArchiveError::Lacks { runs })
    }
}

async fn enter(connection: &mut PgConnection, run: &Run) -> sqlx::Result<()> {
    sqlx::query(include_str!("sql/enter_run.sql"))
        .bind(run.run_id)
        .bind(&run.status)
        .bind(run.started_at)
        .bind(run.finished_at)
        .bind(&run.version)
        .bind(&run.api_url)
        .bind(run.not_before)
        .bind(run.daily_budget)
        .bind(&run.error)
        .execute(connection)
        .await?;
    Ok(())
}

/// A table that is loaded by way of a temporary one.
struct Target {
    table: Table,
    fields: Vec<Field>,
    merge: String,
}

impl Target {
    /// Stages what is not in the archive, and is to stay.
    async fn stage(
        connection: &mut PgConnection,
        table: Table,
        archived: &[Uuid],
    ) -> Result<Self, ArchiveError> {
        sqlx::raw_sql(&render("stage.sql", &table, &[])?)
            .execute(&mut *connection)
            .await?;
        sqlx::query(&render("set_aside.sql", &table, &[])?)
            .bind(archived)
            .execute(&mut *connection)
            .await?;
        let query = render("rows_of_run.sql", &table, &[])?;
        Ok(Self {
            table,
            fields: fields(connection, table.name, &query).await?,
            merge: render("merge.sql", &table, &[])?,
        })
    }

    /// Loads what a run left of the table, in the place of what earlier runs did.
    async fn load(
        &self,
        connection: &mut PgConnection,
        store: &Store,
        manifest: &Manifest,
    ) -> Result<(), ArchiveError> {
        for file in manifest.files.iter().filter(|file| file.table == self.table.name) {
            let damaged = |fault| ArchiveError::Damaged { faults: vec![fault] };
            let bytes = open(store, file).await?.map_err(damaged)?;
            self.copy(connection, file, &bytes).await?;
        }
        self.merge(connection).await
    }

    /// Puts what is staged in the place of what stands.
    async fn merge(&self, connection: &mut PgConnection) -> Result<(), ArchiveError> {
        sqlx::raw_sql(&self.merge).execute(connection).await?;
        Ok(())
    }

    async fn copy(
        &self,
        connection: &mut PgConnection,
        file: &File,
        bytes: &Bytes,
    ) -> Result<(), ArchiveError> {
        let total = usize::try_from(file.rows).unwrap_or(usize::MAX);
        for from in (0..total).step_by(ROWS) {
            let group = ParquetReader::new(Cursor::new(bytes.clone()))
                .read_parallel(ParallelStrategy::None)
                .with_slice(Some((from, ROWS)))
                .finish()
                .map_err(ArchiveError::cannot("read", &file.path))?;
            let (columns, rows) = self.encode(&group, file)?;
            let copy = render("copy.sql", &self.table, &columns)?;
            rows.copy(connection, &copy).await?;
        }
        Ok(())
    }

    /// The rows, in those columns of the table that the file has: one that an older version wrote may have fewer.
    fn encode(&self, group: &DataFrame, file: &File) -> Result<(Vec<&str>, Rows), ArchiveError> {
        let columns: Vec<_> = self
            .fields
            .iter()
            .filter_map(|field| Some((field, group.column(&field.name).ok()?)))
            .collect();
        let mut rows = Rows::default();
        for row in 0..group.height() {
            let values: Result<Vec<_>, _> = columns
                .iter()
                .map(|(field, column)| value(column, field, row))
                .collect();
            let values = values.map_err(ArchiveError::cannot("read", &file.path))?;
            let values: Vec<_> = values.iter().map(AsRef::as_ref).collect();
            rows.push(&values)
                .map_err(ArchiveError::cannot("read", &file.path))?;
        }
        let names = columns.iter().map(|(field, _)| field.name.as_str()).collect();
        Ok((names, rows))
    }
}
