//! `firstpress transform`: build the models by themselves.

use std::fmt;

use serde::Serialize;

use super::database::Database;
use super::error::CliError;
use super::print;
use crate::config::Config;
use crate::postgres::lock::{Acquired, RunLock};
use crate::postgres::migrate;
use crate::run::RunError;
use crate::table::table;
use crate::transform::{self, Inputs, Options, Project, TransformReport};

pub(super) async fn transform(
    config: &Config,
    sandbox: bool,
    (options, inputs): (&Options, &Inputs),
    json: bool,
) -> Result<u8, CliError> {
    let project = Project::load_with(config.templates_dir.as_deref(), inputs)?;
    let built = Database::with(config, sandbox, async |database| {
        migrate(&database.pool).await?;
        let _lock = match RunLock::acquire(&database.pool, "firstpress transform").await? {
            Acquired::Mine(lock) => lock,
            Acquired::Theirs { holder } => return Err(RunError::Locked { holder }.into()),
        };
        Ok(transform::transform(&database.pool, &project, options, |_, _, _| ()).await?)
    })
    .await?;
    print(&Built(built), json)
}

/// What `transform` prints.
#[derive(Serialize)]
#[serde(transparent)]
struct Built(TransformReport);

impl fmt::Display for Built {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut models = table(
            &[
                "model",
                "built",
                "rows",
                "new or changed",
                "gone or changed",
                "seconds",
                "why",
            ],
            &[2, 3, 4, 5],
        );
        for model in &self.0.models {
            models.add_row([
                format!("{}.{}", model.schema, model.name),
                model.how.to_string(),
                model.rows.map_or(String::new(), |rows| rows.to_string()),
                model.inserted.to_string(),
                model.deleted.to_string(),
                format!("{:.3}", model.seconds),
                model.why.to_string(),
            ]);
        }
        write!(formatter, "{models}\n{} checks passed", self.0.checks.len())
    }
}
