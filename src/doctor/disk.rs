//! The disk that holds the Postgres of firstpress's own.

use std::path::Path;

use super::Finding;

const SUBJECT: &str = "disk";
const MEGABYTE: u64 = 1_000_000;
/// Free bytes below which a run may not find room for what is new.
const SCANT: u64 = 1000 * MEGABYTE;
/// Free bytes below which Postgres may not even start.
const TOO_LITTLE: u64 = 100 * MEGABYTE;

/// Looks at the room on the disk that holds `directory`, or will hold it.
pub(super) fn examine(directory: &Path) -> Finding {
    let directory = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
    let there = directory.ancestors().find(|ancestor| ancestor.exists());
    match rustix::fs::statvfs(there.unwrap_or(Path::new("/"))) {
        Ok(disk) => room(disk.f_bavail.saturating_mul(disk.f_frsize), &directory),
        Err(error) => Finding::warning(
            SUBJECT,
            format!(
                "the room on the disk that holds {} is not known: {error}",
                directory.display()
            ),
            "look at it with `df`",
        ),
    }
}

fn room(free_bytes: u64, directory: &Path) -> Finding {
    let detail = format!(
        "{} MB free where {} lies",
        free_bytes / MEGABYTE,
        directory.display()
    );
    let remedy = "make room on that disk, or name a server in DATABASE_URL";
    match free_bytes {
        0..TOO_LITTLE => Finding::fault(SUBJECT, detail, remedy),
        TOO_LITTLE..SCANT => Finding::warning(SUBJECT, detail, remedy),
        _ => Finding::ok(SUBJECT, detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_full_disk_is_a_fault_and_a_nearly_full_one_a_warning() {
        let verdict = |megabytes: u64| room(megabytes * MEGABYTE, Path::new("/data")).verdict;
        assert_eq!(
            [99, 100, 999, 1000].map(verdict),
            [Verdict::Fault, Verdict::Warning, Verdict::Warning, Verdict::Ok]
        );
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_looked_at_where_it_will_be() {
        let finding = examine(Path::new("/tmp/not/there/yet"));
        assert!(finding.detail.contains("MB free"), "{finding:?}");
    }
}
