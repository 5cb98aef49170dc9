//! A published table in the document: what may be asked of it, and what its rows are.

use utoipa::openapi::path::{Operation, OperationBuilder};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{AdditionalProperties, SchemaType};
use utoipa::openapi::{
    ContentBuilder, Header, HttpMethod, KnownFormat, Object, ObjectBuilder, OpenApi, PathItem, Ref, Response,
    Schema, SchemaFormat, Type,
};

use super::parameters::parameters;
use super::problems::may_be;
use crate::serve::tables::{Kind, Table};

/// Adds the table's path, and its row as the component `schemas/{schema}.{table}`.
pub(super) fn describe(document: &mut OpenApi, table: &Table) {
    let name = format!("{}.{}", table.schema, table.name);
    let path = format!("/api/v1/{}/{}", table.schema, table.name_in_url());
    let item = PathItem::new(HttpMethod::Get, operation(table, &name));
    document.paths.paths.insert(path, item);
    let components = document.components.get_or_insert_default();
    components.schemas.insert(name, row(table).into());
}

fn operation(table: &Table, name: &str) -> Operation {
    let mut operation = OperationBuilder::new()
        .tag(table.schema.as_str())
        .operation_id(Some(name))
        .summary(Some(table.name.as_str()))
        .description(table.comment.as_deref())
        .parameters(Some(parameters(table)))
        .response("200", rows(table, name))
        .build();
    if !table.is_view {
        let had = Response::new("The client has what is published now");
        operation.responses.responses.insert("304".to_owned(), had.into());
    }
    may_be(&mut operation, &["400", "404", "406", "409"]);
    operation
}

/// One page of rows.
fn rows(table: &Table, row: &str) -> Response {
    let rows = Ref::from_schema_name(row).to_array_builder();
    let next = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(
            "the URL of the next page, without the host; null on the last",
        ));
    let page = ObjectBuilder::new()
        .property("publication", Ref::from_schema_name("Publication"))
        .property("rows", rows)
        .property("next", next)
        .required("publication")
        .required("rows")
        .required("next");
    let csv = Object::with_type(Type::String);
    let mut link = Header::default();
    link.description = Some("of CSV: the URL of the next page, as rel=\"next\"; none on the last".to_owned());
    let rows = ResponseBuilder::new()
        .description("Rows")
        .content(
            "application/json",
            ContentBuilder::new().schema(Some(page)).build(),
        )
        .content("text/csv", ContentBuilder::new().schema(Some(csv)).build())
        .header("Link", link);
    if table.is_view {
        return rows.build();
    }
    rows.header("ETag", Header::default()).build()
}

/// A row with those of its columns that were asked for.
fn row(table: &Table) -> Schema {
    let row = ObjectBuilder::new()
        .description(table.comment.as_deref())
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    let row = table.columns.iter().fold(row, |row, column| {
        let nullable = column.is_nullable.then_some(Type::Null);
        let mut value = values(column.kind).description(column.comment.as_deref()).build();
        value.schema_type = match value.schema_type {
            SchemaType::Type(kind) => [kind].into_iter().chain(nullable).collect(),
            any => any,
        };
        row.property(column.name.as_str(), value)
    });
    Schema::Object(row.build())
}

/// The values of a column that are not null.
pub(super) fn values(kind: Kind) -> ObjectBuilder {
    let (kind, format) = match kind {
        Kind::Text => (Type::String.into(), None),
        Kind::Integer => (Type::Integer.into(), None),
        Kind::Number => (Type::Number.into(), None),
        Kind::Date => (Type::String.into(), Some(KnownFormat::Date)),
        Kind::Timestamp => (Type::String.into(), Some(KnownFormat::DateTime)),
        Kind::Boolean => (Type::Boolean.into(), None),
        Kind::Other => (SchemaType::AnyValue, None),
    };
    let format = format.map(SchemaFormat::KnownFormat);
    ObjectBuilder::new()
        .schema_type::<SchemaType>(kind)
        .format(format)
}
