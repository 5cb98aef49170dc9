//! The sandbox's clock: real time, and whatever an operator has moved it forward.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};

/// Milliseconds in a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

#[derive(Debug, Default)]
pub(crate) struct Clock {
    advance_ms: AtomicI64,
}

/// An instant in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(pub(crate) i64);

impl Clock {
    pub(crate) fn now(&self) -> Instant {
        Instant(
            Utc::now()
                .timestamp_millis()
                .saturating_add(self.advance_ms.load(Ordering::Relaxed)),
        )
    }

    pub(crate) fn advance(&self, seconds: u32) {
        self.advance_ms
            .fetch_add(i64::from(seconds) * 1000, Ordering::Relaxed);
    }
}

impl Instant {
    /// The UTC day, counted from the Unix epoch.
    pub(crate) fn day(self) -> i64 {
        self.0.div_euclid(DAY_MS)
    }
}

/// The date of a day counted from the Unix epoch.
pub(crate) fn date(day: i64) -> chrono::NaiveDate {
    DateTime::from_timestamp(day.saturating_mul(86_400), 0)
        .unwrap_or_default()
        .date_naive()
}

/// The day, counted from the Unix epoch, of a release date; the first day of a month or year.
pub(crate) fn day_of(release_date: &str) -> Option<i64> {
    let first = match release_date.len() {
        4 => format!("{release_date}-01-01"),
        7 => format!("{release_date}-01"),
        _ => release_date.to_owned(),
    };
    let date: chrono::NaiveDate = first.parse().ok()?;
    Some(
        date.signed_duration_since(chrono::NaiveDate::default())
            .num_days(),
    )
}
