//! From the raw tables into files.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use futures::TryStreamExt;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use polars_io::parquet::write::{BatchedWriter, ParquetWriter};
use sha2::{Digest, Sha256};
use sqlx::Connection;
use sqlx::postgres::{PgConnection, PgPool};
use tokio::io::AsyncWriteExt;

use super::columns::{Field, Group, fields, schema};
use super::manifest::{File, Manifest, Run};
use super::sql::render;
use super::store::Store;
use super::tables::{TABLES, Table};
use super::{ArchiveError, Kept};

/// A row group is written once it holds so many rows, or so many bytes of text: it is in memory three times over, as
/// values, as pages and compressed.
const ROWS: usize = 8192;
const BYTES: usize = 1024 * 1024;

pub(super) async fn keep(db: &PgPool, store: &Store, kept: &mut Kept) -> Result<(), ArchiveError> {
    let mut connection = db.acquire().await?;
    // what is given up in the middle of a transaction must not go back to the pool
    connection.close_on_drop();
    let runs: Vec<Run> = sqlx::query_as(include_str!("sql/runs_to_keep.sql"))
        .bind(&store.url)
        .fetch_all(&mut *connection)
        .await?;
    for run in runs {
        let manifest = match find(store, &run).await? {
            // it was written, and the process ended before the database learned of it
            Some(manifest) => manifest,
            None => write(store, &mut connection, run).await?,
        };
        manifest.record(&mut connection, &store.url).await?;
        kept.runs += 1;
        kept.files += manifest.files.len() as u64;
        kept.rows += manifest.rows();
        kept.bytes += manifest.bytes();
    }
    Ok(())
}

async fn find(store: &Store, run: &Run) -> Result<Option<Manifest>, ArchiveError> {
    let path = run.manifest();
    let Some(json) = store.get(&path).await? else {
        return Ok(None);
    };
    let manifest = serde_json::from_slice(&json).map_err(ArchiveError::cannot("read", &path))?;
    Ok(Some(manifest))
}

/// Writes what a run left, and its manifest last.
async fn write(store: &Store, connection: &mut PgConnection, run: Run) -> Result<Manifest, ArchiveError> {
    let mut snapshot = connection.begin_with(include_str!("sql/begin.sql")).await?;
    let mut manifest = Manifest {
        firstpress_version: env!("CARGO_PKG_VERSION").to_owned(),
        schema_version: sqlx::query_scalar(include_str!("sql/schema_version.sql"))
            .fetch_one(&mut *snapshot)
            .await?,
        files: Vec::new(),
        run,
    };
    for table in &TABLES {
        let written = write_table(store, &mut snapshot, table, &manifest.run).await?;
        manifest.files.extend(written);
    }
    snapshot.rollback().await?;
    let path = manifest.run.manifest();
    let json = serde_json::to_vec_pretty(&manifest).map_err(ArchiveError::cannot("write", &path))?;
    store.put(&path, json).await?;
    Ok(manifest)
}

/// Writes a run's rows of a table, if there are any.
async fn write_table(
    store: &Store,
    connection: &mut PgConnection,
    table: &Table,
    run: &Run,
) -> Result<Option<File>, ArchiveError> {
    let query = render("rows_of_run.sql", table, &[])?;
    let fields = fields(connection, table.name, &query).await?;
    let path = run.file(table);
    let mut rows = sqlx::query(&query).bind(run.run_id).fetch(connection);
    let mut group = Group::new(&fields);
    let mut file: Option<ParquetFile> = None;
    loop {
        let row = rows.try_next().await?;
        let is_last = row.is_none();
        if let Some(row) = row {
            group.push(&row)?;
        }
        if group.rows >= ROWS || group.bytes >= BYTES || (is_last && group.rows > 0) {
            let file = match &mut file {
                Some(file) => file,
                none => none.insert(ParquetFile::new(store, &path, &fields).await?),
            };
            file.write(std::mem::replace(&mut group, Group::new(&fields)))
                .await?;
        }
        if is_last {
            break;
        }
    }
    match file {
        Some(file) => Ok(Some(file.finish(table).await?)),
        None => {
            // a process that was killed may have found rows that another run has overwritten since
            store.remove(&path).await?;
            Ok(None)
        }
    }
}

/// A Parquet file that is sent off as it is made.
struct ParquetFile {
    path: Path,
    parquet: BatchedWriter<Made>,
    made: Made,
    upload: BufWriter,
    sha256: Sha256,
    rows: u64,
    bytes: u64,
}

impl ParquetFile {
    async fn new(store: &Store, path: &Path, fields: &[Field]) -> Result<Self, ArchiveError> {
        let made = Made::default();
        let parquet = ParquetWriter::new(made.clone())
            // one column after the other: a second thread would hold as much memory again
            .set_parallel(false)
            .batched(&schema(fields))
            .map_err(ArchiveError::cannot("write", path))?;
        Ok(Self {
            path: path.clone(),
            parquet,
            made,
            upload: store.writer(path).await,
            sha256: Sha256::new(),
            rows: 0,
            bytes: 0,
        })
    }

    async fn write(&mut self, group: Group) -> Result<(), ArchiveError> {
        self.rows += group.rows as u64;
        let encoded = group.finish().and_then(|group| self.parquet.write_batch(&group));
        encoded.map_err(ArchiveError::cannot("write", &self.path))?;
        self.send().await
    }

    async fn send(&mut self) -> Result<(), ArchiveError> {
        let made = self.made.take();
        self.sha256.update(&made);
        self.bytes += made.len() as u64;
        let sent = self.upload.put(made.into()).await;
        if let Err(error) = sent {
            // best effort: what is left lying in a directory is swept away by the next attempt
            let _ = self.upload.abort().await;
            return Err(ArchiveError::cannot("write", &self.path)(error));
        }
        Ok(())
    }

    async fn finish(mut self, table: &Table) -> Result<File, ArchiveError> {
        self.parquet
            .finish()
            .map_err(ArchiveError::cannot("write", &self.path))?;
        self.send().await?;
        let stored = self.upload.shutdown().await;
        stored.map_err(ArchiveError::cannot("write", &self.path))?;
        Ok(File {
            path: self.path.to_string(),
            table: table.name.to_owned(),
            rows: self.rows,
            bytes: self.bytes,
            sha256: hex(&self.sha256.finalize()),
        })
    }
}

/// What the Parquet writer has made and nobody has taken yet.
#[derive(Clone, Default)]
struct Made(Arc<Mutex<Vec<u8>>>);

impl Made {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Made {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// In hexadecimal digits.
pub(super) fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
