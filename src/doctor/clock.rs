//! The clocks of this machine and of the database.

use chrono::{DateTime, TimeDelta, Utc};

use super::Finding;

/// From this difference on, a short wait can be ended too early.
const NOTICED: TimeDelta = TimeDelta::seconds(5);
/// From this difference on, waits that Spotify asks for are not kept.
const TOO_MUCH: TimeDelta = TimeDelta::seconds(60);

/// Compares the database's clock with this machine's just before and just after the question.
pub(super) fn examine(database: DateTime<Utc>, before: DateTime<Utc>, after: DateTime<Utc>) -> Finding {
    const SUBJECT: &str = "clock";
    let (apart, direction) = if database < before {
        (before - database, "behind")
    } else if database > after {
        (database - after, "ahead of")
    } else {
        (TimeDelta::zero(), "with")
    };
    if apart <= NOTICED {
        return Finding::ok(SUBJECT, "the database's clock goes with this machine's");
    }
    let detail = format!(
        "the database's clock is {} s {direction} this machine's: when Spotify may be called again is written down \
         by one and read by the other, and the day's budget is counted by the database's",
        apart.num_seconds()
    );
    let remedy = "set both clocks by NTP";
    if apart > TOO_MUCH {
        Finding::fault(SUBJECT, detail, remedy)
    } else {
        Finding::warning(SUBJECT, detail, remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn clocks_may_differ_by_what_the_question_took_and_a_little() {
        let before: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        let after = before + TimeDelta::seconds(3);
        for (seconds, verdict, word) in [
            (0, Verdict::Ok, "goes with"),
            (8, Verdict::Ok, "goes with"),
            (9, Verdict::Warning, "6 s ahead"),
            (-6, Verdict::Warning, "6 s behind"),
            (63, Verdict::Warning, "60 s ahead"),
            (64, Verdict::Fault, "61 s ahead"),
            (-7200, Verdict::Fault, "7200 s behind"),
        ] {
            let finding = examine(before + TimeDelta::seconds(seconds), before, after);
            assert_eq!(finding.verdict, verdict, "{seconds}");
            assert!(finding.detail.contains(word), "{finding:?}");
        }
    }
}
