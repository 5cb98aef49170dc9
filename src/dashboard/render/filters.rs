//! How templates write days, ages, lengths of tracks, data and addresses.

use chrono::{DateTime, NaiveDate, Utc};
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, Value};

use super::super::files;
use super::super::freshness::age;

/// Adds the filters that templates use.
pub(super) fn add(environment: &mut Environment<'_>) {
    environment.add_filter("day", day);
    environment.add_filter("ago", ago);
    environment.add_filter("duration", duration);
    environment.add_filter("json", json);
    environment.add_filter("asset", asset);
}

/// A date: `23 Nov 2026`.
fn day(date: Serde<NaiveDate>) -> String {
    date.format("%-d %b %Y").to_string()
}

/// How long before now it was: `3 hours`.
fn ago(time: Serde<DateTime<Utc>>) -> String {
    age(time.0, Utc::now())
}

/// The length of a track of so many milliseconds: `3:05`.
fn duration(milliseconds: i64) -> String {
    let seconds = milliseconds / 1000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Data as JSON that can stand in a `<script type="application/json">`: none of it can end the element.
// MiniJinja's own filter comes with a feature that writes what is rendered from a project's `.yml` files as JSON too
fn json(data: Value) -> Result<Value, Error> {
    let json = serde_json::to_string(&data)
        .map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    let json = json
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026");
    Ok(Value::from_safe_string(json))
}

/// The address of a style sheet or script, which changes with its content; none when there is no such file.
fn asset(name: String) -> Option<String> {
    let file = files::file(&name)?;
    Some(format!("/assets/{name}?v={}", file.version))
}
