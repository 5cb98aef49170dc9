//! Albums, artists and tracks by name, also where the name is not spelt as Spotify spells it.

use std::str::FromStr;

use chrono::NaiveDate;
use minijinja::context;
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::extension;
use super::unknown::Unknown;

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    /// The name, or part of it: upper and lower case are the same, and so are letters with accents and without.
    pub name: &'a str,
    /// Where to look.
    pub kinds: &'a [Kind],
    /// The most hits that are wanted.
    pub limit: u32,
}

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "Spotify's types of things")]
pub enum Kind {
    Album,
    Artist,
    Track,
}

/// An album, artist or track whose name is like what was looked for.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow, ToSchema)]
pub struct Hit {
    /// album, artist or track.
    #[sqlx(rename = "type")]
    #[serde(rename = "type")]
    pub kind: String,
    /// Spotify's id of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its artists in Spotify's order, separated by a comma; of an artist, its name.
    pub artist_names: Option<String>,
    /// Day of release of an album; null where it is unknown, and for others.
    pub release_date: Option<NaiveDate>,
    /// Whether the name is what was looked for, but for case and accents.
    pub is_exact: bool,
    /// How like it is, from 0 to 1: above 0.5 where all words occur, else by the groups of three letters that both have.
    pub score: f64,
    /// Its page at Spotify.
    pub spotify_url: String,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Album, Self::Artist, Self::Track];

    /// Spotify's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Album => "album",
            Self::Artist => "artist",
            Self::Track => "track",
        }
    }
}

impl FromStr for Kind {
    type Err = Unknown;

    fn from_str(word: &str) -> Result<Self, Unknown> {
        let named = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        named.ok_or(Unknown("a type is album, artist or track"))
    }
}

impl Search<'_> {
    /// Characters of a name. Longer ones are hardly typed, and cost as much to look for as they are long.
    pub const LONGEST_NAME: usize = 200;

    /// Reads the hits: exact ones first, then the more alike. Names that are only alike come where fewer than `limit`
    /// have all the words. Their likeness is `pg_trgm`'s where the database has that, else counted much as it does; the
    /// score then differs a little, the limit of 0.4 of what is asked does not.
    ///
    /// # Errors
    /// When the database fails, also because nothing is published.
    pub async fn read(&self, db: &mut PgConnection) -> sqlx::Result<Vec<Hit>> {
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.as_str()).collect();
        let (sql, mut part) =
            extension::question(db, "pg_trgm", include_str!("sql/search.sql"), context! {}).await?;
        let hits = sqlx::query_as(&sql)
            .bind(self.name)
            .bind(kinds)
            .bind(i64::from(self.limit))
            .fetch_all(&mut *part)
            .await?;
        part.rollback().await?;
        Ok(hits)
    }
}
