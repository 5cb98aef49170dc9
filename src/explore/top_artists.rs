//! Artists of new releases by what their tracks have most of, or least.

use std::str::FromStr;

use minijinja::context;
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::feature::Feature;
use super::sql::rendered;
use super::unknown::Unknown;

/// Which artists are asked for, among those of `trends.artist_feature_profile`.
#[derive(Debug, Clone, Copy)]
pub struct TopArtists {
    /// By what.
    pub by: Measure,
    /// From the least on, instead of the most.
    pub ascending: bool,
    /// The fewest tracks that their mean may rest on.
    pub min_tracks: u32,
    /// The most artists that are wanted.
    pub limit: u32,
}

/// What artists are put in order by: the mean over their new tracks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Of the latest popularity.
    Popularity,
    /// Of an audio feature.
    Feature(Feature),
}

/// An artist and the measure.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow, ToSchema)]
pub struct TopArtist {
    /// Spotify's id of the artist.
    pub artist_id: String,
    /// Name; null when Spotify sends none.
    pub artist_name: Option<String>,
    /// The mean, in the measure's unit.
    pub value: f64,
    /// On how many tracks the mean rests.
    pub n: i32,
    /// Where the artist stands among all whose measure is known: 0 the lowest, 1 the highest, ties the lower place.
    pub percentile: f64,
    /// The artist's page at Spotify.
    pub spotify_url: String,
}

impl Measure {
    /// Its name in questions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Popularity => "popularity",
            Self::Feature(feature) => feature.as_str(),
        }
    }
}

impl FromStr for Measure {
    type Err = Unknown;

    fn from_str(name: &str) -> Result<Self, Unknown> {
        match name {
            "popularity" => Ok(Self::Popularity),
            name => name.parse().map(Self::Feature),
        }
    }
}

impl TopArtists {
    /// Reads the artists in order, ties by their ids.
    ///
    /// # Errors
    /// When the database fails, also because nothing is published.
    pub async fn read(&self, db: &mut PgConnection) -> sqlx::Result<Vec<TopArtist>> {
        let measure = self.by.as_str();
        let sql = rendered(include_str!("sql/top_artists.sql"), context! { measure })?;
        sqlx::query_as(&sql)
            .bind(self.ascending)
            .bind(i64::from(self.min_tracks))
            .bind(i64::from(self.limit))
            .fetch_all(db)
            .await
    }
}
