//! How templates write numbers, moments and data.

use chrono::{DateTime, NaiveDate, Utc};
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, Value};

use super::super::files;
use super::super::freshness::age;

/// Adds the filters that templates use.
pub(super) fn add(environment: &mut Environment<'_>) {
    environment.add_filter("grouped", grouped);
    environment.add_filter("day", day);
    environment.add_filter("moment", moment);
    environment.add_filter("ago", ago);
    environment.add_filter("seconds", seconds);
    environment.add_filter("duration", duration);
    environment.add_filter("json", json);
    environment.add_filter("asset", asset);
}

/// A number with commas between its thousands: `12,345`.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = if number < 0 { "-".to_owned() } else { String::new() };
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A date: `23 Nov 2026`.
fn day(date: Serde<NaiveDate>) -> String {
    date.format("%-d %b %Y").to_string()
}

/// A moment: `26 Nov 2026, 11:42 UTC`.
fn moment(time: Serde<DateTime<Utc>>) -> String {
    time.format("%-d %b %Y, %H:%M UTC").to_string()
}

/// How long before now it was: `3 hours`.
fn ago(time: Serde<DateTime<Utc>>) -> String {
    age(time.0, Utc::now())
}

/// A span: `840 ms`, `12.3 s`, `4 min 5 s`.
fn seconds(seconds: f64) -> String {
    // what is rounded up to the next unit is written in that one
    let milliseconds = (seconds * 1000.0).round();
    let tenths = (seconds * 10.0).round();
    let whole = seconds.round();
    if milliseconds < 1000.0 {
        format!("{milliseconds} ms")
    } else if tenths < 1000.0 {
        format!("{:.1} s", tenths / 10.0)
    } else {
        format!("{} min {} s", (whole / 60.0).floor(), whole % 60.0)
    }
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

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_span_that_is_rounded_up_is_written_in_the_next_unit() {
        for (span, written) in [
            (0.0, "0 ms"),
            (0.8404, "840 ms"),
            (0.9996, "1.0 s"),
            (12.34, "12.3 s"),
            (99.94, "99.9 s"),
            (99.96, "1 min 40 s"),
            (119.7, "2 min 0 s"),
            (245.2, "4 min 5 s"),
            (3599.6, "60 min 0 s"),
        ] {
            assert_eq!(seconds(span), written, "{span}");
        }
    }
}
