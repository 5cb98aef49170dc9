//! The SQL models in `templates/`: load, order, render, build aside, check, publish.
//!
//! `templates/` is a dbt project. [`Project::load`] reads all of it and refuses by name what it does not know, so
//! that nothing it says is silently lost; [`transform`] builds it aside, checks it, and publishes it at once.

mod error;
mod files;

mod blocks;
mod config;
mod data_test;
mod docs;
mod folders;
mod inputs;
mod properties;
mod relation;
mod settings;

mod catalog;
mod context;
mod ephemeral;
mod render;

mod check;
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

mod existing;
mod plan;
mod sql;

mod build;
mod checks;
mod comments;
mod compare;
mod crew;
mod freshness;
mod publish;
mod readers;
mod record;

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::PgConnection;
use sqlx::postgres::PgPool;
use uuid::Uuid;

pub use catalog::{
    Catalog, CatalogColumn, CatalogIndex, CatalogModel, CatalogSource, CatalogTest, CatalogUnitTest,
};
pub use checks::{CheckReport, CheckStatus};
pub use compare::Examples;
pub use config::Materialization;
pub use data_test::Severity;
pub use error::TransformError;
pub use freshness::FreshnessReport;
pub use inputs::Inputs;
pub use plan::{How, Why};
pub use project::{Project, RenderedModel};
pub use selection::Selection;

use compare::Change;
use crew::Crew;
use plan::History;

/// What to transform.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Terms as in dbt, such as `trends.*+ tag:weekly`; everything when `None`.
    pub select: Option<String>,
    /// Terms as in `select`, whose models are left out.
    pub exclude: Option<String>,
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

/// What looking at the published tables found.
#[derive(Debug, Clone, Serialize)]
pub struct CheckOutcome {
    /// The data tests.
    pub checks: Vec<CheckReport>,
    /// The sources that state how old they may be.
    pub freshness: Vec<FreshnessReport>,
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
    /// The first rows that would change; only of a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub examples: Option<Examples>,
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
    let mut crew = Crew::gather(db).await?;
    clear_aside(crew.one()?).await?;
    let transformed = build_check_publish(&mut crew, project, options, progress).await;
    let cleared = clear_aside(crew.one()?).await;
    // the first error is the one to tell
    let report = transformed?;
    cleared?;
    Ok(report)
}

async fn build_check_publish(
    crew: &mut Crew,
    project: &Project,
    options: &Options,
    progress: impl Fn(&str, usize, usize),
) -> Result<TransformReport, TransformError> {
    let history = History::read(crew.one()?).await?;
    let selected = project.selected(&options.selection(&history.fingerprints()))?;
    let to_build = selected.built();
    let stands = history.stands(project);
    let planned = plan::plan(crew.one()?, (project, history), &to_build, options.full_refresh).await?;
    let built = build::build(crew, project, planned, &progress).await?;
    if !stands {
        unit_test::run_all(crew, project, &selected).await?;
    }
    progress("checks", to_build.len(), to_build.len());
    let checks = checks::of_built(project, &selected, &built);
    let checks = checks::run(crew, project, checks).await?;
    record::checks(crew.one()?, options.run_id, &checks).await?;
    refuse_failed(&checks)?;
    let changes = compare::compare(crew, built).await?;
    let mut models: Vec<ModelReport> = changes.iter().map(ModelReport::of).collect();
    if options.plan_only {
        publish::refuse_lost_readers(crew.one()?, &changes).await?;
        for (model, change) in models.iter_mut().zip(&changes) {
            model.examples = compare::examples(crew.one()?, change).await?;
        }
    } else {
        publish::publish(crew.one()?, project, &changes, options).await?;
        publish::analyze(crew.one()?, &changes).await?;
    }
    Ok(TransformReport { models, checks })
}

/// Makes the checks of the selected models on what is published, and looks how fresh the sources are. Writes nothing.
///
/// # Errors
/// When something is not there or cannot be read; what the checks find is no error.
pub async fn check(
    db: &PgPool,
    project: &Project,
    selection: &Selection<'_>,
) -> Result<CheckOutcome, TransformError> {
    let mut crew = Crew::gather(db).await?;
    let selected = project.selected(selection)?;
    let checks = checks::of_published(project, &selected);
    Ok(CheckOutcome {
        checks: checks::run(&mut crew, project, checks).await?,
        freshness: freshness::run(&mut crew, project, &selected).await?,
    })
}

impl CheckOutcome {
    /// Whether a check failed or a source is too old.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        let checks = self.checks.iter().map(|check| check.status);
        let freshness = self.freshness.iter().map(|source| source.status);
        checks
            .chain(freshness)
            .any(|status| status == CheckStatus::Failed)
    }
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
        self.select.is_none() && self.exclude.is_none()
    }

    fn selection<'a>(&'a self, published: &'a BTreeMap<String, String>) -> Selection<'a> {
        Selection {
            select: self.select.as_deref(),
            exclude: self.exclude.as_deref(),
            published: Some(published),
        }
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
            examples: None,
        }
    }
}
