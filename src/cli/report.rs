//! `firstpress report`: the dashboard as one file.

use std::path::PathBuf;

use anyhow::Context;
use chrono::NaiveDate;
use clap::Args;

use super::database::Database;
use super::error::CliError;
use super::write_to;
use crate::config::Config;
use crate::dashboard::Report;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Where to write; - is stdout
    #[arg(long, value_name = "FILE", default_value = "firstpress-report.html")]
    output: PathBuf,
    /// A day of the week whose top releases are shown; the newest week when left out
    #[arg(long, value_name = "YYYY-MM-DD")]
    week: Option<NaiveDate>,
}

pub(super) async fn report(config: &Config, sandbox: bool, options: Options) -> Result<u8, CliError> {
    let report = Database::to_read(config, sandbox, async |database| {
        Report::read(&database.pool, options.week)
            .await
            .map_err(CliError::reading)
    });
    let report = report.await?;
    let page = report.page().context("cannot render the report")?;
    write_to(&options.output, &page, &report.in_short())?;
    Ok(0)
}
