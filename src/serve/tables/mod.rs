//! Each published table of trends and core, filtered, sorted and paged, as JSON and CSV.

mod body;
mod catalogue;
mod cursor;
mod page;
mod query;
mod value;

use axum::Router;
use axum::extract::{Path, State, rejection::PathRejection};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::get;
use url::form_urlencoded;

use super::Served;
use super::answer::{Answer, Asked};
use super::form::Form;
use super::parameters::Parameters;
use super::problem::Problem;
use crate::explore::{Publication, is_not_there};
use cursor::Cursor;
use page::{Page, PageError};
use query::{NO_FILTERS, Query};

pub(super) use catalogue::{Catalogue, Column, Kind, Table, Tables};
pub(super) use query::{DEFAULT_LIMIT, LIMIT_AT_MOST};

/// How often a page is read anew because other tables were published meanwhile.
const ATTEMPTS: u32 = 3;

/// A request for a table of a schema.
struct Request {
    schema: &'static str,
    /// As the URL names it.
    table: String,
    uri: Uri,
    parameters: Parameters,
    form: Form,
}

pub(super) fn routes() -> Router<Served> {
    let of = |schema: &'static str| {
        get(async move |State(served), table, uri, headers| {
            answer(served, (schema, table), uri, headers).await
        })
    };
    Router::new()
        .route("/api/v1/trends/{table}", of("trends"))
        .route("/api/v1/core/{table}", of("core"))
}

async fn answer(
    served: Served,
    (schema, table): (&'static str, Result<Path<String>, PathRejection>),
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path(table) = table.map_err(|_| Problem::not_found("a table's name is text"))?;
    let parameters = Parameters::of(&uri)?.once(&NO_FILTERS)?;
    let form = Form::asked(&parameters, &headers)?;
    let request = Request {
        schema,
        table,
        uri,
        parameters,
        form,
    };
    let publication = served.answers.publication(&served.db).await?;
    let tables = served.catalogue.of(&served.db, publication).await?;
    let table = request.table(&tables)?;
    // who has the answer to another question is told what is wrong with this one
    Query::parse(table, &request.parameters)?;
    if table.is_view {
        return Ok(request.read(&served, publication).await?.of_this_moment());
    }
    let asked = Asked::new(request.uri.to_string(), form, &headers);
    let make = request.read(&served, publication);
    served.answers.answer(publication, asked, make).await
}

impl Request {
    /// Reads a page by the columns that the tables of its publication have.
    async fn read(&self, served: &Served, mut publication: Publication) -> Result<Answer, Problem> {
        for _ in 0..ATTEMPTS {
            let tables = served.catalogue.of(&served.db, publication).await?;
            let table = self.table(&tables)?;
            let query = Query::parse(table, &self.parameters)?;
            match Page::read(&served.db, (table, &query), self.form).await {
                Ok(None) => return Err(Problem::nothing_published()),
                Ok(Some(page)) if tables.publication == Some(page.publication) => {
                    return self.answer(table, &query, page);
                }
                Ok(Some(page)) => publication = page.publication,
                Err(error) if error.may_be_of_another_publication() => {
                    let read = Publication::read(&served.db).await?;
                    publication = read.ok_or_else(Problem::nothing_published)?;
                    if tables.publication == Some(publication) {
                        return Err(error.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the table changes all the time; try again in a minute",
        ))
    }

    fn table<'tables>(&self, tables: &'tables Tables) -> Result<&'tables Table, Problem> {
        tables.table(self.schema, &self.table).ok_or_else(|| {
            let of_schema = tables.tables.iter().filter(|table| table.schema == self.schema);
            let names: Vec<String> = of_schema.map(Table::name_in_url).collect();
            Problem::not_found(format!(
                "no table {:?} is published in {}; there are {}",
                self.table,
                self.schema,
                names.join(", ")
            ))
        })
    }

    fn answer(&self, table: &Table, query: &Query<'_>, mut page: Page) -> Result<Answer, Problem> {
        let after = query.after.as_ref();
        if after.is_some_and(|after| after.published_at != page.publication.published_at) {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "other tables were published meanwhile, so this page would not belong to those before it; \
                 start again without after",
            ));
        }
        let reached = page.reached.take().zip(page.given);
        let next =
            reached.map(|reached| self.next(&Cursor::new(&page.publication, (table, &query.order), reached)));
        let body = page.body(self.form, &query.columns, next.as_deref());
        Ok(Answer {
            publication: page.publication,
            form: self.form,
            body: body.map_err(|error| Problem::failed("this answer", &error))?,
            headers: match self.form {
                Form::Json => Vec::new(),
                Form::Csv => csv_headers(table, next.as_deref()),
            },
        })
    }

    /// The same request for the page after.
    fn next(&self, cursor: &Cursor) -> String {
        let same = self.parameters.pairs().filter(|(name, _)| *name != "after");
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(same).append_pair("after", &cursor.text());
        format!("{}?{}", self.uri.path(), query.finish())
    }
}

impl PageError {
    /// Whether a table or column may be gone, or be of another type, since the catalogue was read: `undefined_column`,
    /// `undefined_function` and `cannot_coerce`, by Postgres's appendix A.
    fn may_be_of_another_publication(&self) -> bool {
        let Self::Database(error) = self else { return false };
        is_not_there(error) || matches!(code(error).as_deref(), Some("42703" | "42883" | "42846"))
    }
}

impl From<PageError> for Problem {
    /// What Postgres cannot read as a value was not seen before: a cursor that somebody made up, and the like.
    fn from(error: PageError) -> Self {
        let error = match error {
            PageError::Template(error) => return Self::failed("this answer", &error),
            PageError::Database(error) => error,
        };
        match code(&error).as_deref() {
            Some("22P02" | "22P05" | "22003" | "22007" | "22008" | "22021") => Self::bad_request(
                "a value of a filter, or the cursor in after, is none that its column could have",
            ),
            _ => error.into(),
        }
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    let code = error.as_database_error()?.code()?;
    Some(code.into_owned())
}

/// What CSV has no place for.
fn csv_headers(table: &Table, next: Option<&str>) -> Vec<(HeaderName, HeaderValue)> {
    // a project may name its tables as it likes
    let file = table
        .name_in_url()
        .replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "_");
    let disposition = format!("attachment; filename=\"{file}.csv\"");
    let link = next.map(|next| format!("<{next}>; rel=\"next\""));
    [
        (header::CONTENT_DISPOSITION, Some(disposition)),
        (header::LINK, link),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, HeaderValue::try_from(value?).ok()?)))
    .collect()
}
