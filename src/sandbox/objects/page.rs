//! Pages of items (4.1).

use serde::Serialize;

use super::View;
use crate::sandbox::quirks::Quirk;

/// Which items of a list a page holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) limit: usize,
    pub(crate) offset: usize,
}

/// A list that is served in pages: its links differ in offset and limit only.
#[derive(Debug)]
pub(crate) struct Pages {
    /// Path under the base: `/albums/{id}/tracks`.
    pub(crate) path: String,
    /// Further parameters, each with its `&`.
    pub(crate) parameters: String,
    /// Items there are.
    pub(crate) total: usize,
    /// Offset that no `next` leads to.
    pub(crate) end: usize,
}

/// One page.
#[derive(Serialize)]
pub(crate) struct Page<T> {
    href: String,
    items: Vec<Option<T>>,
    limit: usize,
    next: Option<String>,
    offset: usize,
    previous: Option<String>,
    total: usize,
}

impl Pages {
    pub(crate) fn new(path: String, total: usize) -> Self {
        Self {
            path,
            parameters: String::new(),
            total,
            end: total,
        }
    }

    pub(crate) fn page<T>(&self, view: &View<'_>, span: Span, items: Vec<Option<T>>) -> Page<T> {
        let Span { limit, offset } = span;
        let after = offset.saturating_add(limit);
        let link = |base, offset| self.link(view, base, Span { limit, offset });
        let drift = if view.quirks.has(Quirk::TotalDrift) {
            offset / limit.max(1) % 3
        } else {
            0
        };
        Page {
            href: link(view.base, offset),
            items,
            limit,
            next: (after < self.end).then(|| link(view.next_base, after)),
            offset,
            previous: (offset > 0).then(|| link(view.base, offset.saturating_sub(limit))),
            total: self.total + drift,
        }
    }

    fn link(&self, view: &View<'_>, base: &str, span: Span) -> String {
        let locale = if view.quirks.has(Quirk::Locale) {
            "&locale=en-GB%2Cen%3Bq%3D0.9"
        } else {
            ""
        };
        let Span { limit, offset } = span;
        format!(
            "{base}{}?offset={offset}&limit={limit}{}{locale}",
            self.path, self.parameters
        )
    }
}
