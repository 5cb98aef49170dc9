//! The calls of the last 24 hours: `ops.calls_by_minute`.

use std::pin::Pin;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgPool;

use crate::spotify::{CallLedger, Granted};

/// The ledger of Web API calls that all runs on a database share. Spotify counts an account's apps together, so
/// it does not tell apps apart.
pub struct CallsByMinute {
    /// The database, migrated.
    pub db: PgPool,
}

/// Calls entered, calls left, and when the first of the last 24 hours' calls no longer counts.
type Entered = (i64, Option<i64>, Option<DateTime<Utc>>);

impl CallLedger for CallsByMinute {
    fn enter(
        &self,
        wanted: u32,
        budget: Option<u32>,
    ) -> Pin<Box<dyn Future<Output = Result<Granted, String>> + Send + '_>> {
        Box::pin(async move {
            let entered = sqlx::query_as(include_str!("sql/enter_calls.sql"))
                .bind(i64::from(wanted))
                .bind(budget.map(i64::from))
                .fetch_one(&self.db)
                .await;
            let (calls, left, frees_at): Entered = entered.map_err(|error| error.to_string())?;
            Ok(Granted {
                calls: u32::try_from(calls).unwrap_or(0),
                left: left.map(|left| u64::try_from(left).unwrap_or(0)),
                frees_at,
            })
        })
    }

    fn give_back(&self, calls: u32) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + '_>> {
        Box::pin(async move {
            let given_back = sqlx::query(include_str!("sql/give_back_calls.sql")).bind(i64::from(calls));
            given_back
                .execute(&self.db)
                .await
                .map_err(|error| error.to_string())?;
            Ok(())
        })
    }
}
