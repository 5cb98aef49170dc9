//! `firstpress replay`: the raw tables and all that is built on them, without one call.

use std::fmt;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::database::Database;
use super::error::CliError;
use super::print;
use super::project::Variables;
use super::run::archive;
use super::transform::Built;
use crate::config::Config;
use crate::postgres::migrate;
use crate::replay;
use crate::run::{self, RunError};
use crate::transform;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Where from. Without it: the archive where ARCHIVE_URL is set, else the JSON
    #[arg(long, value_enum)]
    from: Option<Source>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Source {
    /// The files at ARCHIVE_URL, which replace the raw tables: also into an empty database
    Archive,
    /// The JSON in the raw tables, from which their other columns are decoded anew
    Json,
}

pub(super) async fn replay(
    config: &Config,
    sandbox: bool,
    options: &Options,
    json: bool,
) -> Result<u8, CliError> {
    let project = Variables::default().project(config)?;
    let archive = match options.from {
        Some(Source::Json) => None,
        Some(Source::Archive) => Some(archive(config, sandbox)?.ok_or(CliError::Usage(
            "ARCHIVE_URL is not set: it says where the archive is",
        ))?),
        None => archive(config, sandbox)?,
    };
    let replayed = Database::with(config, sandbox, async |database| {
        let db = &database.pool;
        migrate(db).await?;
        let _lock = run::lock(db, "firstpress replay").await?;
        let rebuilt = match &archive {
            Some(archive) => Rebuilt::Archive(replay::from_archive(db, archive).await?),
            None => Rebuilt::Json(replay::from_json(db).await.map_err(RunError::from)?),
        };
        tracing::info!("{rebuilt}");
        let options = transform::Options {
            full_refresh: true,
            ..transform::Options::default()
        };
        let report = transform::transform(db, &project, &options, |_, _, _| ()).await?;
        let built = Built {
            report,
            is_plan: false,
        };
        Ok(Replayed { rebuilt, built })
    })
    .await?;
    print(&replayed, json)
}

/// What `replay` prints.
#[derive(Serialize)]
struct Replayed {
    #[serde(flatten)]
    rebuilt: Rebuilt,
    #[serde(flatten)]
    built: Built,
}

#[derive(Serialize)]
#[serde(tag = "source", rename_all = "snake_case")]
enum Rebuilt {
    Archive(crate::archive::Restored),
    Json(crate::load::Rebuilt),
}

impl fmt::Display for Rebuilt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Archive(restored) => write!(
                formatter,
                "Loaded from the archive: {} rows of {} runs.",
                restored.rows, restored.runs
            ),
            Self::Json(rebuilt) => write!(
                formatter,
                "Decoded anew: {} rows differed from their JSON, {} cannot be decoded and stay as they are.",
                rebuilt.rows, rebuilt.undecodable
            ),
        }
    }
}

impl fmt::Display for Replayed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}\n{}", self.built, self.rebuilt)
    }
}
