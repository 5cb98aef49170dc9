//! What may be asked of a table, in the query of its URL.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ArrayBuilder, Object, ObjectBuilder, Required, Schema, Type};

use super::table::values;
use crate::serve::tables::{Column, DEFAULT_LIMIT, Kind, LIMIT_AT_MOST, Table};

/// What stands after a column's name, and what it means.
const COMPARISONS: [(&str, &str); 4] = [
    (".gt", "more than this"),
    (".gte", "this or more"),
    (".lt", "less than this"),
    (".lte", "this or less"),
];

/// All parameters of a table.
pub(super) fn parameters(table: &Table) -> Vec<Parameter> {
    let filters = table.columns.iter().flat_map(filters);
    paging(table).into_iter().chain(filters).collect()
}

/// Which part of the rows comes, and in what form.
fn paging(table: &Table) -> [Parameter; 5] {
    let text = || Object::with_type(Type::String);
    let columns = |sign: &'static str| {
        table
            .columns
            .iter()
            .map(move |column| format!("{sign}{}", column.name))
    };
    let limit = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(LIMIT_AT_MOST))
        .default(Some(DEFAULT_LIMIT.into()));
    let forms = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(["json", "csv"]));
    [
        list(
            "fields",
            "the columns that come; all of them otherwise",
            columns("").collect(),
        ),
        list(
            "sort",
            "columns to sort by; - before one sorts it downwards",
            columns("").chain(columns("-")).collect(),
        ),
        query("limit", "how many rows come at most", limit.build()),
        query("after", "where the page before ended; its `next` has it", text()),
        query("format", "the form, which wins over Accept", forms.build()),
    ]
}

/// What rows may be chosen by.
fn filters(column: &Column) -> Vec<Parameter> {
    let name = &column.name;
    let compared = || values(column.kind).build();
    let by = |(comparison, meaning)| query(&format!("{name}{comparison}"), meaning, compared());
    let meaning = column.comment.as_deref();
    let any = ArrayBuilder::new().items(compared()).build();
    let mut filters = vec![query(name, meaning.unwrap_or("is one of these"), any)];
    if column.kind == Kind::Text {
        filters.push(by((".contains", "has this in it, in capitals or not")));
    }
    if !matches!(column.kind, Kind::Boolean | Kind::Other) {
        filters.extend(COMPARISONS.map(by));
    }
    if column.is_nullable {
        let null = Object::with_type(Type::Boolean);
        filters.push(query(&format!("{name}.null"), "whether it is null", null));
    }
    filters
}

fn query(name: &str, meaning: &str, value: impl Into<Schema>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(meaning))
        .schema(Some(value.into()))
        .build()
}

/// Several values between commas.
fn list(name: &str, meaning: &str, values: Vec<String>) -> Parameter {
    let value = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(values));
    let mut list = query(
        name,
        meaning,
        ArrayBuilder::new()
            .items(value.build())
            .min_items(Some(1))
            .unique_items(true)
            .build(),
    );
    list.explode = Some(false);
    list
}
