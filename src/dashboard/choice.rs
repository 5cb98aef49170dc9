//! Things that a page puts side by side: chosen in its address, found by their name.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use super::Query;
use crate::domain::SpotifyId;
use crate::explore::{self, Kind};

/// As many as can be told apart by colour and shape.
pub(super) const MOST: usize = 5;

/// As many found things are shown.
const MOST_FOUND: i64 = 20;

/// Among so many hits are those sought that a page can show.
const HITS: u32 = 200;

/// What an address asks a page to show.
#[derive(Debug)]
pub(super) struct Choice {
    kind: Kind,
    /// At most [`MOST`], each once; none where what is asked for is no id.
    pub(super) ids: Vec<String>,
}

/// What a search by name found.
#[derive(Debug, Serialize)]
pub(super) struct Search {
    /// What was asked for.
    text: String,
    found: Vec<Found>,
}

/// A thing that was found.
#[derive(Debug, Serialize, FromRow)]
struct Found {
    id: String,
    name: Option<String>,
    by: Option<String>,
    tracks: Option<i32>,
}

impl Choice {
    /// The ids that the address gives under the kind's name; none where it asks for nothing. It tells the reader when
    /// there are more than [`MOST`], or when one is no id.
    pub(super) fn asked(query: &mut Query, kind: Kind) -> Option<Self> {
        let name = kind.as_str();
        query.text(name)?;
        let mut seen = BTreeSet::new();
        let asked = query.all(name).filter(|id| seen.insert(id.to_string()));
        let is_id = |id: &String| id.parse::<SpotifyId>().is_ok();
        let (mut ids, no_ids): (Vec<String>, Vec<String>) = asked.map(str::to_owned).partition(is_id);
        if !no_ids.is_empty() {
            let told = format!(
                "“{}” is not an id of Spotify’s, so it is left out",
                no_ids.join("”, “")
            );
            query.reject(name, told);
        }
        if ids.len() > MOST {
            query.reject(name, format!("only the first {MOST} are shown"));
            ids.truncate(MOST);
        }
        Some(Self { kind, ids })
    }

    /// Names of those that are not `shown`, for a sentence; none where all are.
    pub(super) async fn missing<'a>(
        &self,
        db: &mut PgConnection,
        shown: impl Iterator<Item = &'a str>,
    ) -> sqlx::Result<Option<String>> {
        let shown: BTreeSet<&str> = shown.collect();
        let missing = self.ids.iter().map(String::as_str);
        let missing: Vec<&str> = missing.filter(|id| !shown.contains(id)).collect();
        if missing.is_empty() {
            return Ok(None);
        }
        let names: Vec<(String, Option<String>)> = sqlx::query_as(include_str!("sql/names.sql"))
            .bind(self.kind.as_str())
            .bind(&missing)
            .fetch_all(db)
            .await?;
        let names: BTreeMap<String, Option<String>> = names.into_iter().collect();
        let named = |id: &&str| match names.get(*id) {
            Some(Some(name)) => format!("“{name}”"),
            Some(None) => format!("{id} (no name)"),
            None => format!("{id} (not known here)"),
        };
        let named: Vec<String> = missing.iter().map(named).collect();
        Ok(Some(named.join(", ")))
    }
}

impl Search {
    /// Searches for what the address calls `find`, if it says anything. `sql` takes the ids of the hits, the best first,
    /// and how many to return of those that the page can show.
    pub(super) async fn read(
        db: &mut PgConnection,
        query: &mut Query,
        kinds: &[Kind],
        sql: &'static str,
    ) -> sqlx::Result<Option<Self>> {
        let Some(text) = query.name("find") else {
            return Ok(None);
        };
        let search = explore::Search {
            name: &text,
            kinds,
            limit: HITS,
        };
        let hits = search.read(db).await?;
        let ids: Vec<&str> = hits.iter().map(|hit| hit.id.as_str()).collect();
        let found = sqlx::query_as(sql)
            .bind(ids)
            .bind(MOST_FOUND)
            .fetch_all(db)
            .await?;
        Ok(Some(Self { text, found }))
    }
}
