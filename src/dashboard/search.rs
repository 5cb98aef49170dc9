//! Releases, artists and tracks by name.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::PgConnection;

use super::{Query, View, artists};
use crate::explore::{self, Hit, Kind};

/// As many hits are shown.
const HITS: u32 = 50;

/// What has a name like the one that was looked for.
#[derive(Debug, Serialize)]
pub struct Search {
    /// None when nothing was looked for.
    name: Option<String>,
    hits: Vec<Hit>,
    /// The release of each track that was found: `track_id` and `album_id`.
    releases: BTreeMap<String, String>,
    /// The artists that `/artists` can show.
    profiled: BTreeSet<String>,
    /// Whether there may be more.
    is_full: bool,
}

impl View for Search {
    const PATH: &'static str = "/search";
    const TEMPLATE: &'static str = "search.html";

    fn title(&self) -> String {
        match &self.name {
            Some(name) => format!("Search: {name}"),
            None => "Search".to_owned(),
        }
    }

    async fn read(db: &mut PgConnection, query: &mut Query) -> sqlx::Result<Self> {
        let name = query.name("q");
        let hits = match &name {
            Some(name) => {
                let search = explore::Search {
                    name,
                    kinds: &Kind::ALL,
                    limit: HITS,
                };
                search.read(db).await?
            }
            None => Vec::new(),
        };
        let releases: Vec<(String, String)> = sqlx::query_as(include_str!("sql/releases_of_tracks.sql"))
            .bind(ids(&hits, Kind::Track))
            .fetch_all(&mut *db)
            .await?;
        Ok(Self {
            name,
            is_full: u32::try_from(hits.len()).is_ok_and(|hits| hits >= HITS),
            profiled: artists::with_profile(db, &ids(&hits, Kind::Artist)).await?,
            hits,
            releases: releases.into_iter().collect(),
        })
    }
}

fn ids(hits: &[Hit], kind: Kind) -> Vec<&str> {
    let of_kind = hits.iter().filter(|hit| hit.kind == kind.as_str());
    of_kind.map(|hit| hit.id.as_str()).collect()
}
