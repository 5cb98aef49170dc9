//! Comparing: what publishing would change in the tables that stand.

use minijinja::context;
use serde::Serialize;
use serde_json::Value as Json;
use sqlx::PgConnection;
use sqlx::types::Json as JsonColumn;

use super::TransformError;
use super::build::{Built, Rows};
use super::crew::{Crew, Task, independent};
use super::existing::{Column, Existing, names, values};
use super::plan::How;
use super::relation::Relation;
use super::sql::Statement;

/// A model and what publishing it would change.
#[derive(Debug)]
pub(super) struct Change<'a> {
    pub(super) built: Built<'a>,
    pub(super) shape: Shape,
    /// Rows that are gone or have changed.
    pub(super) gone: u64,
    /// Rows that are new or have changed.
    pub(super) come: u64,
}

/// The first rows that publishing would bring and take away.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Examples {
    /// New or changed, as they would be.
    pub come: Vec<Json>,
    /// Gone or changed, as they stand.
    pub gone: Vec<Json>,
}

/// What has to become of a relation before rows can.
#[derive(Debug)]
pub(super) enum Shape {
    /// A view, which Postgres itself compares when it is published.
    View,
    /// Nothing stands there.
    New,
    /// Something of another kind stands there.
    OtherKind(Existing),
    /// A table with other columns.
    Columns {
        /// Columns that go, or go to come back with another type.
        dropped: Vec<String>,
        /// Columns that come.
        added: Vec<Column>,
        /// What is compared.
        compared: Compared,
    },
    /// The table as it will be.
    Same(Compared),
}

/// Two versions of a table, compared.
#[derive(Debug, Clone)]
pub(super) struct Compared {
    /// The rows by their place: those that go from the table, and those that come from where they were built.
    pub(super) changes: Relation,
    /// The file of the table's rows at that time; the places mean nothing in another.
    pub(super) filenode: i64,
}

/// Rows of each kind that are shown of a change.
const SHOWN: usize = 3;

/// Compares what was built with what stands.
pub(super) async fn compare<'a>(
    crew: &mut Crew,
    built: Vec<Built<'a>>,
) -> Result<Vec<Change<'a>>, TransformError> {
    let tasks: Vec<Task<_>> = independent(built.into_iter().enumerate());
    crew.work(tasks, async |connection, (place, built)| {
        compare_one(connection, place, built).await
    })
    .await
}

async fn compare_one<'a>(
    connection: &mut PgConnection,
    place: usize,
    built: Built<'a>,
) -> Result<Change<'a>, TransformError> {
    let Some(rows) = &built.rows else {
        return Ok(Change {
            built,
            shape: Shape::View,
            gone: 0,
            come: 0,
        });
    };
    let (shape, (gone, come)) = match &built.planned.standing {
        None => (Shape::New, (0, rows.count)),
        Some(standing) if !standing.is_table() => (Shape::OtherKind(standing.clone()), (0, rows.count)),
        Some(standing) => {
            let changes = Relation {
                name: format!("{place} changes"),
                ..built.planned.model.aside()
            };
            let counts = pair(connection, &built, (rows, standing, &changes)).await?;
            let compared = Compared {
                changes,
                filenode: standing.filenode,
            };
            (shape(standing, rows, compared), counts)
        }
    };
    Ok(Change {
        built,
        shape,
        gone,
        come,
    })
}

/// Writes down which rows differ. Returns how many go and how many come.
async fn pair(
    connection: &mut PgConnection,
    built: &Built<'_>,
    (rows, standing, changes): (&Rows, &Existing, &Relation),
) -> Result<(u64, u64), TransformError> {
    let model = built.planned.model;
    let is_whole = built.planned.how == How::Full;
    let replaced_by = model.config.replaced_by();
    let kept = standing
        .columns
        .iter()
        .filter(|column| rows.wanted.iter().any(|wanted| wanted.is_like(column)));
    let context = context! {
        changes => changes.value(),
        target => model.relation.value(),
        rows => rows.relation.value(),
        key => model.config.row_key().map(<[_]>::to_vec),
        columns => values(&rows.wanted),
        standing => kept.map(|column| column.name.clone()).collect::<Vec<_>>(),
        coming => names(&rows.columns),
        indexed => model.config.replaced_by_index(),
        only_added => !is_whole && replaced_by.is_none(),
        replaced_by => replaced_by.filter(|_| !is_whole).map(<[_]>::to_vec),
    };
    Statement::render("compare", context, (&model.file, ""))?
        .execute(connection)
        .await?;
    let context = context! { changes => changes.value() };
    let counts = Statement::render("count_changes", context, (&model.file, ""))?;
    let (gone, come): (i64, i64) = counts.fetch(connection).await?;
    Ok((gone.unsigned_abs(), come.unsigned_abs()))
}

/// The first rows of a change; `None` for a view.
pub(super) async fn examples(
    connection: &mut PgConnection,
    change: &Change<'_>,
) -> Result<Option<Examples>, TransformError> {
    let Some(rows) = &change.built.rows else {
        return Ok(None);
    };
    let model = change.built.planned.model;
    let changes = match &change.shape {
        Shape::Same(compared) | Shape::Columns { compared, .. } => Some(compared.changes.value()),
        Shape::View | Shape::New | Shape::OtherKind(_) => None,
    };
    let context = context! {
        rows => rows.relation.value(),
        target => model.relation.value(),
        changes => changes,
        shown => SHOWN,
    };
    let statement = Statement::render("examples", context, (&model.file, ""))?;
    let (JsonColumn(come), JsonColumn(gone)) = statement.fetch(connection).await?;
    Ok(Some(Examples { come, gone }))
}

fn shape(standing: &Existing, rows: &Rows, compared: Compared) -> Shape {
    let is_among = |columns: &[Column], column: &Column| columns.iter().any(|known| known.is_like(column));
    let dropped: Vec<String> = standing
        .columns
        .iter()
        .filter(|column| !is_among(&rows.wanted, column))
        .map(|column| column.name.clone())
        .collect();
    let added: Vec<Column> = rows
        .wanted
        .iter()
        .filter(|column| !is_among(&standing.columns, column))
        .cloned()
        .collect();
    if dropped.is_empty() && added.is_empty() {
        return Shape::Same(compared);
    }
    Shape::Columns {
        dropped,
        added,
        compared,
    }
}
