//! The parameters of a call and their limits.

use crate::sandbox::catalogue::id::Id;
use crate::sandbox::catalogue::markets::MarketSets;
use crate::sandbox::objects::Span;
use crate::sandbox::problem::Problem;
use crate::sandbox::profile::PageSize;

/// The query of a call.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn parse(query: &str) -> Self {
        Self(
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A limit from 1 to the most that a page holds, and an offset.
    pub(super) fn span(&self, size: PageSize) -> Result<Span, Problem> {
        let limit = self
            .number("limit", size.default)
            .filter(|limit| (1..=size.most).contains(limit));
        let offset = self.number("offset", 0);
        Ok(Span {
            limit: limit.ok_or_else(|| Problem::bad_request("Invalid limit"))?,
            // The wording for offsets is not confirmed anywhere.
            offset: offset.ok_or_else(|| Problem::bad_request("Invalid offset"))?,
        })
    }

    /// One to `max` ids. The wording for none and for too many is not confirmed anywhere.
    pub(super) fn ids(&self, max: usize) -> Result<Vec<Id>, Problem> {
        let ids: Vec<&str> = self.get("ids").unwrap_or_default().split(',').collect();
        match ids.as_slice() {
            [""] => Err(Problem::bad_request("Missing required field: ids")),
            ids if ids.len() > max => Err(Problem::bad_request("Too many ids requested")),
            ids => ids.iter().map(|id| one_id(id)).collect(),
        }
    }

    /// A market that Spotify has launched in. The wording is not confirmed anywhere.
    pub(super) fn market(&self, markets: &MarketSets) -> Result<Option<String>, Problem> {
        match self.get("market") {
            Some(market) if !markets.knows(market) => Err(Problem::bad_request("Invalid market code")),
            market => Ok(market.map(str::to_owned)),
        }
    }

    fn number(&self, name: &str, default: usize) -> Option<usize> {
        self.get(name).map_or(Some(default), |text| text.parse().ok())
    }
}

pub(super) fn one_id(text: &str) -> Result<Id, Problem> {
    Id::parse(text).ok_or_else(|| Problem::bad_request("Invalid base62 id"))
}
