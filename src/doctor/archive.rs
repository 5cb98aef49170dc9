//! The archive.

use super::Finding;
use crate::archive;
use crate::config::ArchivePlace;

const SUBJECT: &str = "archive";

/// Writes a file to it and removes it. A run goes on without its archive, so nothing here is a fault but what keeps it
/// from starting.
pub(super) async fn examine(place: &ArchivePlace) -> Finding {
    let remedy = "mend that, or leave ARCHIVE_URL empty; the next run archives what is missing";
    match archive::probe(place).await {
        Ok(()) => Finding::ok(SUBJECT, format!("{} can be written", place.url)),
        Err(error) if archive::IS_BUILT_IN => Finding::warning(SUBJECT, error.to_string(), remedy),
        Err(error) => Finding::fault(SUBJECT, error.to_string(), "do that, or leave ARCHIVE_URL empty"),
    }
}
