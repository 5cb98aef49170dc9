//! The header Retry-After, in every form that was met.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// A longer wait is no wait that anybody meant.
const LONGEST: u64 = 30 * 86_400;

/// The wait that an answer asks for: whole seconds, or an HTTP date, which is read against `now`. Missing, zero,
/// in the past, absurd (over 30 days) or no number: `None`, so that the pauses grow by themselves.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = text.parse().ok().or_else(|| seconds_until(text, now))?;
    (1..=LONGEST)
        .contains(&seconds)
        .then(|| Duration::from_secs(seconds))
}

/// Seconds until an HTTP date (RFC 9110, 5.6.7), in the form that senders must use.
fn seconds_until(date: &str, now: DateTime<Utc>) -> Option<u64> {
    let then = DateTime::parse_from_rfc2822(date).ok()?;
    u64::try_from((then.to_utc() - now).num_seconds()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    use super::*;

    fn wait(header: &[u8], now: DateTime<Utc>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_bytes(header).ok()?);
        retry_after(&headers, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn every_form_that_was_met_is_read() {
        let now: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        for (header, expected) in [
            ("1", Some(1)),
            (" 16 ", Some(16)),
            ("86400", Some(86_400)),
            ("Fri, 20 Nov 2026 12:00:30 GMT", Some(30)),
            ("Fri, 20 Nov 2026 11:59:30 GMT", None),
            ("0", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("99999999999", None),
            ("99999999999999999999999999", None),
        ] {
            assert_eq!(wait(header.as_bytes(), now), expected, "{header:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    proptest! {
        #[test]
        fn whatever_stands_there_the_wait_is_between_a_second_and_thirty_days(
            header in prop::collection::vec(any::<u8>(), 0..40),
            seconds in any::<u64>(),
        ) {
            let now = DateTime::<Utc>::UNIX_EPOCH;
            for wait in [wait(&header, now), wait(seconds.to_string().as_bytes(), now)].into_iter().flatten() {
                prop_assert!((1..=30 * 86_400).contains(&wait));
            }
            let expected = (1..=30 * 86_400).contains(&seconds).then_some(seconds);
            prop_assert_eq!(wait(seconds.to_string().as_bytes(), now), expected);
        }
    }
}
