//! How templates write numbers, moments and spans.

use chrono::{DateTime, Utc};
use minijinja::Environment;
use minijinja::value::Serde;

/// Adds the filters that all templates use.
pub(super) fn add(environment: &mut Environment<'_>) {
    environment.add_filter("grouped", grouped);
    environment.add_filter("moment", moment);
    environment.add_filter("seconds", seconds);
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

/// A moment: `26 Nov 2026, 11:42 UTC`.
fn moment(time: Serde<DateTime<Utc>>) -> String {
    time.format("%-d %b %Y, %H:%M UTC").to_string()
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
