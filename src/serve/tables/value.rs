//! Values of filters: whether a text is one of a column's kind, so that Postgres gets none that it would refuse.

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};

use super::catalogue::{Column, Kind};
use crate::domain::day;

/// `text` as Postgres reads it as a value of the column's type.
///
/// # Errors
/// A sentence that says what values the column has.
pub(super) fn for_postgres(column: &Column, text: &str) -> Result<String, String> {
    let value = match column.kind {
        Kind::Text | Kind::Other => Some(text.to_owned()),
        Kind::Integer => integer(&column.r#type, text),
        Kind::Number => number(&column.r#type, text),
        Kind::Date => day(text).map(|day| day.to_string()),
        Kind::Timestamp => moment(text).map(|moment| moment.to_rfc3339()),
        Kind::Boolean => matches!(text, "true" | "false").then(|| text.to_owned()),
    };
    value.ok_or_else(|| {
        format!(
            "{} is {text:?}; its values are {}",
            column.name,
            column.kind.values()
        )
    })
}

/// A sentence that says what can be asked of the column instead.
pub(super) fn no_such_test(column: &Column, operator: &str) -> String {
    let name = &column.name;
    let more = match column.kind {
        Kind::Boolean | Kind::Other => "",
        Kind::Text => " .gte .lte .gt .lt .contains",
        _ => " .gte .lte .gt .lt",
    };
    format!("{name}.{operator} cannot be asked; {name} takes = and{more} .null")
}

impl Kind {
    /// What values it has, to read after "its values are".
    fn values(self) -> &'static str {
        match self {
            Self::Text | Self::Other => "text",
            Self::Integer => "whole numbers within the range of its type",
            Self::Number => "numbers like 0.5 or 1e-3, within the range of its type",
            Self::Date => "days like 2026-11-23",
            Self::Timestamp => "moments like 2026-11-23T04:00:00Z, or days, which begin at 00:00 UTC",
            Self::Boolean => "true and false",
        }
    }
}

fn integer(r#type: &str, text: &str) -> Option<String> {
    let value: i64 = text.parse().ok()?;
    let fits = match r#type {
        "smallint" => i16::try_from(value).is_ok(),
        "integer" => i32::try_from(value).is_ok(),
        _ => true,
    };
    fits.then(|| value.to_string())
}

fn number(r#type: &str, text: &str) -> Option<String> {
    let is_finite = match r#type {
        "real" => text.parse::<f32>().ok()?.is_finite(),
        _ => text.parse::<f64>().ok()?.is_finite(),
    };
    is_finite.then(|| text.to_owned())
}

/// The plus of an offset is a space in a URL's query, unless it is encoded.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let with_offset = |text: &str| DateTime::parse_from_rfc3339(text).ok();
    let moment = with_offset(text)
        .or_else(|| with_offset(&text.replace(' ', "+")))
        .map(|moment| moment.to_utc())
        .or_else(|| Some(day(text)?.and_time(chrono::NaiveTime::MIN).and_utc()))
        .or_else(|| {
            let moment = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
            Some(moment.and_utc())
        })?;
    (1..=9999).contains(&moment.year()).then_some(moment)
}
