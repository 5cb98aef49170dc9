//! Text as a cell of CSV.

/// Spreadsheets would run text that begins like a formula, and names of releases are written by strangers; an apostrophe
/// before it makes it text to them. JSON has the text as it is.
#[must_use]
pub fn inert(text: &str) -> String {
    let apostrophe = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    format!("{apostrophe}{text}")
}
