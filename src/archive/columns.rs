//! Columns as Postgres has them, and as a Parquet file does.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use polars_core::prelude::*;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Column as _, Encode, Executor, Postgres, Row, Statement, TypeInfo};
use uuid::Uuid;

use super::ArchiveError;

/// A column of a table.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    kind: Kind,
}

/// What is in it. Ids of runs are text in the files, which every reader knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Texts,
    Uuid,
    Integer,
    BigInteger,
    Float,
    Boolean,
    Timestamp,
    Date,
}

impl Kind {
    fn of(postgres: &str) -> Option<Self> {
        Some(match postgres {
            "TEXT" => Self::Text,
            "TEXT[]" => Self::Texts,
            "UUID" => Self::Uuid,
            "INT4" => Self::Integer,
            "INT8" => Self::BigInteger,
            "FLOAT8" => Self::Float,
            "BOOL" => Self::Boolean,
            "TIMESTAMPTZ" => Self::Timestamp,
            "DATE" => Self::Date,
            _ => return None,
        })
    }

    fn dtype(self) -> DataType {
        match self {
            Self::Text | Self::Uuid => DataType::String,
            Self::Texts => DataType::List(Box::new(DataType::String)),
            Self::Integer => DataType::Int32,
            Self::BigInteger => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Timestamp => DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)),
            Self::Date => DataType::Date,
        }
    }
}

/// The columns that a query gives.
pub(super) async fn fields(
    connection: &mut PgConnection,
    table: &str,
    query: &str,
) -> Result<Vec<Field>, ArchiveError> {
    let prepared = connection.prepare(query).await?;
    let field = |column: &sqlx::postgres::PgColumn| {
        let kind = column.type_info().name();
        Ok(Field {
            name: column.name().to_owned(),
            kind: Kind::of(kind).ok_or_else(|| ArchiveError::Column {
                table: table.to_owned(),
                column: column.name().to_owned(),
                kind: kind.to_owned(),
            })?,
        })
    };
    prepared.columns().iter().map(field).collect()
}

/// The columns as a Parquet file declares them.
pub(super) fn schema(fields: &[Field]) -> Schema {
    let fields = fields.iter();
    fields
        .map(|field| polars_core::prelude::Field::new(field.name.as_str().into(), field.kind.dtype()))
        .collect()
}

/// Rows on their way into a Parquet file: a row group.
pub(super) struct Group {
    columns: Vec<Values>,
    pub(super) rows: usize,
    /// Bytes of the texts, which are all that weighs.
    pub(super) bytes: usize,
}

enum Values {
    Text(StringChunkedBuilder),
    Texts(ListStringChunkedBuilder),
    Uuid(StringChunkedBuilder),
    Integer(PrimitiveChunkedBuilder<Int32Type>),
    BigInteger(PrimitiveChunkedBuilder<Int64Type>),
    Float(PrimitiveChunkedBuilder<Float64Type>),
    Boolean(BooleanChunkedBuilder),
    Timestamp(PrimitiveChunkedBuilder<Int64Type>),
    Date(PrimitiveChunkedBuilder<Int32Type>),
}

impl Group {
    pub(super) fn new(fields: &[Field]) -> Self {
        Self {
            columns: fields.iter().map(Values::new).collect(),
            rows: 0,
            bytes: 0,
        }
    }

    /// Adds a row that has these columns.
    pub(super) fn push(&mut self, row: &PgRow) -> sqlx::Result<()> {
        for (at, values) in self.columns.iter_mut().enumerate() {
            self.bytes += values.push(row, at)?;
        }
        self.rows += 1;
        Ok(())
    }

    pub(super) fn finish(self) -> PolarsResult<DataFrame> {
        let rows = self.rows;
        DataFrame::new(rows, self.columns.into_iter().map(Values::finish).collect())
    }
}

impl Values {
    fn new(field: &Field) -> Self {
        let name = || PlSmallStr::from(field.name.as_str());
        match field.kind {
            Kind::Text => Self::Text(StringChunkedBuilder::new(name(), 0)),
            Kind::Texts => Self::Texts(ListStringChunkedBuilder::new(name(), 0, 0)),
            Kind::Uuid => Self::Uuid(StringChunkedBuilder::new(name(), 0)),
            Kind::Integer => Self::Integer(PrimitiveChunkedBuilder::new(name(), 0)),
            Kind::BigInteger => Self::BigInteger(PrimitiveChunkedBuilder::new(name(), 0)),
            Kind::Float => Self::Float(PrimitiveChunkedBuilder::new(name(), 0)),
            Kind::Boolean => Self::Boolean(BooleanChunkedBuilder::new(name(), 0)),
            Kind::Timestamp => Self::Timestamp(PrimitiveChunkedBuilder::new(name(), 0)),
            Kind::Date => Self::Date(PrimitiveChunkedBuilder::new(name(), 0)),
        }
    }

    /// Adds the row's value of a column. Returns the length of a text.
    fn push(&mut self, row: &PgRow, at: usize) -> sqlx::Result<usize> {
        match self {
            Self::Text(values) => {
                let text: Option<&str> = row.try_get(at)?;
                values.append_option(text);
                return Ok(text.map_or(0, str::len));
            }
            Self::Texts(values) => match row.try_get::<Option<Vec<String>>, _>(at)? {
                Some(texts) => values.append_values_iter(texts.iter().map(String::as_str)),
                None => values.append_null(),
            },
            Self::Uuid(values) => {
                let id: Option<Uuid> = row.try_get(at)?;
                values.append_option(id.map(|id| id.to_string()));
            }
            Self::Integer(values) => values.append_option(row.try_get(at)?),
            Self::BigInteger(values) => values.append_option(row.try_get(at)?),
            Self::Float(values) => values.append_option(row.try_get(at)?),
            Self::Boolean(values) => values.append_option(row.try_get(at)?),
            Self::Timestamp(values) => {
                let time: Option<DateTime<Utc>> = row.try_get(at)?;
                values.append_option(time.map(|time| time.timestamp_micros()));
            }
            Self::Date(values) => {
                let date: Option<NaiveDate> = row.try_get(at)?;
                values.append_option(date.and_then(days));
            }
        }
        Ok(0)
    }

    fn finish(self) -> Column {
        match self {
            Self::Text(values) | Self::Uuid(values) => values.finish().into_column(),
            Self::Texts(mut values) => values.finish().into_column(),
            Self::Integer(values) => values.finish().into_column(),
            Self::BigInteger(values) => values.finish().into_column(),
            Self::Float(values) => values.finish().into_column(),
            Self::Boolean(values) => values.finish().into_column(),
            Self::Timestamp(values) => values
                .finish()
                .into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
                .into_column(),
            Self::Date(values) => values.finish().into_date().into_column(),
        }
    }
}

/// A value on its way into Postgres.
pub(super) type Value<'a> = Box<dyn Encode<'a, Postgres> + 'a>;

/// The value of a row of a file's column, as the table's column of that name takes it.
pub(super) fn value<'a>(column: &'a Column, field: &Field, row: usize) -> PolarsResult<Value<'a>> {
    Ok(match field.kind {
        Kind::Text => Box::new(column.str()?.get(row)),
        Kind::Texts => Box::new(match column.list()?.get_as_series(row) {
            Some(texts) => Some(texts.str()?.iter().map(|text| text.map(str::to_owned)).collect()),
            None => None::<Vec<Option<String>>>,
        }),
        Kind::Uuid => Box::new(match column.str()?.get(row) {
            Some(text) => Some(Uuid::parse_str(text).map_err(|_| out_of_range(text))?),
            None => None,
        }),
        Kind::Integer => Box::new(column.i32()?.get(row)),
        Kind::BigInteger => Box::new(column.i64()?.get(row)),
        Kind::Float => Box::new(column.f64()?.get(row)),
        Kind::Boolean => Box::new(column.bool()?.get(row)),
        Kind::Timestamp => Box::new(match column.datetime()?.physical().get(row) {
            Some(micros) => {
                Some(DateTime::from_timestamp_micros(micros).ok_or_else(|| out_of_range(micros))?)
            }
            None => None,
        }),
        Kind::Date => Box::new(match column.date()?.physical().get(row) {
            Some(days) => Some(date(days).ok_or_else(|| out_of_range(days))?),
            None => None,
        }),
    })
}

fn out_of_range(value: impl std::fmt::Display) -> PolarsError {
    PolarsError::ComputeError(format!("{value} is no value of the column").into())
}

/// Days since 1970, as Parquet counts them.
fn days(date: NaiveDate) -> Option<i32> {
    i32::try_from((date - DateTime::UNIX_EPOCH.date_naive()).num_days()).ok()
}

fn date(days: i32) -> Option<NaiveDate> {
    let epoch = DateTime::UNIX_EPOCH.date_naive();
    epoch.checked_add_signed(TimeDelta::try_days(days.into())?)
}
