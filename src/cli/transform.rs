//! `firstpress transform`: build the models by themselves.

use std::fmt;

use clap::Args;
use serde::Serialize;

use super::database::Database;
use super::error::CliError;
use super::failed_checks::write_check;
use super::print;
use super::project::Chosen;
use crate::config::Config;
use crate::postgres::migrate;
use crate::run;
use crate::table::table;
use crate::transform::{self, CheckStatus, ModelReport, Options, TransformReport};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
    /// Build incremental models from the start
    #[arg(long)]
    full_refresh: bool,
    /// Say which models would be built and why, and what would change; publish nothing
    #[arg(long)]
    plan: bool,
    /// Make other people's views anew that read a column which goes or changes its type
    #[arg(long)]
    replace_views: bool,
}

pub(super) async fn transform(
    config: &Config,
    sandbox: bool,
    arguments: &Arguments,
    json: bool,
) -> Result<u8, CliError> {
    let project = arguments.chosen.variables.project(config)?;
    let options = Options {
        select: arguments.chosen.select(),
        exclude: arguments.chosen.exclude(),
        full_refresh: arguments.full_refresh,
        plan_only: arguments.plan,
        replace_views: arguments.replace_views,
        run_id: None,
    };
    let built = Database::with(config, sandbox, async |database| {
        migrate(&database.pool).await?;
        let _lock = run::lock(&database.pool, "firstpress transform").await?;
        Ok(transform::transform(&database.pool, &project, &options, |_, _, _| ()).await?)
    })
    .await?;
    let is_plan = options.plan_only;
    print(
        &Built {
            report: built,
            is_plan,
        },
        json,
    )
}

/// What `transform` prints, and `replay` after it.
#[derive(Serialize)]
pub(super) struct Built {
    #[serde(flatten)]
    pub(super) report: TransformReport,
    /// Nothing was published.
    pub(super) is_plan: bool,
}

impl fmt::Display for Built {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TransformReport { models, checks } = &self.report;
        let titles = [
            "model",
            "built",
            "rows",
            "new or changed",
            "gone or changed",
            "seconds",
            "why",
        ];
        let mut lines = table(&titles, &[2, 3, 4, 5]);
        for model in models {
            lines.add_row([
                format!("{}.{}", model.schema, model.name),
                model.how.to_string(),
                model.rows.map_or(String::new(), |rows| rows.to_string()),
                model.inserted.to_string(),
                model.deleted.to_string(),
                format!("{:.3}", model.seconds),
                model.why.to_string(),
            ]);
        }
        writeln!(formatter, "{lines}")?;
        for model in models {
            write_examples(formatter, model)?;
        }
        let warned = checks.iter().filter(|check| check.status == CheckStatus::Warned);
        for check in warned.clone() {
            write!(formatter, "warned ")?;
            write_check(formatter, check)?;
        }
        let passed = checks.len() - warned.count();
        let published = match self.is_plan {
            true => " Nothing was published.",
            false => "",
        };
        write!(formatter, "{passed} checks passed.{published}")
    }
}

/// The first rows that a plan would change.
fn write_examples(formatter: &mut fmt::Formatter<'_>, model: &ModelReport) -> fmt::Result {
    let Some(examples) = &model.examples else {
        return Ok(());
    };
    let rows = [("-", &examples.gone), ("+", &examples.come)];
    if rows.iter().any(|(_, rows)| !rows.is_empty()) {
        writeln!(formatter, "\n{}.{}, such as", model.schema, model.name)?;
    }
    for (sign, rows) in rows {
        for row in rows {
            writeln!(formatter, "  {sign} {row}")?;
        }
    }
    Ok(())
}
