//! Items that could not be used: which they are, and what is to become of them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::postgres::PgPool;

use crate::domain::SpotifyId;
use crate::table::table;

/// Characters of a reason that a table on a terminal shows.
const SHOWN: usize = 80;

/// The items in quarantine, the one that was met longest ago first.
#[derive(Debug, Serialize)]
pub struct Quarantine {
    /// The items.
    pub items: Vec<Entry>,
}

/// A row of `raw.quarantine`.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Entry {
    /// Type and id.
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub item: ItemName,
    /// Endpoint whose answer could not be used.
    pub endpoint: Option<String>,
    /// Why it could not be used.
    pub reason: String,
    /// How many times it was met.
    pub attempts: i32,
    /// From when the next run asks again; null when no run will.
    pub retry_at: Option<DateTime<Utc>>,
    /// When somebody decided that it is not to be asked for again.
    pub dropped_at: Option<DateTime<Utc>>,
    /// When it was met last.
    pub extracted_at: DateTime<Utc>,
    /// The item as it was sent; null where there was no answer about it.
    pub json: Option<String>,
}

/// An item, written `TYPE/ID`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct ItemName {
    /// album, album_track, track or audio_features.
    pub item_type: String,
    /// Spotify's id; where the item has none, a digest of its JSON.
    pub item_id: String,
}

/// The items that something is to be done with.
#[derive(Debug, Clone)]
pub enum Chosen {
    /// All that are not dropped.
    All,
    /// These, dropped or not.
    These(Vec<ItemName>),
}

/// What was done.
#[derive(Debug, Serialize)]
pub struct Changed {
    /// What became of the items.
    pub now: Fate,
    /// The items.
    pub items: Vec<ItemName>,
    /// Of all items, those that it cannot be done with, and why. They are as they were.
    pub passed_over: Vec<Refused>,
}

/// What becomes of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// The next run asks again.
    Retried,
    /// No run asks again, and lists no longer show it.
    Dropped,
}

/// An item that no run can ask for by itself.
#[derive(Debug, Serialize)]
pub struct Refused {
    /// The item.
    #[serde(flatten)]
    pub item: ItemName,
    /// Why not.
    pub reason: &'static str,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum QuarantineError {
    /// There are no such items.
    #[error("not in quarantine: {}; `firstpress quarantine --all` lists what is", names(.0))]
    Unknown(Vec<ItemName>),
    /// They cannot be retried.
    #[error("cannot be retried: {}. Nothing was changed", reasons(.0))]
    Refused(Vec<Refused>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Quarantine {
    /// Reads it; dropped items only where they are wanted.
    ///
    /// # Errors
    /// When the database fails, also because its schema was never migrated.
    pub async fn read(db: &PgPool, with_dropped: bool) -> sqlx::Result<Self> {
        let mut items: Vec<Entry> = sqlx::query_as(include_str!("sql/list.sql")).fetch_all(db).await?;
        items.retain(|entry| with_dropped || entry.dropped_at.is_none());
        Ok(Self { items })
    }
}

/// Has the next run ask for items again, also for those that were dropped. An item keeps its count of attempts, so
/// that it waits the longer if it fails again.
///
/// # Errors
/// [`QuarantineError`]; then nothing was changed.
pub async fn retry(db: &PgPool, chosen: &Chosen) -> Result<Changed, QuarantineError> {
    let mut changed = Changed {
        now: Fate::Retried,
        items: Vec::new(),
        passed_over: Vec::new(),
    };
    for item in found(db, chosen).await? {
        match item.why_not_retried() {
            None => changed.items.push(item),
            Some(reason) => changed.passed_over.push(Refused { item, reason }),
        }
    }
    if matches!(chosen, Chosen::These(_)) && !changed.passed_over.is_empty() {
        return Err(QuarantineError::Refused(changed.passed_over));
    }
    change(db, include_str!("sql/retry.sql"), &changed.items).await?;
    Ok(changed)
}

/// Has no run ask for items again.
///
/// # Errors
/// [`QuarantineError`]; then nothing was changed.
pub async fn drop(db: &PgPool, chosen: &Chosen) -> Result<Changed, QuarantineError> {
    let items = found(db, chosen).await?;
    change(db, include_str!("sql/drop.sql"), &items).await?;
    Ok(Changed {
        now: Fate::Dropped,
        items,
        passed_over: Vec::new(),
    })
}

async fn found(db: &PgPool, chosen: &Chosen) -> Result<Vec<ItemName>, QuarantineError> {
    let named = match chosen {
        Chosen::All => {
            let waiting = Quarantine::read(db, false).await?.items.into_iter();
            return Ok(waiting.map(|entry| entry.item).collect());
        }
        Chosen::These(named) => named,
    };
    let there = Quarantine::read(db, true).await?.items;
    let is_there = |name: &ItemName| there.iter().any(|entry| entry.item == *name);
    let (known, unknown): (Vec<_>, Vec<_>) = named.iter().cloned().partition(is_there);
    if unknown.is_empty() {
        Ok(known)
    } else {
        Err(QuarantineError::Unknown(unknown))
    }
}

async fn change(db: &PgPool, statement: &'static str, items: &[ItemName]) -> sqlx::Result<()> {
    let types: Vec<&str> = items.iter().map(|item| item.item_type.as_str()).collect();
    let ids: Vec<&str> = items.iter().map(|item| item.item_id.as_str()).collect();
    sqlx::query(statement).bind(types).bind(ids).execute(db).await?;
    Ok(())
}

impl ItemName {
    /// Why no run can ask for it by itself.
    fn why_not_retried(&self) -> Option<&'static str> {
        if self.item_type == "album_track" {
            return Some(
                "its album is stored without it, and a track of an album cannot be asked for by itself",
            );
        }
        let is_an_id = self.item_id.parse::<SpotifyId>().is_ok();
        (!is_an_id).then_some("Spotify sent it without a usable id, and there is nothing to ask for")
    }
}

impl FromStr for ItemName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (item_type, item_id) = text
            .split_once('/')
            .ok_or("expected TYPE/ID as `firstpress quarantine` lists it")?;
        Ok(Self {
            item_type: item_type.to_owned(),
            item_id: item_id.to_owned(),
        })
    }
}

impl fmt::Display for ItemName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.item_type, self.item_id)
    }
}

impl fmt::Display for Quarantine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.items.is_empty() {
            return write!(formatter, "nothing is in quarantine");
        }
        let mut items = table(&["item", "endpoint", "met", "next try", "reason"], &[2]);
        for entry in &self.items {
            items.add_row([
                entry.item.to_string(),
                entry.endpoint.clone().unwrap_or_default(),
                entry.attempts.to_string(),
                entry.next_try(),
                entry.reason.chars().take(SHOWN).collect(),
            ]);
        }
        write!(formatter, "{items}")
    }
}

impl Entry {
    fn next_try(&self) -> String {
        match (self.dropped_at, self.retry_at) {
            (Some(_), _) => "dropped".to_owned(),
            (None, Some(at)) if at <= Utc::now() => "next run".to_owned(),
            (None, Some(at)) => at.format("%Y-%m-%d %H:%M UTC").to_string(),
            (None, None) => "never".to_owned(),
        }
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fate = match self.now {
            Fate::Retried => "asked for again by the next run",
            Fate::Dropped => "never asked for again",
        };
        let items = if self.items.is_empty() {
            "nothing".to_owned()
        } else {
            names(&self.items)
        };
        write!(formatter, "{fate}: {items}")?;
        if !self.passed_over.is_empty() {
            write!(formatter, "\ncannot be retried: {}", reasons(&self.passed_over))?;
        }
        Ok(())
    }
}

fn names(items: &[ItemName]) -> String {
    items
        .iter()
        .map(ItemName::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn reasons(refused: &[Refused]) -> String {
    let reason = |Refused { item, reason }: &Refused| format!("{item} ({reason})");
    refused.iter().map(reason).collect::<Vec<_>>().join(", ")
}
