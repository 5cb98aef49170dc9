//! The lock that keeps two runs apart.

use sqlx::postgres::{PgConnection, PgPool};
use uuid::Uuid;

/// Held by a run for as long as its connection lives; the server gives it up when that ends, however it ends.
pub struct RunLock {
    _connection: PgConnection,
}

/// What [`RunLock::acquire`] found.
pub enum Acquired {
    /// The lock is ours.
    Mine(RunLock),
    /// Another process holds it.
    Theirs {
        /// `firstpress run RUN_ID`, and since when it has been connected.
        holder: String,
    },
}

impl RunLock {
    /// Takes the lock of the database for this run, without waiting.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn acquire(db: &PgPool, run_id: Uuid) -> sqlx::Result<Acquired> {
        let mut connection = db.acquire().await?.detach();
        sqlx::query(include_str!("sql/name_connection.sql"))
            .bind(format!("firstpress run {run_id}"))
            .execute(&mut connection)
            .await?;
        let mine: bool = sqlx::query_scalar(include_str!("sql/try_lock.sql"))
            .fetch_one(&mut connection)
            .await?;
        if mine {
            return Ok(Acquired::Mine(Self {
                _connection: connection,
            }));
        }
        let holder: Option<String> = sqlx::query_scalar(include_str!("sql/lock_holder.sql"))
            .fetch_optional(&mut connection)
            .await?;
        Ok(Acquired::Theirs {
            holder: holder.unwrap_or_else(|| "another run".to_owned()),
        })
    }
}
