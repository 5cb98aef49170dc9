//! Release dates, which Spotify gives to the day, the month or the year, or not at all.

use chrono::NaiveDate;

/// The first day of the period that a `release_date` names: `2026-11` is the 1st of November 2026.
/// `None` where the text names no date, as in `0000`.
#[must_use]
pub fn first_day(release_date: &str) -> Option<NaiveDate> {
    let mut parts = release_date.split('-');
    let year: i32 = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let mut next_or_1 = || parts.next().map_or(Some(1), |part| part.parse().ok());
    let (month, day) = (next_or_1()?, next_or_1()?);
    if year == 0 || parts.next().is_some() {
        return None;
    }
    NaiveDate::from_ymd_opt(year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_precision_gives_its_first_day() {
        for (text, day) in [
            ("2026-11-20", Some((2026, 11, 20))),
            ("2026-11", Some((2026, 11, 1))),
            ("1999", Some((1999, 1, 1))),
            ("0000", None),
            ("", None),
            ("2026-13", None),
            ("2026-02-30", None),
            ("2026-11-20-1", None),
            ("soon", None),
        ] {
            let expected = day.and_then(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day));
            assert_eq!(first_day(text), expected, "{text}");
        }
    }
}
