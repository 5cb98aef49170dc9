//! The files that pages are made of: templates, style sheets, scripts and the chart library, and what all pages share.
//! Debug builds read them from the sources at every request.

use std::borrow::Cow;
use std::fmt::Write;

use rust_embed::{Embed, EmbeddedFile};

use crate::html::Shared;

#[derive(Embed)]
#[folder = "src/dashboard/page"]
struct Page;

#[derive(Embed)]
#[folder = "src/dashboard/vendor"]
#[allow_missing = true]
struct Vendor;

/// What a browser may ask for.
#[derive(Debug)]
pub struct File {
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
    /// For `Content-Type`.
    pub content_type: &'static str,
    /// Changes with its bytes: the first 16 hexadecimal digits of their SHA-256.
    pub version: String,
}

/// The style sheet or script of this name; nothing else of the sources is given out.
#[must_use]
pub fn file(name: &str) -> Option<File> {
    let (_, kind) = name.rsplit_once('.')?;
    let content_type = match kind {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => return None,
    };
    let embedded = embedded(name)?;
    let hash = embedded.metadata.sha256_hash();
    let version = hash.iter().take(8).fold(String::new(), |mut version, byte| {
        // writing to a string cannot fail
        let _ = write!(version, "{byte:02x}");
        version
    });
    Some(File {
        bytes: embedded.data,
        content_type,
        version,
    })
}

/// A file of this name, of any kind.
pub(super) fn embedded(name: &str) -> Option<EmbeddedFile> {
    Page::get(name)
        .or_else(|| Vendor::get(name))
        .or_else(|| Shared::get(name))
}
