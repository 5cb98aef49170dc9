//! The lock that keeps two runs apart.

use sqlx::postgres::{PgConnection, PgPool};

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
        /// What it calls itself, `firstpress run RUN_ID` or `firstpress transform`, and since when it has been connected.
        holder: String,
    },
}

impl RunLock {
    /// Takes the lock of the database, without waiting. Others who want it are told `label`, 63 bytes at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn acquire(db: &PgPool, label: &str) -> sqlx::Result<Acquired> {
        let mut connection = db.acquire().await?.detach();
        sqlx::query(include_str!("sql/name_connection.sql"))
            .bind(label)
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
