//! Publishing: what was built and passed its checks becomes what everybody reads, in one short transaction. Rows that
//! are the same stay as they are, and so do the views and rights that others have hung on a table.

use std::sync::Arc;
use std::time::Duration;

use minijinja::{Value, context};
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection};

use super::build::Rows;
use super::compare::{Change, Compared, Shape};
use super::config::Index;
use super::context::Names;
use super::existing::{Column, Existing, names, values};
use super::plan::How;
use super::project::{Model, Project};
use super::readers::{MadeWay, Reader};
use super::relation::Relation;
use super::sql::Statement;
use super::{Options, TransformError, comments, record};

const LONGEST_NAME: usize = 63;

/// Times that the transaction steps back for somebody who reads a table that has to change its form.
const ATTEMPTS: u32 = 30;
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(2);

/// Publishes the changes, which are in build order.
///
/// # Errors
/// Whatever it is, nothing was published.
pub(super) async fn publish(
    connection: &mut PgConnection,
    project: &Project,
    changes: &[Change<'_>],
    options: &Options,
) -> Result<(), TransformError> {
    let mut attempts = 1;
    loop {
        match publish_at_once(connection, project, changes, options).await {
            Err(TransformError::Busy { .. }) if attempts < ATTEMPTS => attempts += 1,
            published => return published,
        }
        tokio::time::sleep(BETWEEN_ATTEMPTS).await;
    }
}

async fn publish_at_once(
    connection: &mut PgConnection,
    project: &Project,
    changes: &[Change<'_>],
    options: &Options,
) -> Result<(), TransformError> {
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(include_str!("sql/lock_timeout.sql"))
        .execute(&mut *transaction)
        .await?;
    let mut publication = Publication {
        connection: &mut transaction,
        project,
        names: project.names(&[]),
        changes,
        replace_views: options.replace_views,
        made_way: MadeWay::default(),
    };
    publication.create_schemas().await?;
    for change in changes {
        publication.publish(change).await?;
    }
    let Publication { made_way, .. } = publication;
    made_way.restore(&mut transaction).await?;
    comments::describe(&mut transaction, changes).await?;
    record::publication(&mut transaction, project, changes, options).await?;
    transaction.commit().await?;
    Ok(())
}

/// Refuses what publishing would refuse because somebody else's view reads what has to go.
pub(super) async fn refuse_lost_readers(
    connection: &mut PgConnection,
    changes: &[Change<'_>],
) -> Result<(), TransformError> {
    for change in changes {
        let relation = &change.built.planned.model.relation;
        let columns = match &change.shape {
            Shape::Columns { dropped, .. } if !dropped.is_empty() => Some(dropped.as_slice()),
            Shape::OtherKind(_) => None,
            _ => continue,
        };
        let readers = Reader::of(connection, relation, columns).await?;
        let others = readers.iter().filter(|reader| !is_ours(reader, changes));
        refuse_others(relation, columns, others)?;
    }
    Ok(())
}

fn refuse_others<'a>(
    relation: &Relation,
    columns: Option<&[String]>,
    others: impl Iterator<Item = &'a Reader>,
) -> Result<(), TransformError> {
    let views: Vec<String> = others.map(|reader| reader.relation().to_string()).collect();
    if views.is_empty() {
        return Ok(());
    }
    Err(TransformError::InTheWay {
        relation: relation.to_string(),
        columns: columns.unwrap_or_default().to_vec(),
        views,
    })
}

/// What the models are published as is made anew by itself.
fn is_ours(reader: &Reader, changes: &[Change<'_>]) -> bool {
    let relation = reader.relation();
    let mut models = changes.iter().map(|change| change.built.planned.model);
    models.any(|model| model.relation == relation)
}

struct Publication<'a, 'c> {
    connection: &'c mut PgConnection,
    project: &'a Project,
    names: Arc<Names>,
    changes: &'a [Change<'a>],
    replace_views: bool,
    made_way: MadeWay,
}

impl Publication<'_, '_> {
    async fn create_schemas(&mut self) -> Result<(), TransformError> {
        let models = self.changes.iter().map(|change| change.built.planned.model);
        let wanted: Vec<&str> = models.map(|model| model.relation.schema.as_str()).collect();
        let missing: Vec<String> = sqlx::query_scalar(include_str!("sql/missing_schemas.sql"))
            .bind(&wanted)
            .fetch_all(&mut *self.connection)
            .await?;
        for schema in missing {
            self.run("create_schema", context! { schema => schema }, "dbt_project.yml")
                .await?;
        }
        sqlx::query(include_str!("sql/let_readers_read.sql"))
            .bind(wanted)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    async fn publish(&mut self, change: &Change<'_>) -> Result<(), TransformError> {
        let model = change.built.planned.model;
        let Some(rows) = &change.built.rows else {
            return self.view(model).await;
        };
        match &change.shape {
            Shape::View => return Ok(()),
            Shape::New => self.create(model, rows).await?,
            Shape::OtherKind(standing) => {
                self.make_way(&model.relation, None).await?;
                let kind = standing.kind_in_sql();
                self.made_way.drop(self.connection, kind, &model.relation).await?;
                self.create(model, rows).await?;
                self.made_way.regrant(self.connection, &model.relation).await?;
            }
            Shape::Columns {
                dropped,
                added,
                compared,
            } => {
                self.alter(model, dropped, added).await?;
                self.change_rows(model, rows, (change, compared)).await?;
            }
            Shape::Same(compared) => self.change_rows(model, rows, (change, compared)).await?,
        }
        self.create_indexes(model).await
    }

    async fn create(&mut self, model: &Model, rows: &Rows) -> Result<(), TransformError> {
        let context = context! {
            target => model.relation.value(),
            columns => values(&rows.wanted)
        };
        self.run("create_table", context, &model.file).await?;
        self.insert(model, rows, None).await
    }

    async fn alter(
        &mut self,
        model: &Model,
        dropped: &[String],
        added: &[Column],
    ) -> Result<(), TransformError> {
        if !dropped.is_empty() {
            self.make_way(&model.relation, Some(dropped)).await?;
        }
        let context = context! {
            target => model.relation.value(),
            dropped => dropped.to_vec(),
            added => values(added)
        };
        self.run("alter_columns", context, &model.file).await
    }

    /// The views that read what goes make way.
    async fn make_way(
        &mut self,
        relation: &Relation,
        columns: Option<&[String]>,
    ) -> Result<(), TransformError> {
        let readers = Reader::of(self.connection, relation, columns).await?;
        let is_kept = |reader: &&Reader| {
            !is_ours(reader, self.changes) && (reader.is_materialized || !self.replace_views)
        };
        refuse_others(relation, columns, readers.iter().filter(is_kept))?;
        for reader in &readers {
            if is_ours(reader, self.changes) {
                self.made_way
                    .drop(self.connection, "view", &reader.relation())
                    .await?;
            } else {
                self.made_way
                    .drop_view(self.connection, &reader.relation())
                    .await?;
            }
        }
        Ok(())
    }

    /// Deletes and inserts the rows that differ, which takes row locks only.
    async fn change_rows(
        &mut self,
        model: &Model,
        rows: &Rows,
        (change, compared): (&Change<'_>, &Compared),
    ) -> Result<(), TransformError> {
        if (change.gone, change.come) == (0, 0) {
            return Ok(());
        }
        let target = model.relation.value();
        let standing = Existing::find(self.connection, &model.relation.to_string()).await?;
        if standing.is_none_or(|standing| standing.filenode != compared.filenode) {
            return Err(TransformError::Rewritten(model.relation.to_string()));
        }
        if change.gone > 0 {
            let context = context! { target => target, changes => compared.changes.value() };
            self.run("delete_rows", context, &model.file).await?;
        }
        if change.come > 0 {
            self.insert(model, rows, Some(&compared.changes)).await?;
        }
        Ok(())
    }

    /// Inserts all rows that were built, or those that are among the changes.
    async fn insert(
        &mut self,
        model: &Model,
        rows: &Rows,
        changes: Option<&Relation>,
    ) -> Result<(), TransformError> {
        let context = context! {
            target => model.relation.value(),
            rows => rows.relation.value(),
            columns => values(&rows.wanted),
            coming => names(&rows.columns),
            changes => changes.map(Relation::value),
        };
        self.run("insert_rows", context, &model.file).await
    }

    /// A view whose definition is the same is left alone, since replacing it would lock its readers out until the
    /// commit. The definitions can be compared because Postgres prints both.
    async fn view(&mut self, model: &Model) -> Result<(), TransformError> {
        let sql = self.project.sql(model, &self.names)?;
        let draft = Relation {
            // a name that no model has
            name: format!("{} as published", model.name.chars().take(40).collect::<String>()),
            ..model.aside()
        };
        let context = context! { relation => draft.value(), body => &sql };
        Statement::render("build_view", context, (&model.file, &sql))?
            .execute(self.connection)
            .await?;
        let relations = [draft.to_string(), model.relation.to_string()];
        let mut found = Existing::find_all(self.connection, &relations).await?;
        let context = context! { kind => "view", target => draft.value() };
        self.run("drop_relation", context, &model.file).await?;
        let (drafted, standing) = (
            found.remove(&draft.to_string()),
            found.remove(&model.relation.to_string()),
        );
        let columns = drafted
            .as_ref()
            .map(|view| view.columns.as_slice())
            .unwrap_or_default();
        if let Some(standing) = &standing {
            if standing.definition == drafted.as_ref().and_then(|view| view.definition.clone()) {
                return Ok(());
            }
            if !standing.can_be_replaced(columns) {
                self.make_way(&model.relation, None).await?;
                let kind = standing.kind_in_sql();
                self.made_way.drop(self.connection, kind, &model.relation).await?;
            }
        }
        let context = context! { target => model.relation.value(), body => &sql };
        Statement::render("create_view", context, (&model.file, &sql))?
            .execute(self.connection)
            .await?;
        self.made_way.regrant(self.connection, &model.relation).await
    }

    async fn create_indexes(&mut self, model: &Model) -> Result<(), TransformError> {
        let Some(indexes) = &model.config.indexes else {
            return Ok(());
        };
        let target = &model.relation;
        let standing: Vec<String> = sqlx::query_scalar(include_str!("sql/indexes.sql"))
            .bind(target.to_string())
            .fetch_all(&mut *self.connection)
            .await?;
        for index in indexes {
            let name = index_name(&target.name, index);
            if !standing.contains(&name) {
                let context = context! { name => name, target => target.value(), index => index.value() };
                self.run("create_index", context, &model.file).await?;
            }
        }
        Ok(())
    }

    async fn run(&mut self, statement: &str, context: Value, file: &str) -> Result<(), TransformError> {
        let statement = Statement::render(statement, context, (file, ""))?;
        statement.execute(self.connection).await?;
        Ok(())
    }
}

/// Brings the statistics of tables up to date of which much has changed, long before autovacuum comes by.
pub(super) async fn analyze(
    connection: &mut PgConnection,
    changes: &[Change<'_>],
) -> Result<(), TransformError> {
    for change in changes {
        let model = change.built.planned.model;
        let rows = rows_after(change).unwrap_or_default().unsigned_abs();
        if (change.gone + change.come) * 10 > rows {
            let context = context! { target => model.relation.value() };
            Statement::render("analyze", context, (&model.file, ""))?
                .execute(connection)
                .await?;
        }
    }
    Ok(())
}

/// Rows of the table once the change is published; none of a view.
pub(super) fn rows_after(change: &Change<'_>) -> Option<i64> {
    let rows = change.built.rows.as_ref()?;
    match (change.built.planned.how, change.built.planned.rows) {
        (How::Incremental, before) => Some(before? + change.come.cast_signed() - change.gone.cast_signed()),
        _ => Some(rows.count.cast_signed()),
    }
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
