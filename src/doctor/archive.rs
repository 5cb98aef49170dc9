//! The archive.

use url::Url;

use super::Finding;
use crate::archive;

const SUBJECT: &str = "archive";

/// Writes a file to it and removes it. A run goes on without its archive, so nothing here is a fault but what keeps it
/// from starting.
pub(super) async fn examine(url: &Url) -> Finding {
    let remedy = "mend that, or leave ARCHIVE_URL empty; the next run archives what is missing";
    match archive::probe(url).await {
        Ok(()) => Finding::ok(SUBJECT, format!("{url} can be written")),
        Err(error) if archive::IS_BUILT_IN => Finding::warning(SUBJECT, error.to_string(), remedy),
        Err(error) => Finding::fault(SUBJECT, error.to_string(), "or leave ARCHIVE_URL empty"),
    }
}
