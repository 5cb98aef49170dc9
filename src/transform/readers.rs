//! Views that read what is about to change its form: ours make way and come back by themselves, others' only when that
//! is asked for. Rights that were given on what makes way come back with it.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use sqlx::PgConnection;

use super::TransformError;
use super::relation::Relation;
use super::sql::Statement;

/// A view that reads a relation.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Reader {
    schema: String,
    name: String,
    /// It cannot be made anew as it was.
    pub(super) is_materialized: bool,
}

/// A right that somebody was given.
#[derive(Debug, sqlx::FromRow)]
struct Grant {
    privilege: String,
    grantee: String,
    is_grantable: bool,
    column_name: Option<String>,
}

/// Another's view as it was before it made way.
#[derive(Debug, sqlx::FromRow)]
struct View {
    definition: String,
    owner: String,
    comment: Option<String>,
    options: Option<String>,
}

/// What has made way in a transaction and has to come back.
#[derive(Debug, Default)]
pub(super) struct MadeWay {
    grants: BTreeMap<Relation, Vec<Grant>>,
    /// In the order in which they made way: those that read another first.
    views: Vec<(Relation, View)>,
}

impl Grant {
    fn value(self) -> Value {
        context! {
            privilege => self.privilege,
            grantee => self.grantee,
            is_grantable => self.is_grantable,
            column_name => self.column_name
        }
    }
}

impl View {
    fn value(self) -> Value {
        context! {
            definition => self.definition.trim_end_matches(';'),
            owner => self.owner,
            comment => self.comment,
            options => self.options
        }
    }
}

impl Reader {
    pub(super) fn relation(&self) -> Relation {
        Relation {
            schema: self.schema.clone(),
            name: self.name.clone(),
        }
    }

    /// The views that read some columns of a relation, or anything of it, directly or not; those first that no other
    /// of them reads.
    pub(super) async fn of(
        connection: &mut PgConnection,
        relation: &Relation,
        columns: Option<&[String]>,
    ) -> Result<Vec<Reader>, sqlx::Error> {
        sqlx::query_as(include_str!("sql/readers.sql"))
            .bind(relation.to_string())
            .bind(columns)
            .fetch_all(connection)
            .await
    }
}

impl MadeWay {
    /// Drops one of our own relations, which is made anew later on; once is enough.
    pub(super) async fn drop(
        &mut self,
        connection: &mut PgConnection,
        kind: &str,
        relation: &Relation,
    ) -> Result<(), TransformError> {
        if self.grants.contains_key(relation) {
            return Ok(());
        }
        let grants: Vec<Grant> = sqlx::query_as(include_str!("sql/grants.sql"))
            .bind(relation.to_string())
            .fetch_all(&mut *connection)
            .await?;
        self.grants.insert(relation.clone(), grants);
        let context = context! { kind => kind, target => relation.value() };
        run("drop_relation", context, connection).await
    }

    /// Drops a view of somebody else, to be made anew by [`Self::restore`].
    pub(super) async fn drop_view(
        &mut self,
        connection: &mut PgConnection,
        relation: &Relation,
    ) -> Result<(), TransformError> {
        let view: View = sqlx::query_as(include_str!("sql/view_as_it_is.sql"))
            .bind(relation.to_string())
            .fetch_one(&mut *connection)
            .await?;
        self.views.push((relation.clone(), view));
        self.drop(connection, "view", relation).await
    }

    /// Gives the rights on a relation back that it had before it made way.
    pub(super) async fn regrant(
        &mut self,
        connection: &mut PgConnection,
        relation: &Relation,
    ) -> Result<(), TransformError> {
        for grant in self.grants.remove(relation).unwrap_or_default() {
            let context = context! { target => relation.value(), grant => grant.value() };
            run("grant", context, connection).await?;
        }
        Ok(())
    }

    /// Makes others' views anew, those first that another reads.
    pub(super) async fn restore(mut self, connection: &mut PgConnection) -> Result<(), TransformError> {
        while let Some((relation, view)) = self.views.pop() {
            let context = context! { target => relation.value(), view => view.value() };
            let restored = run("restore_view", context, connection).await;
            restored.map_err(|error| TransformError::ViewLost {
                view: relation.to_string(),
                detail: error.to_string(),
            })?;
            self.regrant(connection, &relation).await?;
        }
        Ok(())
    }
}

async fn run(statement: &str, context: Value, connection: &mut PgConnection) -> Result<(), TransformError> {
    let statement = Statement::render(statement, context, ("publishing", ""))?;
    statement.execute(connection).await?;
    Ok(())
}
