//! Days as readers write them.

use chrono::{Datelike, NaiveDate};

/// The day that a text names as YYYY-MM-DD, with all its zeros, in the years 1 to 9999, which Postgres and four digits
/// can hold. `None` where it names none.
#[must_use]
pub fn day(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    // chrono takes dates without leading zeros, with signs and with more digits too
    ((1..=9999).contains(&day.year()) && day.to_string() == text).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_ten_characters_of_a_day_of_our_time_are_one() {
        for text in ["2026-01-05", "0001-01-01", "9999-12-31", "2024-02-29"] {
            assert_eq!(day(text).map(|day| day.to_string()).as_deref(), Some(text));
        }
        for text in [
            "",
            "2026-1-5",
            "2026-01-5 ",
            " 2026-01-05",
            "+2026-01-5",
            "-001-01-01",
            "0000-01-01",
            "10000-01-01",
            "+10000-01-01",
            "2025-02-29",
            "2026-01",
            "all",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
