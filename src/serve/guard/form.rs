//! What a request must look like, whoever sends it. What is no HTTP at all, the connection has answered with a bare 400
//! before.

use axum::extract::Request;
use axum::http::{Method, header};

use super::refusal::Refusal;

/// No query of the dashboard's or the API's comes near this.
const LONGEST_URI_BYTES: usize = 8 * 1024;
/// Of all names and values together.
const LONGEST_HEADERS_BYTES: usize = 16 * 1024;
/// Nothing reads a body.
const LONGEST_BODY_BYTES: u64 = 16 * 1024;

/// Whether it only reads, and is of a size that is looked at.
pub(super) fn check(request: &Request) -> Result<(), Refusal> {
    let headers = request.headers();
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return Err(Refusal::Chunked);
    }
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > LONGEST_BODY_BYTES) {
        return Err(Refusal::Body);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Refusal::Method);
    }
    let uri = request.uri();
    if uri.path().len() + uri.query().map_or(0, str::len) > LONGEST_URI_BYTES {
        return Err(Refusal::Uri);
    }
    let sizes = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    if sizes.sum::<usize>() > LONGEST_HEADERS_BYTES {
        return Err(Refusal::Headers);
    }
    Ok(())
}
