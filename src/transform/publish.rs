//! Building one model aside, and publishing what differs from what stands. All models of a transform share one
//! transaction, so each reads the new state of those before it, and other sessions read the old until the commit.

use minijinja::{Value, context};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::TransformError;
use super::comments;
use super::config::{Index, Materialization};
use super::existing::{Column, Columns, Existing};
use super::project::Model;
use super::relation::Relation;
use super::sql::Statement;

const STAGED_TABLE: &str = "pg_temp.firstpress_staged";
const STAGED_VIEW: &str = "pg_temp.firstpress_view";
const LONGEST_NAME: usize = 63;

/// A model and what its publication needs to know.
#[derive(Debug)]
pub(super) struct Build<'a> {
    pub(super) model: &'a Model,
    pub(super) sql: &'a str,
    /// The models that are built after it. Those of them that are views may be dropped to make way.
    pub(super) later: &'a [&'a Model],
}

/// What publishing changed.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Rows of a table; none for a view.
    pub(super) rows: Option<u64>,
    pub(super) inserted: u64,
    pub(super) deleted: u64,
}

/// Builds the model and publishes it.
pub(super) async fn publish(
    connection: &mut PgConnection,
    build: &Build<'_>,
) -> Result<Changes, TransformError> {
    let changes = match build.model.config.materialization() {
        Materialization::Ephemeral => return Ok(Changes::default()),
        Materialization::Table | Materialization::Seed => table(connection, build).await?,
        Materialization::View => view(connection, build).await?,
    };
    comments::describe(connection, build.model).await?;
    Ok(changes)
}

async fn table(connection: &mut PgConnection, build: &Build<'_>) -> Result<Changes, TransformError> {
    let target = build.model.relation.value();
    let rows = build
        .statement("stage_table", context! { body => build.sql })?
        .execute(connection)
        .await?;
    if let Some(key) = build.model.config.key() {
        build
            .statement("stage_key", context! { key => key })?
            .execute(connection)
            .await?;
    }
    let (deleted, inserted) = match make_room(connection, build).await? {
        Room::Empty => (0, build.insert(connection, true).await?),
        Room::Filled => publish_changes(connection, build).await?,
    };
    create_indexes(connection, build).await?;
    // The models after this one are planned by these statistics, long before autovacuum comes by.
    let analyze = (inserted + deleted) * 10 > rows;
    let finish = context! { target => target, analyze => analyze };
    build
        .statement("finish_table", finish)?
        .execute(connection)
        .await?;
    Ok(Changes {
        rows: Some(rows),
        inserted,
        deleted,
    })
}

/// What the staged rows will find in the target.
enum Room {
    Empty,
    Filled,
}

/// Leaves a target with the columns of the staged table. A reader waits for the commit only where this needs DDL:
/// the first time, when a column is added, and when the table must be replaced.
async fn make_room(connection: &mut PgConnection, build: &Build<'_>) -> Result<Room, TransformError> {
    let target = &build.model.relation;
    let staged = Existing::find(connection, STAGED_TABLE).await?;
    let staged = staged.map(|staged| staged.columns).unwrap_or_default();
    let standing = Existing::find(connection, &target.to_string()).await?;
    let comparison = match &standing {
        Some(standing) if standing.kind == "r" => standing.compare(&staged),
        _ => Columns::Different,
    };
    match (comparison, standing) {
        (Columns::Same, _) => return Ok(Room::Filled),
        (Columns::Added(count), _) => {
            let columns = staged.get(staged.len() - count..).unwrap_or_default();
            let context = context! { target => target.value(), columns => values(columns) };
            build
                .statement("add_columns", context)?
                .execute(connection)
                .await?;
            return Ok(Room::Filled);
        }
        (Columns::Different, Some(standing)) => drop_standing(connection, build, &standing).await?,
        (Columns::Different, None) => {}
    }
    let context = context! { target => target.value() };
    build
        .statement("create_table", context)?
        .execute(connection)
        .await?;
    Ok(Room::Empty)
}

/// Deletes and inserts the rows that differ, which takes row locks only. Returns how many of each.
async fn publish_changes(
    connection: &mut PgConnection,
    build: &Build<'_>,
) -> Result<(u64, u64), TransformError> {
    let target = build.model.relation.value();
    let pairing = context! { key => build.model.config.key(), target => &target };
    if build
        .statement("stage_changes", pairing)?
        .execute(connection)
        .await?
        == 0
    {
        return Ok((0, 0));
    }
    let context = context! { target => target };
    let deleted = build
        .statement("delete_rows", context)?
        .execute(connection)
        .await?;
    Ok((deleted, build.insert(connection, false).await?))
}

/// A view whose definition is the same is left alone, since replacing it would lock its readers out until the
/// commit. The definitions can be compared because Postgres prints both.
async fn view(connection: &mut PgConnection, build: &Build<'_>) -> Result<Changes, TransformError> {
    let target = &build.model.relation;
    build
        .statement("stage_view", context! { body => build.sql })?
        .execute(connection)
        .await?;
    let staged = Existing::find(connection, STAGED_VIEW).await?;
    let standing = Existing::find(connection, &target.to_string()).await?;
    build
        .statement("drop_staged_view", context! {})?
        .execute(connection)
        .await?;
    let definition = |view: &Option<Existing>| view.as_ref().and_then(|view| view.definition.clone());
    if standing.is_some() && definition(&standing) == definition(&staged) {
        return Ok(Changes::default());
    }
    let columns = staged.map(|staged| staged.columns).unwrap_or_default();
    let replace = standing
        .as_ref()
        .is_some_and(|standing| standing.kind == "v" && standing.compare(&columns) != Columns::Different);
    if let Some(standing) = standing.filter(|_| !replace) {
        drop_standing(connection, build, &standing).await?;
    }
    let context = context! { target => target.value(), body => build.sql, replace => replace };
    build
        .statement("create_view", context)?
        .execute(connection)
        .await?;
    Ok(Changes::default())
}

/// Drops what stands, after those of our own views on it that this transform builds anew later on. A view of
/// someone else's makes this fail, and Postgres's detail names it.
async fn drop_standing(
    connection: &mut PgConnection,
    build: &Build<'_>,
    standing: &Existing,
) -> Result<(), TransformError> {
    let target = &build.model.relation;
    let views: Vec<(String, String)> = sqlx::query_as(include_str!("sql/views_on.sql"))
        .bind(target.to_string())
        .fetch_all(&mut *connection)
        .await?;
    for (schema, name) in views {
        let view = Relation { schema, name };
        if build.later.iter().any(|later| later.relation == view) {
            let context = context! { kind => "view", target => view.value() };
            build
                .statement("drop_relation", context)?
                .execute(connection)
                .await?;
        }
    }
    let context = context! { kind => standing.kind_in_sql(), target => target.value() };
    build
        .statement("drop_relation", context)?
        .execute(connection)
        .await?;
    Ok(())
}

async fn create_indexes(connection: &mut PgConnection, build: &Build<'_>) -> Result<(), TransformError> {
    let Some(indexes) = &build.model.config.indexes else {
        return Ok(());
    };
    let target = &build.model.relation;
    let standing: Vec<String> = sqlx::query_scalar(include_str!("sql/indexes.sql"))
        .bind(target.to_string())
        .fetch_all(&mut *connection)
        .await?;
    for index in indexes {
        let name = index_name(&target.name, index);
        if !standing.contains(&name) {
            let Index {
                columns,
                unique,
                method,
            } = index;
            let index = context! { columns => columns, unique => unique, type => method.in_sql() };
            let context = context! { name => name, target => target.value(), index => index };
            build
                .statement("create_index", context)?
                .execute(connection)
                .await?;
        }
    }
    Ok(())
}

/// Table, columns and kind of the index, so that another index gets another name; cut with a digest where
/// Postgres would cut without one.
fn index_name(table: &str, index: &Index) -> String {
    let kind = if index.unique { "key" } else { "idx" };
    let name = format!(
        "{table}_{}_{}_{kind}",
        index.columns.join("_"),
        index.method.in_sql()
    );
    if name.len() <= LONGEST_NAME {
        return name;
    }
    let digest = Sha256::digest(name.as_bytes());
    let digest: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let kept: String = name
        .chars()
        .take_while(|c| c.is_ascii())
        .take(LONGEST_NAME - 9)
        .collect();
    format!("{kept}_{digest}")
}

fn values(columns: &[Column]) -> Vec<Value> {
    columns
        .iter()
        .map(|column| context! { name => column.name.clone(), type => column.r#type.clone() })
        .collect()
}

impl<'a> Build<'a> {
    /// Inserts all staged rows, or those that are among the changes.
    async fn insert(&self, connection: &mut PgConnection, all: bool) -> Result<u64, TransformError> {
        let context = context! { target => self.model.relation.value(), all => all };
        self.statement("insert_rows", context)?.execute(connection).await
    }

    fn statement(&self, name: &str, context: Value) -> Result<Statement<'a>, TransformError> {
        Statement::render(name, context, (&self.model.file, self.sql))
    }
}
