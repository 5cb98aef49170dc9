//! What the query of a URL asks of a table: `sort`, `limit`, `after`, `fields`, `format`, and filters by column.

use super::catalogue::{Column, Kind, Table};
use super::cursor::Cursor;
use super::value;
use crate::serve::parameters::Parameters;
use crate::serve::problem::Problem;

/// Rows of a page where no limit is given.
pub(in crate::serve) const DEFAULT_LIMIT: u32 = 100;
/// Rows of a page.
pub(in crate::serve) const LIMIT_AT_MOST: u32 = 10_000;
/// What is no filter.
pub(super) const NO_FILTERS: [&str; 5] = ["sort", "limit", "after", "fields", "format"];

/// What is asked of a table. All columns are the table's.
#[derive(Debug)]
pub(super) struct Query<'table> {
    /// Those to show, in the order asked for.
    pub(super) columns: Vec<&'table Column>,
    /// What is asked for, and then the key; empty where there is neither.
    pub(super) order: Vec<Term<'table>>,
    /// The other columns, by which rows stand that the order leaves side by side.
    pub(super) others: Vec<Term<'table>>,
    /// All must hold.
    pub(super) filters: Vec<Filter<'table>>,
    /// Rows of a page.
    pub(super) limit: u32,
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

impl<'table> Query<'table> {
    /// Understands the query of a URL.
    ///
    /// # Errors
    /// 400, which says what cannot be understood and what could.
    pub(super) fn parse(table: &'table Table, parameters: &Parameters) -> Result<Self, Problem> {
        let order = match parameters.text("sort") {
            Some(sort) => order_by(table, sort)?,
            None => default_order(table),
        };
        let after = parameters.text("after");
        Ok(Self {
            columns: match parameters.text("fields") {
                Some(fields) => shown(table, fields)?,
                None => table.columns.iter().collect(),
            },
            after: after.map(|text| Cursor::read(text, table, &order)).transpose()?,
            filters: filters(table, parameters)?,
            limit: parameters.number("limit", DEFAULT_LIMIT, 1..=LIMIT_AT_MOST)?,
            others: others(table, &order),
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

/// The columns asked for, and then the key.
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

/// By the key; days and moments newest first.
fn default_order(table: &Table) -> Vec<Term<'_>> {
    let key = table.key.iter().filter_map(|name| table.column(name));
    key.map(Term::of).collect()
}

/// The columns that an order does not name.
fn others<'table>(table: &'table Table, order: &[Term<'_>]) -> Vec<Term<'table>> {
    let is_named = |column: &Column| order.iter().any(|term| term.column == column);
    let others = table.columns.iter().filter(|column| !is_named(column));
    others.map(Term::of).collect()
}

impl<'table> Term<'table> {
    fn of(column: &'table Column) -> Self {
        Self {
            column,
            is_descending: matches!(column.kind, Kind::Date | Kind::Timestamp),
        }
    }
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

fn filters<'table>(table: &'table Table, parameters: &Parameters) -> Result<Vec<Filter<'table>>, Problem> {
    let mut filters: Vec<Filter<'table>> = Vec::new();
    for (name, text) in parameters.pairs().filter(|(name, _)| !NO_FILTERS.contains(name)) {
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
            "{name:?} is neither a parameter ({}) nor a column of {}.{} ({})",
            NO_FILTERS.join(", "),
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
