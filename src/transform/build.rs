//! Building: every planned model aside, where nobody reads it, side by side and each after those that it reads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use minijinja::context;
use sqlx::PgConnection;

use super::TransformError;
use super::config::{Index, OnSchemaChange};
use super::context::Names;
use super::crew::{Crew, Task};
use super::existing::{Column, Existing, names, values};
use super::plan::{How, Planned};
use super::project::{Model, Project};
use super::relation::Relation;
use super::sql::Statement;

/// A model that is built and not published.
#[derive(Debug)]
pub(super) struct Built<'a> {
    pub(super) planned: Planned<'a>,
    /// The rows that were computed; none of a view.
    pub(super) rows: Option<Rows>,
    /// Time that it took.
    pub(super) seconds: f64,
}

/// Rows that are to come into a table.
#[derive(Debug)]
pub(super) struct Rows {
    /// Where they are.
    pub(super) relation: Relation,
    /// How many they are.
    pub(super) count: u64,
    /// Their columns.
    pub(super) columns: Vec<Column>,
    /// The columns that the table will have.
    pub(super) wanted: Vec<Column>,
}

/// Builds the models. What each refers to is read from aside where it is built too, and elsewhere as published.
///
/// # Errors
/// The first model that fails. What stands is untouched.
pub(super) async fn build<'a>(
    crew: &mut Crew,
    project: &Project,
    planned: Vec<Planned<'a>>,
    progress: impl Fn(&str, usize, usize),
) -> Result<Vec<Built<'a>>, TransformError> {
    let models: Vec<&Model> = planned.iter().map(|planned| planned.model).collect();
    let builder = Builder {
        project,
        names: project.names(&models),
        has_incremental: planned.iter().any(|planned| planned.how == How::Incremental),
        computed: Mutex::default(),
    };
    let places: BTreeMap<&str, usize> = models
        .iter()
        .enumerate()
        .map(|(place, model)| (model.name.as_str(), place))
        .collect();
    let tasks = planned.into_iter().enumerate().map(|(place, planned)| Task {
        after: project
            .parents(planned.model)
            .into_iter()
            .filter_map(|parent| places.get(parent).copied())
            .collect(),
        what: (place, planned),
    });
    let (done, of) = (AtomicUsize::new(0), models.len());
    crew.work(tasks.collect(), async |connection, (place, planned)| {
        progress(&planned.model.name, done.load(Ordering::Relaxed), of);
        let built = builder.build(connection, (place, planned)).await;
        done.fetch_add(1, Ordering::Relaxed);
        built
    })
    .await
}

/// What every model is built with.
struct Builder<'p> {
    project: &'p Project,
    /// Where the models are read from that are built too.
    names: Arc<Names>,
    /// Some model looks up in others what has changed.
    has_incremental: bool,
    /// By model, how many rows were computed so far.
    computed: Mutex<BTreeMap<String, u64>>,
}

/// From so many rows on that come to what an incremental model reads, a hash join is the better way to find them.
const MUCH: u64 = 5_000;

impl Builder<'_> {
    async fn build<'a>(
        &self,
        connection: &mut PgConnection,
        (place, planned): (usize, Planned<'a>),
    ) -> Result<Built<'a>, TransformError> {
        let started = Instant::now();
        let (model, aside) = (planned.model, planned.model.aside());
        let names = self.names.incremental(planned.how == How::Incremental);
        let sql = self.project.sql(model, &Arc::new(names))?;
        let rows = match planned.how {
            How::View => {
                let context = context! { relation => aside.value(), body => &sql };
                let view = Statement::render("build_view", context, (&model.file, &sql))?;
                view.execute(connection).await?;
                None
            }
            How::Full => Some(self.compute(connection, model, (aside, &sql)).await?),
            How::Incremental => {
                let coming = Relation {
                    // a name that no model has
                    name: format!("{place} rows"),
                    ..aside.clone()
                };
                let rows = self.compute(connection, model, (coming, &sql)).await?;
                let standing = planned.standing.as_ref();
                let standing = standing
                    .map(|standing| standing.columns.as_slice())
                    .unwrap_or_default();
                let wanted = columns_after(model, standing, &rows.columns)?;
                let rows = Rows { wanted, ..rows };
                merge(connection, model, standing, &rows).await?;
                Some(rows)
            }
        };
        Ok(Built {
            planned,
            rows,
            seconds: started.elapsed().as_secs_f64(),
        })
    }

    fn computed(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.computed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The most rows that were computed of one of the models that a model reads, if only through views.
    fn comes_to_parents(&self, model: &Model) -> u64 {
        let parents = self.project.parents(model).into_iter();
        let comes = parents.map(|parent| {
            let computed = self.computed().get(parent).copied();
            let through_view = || self.project.model(parent).map(|view| self.comes_to_parents(view));
            computed.or_else(through_view).unwrap_or_default()
        });
        comes.max().unwrap_or_default()
    }

    /// Computes rows into a table of their own.
    async fn compute(
        &self,
        connection: &mut PgConnection,
        model: &Model,
        (relation, sql): (Relation, &str),
    ) -> Result<Rows, TransformError> {
        let much_comes = self.has_incremental && self.comes_to_parents(model) > MUCH;
        let context = context! { relation => relation.value(), body => sql, much_comes => much_comes };
        let table = Statement::render("build_table", context, (&model.file, sql))?;
        let count = table.execute(connection).await?;
        self.computed().insert(model.name.clone(), count);
        let indexes = model
            .config
            .indexes
            .iter()
            .flatten()
            .filter(|index| !index.unique);
        let indexes = indexes.filter(|_| self.has_incremental).map(Index::value);
        let context = context! {
            relation => relation.value(),
            key => model.config.row_key().map(<[_]>::to_vec),
            indexes => indexes.collect::<Vec<_>>(),
        };
        let settled = Statement::render("settle_table", context, (&model.file, ""))?;
        settled.execute(connection).await?;
        let found = Existing::find(connection, &relation.to_string()).await?;
        let columns = found.map(|found| found.columns).unwrap_or_default();
        Ok(Rows {
            relation,
            count,
            wanted: columns.clone(),
            columns,
        })
    }
}

/// The model as it will stand, for those that read it meanwhile.
async fn merge(
    connection: &mut PgConnection,
    model: &Model,
    standing: &[Column],
    rows: &Rows,
) -> Result<(), TransformError> {
    let context = context! {
        relation => model.aside().value(),
        target => model.relation.value(),
        rows => rows.relation.value(),
        key => model.config.replaced_by().map(<[_]>::to_vec),
        columns => values(&rows.wanted),
        standing => names(standing),
        coming => names(&rows.columns),
    };
    let view = Statement::render("build_merged", context, (&model.file, ""))?;
    view.execute(connection).await?;
    Ok(())
}

/// The columns of an incremental model's table once the rows have come, by dbt's rules for `on_schema_change`.
fn columns_after(
    model: &Model,
    standing: &[Column],
    coming: &[Column],
) -> Result<Vec<Column>, TransformError> {
    let refused = |detail: String| TransformError::Project {
        file: model.file.clone(),
        detail,
    };
    let is_among =
        |columns: &[Column], column: &Column| columns.iter().any(|known| known.name == column.name);
    if let Some(column) = coming
        .iter()
        .find(|column| is_among(standing, column) && !standing.iter().any(|known| known.is_like(column)))
    {
        return Err(refused(format!(
            "column `{}` of {} has another type now, {}; --full-refresh builds the table from the start",
            column.name, model.relation, column.r#type
        )));
    }
    let gone: Vec<&Column> = standing
        .iter()
        .filter(|column| !is_among(coming, column))
        .collect();
    let added = coming
        .iter()
        .filter(|column| !is_among(standing, column))
        .cloned();
    let on_schema_change = model.config.on_schema_change.unwrap_or_default();
    match (on_schema_change, gone.first()) {
        (OnSchemaChange::Ignore | OnSchemaChange::Fail, Some(gone)) => Err(refused(format!(
            "{} has the column `{}`, which the model does not give; --full-refresh builds the table from the start",
            model.relation, gone.name
        ))),
        (OnSchemaChange::Ignore, None) => Ok(standing.to_vec()),
        (OnSchemaChange::Fail, None) => match added.map(|column| column.name).next() {
            Some(column) => Err(refused(format!(
                "{} has no column `{column}`, which the model gives; --full-refresh builds the table from the start",
                model.relation
            ))),
            None => Ok(standing.to_vec()),
        },
        (OnSchemaChange::AppendNewColumns, _) => Ok(standing.iter().cloned().chain(added).collect()),
        (OnSchemaChange::SyncAllColumns, _) => {
            let kept = standing.iter().filter(|column| is_among(coming, column)).cloned();
            Ok(kept.chain(added).collect())
        }
    }
}
