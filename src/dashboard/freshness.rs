//! How fresh the published data is.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sqlx::{Connection, PgConnection};

use crate::explore::{Publication, is_not_there};

/// A daily job that is half a day late.
const STALE_AFTER: TimeDelta = TimeDelta::hours(36);

/// How fresh the published data is.
#[derive(Debug, Clone, Serialize)]
pub struct Freshness {
    /// When the tables were published; none before the first publication.
    pub published_at: Option<DateTime<Utc>>,
    /// When the last run ended that brought the data up to date; none before the first.
    pub last_data_at: Option<DateTime<Utc>>,
    /// Whether the data is older than 36 hours: nothing came in since, although it may have been published again.
    pub is_stale: bool,
}

impl Freshness {
    /// Reads it, also where the schema was never migrated: then the transaction that `db` is in can read no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(db: &mut PgConnection) -> sqlx::Result<Self> {
        let publication = Publication::read(&mut *db).await?;
        let published_at = publication.map(|publication| publication.published_at);
        let last_data_at = match published_at {
            Some(_) => last_data_at(db).await?,
            None => None,
        };
        let data_of = last_data_at.or(published_at);
        Ok(Self {
            published_at,
            last_data_at,
            is_stale: data_of.is_some_and(|data_of| Utc::now() - data_of > STALE_AFTER),
        })
    }
}

/// None also where the schema is older than this program; what is read after it is not disturbed by that.
async fn last_data_at(db: &mut PgConnection) -> sqlx::Result<Option<DateTime<Utc>>> {
    let mut savepoint = db.begin().await?;
    let read = sqlx::query_scalar(include_str!("sql/last_data.sql"))
        .fetch_one(&mut *savepoint)
        .await;
    savepoint.rollback().await?;
    match read {
        Err(error) if is_not_there(&error) => Ok(None),
        read => read,
    }
}

/// How long ago it was, in the largest unit that says enough: `3 hours`.
pub(super) fn age(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - then).num_minutes().max(0);
    let (number, unit) = match minutes {
        0 => return "less than a minute".to_owned(),
        1..=119 => (minutes, "minute"),
        120..=2879 => (minutes / 60, "hour"),
        _ => (minutes / (24 * 60), "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}
