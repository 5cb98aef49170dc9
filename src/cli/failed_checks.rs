//! What `run`, `transform` and `check` print of checks that failed.

use std::fmt;

use serde::Serialize;

use crate::transform::CheckReport;

/// Bad rows of a check that are shown to people; `ops.check_failures` keeps some more.
const SHOWN: usize = 3;
/// Characters of a row that are shown.
const LONGEST_ROW: usize = 300;

/// Checks that kept the tables from being published.
#[derive(Serialize)]
pub(super) struct FailedChecks<'a> {
    pub(super) failed_checks: &'a [CheckReport],
}

impl fmt::Display for FailedChecks<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in self.failed_checks {
            write_check(formatter, check)?;
        }
        write!(
            formatter,
            "Nothing was published; the tables stand as they were. The first rows of each check are kept in ops.check_failures."
        )
    }
}

/// The check, how many bad rows it found, and the first of them.
pub(super) fn write_check(formatter: &mut fmt::Formatter<'_>, check: &CheckReport) -> fmt::Result {
    writeln!(formatter, "{}: {} bad rows", check.name, check.failing_rows)?;
    for row in check.first_rows.iter().take(SHOWN) {
        let row = row.to_string();
        let shown: String = row.chars().take(LONGEST_ROW).collect();
        let more = if shown.len() < row.len() { "…" } else { "" };
        writeln!(formatter, "  {shown}{more}")?;
    }
    Ok(())
}
