//! The types that dbt finds in the columns of a seed for Postgres.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// Signs that dbt takes off a number.
const CURRENCIES: [char; 19] = [
    '؋', '$', 'ƒ', '៛', '¥', '₡', '₱', '£', '€', '¢', '﷼', '₪', '₩', '₭', '₮', '₦', '฿', '₤', '₫',
];

/// A value in the form in which Postgres reads it, if it is of the type.
type Reading = fn(&str) -> Option<String>;

/// The types in the order in which dbt tries them. The first that reads every value is the column's.
const TYPES: [(&str, Reading); 6] = [
    ("integer", whole),
    ("float8", number),
    ("date", date),
    ("timestamp without time zone", timestamp),
    ("timestamp without time zone", iso_timestamp),
    ("boolean", boolean),
];

/// The column's type and its values in a form that Postgres reads as that type.
pub(super) fn infer(values: Vec<Option<String>>) -> (&'static str, Vec<Option<String>>) {
    for (name, read) in TYPES {
        let mut readings = Vec::with_capacity(values.len());
        for value in &values {
            match value.as_deref().map(read) {
                None => readings.push(None),
                Some(Some(reading)) => readings.push(Some(reading)),
                Some(None) => break,
            }
        }
        if readings.len() == values.len() {
            return (name, readings);
        }
    }
    ("text", values)
}

/// A number without a fraction, however it is written.
fn whole(text: &str) -> Option<String> {
    let text = number(text)?;
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
        None => (text.as_str(), 0_i32),
    };
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => ("-", mantissa),
        None => ("", mantissa.trim_start_matches('+')),
    };
    let (before, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let zeros = usize::try_from(exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?).ok();
    let digits = match zeros {
        // more digits than Postgres has a type for are no number to write out
        Some(zeros) if zeros < 40 => [before, fraction, &"0".repeat(zeros)].concat(),
        Some(_) => return None,
        None if fraction.is_empty() && before.bytes().all(|digit| digit == b'0') => "0".to_owned(),
        None => shifted(before, fraction, exponent)?,
    };
    Some([sign, &digits].concat())
}

/// Digits whose last ones are zeros that a negative exponent takes off.
fn shifted(before: &str, fraction: &str, exponent: i32) -> Option<String> {
    let taken = usize::try_from(exponent.checked_neg()?).ok()?;
    let kept = before.len().checked_sub(taken)?;
    let (kept, zeros) = before.split_at_checked(kept)?;
    (fraction.is_empty() && zeros.bytes().all(|digit| digit == b'0'))
        .then(|| if kept.is_empty() { "0" } else { kept }.to_owned())
}

/// A decimal number without what dbt takes off: percent and currency signs, and commas between digits.
fn number(text: &str) -> Option<String> {
    let text = text.trim().trim_matches('%');
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => ("-", text),
        None => ("", text),
    };
    let text = text.trim_matches(CURRENCIES).replace(',', "");
    let text = text.trim();
    let is_number = text.bytes().any(|byte| byte.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
        && text.parse::<f64>().is_ok();
    let unsigned = text.strip_prefix('-').map_or_else(
        || [sign, text].concat(),
        |text| {
            let sign = if sign.is_empty() { "-" } else { "" };
            [sign, text].concat()
        },
    );
    is_number.then_some(unsigned)
}

fn date(text: &str) -> Option<String> {
    let text = text.trim();
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    has_four_digits(text).then(|| date.to_string())
}

fn timestamp(text: &str) -> Option<String> {
    let text = text.trim();
    let moment = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    has_four_digits(text).then(|| moment.to_string())
}

/// With an offset it is the moment in UTC, since the column has no zone.
fn iso_timestamp(text: &str) -> Option<String> {
    let text = text.trim();
    if text.get(10..11) != Some("T") {
        return None;
    }
    let zoned = DateTime::parse_from_rfc3339(text).map(|moment| moment.naive_utc());
    let moment = zoned
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f"))
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"))
        .ok()?;
    Some(moment.to_string())
}

/// A year of four digits.
fn has_four_digits(text: &str) -> bool {
    text.get(..4)
        .is_some_and(|year| year.bytes().all(|byte| byte.is_ascii_digit()))
        && text.get(4..5) == Some("-")
}

fn boolean(text: &str) -> Option<String> {
    let text = text.replace(',', "").trim().to_lowercase();
    matches!(text.as_str(), "true" | "false").then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole_where_nothing_is_behind_the_point() {
        for (text, expected) in [
            ("7", Some("7")),
            (" -1,000 ", Some("-1000")),
            ("$5", Some("5")),
            ("-€5", Some("-5")),
            ("50%", Some("50")),
            ("1.0", Some("1")),
            ("-2.500e1", Some("-25")),
            ("1e3", Some("1000")),
            ("1200e-2", Some("12")),
            ("+7", Some("7")),
            ("007", Some("007")),
            ("0.0", Some("0")),
            ("1.5", None),
            ("12e-2", None),
            ("x", None),
            ("1e400", None),
            ("--5", Some("5")),
        ] {
            assert_eq!(whole(text).as_deref(), expected, "{text}");
        }
        assert_eq!(number("1,234.50").as_deref(), Some("1234.50"));
        for text in ["nan", "inf", "1-2", "", "-", "1_000"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
