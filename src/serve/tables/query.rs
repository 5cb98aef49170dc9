//! What the query of a URL asks of a table: `sort`, `limit`, `after`, `fields`, `format`, and filters by column.

use axum::http::Uri;
use url::form_urlencoded;

use super::catalogue::{Column, Kind, Table};
use super::cursor::Cursor;
use super::value;
use crate::serve::problem::Problem;

const DEFAULT_LIMIT: i64 = 100;
const LIMIT_AT_MOST: i64 = 10_000;
/// What is no filter.
const PARAMETERS: &str = "sort, limit, after, fields, format";

/// The names and values of a URL's query, decoded, in its order.
#[derive(Debug)]
pub(super) struct Pairs(pub(super) Vec<(String, String)>);

/// What is asked of a table. All columns are the table's.
#[derive(Debug)]
pub(super) struct Query<'table> {
    /// Those to show, in the order asked for.
    pub(super) columns: Vec<&'table Column>,
    /// Never empty; ends with what tells all rows apart that differ.
    pub(super) order: Vec<Term<'table>>,
    /// All must hold.
    pub(super) filters: Vec<Filter<'table>>,
    /// Rows of a page.
    pub(super) limit: i64,
    /// Where the page before ended.
    pub(super) after: Option<Cursor>,
}

/// A term of the order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term<'table> {
    pub(super) column: &'table Column,
    pub(super) is_descending: bool,
}

/// A filter: one value, or several for `Test::Any`, as Postgres reads them.
#[derive(Debug)]
pub(super) struct Filter<'table> {
    pub(super) column: &'table Column,
    pub(super) test: Test,
    pub(super) values: Vec<String>,
}

/// What a filter asks of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Any,
    AtLeast,
    AtMost,
    Above,
    Below,
    Contains,
    Null,
    NotNull,
}

impl Pairs {
    /// # Errors
    /// 400 for what is no text to Postgres, and for a parameter that is given twice.
    pub(super) fn of(uri: &Uri) -> Result<Self, Problem> {
        let query = uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let pairs = Self(pairs);
        for (name, value) in &pairs.0 {
            if name.contains('\0') || value.contains('\0') {
                return Err(Problem::bad_request(
                    "the query holds a NUL character (%00), which no text has",
                ));
            }
        }
        for name in PARAMETERS.split(", ") {
            if pairs.0.iter().filter(|(given, _)| given == name).count() > 1 {
                return Err(Problem::bad_request(format!(
                    "{name} is given twice; give it once"
                )));
            }
        }
        Ok(pairs)
    }

    /// The value of a parameter that is no filter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|(given, _)| given == name);
        pair.map(|(_, value)| value.as_str())
    }
}

impl<'table> Query<'table> {
    /// Understands the query of a URL.
    ///
    /// # Errors
    /// 400, which says what cannot be understood and what could.
    pub(super) fn parse(table: &'table Table, pairs: &Pairs) -> Result<Self, Problem> {
        let order = match pairs.parameter("sort") {
            Some(sort) => order_by(table, sort)?,
            None => default_order(table),
        };
        let after = pairs.parameter("after");
        Ok(Self {
            columns: match pairs.parameter("fields") {
                Some(fields) => shown(table, fields)?,
                None => table.columns.iter().collect(),
            },
            after: after.map(|text| Cursor::read(text, table, &order)).transpose()?,
            filters: filters(table, pairs)?,
            limit: pairs.parameter("limit").map_or(Ok(DEFAULT_LIMIT), limit)?,
            order,
        })
    }
}

impl Test {
    /// The operator as URLs have it, `""` for none.
    fn of(operator: &str, value: &str) -> Option<Self> {
        match (operator, value) {
            ("", _) => Some(Self::Any),
            ("gte", _) => Some(Self::AtLeast),
            ("lte", _) => Some(Self::AtMost),
            ("gt", _) => Some(Self::Above),
            ("lt", _) => Some(Self::Below),
            ("contains", _) => Some(Self::Contains),
            ("null", "false") => Some(Self::NotNull),
            ("null", _) => Some(Self::Null),
            _ => None,
        }
    }

    fn suits(self, kind: Kind) -> bool {
        match self {
            Self::Any | Self::Null | Self::NotNull => true,
            Self::Contains => kind == Kind::Text,
            Self::AtLeast | Self::AtMost | Self::Above | Self::Below => {
                !matches!(kind, Kind::Boolean | Kind::Other)
            }
        }
    }
}

fn limit(text: &str) -> Result<i64, Problem> {
    let limit = text
        .parse()
        .ok()
        .filter(|limit| (1..=LIMIT_AT_MOST).contains(limit));
    limit.ok_or_else(|| {
        Problem::bad_request(format!(
            "limit is {text:?}; it is a number from 1 to {LIMIT_AT_MOST}"
        ))
    })
}

/// The columns asked for, and then those that tell rows apart.
fn order_by<'table>(table: &'table Table, sort: &str) -> Result<Vec<Term<'table>>, Problem> {
    let mut order: Vec<Term<'table>> = Vec::new();
    for term in sort.split(',') {
        let name = term.strip_prefix('-').unwrap_or(term);
        let column = column(table, name, "sort")?;
        if order.iter().any(|earlier| earlier.column == column) {
            return Err(Problem::bad_request(format!(
                "sort names {name} twice; name it once"
            )));
        }
        order.push(Term {
            column,
            is_descending: name != term,
        });
    }
    for term in default_order(table) {
        if order.iter().all(|earlier| earlier.column != term.column) {
            order.push(term);
        }
    }
    Ok(order)
}

/// By the key, or by all columns where there is none; days and moments newest first.
fn default_order(table: &Table) -> Vec<Term<'_>> {
    let key: Vec<&Column> = table.key.iter().filter_map(|name| table.column(name)).collect();
    let columns = if key.is_empty() {
        table.columns.iter().collect()
    } else {
        key
    };
    let terms = columns.into_iter().map(|column| Term {
        column,
        is_descending: matches!(column.kind, Kind::Date | Kind::Timestamp),
    });
    terms.collect()
}

fn shown<'table>(table: &'table Table, fields: &str) -> Result<Vec<&'table Column>, Problem> {
    let mut columns: Vec<&Column> = Vec::new();
    for name in fields.split(',') {
        let column = column(table, name, "fields")?;
        if columns.contains(&column) {
            return Err(Problem::bad_request(format!(
                "fields names {name} twice; name it once"
            )));
        }
        columns.push(column);
    }
    Ok(columns)
}

fn column<'table>(table: &'table Table, name: &str, parameter: &str) -> Result<&'table Column, Problem> {
    table.column(name).ok_or_else(|| {
        Problem::bad_request(format!(
            "{parameter} names {name:?}, which is no column of {}.{}; its columns are {}",
            table.schema,
            table.name,
            names(table)
        ))
    })
}

fn names(table: &Table) -> String {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    names.join(", ")
}

fn filters<'table>(table: &'table Table, pairs: &Pairs) -> Result<Vec<Filter<'table>>, Problem> {
    let mut filters: Vec<Filter<'table>> = Vec::new();
    for (name, text) in &pairs.0 {
        if PARAMETERS.split(", ").any(|parameter| parameter == name) {
            continue;
        }
        let filter = filter(table, name, text)?;
        let same = filters
            .iter_mut()
            .find(|earlier| earlier.test == Test::Any && earlier.column == filter.column);
        match same {
            Some(earlier) if filter.test == Test::Any => earlier.values.extend(filter.values),
            _ => filters.push(filter),
        }
    }
    Ok(filters)
}

fn filter<'table>(table: &'table Table, name: &str, text: &str) -> Result<Filter<'table>, Problem> {
    // a column may have a point in its name
    let (column, operator) = match (table.column(name), name.rsplit_once('.')) {
        (Some(column), _) => (Some(column), ""),
        (None, Some((name, operator))) => (table.column(name), operator),
        (None, None) => (None, ""),
    };
    let column = column.ok_or_else(|| {
        Problem::bad_request(format!(
            "{name:?} is neither a parameter ({PARAMETERS}) nor a column of {}.{} ({})",
            table.schema,
            table.name,
            names(table)
        ))
    })?;
    let test = Test::of(operator, text).filter(|test| test.suits(column.kind));
    let test = test.ok_or_else(|| Problem::bad_request(value::no_such_test(column, operator)))?;
    let value = match test {
        Test::Null | Test::NotNull if !matches!(text, "true" | "false") => {
            let detail = format!("{name} is {text:?}; it is true or false");
            return Err(Problem::bad_request(detail));
        }
        Test::Null | Test::NotNull | Test::Contains => text.to_owned(),
        _ => value::for_postgres(column, text).map_err(Problem::bad_request)?,
    };
    Ok(Filter {
        column,
        test,
        values: vec![value],
    })
}
