//! `firstpress purge`: take away what is beyond its retention, and publish the tables without it.

use clap::Args;
use sqlx::postgres::PgPool;

use super::database::Database;
use super::error::CliError;
use super::print;
use super::project::Variables;
use super::run::archive;
use crate::config::{ArchivePlace, Config};
use crate::domain::{Retained, Retention};
use crate::postgres::migrate;
use crate::purge::{self, Purged};
use crate::run;
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
    let archive = archive_to_purge(config, sandbox)?;
    let project = Variables::default().project(config)?;
    let purged = Database::with(config, sandbox, async |database| {
        let db = &database.pool;
        if !arguments.dry_run {
            migrate(db).await?;
        }
        let _lock = run::lock(db, "firstpress purge").await?;
        if arguments.dry_run {
            return dry_run(db, retention, archive.as_ref()).await;
        }
        purge_and_publish(db, &project, (retention, archive.as_ref())).await
    });
    print(&purged.await?, json)
}

/// Where the archive is from which something is to go.
fn archive_to_purge(config: &Config, sandbox: bool) -> Result<Option<ArchivePlace>, CliError> {
    if config.retention.days(Retained::Archive).is_none() {
        return Ok(None);
    }
    match archive(config, sandbox)? {
        None => Err(CliError::Usage(
            "RETENTION_DAYS names `archive`, and ARCHIVE_URL is not set: it says where the archive is",
        )),
        archive => Ok(archive),
    }
}

async fn dry_run(
    db: &PgPool,
    retention: &Retention,
    archive: Option<&ArchivePlace>,
) -> Result<Purged, CliError> {
    let mut connection = db.acquire().await?;
    let purged = purge::dry_run(&mut connection, retention).await;
    let mut purged = purged.map_err(CliError::reading)?;
    if let Some(place) = archive {
        purge::purge_archive(&mut connection, place, &mut purged).await?;
    }
    Ok(purged)
}

async fn purge_and_publish(
    db: &PgPool,
    project: &Project,
    (retention, archive): (&Retention, Option<&ArchivePlace>),
) -> Result<Purged, CliError> {
    let mut connection = db.acquire().await?;
    let mut purged = purge::purge(&mut connection, retention).await?;
    // neither the archive nor a check keeps the other from what is due
    let archived = match archive {
        Some(place) => purge::purge_archive(&mut connection, place, &mut purged).await,
        None => Ok(()),
    };
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
    archived?;
    if let Some(purge_id) = purged.purge_id {
        purge::finish(&mut connection, purge_id).await?;
    }
    Ok(purged)
}
