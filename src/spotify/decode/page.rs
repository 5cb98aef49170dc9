//! Pages of lists.

use std::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::undecodable;
use crate::domain::Undecodable;
use crate::http::Key;

/// A page of a list. Entries that are null are counted, those that cannot be decoded put aside.
#[derive(Debug)]
pub struct Page<T> {
    /// The entries that can be used, in order.
    pub items: Vec<T>,
    /// Entries that cannot.
    pub undecodable: Vec<Undecodable>,
    /// How many entries were null.
    pub nulls: usize,
    /// Where the next page starts; `None` on the last one.
    pub next_offset: Option<u32>,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            undecodable: Vec::new(),
            nulls: 0,
            next_offset: None,
        }
    }
}

/// A page whose entries are not decoded yet.
#[derive(Default)]
pub(super) struct RawPage<'a> {
    pub(super) keys: Vec<Key<'a>>,
    items: Vec<Option<&'a RawValue>>,
    next: Option<IgnoredAny>,
    offset: f64,
    limit: f64,
    total: f64,
}

impl<'de: 'a, 'a> Deserialize<'de> for RawPage<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PageVisitor)
    }
}

struct PageVisitor;

impl<'de> Visitor<'de> for PageVisitor {
    type Value = RawPage<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a page of items")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<RawPage<'de>, M::Error> {
        let mut page = RawPage::default();
        let mut items = None;
        while let Some(key) = members.next_key::<Key>()? {
            match &*key.0 {
                "items" => items = Some(members.next_value()?),
                "next" => page.next = members.next_value()?,
                "offset" => page.offset = members.next_value()?,
                "limit" => page.limit = members.next_value()?,
                "total" => page.total = members.next_value()?,
                _ => _ = members.next_value::<IgnoredAny>()?,
            }
            page.keys.push(key);
        }
        page.items = items.ok_or_else(|| M::Error::missing_field("items"))?;
        Ok(page)
    }
}

impl RawPage<'_> {
    pub(super) fn decode<T>(self, decode: impl Fn(&RawValue) -> serde_json::Result<T>) -> Page<T> {
        let mut page = Page {
            next_offset: self.next_offset(),
            ..Page::default()
        };
        for item in self.items {
            match item.map(|item| decode(item).map_err(|error| undecodable(item, &error))) {
                None => page.nulls += 1,
                Some(Ok(object)) => page.items.push(object),
                Some(Err(undecodable)) => page.undecodable.push(undecodable),
            }
        }
        page
    }

    /// `next` has been null with results left, and set on the last page: there is more when either it or
    /// `total` says so, and an empty page is the last in any case.
    fn next_offset(&self) -> Option<u32> {
        let end = self.offset + self.limit.max(1.0);
        let more = !self.items.is_empty() && (self.next.is_some() || end < self.total);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be in range"
        )]
        (more && (0.0..1e6).contains(&end)).then_some(end as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_next_page_when_next_or_total_says_so_but_never_after_an_empty_one() {
        let next = |json: &str| serde_json::from_str::<RawPage>(json).unwrap().next_offset();
        assert_eq!(
            next(r#"{"items":[null],"next":"x","offset":50,"limit":50,"total":1}"#),
            Some(100)
        );
        assert_eq!(
            next(r#"{"items":[null],"next":null,"offset":0.0,"limit":50.0,"total":51.0}"#),
            Some(50)
        );
        assert_eq!(
            next(r#"{"items":[null],"next":null,"offset":0,"limit":50,"total":50}"#),
            None
        );
        assert_eq!(
            next(r#"{"items":[],"next":"x","offset":50,"limit":50,"total":500}"#),
            None
        );
    }
}
