//! One page of a table, read in one statement.

use std::sync::LazyLock;

use minijinja::{Environment, UndefinedBehavior, Value, context};
use sqlx::postgres::PgPool;

use super::catalogue::{Column, Kind, Table};
use super::query::{Filter, Query, Term, Test};
use crate::explore::Publication;
use crate::serve::form::Form;

const TEMPLATE: &str = "page.sql";

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_loader(|name| {
        let page = include_str!("sql/page.sql");
        Ok((name == TEMPLATE).then(|| page.to_owned()))
    });
    environment
});

/// Rows, and the publication that they are of.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Page {
    #[sqlx(flatten)]
    pub(super) publication: Publication,
    /// A JSON array: of objects for [`Form::Json`], of arrays of texts for [`Form::Csv`].
    pub(super) rows: String,
    /// For each term of the order the last row's value; none when no row follows.
    pub(super) reached: Option<Vec<Option<String>>>,
    /// How many rows with these values were given.
    pub(super) given: Option<i64>,
}

/// Why there is no page.
#[derive(Debug)]
pub(super) enum PageError {
    /// The statement could not be rendered, which is a bug.
    Template(minijinja::Error),
    /// The database refused it.
    Database(sqlx::Error),
}

impl Page {
    /// Reads it; none before the first publication.
    pub(super) async fn read(
        db: &PgPool,
        (table, query): (&Table, &Query<'_>),
        form: Form,
    ) -> Result<Option<Self>, PageError> {
        let statement = statement(table, query, form).map_err(PageError::Template)?;
        let after = query.after.as_ref();
        let mut page = sqlx::query_as(&statement)
            // seldom twice the same, so it would only drive others out of the connection's store
            .persistent(false)
            .bind(i64::from(query.limit))
            .bind(after.map_or(0, |after| after.given))
            .bind(after.map(|after| &after.reached));
        for filter in &query.filters {
            page = page.bind(&filter.values);
        }
        page.fetch_optional(db).await.map_err(PageError::Database)
    }
}

fn statement(table: &Table, query: &Query<'_>, form: Form) -> Result<String, minijinja::Error> {
    let reached = query.after.as_ref().map(|after| after.reached.as_slice());
    let order = query.order.iter().enumerate().map(|(place, term)| {
        let value = reached.and_then(|reached| reached.get(place));
        in_order(term, place + 1, value.is_some_and(Option::is_none))
    });
    // the cursor says nothing of these
    let others = query.others.iter().map(|term| in_order(term, 0, false));
    let filters = query.filters.iter().zip(4..);
    ENGINE.get_template(TEMPLATE)?.render(context! {
        relation => &table.relation,
        columns => query.columns.iter().map(|shown| column(shown)).collect::<Value>(),
        order => order.collect::<Value>(),
        others => others.collect::<Value>(),
        filters => filters.map(|(filter, parameter)| in_filter(filter, parameter)).collect::<Value>(),
        is_continued => reached.is_some(),
        as_cells => form == Form::Csv,
    })
}

fn column(column: &Column) -> Value {
    let is_text = matches!(column.kind, Kind::Text | Kind::Other);
    context! {
        identifier => &column.identifier,
        type => if is_text { "text" } else { column.r#type.as_str() },
        is_text,
        is_moment => column.kind == Kind::Timestamp,
    }
}

fn in_order(term: &Term<'_>, position: usize, is_at_null: bool) -> Value {
    context! {
        column => column(term.column),
        is_descending => term.is_descending,
        position,
        is_at_null,
    }
}

fn in_filter(filter: &Filter<'_>, parameter: usize) -> Value {
    context! {
        column => column(filter.column),
        test => filter.test.in_sql(),
        parameter,
    }
}

impl Test {
    /// As `page.sql` knows it.
    fn in_sql(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::Below => "<",
            Self::Contains => "contains",
            Self::Null => "null",
            Self::NotNull => "not null",
        }
    }
}
