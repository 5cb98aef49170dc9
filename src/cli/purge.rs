//! `firstpress purge`: take away what is beyond its retention, and publish the tables without it.

use clap::Args;
use sqlx::postgres::PgPool;

use super::database::Database;
use super::error::CliError;
use super::print;
use super::project::Variables;
use crate::config::Config;
use crate::domain::Retention;
use crate::postgres::lock::{Acquired, RunLock};
use crate::postgres::migrate;
use crate::purge::{self, Purged};
use crate::run::RunError;
use crate::transform::{self, Options, Project};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Say what would go, by table, and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn purge(
    config: &Config,
    sandbox: bool,
    arguments: &Arguments,
    json: bool,
) -> Result<u8, CliError> {
    let retention = &config.retention;
    if retention.is_empty() {
        return Err(CliError::Usage(
            "RETENTION_DAYS is not set, so that everything is kept; name what is to go after how many days, such as \
             RETENTION_DAYS=albums=365,json=30",
        ));
    }
    let project = Variables::default().project(config)?;
    let purged = Database::with(config, sandbox, async |database| {
        let db = &database.pool;
        if !arguments.dry_run {
            migrate(db).await?;
        }
        let _lock = match RunLock::acquire(db, "firstpress purge").await? {
            Acquired::Mine(lock) => lock,
            Acquired::Theirs { holder } => return Err(RunError::Locked { holder }.into()),
        };
        if arguments.dry_run {
            let purged = purge::dry_run(&mut *db.acquire().await?, retention).await;
            return purged.map_err(CliError::reading);
        }
        purge_and_publish(db, &project, retention).await
    });
    print(&purged.await?, json)
}

async fn purge_and_publish(
    db: &PgPool,
    project: &Project,
    retention: &Retention,
) -> Result<Purged, CliError> {
    let mut connection = db.acquire().await?;
    let mut purged = purge::purge(&mut connection, retention).await?;
    if purge::models_wait(&mut connection).await? {
        let published = transform::transform(db, project, &Options::default(), |_, _, _| ()).await;
        let published = published.inspect_err(|_| {
            tracing::error!(
                "what was due is gone from the raw tables, but the published tables show it until models can be built \
                 and pass their checks; every run and purge tries again"
            );
        })?;
        purged.models_published = published.models.len();
    }
    if let Some(purge_id) = purged.purge_id {
        purge::finish(&mut connection, purge_id).await?;
    }
    Ok(purged)
}
