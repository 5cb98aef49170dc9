//! Purging: what is older than its retention goes from the raw tables and the ledgers, in small transactions.
//!
//! The published tables lose what the raw tables lost when the models are built again, which the caller does while
//! [`models_wait`]. A purge that is killed has marked them, so that the next purge or run does it.

mod statements;
mod text;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use serde::Serialize;
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::archive::{self, ArchiveError};
use crate::config::ArchivePlace;
use crate::domain::{Retained, Retention};
use statements::Deletion;

/// What a purge took away, or would take.
#[derive(Debug, Serialize)]
pub struct Purged {
    /// Key of `ops.purges`; null of a dry run.
    pub purge_id: Option<Uuid>,
    /// What has been kept for how long is counted from then.
    pub started_at: DateTime<Utc>,
    /// `RETENTION_DAYS`.
    pub retention: Retention,
    /// By retention and table, in the order of purging.
    pub rows: Vec<PurgedRows>,
    /// Models that were built again and published, since what they are built from has gone.
    pub models_published: usize,
}

/// What went of a table by one retention.
#[derive(Debug, Serialize, sqlx::FromRow)]
pub struct PurgedRows {
    /// The name in `RETENTION_DAYS`.
    pub retention: String,
    /// Schema and table.
    pub relation: String,
    /// What is older was due.
    pub before: DateTime<Utc>,
    /// Rows that went; of `json`, rows that lost their object; of `archive`, runs that were in it.
    pub rows: i64,
}

/// Takes away what is beyond its retention in the database, and writes it down in `ops.purges` and `ops.purged`. Needs the run lock.
/// Safe to be killed and repeated: each batch is a transaction, and what it took is written down with it.
///
/// # Errors
/// When the database fails; what went before that is gone.
pub async fn purge(connection: &mut PgConnection, retention: &Retention) -> sqlx::Result<Purged> {
    let purge_id = Uuid::now_v7();
    let began_at: DateTime<Utc> = sqlx::query_scalar(include_str!("sql/begin.sql"))
        .bind(purge_id)
        .bind(env!("CARGO_PKG_VERSION"))
        .bind(retention.to_string())
        .fetch_one(&mut *connection)
        .await?;
    for (retained, days) in retention.iter() {
        let before = began_at - TimeDelta::days(i64::from(days));
        for deletion in statements::of(retained) {
            deletion.run(connection, (purge_id, before)).await?;
        }
    }
    let rows = sqlx::query_as(include_str!("sql/purged.sql")).bind(purge_id);
    Ok(Purged {
        purge_id: Some(purge_id),
        started_at: began_at,
        retention: retention.clone(),
        rows: in_order(retention, rows.fetch_all(connection).await?),
        models_published: 0,
    })
}

/// What [`purge`] would take, found by doing it in a transaction that is rolled back.
///
/// # Errors
/// When the database fails.
pub async fn dry_run(connection: &mut PgConnection, retention: &Retention) -> sqlx::Result<Purged> {
    let mut transaction = connection.begin().await?;
    let purged = purge(&mut transaction, retention).await?;
    transaction.rollback().await?;
    Ok(Purged {
        purge_id: None,
        ..purged
    })
}

/// Takes away what is beyond its retention in the archive, and adds it to what was purged. It is written down in
/// `ops.purged` first, and that none of these runs is to be archived again: safe to be killed and repeated.
///
/// # Errors
/// When the database or the archive fails.
pub async fn purge_archive(
    connection: &mut PgConnection,
    place: &ArchivePlace,
    purged: &mut Purged,
) -> Result<(), ArchiveError> {
    let Some(outdated) = outdated(place, purged).await? else {
        return Ok(());
    };
    if let Some(purge_id) = purged.purge_id {
        sqlx::query(include_str!("sql/archive.sql"))
            .bind(purge_id)
            .bind(outdated.before)
            .bind(place.url.as_str())
            .bind(outdated.rows)
            .execute(connection)
            .await?;
        archive::remove_outdated(place, outdated.before.date_naive()).await?;
    }
    purged.rows.push(outdated);
    Ok(())
}

/// What is due in the archive, by the UTC days by which its files lie: a run when all of its day is beyond the
/// retention.
async fn outdated(place: &ArchivePlace, purged: &Purged) -> Result<Option<PurgedRows>, ArchiveError> {
    let Some(days) = purged.retention.days(Retained::Archive) else {
        return Ok(None);
    };
    let day = (purged.started_at - TimeDelta::days(i64::from(days))).date_naive();
    let runs = archive::outdated(place, day).await?;
    Ok(Some(PurgedRows {
        retention: Retained::Archive.name().to_owned(),
        relation: "ops.archives".to_owned(),
        before: day.and_time(NaiveTime::MIN).and_utc(),
        rows: i64::try_from(runs).unwrap_or(i64::MAX),
    }))
}

/// Whether models wait to be built from the start.
///
/// # Errors
/// When the database fails.
pub async fn models_wait(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar(include_str!("sql/models_wait.sql"))
        .fetch_one(connection)
        .await
}

/// Writes down that the published tables too have lost what was due.
///
/// # Errors
/// When the database fails.
pub async fn finish(connection: &mut PgConnection, purge_id: Uuid) -> sqlx::Result<()> {
    sqlx::query(include_str!("sql/finish.sql"))
        .bind(purge_id)
        .execute(connection)
        .await?;
    Ok(())
}

impl Deletion {
    /// Runs it batch by batch, until nothing is left. Where a batch goes on, rows of the one before need not be passed
    /// over again.
    async fn run(
        &self,
        connection: &mut PgConnection,
        (purge_id, before): (Uuid, DateTime<Utc>),
    ) -> sqlx::Result<()> {
        let mut reached = DateTime::UNIX_EPOCH;
        loop {
            let mut transaction = connection.begin().await?;
            let (rows, up_to): (i64, Option<DateTime<Utc>>) = sqlx::query_as(self.statement)
                .bind(purge_id)
                .bind(before)
                .bind(reached)
                .bind(self.batch)
                .fetch_one(&mut *transaction)
                .await?;
            if rows > 0 && self.feeds_models {
                sqlx::query(include_str!("sql/forget_lineage.sql"))
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await?;
            match up_to {
                Some(up_to) if rows > 0 => reached = up_to,
                _ => return Ok(()),
            }
        }
    }
}

/// In the order of purging, by table.
fn in_order(retention: &Retention, mut rows: Vec<PurgedRows>) -> Vec<PurgedRows> {
    let names: Vec<&str> = retention.iter().map(|(retained, _)| retained.name()).collect();
    let place = |row: &PurgedRows| names.iter().position(|name| *name == row.retention);
    rows.sort_by(|one, other| (place(one), &one.relation).cmp(&(place(other), &other.relation)));
    rows
}
