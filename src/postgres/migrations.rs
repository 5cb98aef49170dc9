//! The schema's migrations: forward only, one process at a time, and in nobody's way.

use std::time::Duration;

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{Connection, Error};

use super::DatabaseError;

/// Every migration that this firstpress knows.
pub static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Times that a migration steps back for somebody who uses what it changes, or for another process that migrates.
const ATTEMPTS: u32 = 60;
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(1);

/// `lock_not_available`, by Postgres's appendix A.
const LOCK_NOT_AVAILABLE: &str = "55P03";
/// What the analysts' role may read, but for schemas of a project's own.
const READABLE: [&str; 4] = ["staging", "core", "trends", "ops"];

/// The number of the newest migration that this firstpress knows.
#[must_use]
pub fn newest() -> i64 {
    newest_of(&MIGRATIONS)
}

fn newest_of(migrations: &Migrator) -> i64 {
    migrations
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// Brings the schema up to date. Returns the number of migrations applied. It waits half a second at a time for
/// locks that others hold, so that nobody queues behind it for longer, and for a minute and a half in all.
///
/// # Errors
/// [`DatabaseError::Newer`] when the database is newer than this binary, [`DatabaseError::MigrationBusy`], or
/// [`DatabaseError::Migration`]. Migrations before the one that failed are applied.
pub async fn migrate(db: &PgPool) -> Result<usize, DatabaseError> {
    migrate_by(db, &MIGRATIONS).await
}

/// As [`migrate`], by these migrations.
///
/// # Errors
/// As [`migrate`].
pub async fn migrate_by(db: &PgPool, migrations: &Migrator) -> Result<usize, DatabaseError> {
    let mut attempts = 1;
    loop {
        let mut connection = db.acquire().await?.detach();
        let migrated = apply(&mut connection, migrations).await;
        let closed = connection.close().await;
        match migrated {
            Err(DatabaseError::Migration(error)) if is_busy(&error) => {
                if attempts == ATTEMPTS {
                    return Err(DatabaseError::MigrationBusy(error));
                }
            }
            migrated => {
                let applied = migrated?;
                closed?;
                return Ok(applied);
            }
        }
        tracing::warn!("somebody uses what a migration changes; trying again ({attempts} of {ATTEMPTS})");
        attempts += 1;
        tokio::time::sleep(BETWEEN_ATTEMPTS).await;
    }
}

async fn apply(connection: &mut PgConnection, migrations: &Migrator) -> Result<usize, DatabaseError> {
    sqlx::query(include_str!("sql/migration_timeout.sql"))
        .execute(&mut *connection)
        .await?;
    // held until the connection ends
    connection.lock().await?;
    connection.ensure_migrations_table().await?;
    let applied = connection.list_applied_migrations().await?;
    let is_at = applied
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0);
    let known = newest_of(migrations);
    if is_at > known {
        return Err(DatabaseError::Newer { is_at, known });
    }
    migrations.run_direct(connection).await?;
    sqlx::query(include_str!("sql/let_readers_read.sql"))
        .bind(READABLE.as_slice())
        .execute(connection)
        .await?;
    Ok(migrations.iter().count().saturating_sub(applied.len()))
}

fn is_busy(error: &MigrateError) -> bool {
    let (MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _)) = error else {
        return false;
    };
    let code = source.as_database_error().and_then(|error| error.code());
    matches!(source, Error::Database(_)) && code.as_deref() == Some(LOCK_NOT_AVAILABLE)
}
