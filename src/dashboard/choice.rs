//! Things that a page puts side by side: chosen in its address, found by their name.

use std::collections::BTreeSet;

use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use super::Query;

/// As many as can be told apart by colour and shape.
pub(super) const MOST: usize = 5;

/// As many found things are shown.
const MOST_FOUND: i64 = 20;

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

/// The ids that the address names: at most [`MOST`], each once. It tells the reader when there are more, or when one is
/// no id.
pub(super) fn chosen(query: &mut Query, name: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let asked = query.all(name).filter(|id| seen.insert(id.to_string()));
    let (mut ids, no_ids): (Vec<String>, Vec<String>) = asked.map(str::to_owned).partition(|id| is_id(id));
    if !no_ids.is_empty() {
        query.is_wrong(
            name,
            format!(
                "“{}” is not an id of Spotify’s, so it is left out",
                no_ids.join("”, “")
            ),
        );
    }
    if ids.len() > MOST {
        query.is_wrong(name, format!("only the first {MOST} are shown"));
        ids.truncate(MOST);
    }
    ids
}

/// Tells the reader which of the ids were not `found`.
pub(super) fn tell_unknown<'a>(
    query: &mut Query,
    name: &str,
    ids: &[String],
    found: impl Iterator<Item = &'a str>,
) {
    let found: BTreeSet<&str> = found.collect();
    let unknown: Vec<&str> = ids
        .iter()
        .map(String::as_str)
        .filter(|id| !found.contains(id))
        .collect();
    if !unknown.is_empty() {
        query.is_wrong(
            name,
            format!("nothing is published here of {}", unknown.join(", ")),
        );
    }
}

impl Search {
    /// Searches by what the address calls `find`, if it says anything. `sql` takes the text and how many to
    /// return.
    pub(super) async fn read(
        db: &mut PgConnection,
        query: &Query,
        sql: &'static str,
    ) -> sqlx::Result<Option<Self>> {
        let Some(text) = query.text("find") else {
            return Ok(None);
        };
        let found = sqlx::query_as(sql)
            .bind(text)
            .bind(MOST_FOUND)
            .fetch_all(db)
            .await?;
        Ok(Some(Self {
            text: text.to_owned(),
            found,
        }))
    }
}

/// Spotify's ids are base 62.
fn is_id(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
