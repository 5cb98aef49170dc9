//! The SQL models in `templates/`: load, order, render, build, check, publish.
//!
//! `templates/` is a dbt project. [`Project::load`] reads all of it and refuses by name what it does not know, so
//! that nothing it says is silently lost; [`transform`] builds, checks and publishes it in one transaction.

mod error;
mod files;

mod blocks;
mod config;
mod data_test;
mod docs;
mod inputs;
mod properties;
mod relation;
mod settings;

mod context;
mod ephemeral;
mod render;

mod check;
mod documented;
mod fixture;
mod graph;
mod load;
mod pattern;
mod project;
mod seed;
mod seed_types;
mod selection;
mod term;
mod unit_test;

mod checks;
mod comments;
mod existing;
mod publish;
mod sql;

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Serialize;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

pub use checks::CheckReport;
pub use config::Materialization;
pub use data_test::Severity;
pub use documented::{Documented, DocumentedCheck};
pub use error::TransformError;
pub use inputs::Inputs;
pub use project::{Project, RenderedModel};
pub use selection::Selection;

use checks::Prepared;
use project::Model;
use publish::Build;

/// What to transform.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Terms as in dbt, such as `trends.*+ tag:weekly`; everything when `None`.
    pub select: Option<String>,
    /// Terms as in `select`, whose models are left out.
    pub exclude: Option<String>,
    /// By model name, the fingerprint of what stands published, for `state:` in a selection.
    pub published: Option<BTreeMap<String, String>>,
    /// Compute incremental models from the start. Views and tables, all there is so far, always are.
    pub full_refresh: bool,
    /// The run in `ops.runs` that the check results are written for; not written when `None`.
    pub run_id: Option<Uuid>,
}

impl Options {
    fn selection(&self) -> Selection<'_> {
        Selection {
            select: self.select.as_deref(),
            exclude: self.exclude.as_deref(),
            published: self.published.as_ref(),
        }
    }
}

/// What a transform published.
#[derive(Debug, Clone, Serialize)]
pub struct TransformReport {
    /// In build order.
    pub models: Vec<ModelReport>,
    /// All passed.
    pub checks: Vec<CheckReport>,
}

/// What publishing a model changed.
#[derive(Debug, Clone, Serialize)]
pub struct ModelReport {
    /// The model's name.
    pub name: String,
    /// The schema that it is published in.
    pub schema: String,
    /// View or table.
    pub materialization: Materialization,
    /// Rows of the table; `None` for a view.
    pub rows: Option<i64>,
    /// Rows that were new or had changed.
    pub inserted: i64,
    /// Rows that are gone or had changed.
    pub deleted: i64,
    /// Time that it took to build and publish.
    pub seconds: f64,
}

/// Builds the selected models, checks them, and publishes them in one transaction: readers see everything of
/// before or everything of after. Another transform must be kept out meanwhile, by the run's lock.
///
/// `progress` gets the model that is next, how many are done, and how many there are; at last `"checks"`.
///
/// # Errors
/// Whatever the error, nothing was published. With `ChecksFailed` the results stand in `ops.check_results`.
pub async fn transform(
    connection: &mut PgConnection,
    project: &Project,
    options: &Options,
    progress: impl Fn(&str, usize, usize),
) -> Result<TransformReport, TransformError> {
    let selected = project.selected(&options.selection())?;
    let checks = checks::prepare(project, &selected)?;
    let models = selected.models;
    // One snapshot for all models, so that they agree even while raw tables are being loaded. Compiling the
    // statements takes longer than it saves.
    let mut transaction = connection
        .begin_with("begin isolation level repeatable read; set local jit = off")
        .await?;
    let built = build_and_check(&mut transaction, project, (models, checks), progress).await;
    let failed: Vec<CheckReport> = built
        .iter()
        .flat_map(|report| &report.checks)
        .filter(|check| !check.passed)
        .cloned()
        .collect();
    match built {
        Ok(report) if failed.is_empty() => {
            record(&mut transaction, options, &report).await?;
            record_publication(&mut transaction, project, options).await?;
            transaction.commit().await?;
            Ok(report)
        }
        Ok(report) => {
            transaction.rollback().await?;
            record(connection, options, &report).await?;
            Err(TransformError::ChecksFailed(failed))
        }
        Err(error) => {
            // The first error is the one to tell; Postgres rolls back by itself when the connection is gone.
            drop(transaction.rollback().await);
            Err(error)
        }
    }
}

async fn build_and_check(
    connection: &mut PgConnection,
    project: &Project,
    (models, checks): (Vec<&Model>, Vec<Prepared<'_>>),
    progress: impl Fn(&str, usize, usize),
) -> Result<TransformReport, TransformError> {
    create_schemas(connection, &models).await?;
    let mut reports = Vec::with_capacity(models.len());
    for (done, model) in models.iter().enumerate() {
        progress(&model.name, done, models.len());
        for test in project.unit_tests(model) {
            test.run(connection, project, &project.names).await?;
        }
        if !model.is_built() {
            continue;
        }
        reports.push(
            build(
                connection,
                project,
                (model, models.get(done + 1..).unwrap_or_default()),
            )
            .await?,
        );
    }
    progress("checks", models.len(), models.len());
    Ok(TransformReport {
        models: reports,
        checks: checks::run(connection, checks).await?,
    })
}

async fn create_schemas(connection: &mut PgConnection, models: &[&Model]) -> Result<(), TransformError> {
    let wanted: Vec<&str> = models
        .iter()
        .filter(|model| model.is_built())
        .map(|model| model.relation.schema.as_str())
        .collect();
    let missing: Vec<String> = sqlx::query_scalar(include_str!("sql/missing_schemas.sql"))
        .bind(wanted)
        .fetch_all(&mut *connection)
        .await?;
    for schema in missing {
        let context = minijinja::context! { schema => schema };
        sql::Statement::render("create_schema", context, ("dbt_project.yml", ""))?
            .execute(connection)
            .await?;
    }
    Ok(())
}

async fn build(
    connection: &mut PgConnection,
    project: &Project,
    (model, later): (&Model, &[&Model]),
) -> Result<ModelReport, TransformError> {
    let started = Instant::now();
    let rendered = project.render_model(model)?;
    let changes = publish::publish(
        connection,
        &Build {
            model,
            sql: &rendered.sql,
            later,
        },
    )
    .await?;
    Ok(ModelReport {
        name: rendered.name,
        schema: rendered.schema,
        materialization: model.config.materialization(),
        rows: changes.rows.map(u64::cast_signed),
        inserted: changes.inserted.cast_signed(),
        deleted: changes.deleted.cast_signed(),
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// What stands in the database from now on, so that a run which changes nothing need not build it again.
async fn record_publication(
    connection: &mut PgConnection,
    project: &Project,
    options: &Options,
) -> Result<(), TransformError> {
    let everything = options.select.is_none() && options.exclude.is_none();
    let whole = everything.then(|| project.fingerprint());
    sqlx::query(include_str!("sql/record_publication.sql"))
        .bind(whole)
        .execute(connection)
        .await?;
    Ok(())
}

async fn record(
    connection: &mut PgConnection,
    options: &Options,
    report: &TransformReport,
) -> Result<(), TransformError> {
    match options.run_id {
        Some(run_id) => checks::record(connection, run_id, &report.checks).await,
        None => Ok(()),
    }
}
