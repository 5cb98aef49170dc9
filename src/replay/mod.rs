//! Replay: the raw tables rebuilt without one call, from the archive or from the JSON that they keep. The models are
//! built anew after it.

use sqlx::postgres::{PgConnection, PgPool};
use url::Url;
use uuid::Uuid;

use crate::archive::{self, ArchiveError, Restored};
use crate::config::ArchivePlace;
use crate::load::{self, LoadError, Rebuilt};

/// Replaces the raw tables by what the archive holds, all of it or nothing.
///
/// # Errors
/// [`ArchiveError`]; the tables are as they were.
pub async fn from_archive(db: &PgPool, archive: &ArchivePlace) -> Result<Restored, ArchiveError> {
    let mut transaction = db.begin().await?;
    let restored = archive::restore(&mut transaction, archive).await?;
    let replay = Replay {
        source: "archive",
        archive: Some(&archive.url),
        runs: restored.runs,
        rows: restored.rows,
    };
    replay.record(&mut transaction).await?;
    transaction.commit().await?;
    Ok(restored)
}

/// Rebuilds the typed columns of the raw tables from the JSON in them, all of them or none.
///
/// # Errors
/// [`LoadError`]; the tables are as they were.
pub async fn from_json(db: &PgPool) -> Result<Rebuilt, LoadError> {
    let mut transaction = db.begin().await?;
    let rebuilt = load::rebuild(db, &mut transaction).await?;
    let replay = Replay {
        source: "json",
        archive: None,
        runs: 0,
        rows: rebuilt.rows,
    };
    replay.record(&mut transaction).await?;
    transaction.commit().await?;
    Ok(rebuilt)
}

/// A row of `ops.replays`.
struct Replay<'a> {
    source: &'static str,
    archive: Option<&'a Url>,
    runs: u64,
    rows: u64,
}

impl Replay<'_> {
    async fn record(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        sqlx::query(include_str!("sql/record_replay.sql"))
            .bind(Uuid::now_v7())
            .bind(self.source)
            .bind(self.archive.map(Url::as_str))
            .bind(signed(self.runs))
            .bind(signed(self.rows))
            .bind(env!("CARGO_PKG_VERSION"))
            .execute(connection)
            .await?;
        Ok(())
    }
}
