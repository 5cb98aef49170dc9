//! One release, with all that the tables know of it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;

/// A release, its place in its week, its artists and tracks, and how its popularity moved.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Release {
    /// The album.
    pub album: Album,
    /// Its place among the releases of its week; null where its day of release is unknown.
    pub place: Option<Place>,
    /// Its artists in Spotify's order, the main artist first.
    pub artists: Vec<Credit>,
    /// Its tracks that are stored, by disc and number.
    pub tracks: Vec<Track>,
    /// How many of these tracks have audio features.
    pub tracks_with_features: usize,
    /// Its popularity by age, the earliest reading first; empty where Spotify withholds popularity or the day of release.
    pub popularity_path: Vec<Reading>,
}

/// An album: columns of `core.dim_album`.
#[derive(Debug, Clone, Serialize, sqlx::FromRow, ToSchema)]
#[expect(missing_docs, reason = "columns of the table, which core.yml describes")]
pub struct Album {
    pub album_id: String,
    pub album_name: Option<String>,
    pub artist_names: Option<String>,
    pub release_type: Option<String>,
    pub label: Option<String>,
    pub label_missing_reason: Option<String>,
    pub upc: Option<String>,
    pub upc_missing_reason: Option<String>,
    pub total_tracks: Option<i32>,
    pub release_date: Option<NaiveDate>,
    pub release_week: Option<NaiveDate>,
    pub release_date_text: Option<String>,
    pub release_date_precision: Option<String>,
    pub album_popularity: Option<i32>,
    pub album_popularity_missing_reason: Option<String>,
    pub list_position: Option<i32>,
    pub extracted_at: Option<DateTime<Utc>>,
    /// Its page at Spotify.
    pub spotify_url: String,
}

/// A release among those of its week: columns of `trends.weekly_top_releases`.
#[derive(Debug, Clone, Serialize, sqlx::FromRow, ToSchema)]
#[expect(missing_docs, reason = "columns of the table, which trends.yml describes")]
pub struct Place {
    pub release_week: NaiveDate,
    pub rank: i32,
    /// Number of releases of the week.
    pub releases: i64,
    pub popularity: Option<i32>,
    pub popularity_missing_reason: Option<String>,
    pub mean_track_popularity: Option<f64>,
    pub tracks: Option<i32>,
    pub tracks_with_popularity: Option<i32>,
    pub observed_on: Option<NaiveDate>,
    pub ranked_by: String,
    pub popularity_coverage: String,
}

/// An artist of an album or track.
#[derive(Debug, Clone, Serialize, Deserialize, sqlx::FromRow, ToSchema)]
pub struct Credit {
    /// Spotify's id of the artist.
    pub artist_id: String,
    /// Name; null when Spotify sends none.
    pub artist_name: Option<String>,
    /// The artist's page at Spotify.
    pub spotify_url: String,
}

/// A track of the release: columns of `core.album_track` and `core.dim_track`.
#[derive(Debug, Clone, Serialize, sqlx::FromRow, ToSchema)]
#[expect(missing_docs, reason = "columns of the tables, which core.yml describes")]
pub struct Track {
    pub disc_number: Option<i32>,
    pub track_number: Option<i32>,
    pub track_id: String,
    pub track_name: Option<String>,
    /// Its artists in Spotify's order.
    #[sqlx(json)]
    pub artists: Vec<Credit>,
    /// The album that the track belongs to in the trend tables, which is another where it came out there first.
    pub first_album_id: String,
    pub isrc: Option<String>,
    pub isrc_missing_reason: Option<String>,
    pub is_explicit: Option<bool>,
    pub duration_ms: Option<i32>,
    pub popularity: Option<i32>,
    pub popularity_missing_reason: Option<String>,
    pub popularity_observed_on: Option<NaiveDate>,
    pub features_source: Option<String>,
    pub features_missing_reason: Option<String>,
    pub danceability: Option<f64>,
    pub energy: Option<f64>,
    pub loudness: Option<f64>,
    pub speechiness: Option<f64>,
    pub acousticness: Option<f64>,
    pub instrumentalness: Option<f64>,
    pub liveness: Option<f64>,
    pub valence: Option<f64>,
    pub tempo: Option<f64>,
    pub key: Option<i32>,
    pub mode: Option<i32>,
    pub time_signature: Option<i32>,
    /// Its page at Spotify.
    pub spotify_url: String,
}

/// The popularity of the release on a day: columns of `trends.popularity_trajectory`.
#[derive(Debug, Clone, Serialize, sqlx::FromRow, ToSchema)]
#[expect(missing_docs, reason = "columns of the table, which trends.yml describes")]
pub struct Reading {
    pub days_since_release: i32,
    pub observed_on: NaiveDate,
    pub popularity: Option<i32>,
    pub mean_track_popularity: Option<f64>,
    pub tracks: i32,
}

impl Release {
    /// Reads a release; none where no album has this id.
    ///
    /// # Errors
    /// When the database fails, also because nothing is published.
    pub async fn read(db: &mut PgConnection, album_id: &str) -> sqlx::Result<Option<Self>> {
        let album: Option<Album> = sqlx::query_as(include_str!("sql/album.sql"))
            .bind(album_id)
            .fetch_optional(&mut *db)
            .await?;
        let Some(album) = album else { return Ok(None) };
        let tracks: Vec<Track> = sqlx::query_as(include_str!("sql/tracks.sql"))
            .bind(album_id)
            .fetch_all(&mut *db)
            .await?;
        let measured = tracks.iter().filter(|track| track.features_source.is_some());
        Ok(Some(Self {
            album,
            place: sqlx::query_as(include_str!("sql/place.sql"))
                .bind(album_id)
                .fetch_optional(&mut *db)
                .await?,
            artists: sqlx::query_as(include_str!("sql/artists.sql"))
                .bind(album_id)
                .fetch_all(&mut *db)
                .await?,
            tracks_with_features: measured.count(),
            tracks,
            popularity_path: sqlx::query_as(include_str!("sql/popularity_path.sql"))
                .bind(album_id)
                .fetch_all(&mut *db)
                .await?,
        }))
    }
}
