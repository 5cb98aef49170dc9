//! `firstpress docs`: the project as one page.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::database::Database;
use super::error::CliError;
use super::project::Variables;
use super::write_to;
use crate::config::Config;
use crate::docs::{Docs, Facts};
use crate::transform::Catalog;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Where to write; - is stdout
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    variables: Variables,
}

pub(super) async fn docs(
    config: &Config,
    sandbox: bool,
    options: Options,
    json: bool,
) -> Result<u8, CliError> {
    let catalog = options.variables.project(config)?.catalog()?;
    let facts = facts(config, sandbox, &catalog).await?;
    let docs = Docs::new(catalog, facts);
    let (text, file) = if json {
        let json = serde_json::to_string(&docs).context("cannot write the catalog as JSON")?;
        (json, options.output.unwrap_or_else(|| "-".into()))
    } else {
        let file = options.output.unwrap_or_else(|| "firstpress-docs.html".into());
        (docs.page().context("cannot render the page")?, file)
    };
    write_to(&file, &text, &docs.in_short())?;
    Ok(0)
}

/// What the database says; `None` where there is none yet, or none that answers.
async fn facts(config: &Config, sandbox: bool, catalog: &Catalog) -> Result<Option<Facts>, CliError> {
    if !Database::is_there(config, sandbox) {
        return Ok(None);
    }
    let read = Database::with(config, sandbox, async |database| {
        Facts::read(&database.pool, catalog)
            .await
            .map_err(CliError::reading)
    });
    match read.await {
        Ok(facts) => Ok(Some(facts)),
        Err(CliError::NoSchema) => Ok(Some(Facts::default())),
        Err(error @ CliError::Database(_)) => {
            tracing::warn!("the page goes without the database's answers: {error}");
            Ok(None)
        }
        #[cfg(feature = "embedded-postgres")]
        Err(error @ CliError::Embedded(_)) => {
            tracing::warn!("the page goes without the database's answers: {error}");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
