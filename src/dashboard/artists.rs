//! Artists side by side: how their new releases sound, against the average of all new releases.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use super::audio_feature::{AUDIO_FEATURES, AudioFeature};
use super::choice::{self, Search};
use super::missing::Missing;
use super::{Query, View};

/// As many artists are shown where none is asked for.
const LEADING: i64 = 3;

/// From so many tracks on a mean says something.
const FEWEST_TRACKS: i32 = 3;

/// Artists side by side.
#[derive(Debug, Serialize)]
pub struct Artists {
    /// The weeks whose releases count as new; none while no release has a date.
    weeks: Option<Weeks>,
    /// In the order of the columns.
    artists: Vec<Artist>,
    /// Whether the page chose them itself.
    is_default: bool,
    /// A row for each audio feature.
    features: Vec<Comparison>,
    search: Option<Search>,
    /// As many can be compared.
    most: usize,
    /// From so many tracks on a mean says something.
    fewest_tracks: i32,
    /// Why there is nothing to compare; none when there is.
    missing: Option<Missing>,
    chart: Chart,
}

/// The weeks whose releases count as new, by their Mondays.
#[derive(Debug, Serialize, FromRow)]
struct Weeks {
    first_week: NaiveDate,
    last_week: NaiveDate,
}

/// An artist, with what the means rest on.
#[derive(Debug, Serialize, FromRow)]
struct Artist {
    artist_id: String,
    artist_name: Option<String>,
    tracks: i32,
    albums: i32,
    tracks_with_features: i32,
    rows_spotify: i32,
    rows_reccobeats: i32,
    mean_popularity: Option<f64>,
    tracks_with_popularity: i32,
}

/// An audio feature of all new releases and of each artist.
#[derive(Debug, Serialize)]
struct Comparison {
    feature: AudioFeature,
    /// Over all new tracks that have the feature; none when none has.
    average: Option<Average>,
    /// In the order of the artists; none where the artist has no track with the feature.
    artists: Vec<Option<Standing>>,
}

/// The average of all new releases: over tracks, each once.
#[derive(Debug, Clone, Copy, Serialize, FromRow)]
struct Average {
    n: i64,
    mean: f64,
    /// Sample standard deviation over the tracks; none for a single one.
    stddev: Option<f64>,
}

/// How an artist stands in an audio feature.
#[derive(Debug, Serialize)]
struct Standing {
    mean: f64,
    /// Among all artists with new releases, 0 to 1.
    percentile: Option<f64>,
    /// From the average of all new releases, in their standard deviations; none where these do not vary.
    distance: Option<f64>,
}

/// What charts.js draws as `profile`.
#[derive(Debug, Serialize)]
struct Chart {
    features: Vec<&'static str>,
    unit: &'static str,
    average: &'static str,
    series: Vec<Series>,
}

#[derive(Debug, Serialize)]
struct Series {
    name: String,
    values: Vec<Point>,
}

#[derive(Debug, Default, Serialize)]
struct Point {
    distance: Option<f64>,
    mean: String,
    percentile: Option<f64>,
}

#[derive(Debug, FromRow)]
struct MeanOf {
    artist_id: String,
    feature: String,
    mean: Option<f64>,
    percentile: Option<f64>,
}

#[derive(Debug, FromRow)]
struct AverageOf {
    feature: String,
    #[sqlx(flatten)]
    average: Average,
}

impl View for Artists {
    const PATH: &'static str = "/artists";
    const TEMPLATE: &'static str = "artists.html";

    fn title(&self) -> String {
        "How artists’ new releases sound".to_owned()
    }

    async fn read(db: &mut PgConnection, query: &mut Query) -> sqlx::Result<Self> {
        let asked = choice::chosen(query, "artist");
        let mut artists = named(db, &asked).await?;
        let known = artists.iter().map(|artist| artist.artist_id.as_str());
        choice::tell_unknown(query, "artist", &asked, known);
        let is_default = artists.is_empty();
        if is_default {
            artists = leading(db).await?;
        }
        let features = comparisons(db, &artists).await?;
        let search = Search::read(db, query, include_str!("sql/artists_named.sql")).await?;
        let weeks = sqlx::query_as(include_str!("sql/new_release_window.sql"))
            .fetch_optional(&mut *db)
            .await?;
        let has_features = artists.iter().any(|artist| artist.tracks_with_features > 0);
        let missing = match has_features {
            true => None,
            false => Some(Missing::read(db).await?),
        };
        Ok(Self {
            weeks,
            chart: Chart::new(&artists, &features),
            artists,
            is_default,
            features,
            search,
            most: choice::MOST,
            fewest_tracks: FEWEST_TRACKS,
            missing,
        })
    }
}

async fn named(db: &mut PgConnection, ids: &[String]) -> sqlx::Result<Vec<Artist>> {
    sqlx::query_as(include_str!("sql/artists.sql"))
        .bind(ids)
        .fetch_all(db)
        .await
}

/// The most popular artists, those first whose means say something.
async fn leading(db: &mut PgConnection) -> sqlx::Result<Vec<Artist>> {
    let ids: Vec<String> = sqlx::query_scalar(include_str!("sql/leading_artists.sql"))
        .bind(LEADING)
        .bind(FEWEST_TRACKS)
        .fetch_all(&mut *db)
        .await?;
    named(db, &ids).await
}

async fn comparisons(db: &mut PgConnection, artists: &[Artist]) -> sqlx::Result<Vec<Comparison>> {
    let averages: Vec<AverageOf> = sqlx::query_as(include_str!("sql/average_release.sql"))
        .fetch_all(&mut *db)
        .await?;
    let averages: BTreeMap<&str, Average> = averages
        .iter()
        .map(|of| (of.feature.as_str(), of.average))
        .collect();
    let ids: Vec<&str> = artists.iter().map(|artist| artist.artist_id.as_str()).collect();
    let means: Vec<MeanOf> = sqlx::query_as(include_str!("sql/artist_features.sql"))
        .bind(&ids)
        .fetch_all(db)
        .await?;
    let means: BTreeMap<(&str, &str), &MeanOf> = means
        .iter()
        .map(|of| ((of.artist_id.as_str(), of.feature.as_str()), of))
        .collect();
    let compare = |feature: AudioFeature| {
        let average = averages.get(feature.name).copied();
        let standing = |id: &&str| Standing::new(means.get(&(*id, feature.name))?, average);
        Comparison {
            feature,
            average,
            artists: ids.iter().map(standing).collect(),
        }
    };
    Ok(AUDIO_FEATURES.into_iter().map(compare).collect())
}

impl Standing {
    fn new(of: &MeanOf, average: Option<Average>) -> Option<Self> {
        let mean = of.mean?;
        let distance = average.and_then(|average| {
            let stddev = average.stddev.filter(|stddev| *stddev > 0.0)?;
            Some((mean - average.mean) / stddev)
        });
        Some(Self {
            mean,
            percentile: of.percentile,
            distance,
        })
    }
}

impl Chart {
    fn new(artists: &[Artist], features: &[Comparison]) -> Self {
        let series = |(place, artist): (usize, &Artist)| Series {
            name: format!(
                "{} (n = {})",
                artist.artist_name.as_deref().unwrap_or(&artist.artist_id),
                artist.tracks_with_features
            ),
            values: features.iter().map(|row| Point::new(row, place)).collect(),
        };
        Self {
            features: features.iter().map(|row| row.feature.label).collect(),
            unit: "standard deviations",
            average: "the average of all new releases",
            series: artists.iter().enumerate().map(series).collect(),
        }
    }
}

impl Point {
    fn new(row: &Comparison, place: usize) -> Self {
        let Some(Some(standing)) = row.artists.get(place) else {
            return Self::default();
        };
        let AudioFeature { unit, decimals, .. } = row.feature;
        Self {
            distance: standing.distance,
            mean: format!("{:.decimals$} ({unit})", standing.mean),
            percentile: standing.percentile,
        }
    }
}
