//! The SQL models in `templates/`: load, order, render, build aside, check, publish.
//!
//! `templates/` is a dbt project. [`Project::load`] reads all of it and refuses by name what it does not know, so
//! that nothing it says is silently lost; [`transform`] builds it aside, checks it, and publishes it at once.

mod error;
mod files;

mod config;
mod data_test;
mod properties;
mod relation;
mod settings;

mod catalog;
mod context;
mod graph;
mod project;
mod render;

mod existing;
mod plan;
mod sql;

mod build;
mod checks;
mod comments;
mod compare;
mod crew;
mod publish;
mod readers;
mod record;

use serde::Serialize;
use sqlx::PgConnection;
use sqlx::postgres::PgPool;
use uuid::Uuid;

pub use catalog::{Catalog, CatalogColumn, CatalogIndex, CatalogModel, CatalogSource, CatalogTest};
pub use checks::{CheckReport, CheckStatus};
pub use config::Materialization;
pub use error::TransformError;
pub use plan::{How, Why};
pub use project::{Project, RenderedModel};

use compare::Change;
use crew::Crew;

/// What to transform.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `MODEL`, `MODEL+`, `+MODEL`, `+MODEL+`, or several separated by spaces; everything when `None`.
    pub select: Option<String>,
    /// Build incremental models from the start.
    pub full_refresh: bool,
    /// Build, check and compare, and publish nothing.
    pub plan_only: bool,
    /// Make other people's views anew that read a column which goes or changes its type, instead of refusing.
    pub replace_views: bool,
    /// The run in `ops.runs` that the check results are written for; not written when `None`.
    pub run_id: Option<Uuid>,
}

/// What a transform published, or would publish.
#[derive(Debug, Clone, Serialize)]
pub struct TransformReport {
    /// In build order.
    pub models: Vec<ModelReport>,
    /// None of them failed.
    pub checks: Vec<CheckReport>,
}

/// What publishing a model changes.
#[derive(Debug, Clone, Serialize)]
pub struct ModelReport {
    /// The model's name.
    pub name: String,
    /// The schema that it is published in.
    pub schema: String,
    /// How it is kept.
    pub materialization: Materialization,
    /// How it was built.
    pub how: How,
    /// Why it was built so.
    pub why: Why,
    /// Rows of the table; `None` for a view.
    pub rows: Option<i64>,
    /// Rows that are new or have changed.
    pub inserted: i64,
    /// Rows that are gone or have changed.
    pub deleted: i64,
    /// Time that it took to build.
    pub seconds: f64,
}

/// Builds the selected models aside, checks them, and publishes them in one transaction: readers see everything of
/// before or everything of after. Raw tables and other transforms must be kept still meanwhile, by the run's lock.
///
/// `progress` gets the model that is next, how many are done, and how many there are; at last `"checks"`.
///
/// # Errors
/// Whatever the error, nothing was published. With `ChecksFailed` the first bad rows stand in `ops.check_failures`.
pub async fn transform(
    db: &PgPool,
    project: &Project,
    options: &Options,
    progress: impl Fn(&str, usize, usize),
) -> Result<TransformReport, TransformError> {
    let models = project.selected(options.select.as_deref())?;
    let mut crew = Crew::gather(db).await?;
    clear_aside(crew.one()?).await?;
    let planned = plan::plan(crew.one()?, project, &models, options.full_refresh).await?;
    let built = build::build(&mut crew, project, planned, &progress).await?;
    progress("checks", models.len(), models.len());
    let checks = checks::of_built(project, &built, options.is_whole())?;
    let checks = checks::run(&mut crew, checks).await?;
    record::checks(crew.one()?, options.run_id, &checks).await?;
    refuse_failed(&checks)?;
    let changes = compare::compare(&mut crew, built).await?;
    if options.plan_only {
        publish::refuse_lost_readers(crew.one()?, &changes).await?;
    } else {
        publish::publish(crew.one()?, project, &changes, options).await?;
        publish::analyze(crew.one()?, &changes).await?;
    }
    clear_aside(crew.one()?).await?;
    Ok(TransformReport {
        models: changes.iter().map(ModelReport::of).collect(),
        checks,
    })
}

async fn clear_aside(connection: &mut PgConnection) -> Result<(), TransformError> {
    sqlx::raw_sql(include_str!("sql/clear_aside.sql"))
        .execute(connection)
        .await?;
    Ok(())
}

fn refuse_failed(checks: &[CheckReport]) -> Result<(), TransformError> {
    let failed = checks.iter().filter(|check| check.status == CheckStatus::Failed);
    let failed: Vec<CheckReport> = failed.cloned().collect();
    match failed.is_empty() {
        true => Ok(()),
        false => Err(TransformError::ChecksFailed(failed)),
    }
}

impl Options {
    /// Whether every model is built.
    fn is_whole(&self) -> bool {
        self.select.is_none()
    }
}

impl ModelReport {
    fn of(change: &Change<'_>) -> Self {
        let planned = &change.built.planned;
        Self {
            name: planned.model.name.clone(),
            schema: planned.model.relation.schema.clone(),
            materialization: planned.model.config.materialization(),
            how: planned.how,
            why: planned.why.clone(),
            rows: publish::rows_after(change),
            inserted: change.come.cast_signed(),
            deleted: change.gone.cast_signed(),
            seconds: change.built.seconds,
        }
    }
}
