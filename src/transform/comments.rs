//! The descriptions of the models' .yml files, as comments in the database.

use minijinja::context;
use sqlx::PgConnection;

use super::TransformError;
use super::compare::Change;
use super::existing::Existing;
use super::project::Model;
use super::sql::Statement;

/// Descriptions become comments, where they are not so already.
pub(super) async fn describe(
    connection: &mut PgConnection,
    changes: &[Change<'_>],
) -> Result<(), TransformError> {
    let models = || changes.iter().map(|change| change.built.planned.model);
    let relations: Vec<String> = models().map(|model| model.relation.to_string()).collect();
    let found = Existing::find_all(connection, &relations).await?;
    for model in models() {
        if let Some(standing) = found.get(&model.relation.to_string()) {
            describe_one(connection, model, standing).await?;
        }
    }
    Ok(())
}

async fn describe_one(
    connection: &mut PgConnection,
    model: &Model,
    standing: &Existing,
) -> Result<(), TransformError> {
    let (described, wanted) = (&model.described, model.config.persist_docs());
    let comment = described.description.clone().filter(|_| wanted.relation);
    let comment = comment.filter(|comment| standing.comment.as_ref() != Some(comment));
    let mut columns = Vec::new();
    for (name, description) in &described.columns {
        let Some(column) = standing.columns.iter().find(|column| column.name == *name) else {
            let detail = format!(
                "describes column `{name}`, which model `{}` does not have",
                model.name
            );
            return Err(TransformError::Project {
                file: described.file.clone(),
                detail,
            });
        };
        if wanted.columns && description.is_some() && column.comment != *description {
            columns.push(context! { name => name, comment => description });
        }
    }
    if comment.is_none() && columns.is_empty() {
        return Ok(());
    }
    let kind = standing.kind_in_sql();
    let context = context! {
        kind => kind,
        target => model.relation.to_string(),
        comment => comment,
        columns => columns
    };
    Statement::render("comments", context, (&described.file, ""))?
        .execute(connection)
        .await?;
    Ok(())
}
