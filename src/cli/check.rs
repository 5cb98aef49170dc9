//! `firstpress check`: data checks and freshness of what is published.

use std::fmt;

use serde::Serialize;

use super::database::Database;
use super::error::CliError;
use super::failed_checks::write_check;
use super::print;
use super::project::Chosen;
use crate::config::Config;
use crate::table::table;
use crate::transform::{self, CheckOutcome, CheckStatus, Selection};

/// Some check failed, or a source is too old.
const FAILED: u8 = 3;

pub(super) async fn check(
    config: &Config,
    sandbox: bool,
    chosen: &Chosen,
    json: bool,
) -> Result<u8, CliError> {
    let project = chosen.variables.project(config)?;
    let (select, exclude) = (chosen.select(), chosen.exclude());
    let selection = Selection {
        select: select.as_deref(),
        exclude: exclude.as_deref(),
        published: None,
    };
    let outcome = Database::with(config, sandbox, async |database| {
        Ok(transform::check(&database.pool, &project, &selection).await?)
    });
    let outcome = outcome.await?;
    let code = if outcome.has_failed() { FAILED } else { 0 };
    print(&Looked(outcome), json)?;
    Ok(code)
}

/// What `check` prints.
#[derive(Serialize)]
#[serde(transparent)]
struct Looked(CheckOutcome);

impl fmt::Display for Looked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CheckOutcome { checks, freshness } = &self.0;
        for check in checks.iter().filter(|check| check.status != CheckStatus::Passed) {
            write!(formatter, "{} ", check.status.as_str())?;
            write_check(formatter, check)?;
        }
        if !freshness.is_empty() {
            let mut ages = table(&["source", "newest row (UTC)", "hours old", ""], &[2]);
            for source in freshness {
                let loaded_at = source.loaded_at.map(|at| at.format("%Y-%m-%d %H:%M").to_string());
                let hours = source
                    .age_seconds
                    .map(|age| format!("{:.1}", age as f64 / 3600.0));
                ages.add_row([
                    source.source.clone(),
                    loaded_at.unwrap_or("none".to_owned()),
                    hours.unwrap_or_default(),
                    source.status.as_str().to_owned(),
                ]);
            }
            writeln!(formatter, "{ages}\n")?;
        }
        let count = |status: CheckStatus| checks.iter().filter(|check| check.status == status).count();
        write!(
            formatter,
            "{} checks passed, {} warned, {} failed.",
            count(CheckStatus::Passed),
            count(CheckStatus::Warned),
            count(CheckStatus::Failed)
        )
    }
}
