//! Artists side by side: how their new releases sound, against the average of all new releases.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

use chrono::NaiveDate;
use minijinja::context;
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use super::audio_feature::{AUDIO_FEATURES, AudioFeature};
use super::charts::{Mark, Outline, Profile};
use super::choice::{self, Choice, Search};
use super::missing::Missing;
use super::{Query, View};
use crate::explore::{Feature, Kind, rendered};

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
    /// Whether the page chose them itself, as nothing is asked for.
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
    chart: Profile,
}

/// The weeks whose releases count as new, by their Mondays.
#[derive(Debug, Clone, Copy, Serialize, FromRow)]
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
        let weeks: Option<Weeks> = sqlx::query_as(include_str!("sql/new_release_window.sql"))
            .fetch_optional(&mut *db)
            .await?;
        let choice = Choice::asked(query, Kind::Artist);
        let artists = match &choice {
            Some(choice) => chosen(db, query, choice, weeks).await?,
            None => leading(db).await?,
        };
        let features = comparisons(db, &artists).await?;
        let search = Search::read(db, query, &[Kind::Artist], include_str!("sql/found_artists.sql")).await?;
        let has_features = artists.iter().any(|artist| artist.tracks_with_features > 0);
        let is_default = choice.is_none();
        let missing = match has_features || artists.is_empty() && !is_default {
            true => None,
            false => Some(Missing::read(db).await?),
        };
        Ok(Self {
            weeks,
            chart: chart(&artists, &features),
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

/// Those of these artists that the page can show.
pub(super) async fn with_profile(db: &mut PgConnection, ids: &[&str]) -> sqlx::Result<BTreeSet<String>> {
    let profiled: Vec<String> = sqlx::query_scalar(include_str!("sql/profiled_artists.sql"))
        .bind(ids)
        .fetch_all(db)
        .await?;
    Ok(profiled.into_iter().collect())
}

/// The artists that are asked for. It tells the reader whose releases are not new.
async fn chosen(
    db: &mut PgConnection,
    query: &mut Query,
    choice: &Choice,
    weeks: Option<Weeks>,
) -> sqlx::Result<Vec<Artist>> {
    let artists = named(db, &choice.ids).await?;
    let shown = artists.iter().map(|artist| artist.artist_id.as_str());
    if let Some(names) = choice.missing(db, shown).await? {
        let why = match weeks {
            Some(weeks) => format!("no track of the release weeks from {weeks}"),
            None => "no release counts as new".to_owned(),
        };
        query.reject("artist", format!("nothing is shown of {names}: {why}"));
    }
    Ok(artists)
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
    let ids: Vec<&str> = artists.iter().map(|artist| artist.artist_id.as_str()).collect();
    let features = Feature::ALL.map(Feature::as_str);
    let sql = rendered(include_str!("sql/artist_features.sql"), context! { features })?;
    let means: Vec<MeanOf> = sqlx::query_as(&sql).bind(&ids).fetch_all(db).await?;
    let means: BTreeMap<(&str, &str), &MeanOf> = means
        .iter()
        .map(|of| ((of.artist_id.as_str(), of.feature.as_str()), of))
        .collect();
    let compare = |feature: AudioFeature| {
        let name = feature.feature.as_str();
        let average = averages.iter().find(|of| of.feature == name).map(|of| of.average);
        let standing = |id: &&str| Standing::new(means.get(&(*id, name))?, average);
        Comparison {
            feature,
            average,
            artists: ids.iter().map(standing).collect(),
        }
    };
    Ok(AUDIO_FEATURES.into_iter().map(compare).collect())
}

impl Display for Weeks {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let day = |date: NaiveDate| date.format("%-d %b %Y");
        write!(formatter, "{} to {}", day(self.first_week), day(self.last_week))
    }
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

fn chart(artists: &[Artist], features: &[Comparison]) -> Profile {
    let outline = |(place, artist): (usize, &Artist)| Outline {
        name: format!(
            "{} (n = {})",
            artist.artist_name.as_deref().unwrap_or(&artist.artist_id),
            artist.tracks_with_features
        ),
        values: features.iter().map(|row| mark(row, place)).collect(),
    };
    Profile {
        features: features.iter().map(|row| row.feature.label).collect(),
        unit: "standard deviations",
        average: "the average of all new releases",
        series: artists.iter().enumerate().map(outline).collect(),
    }
}

fn mark(row: &Comparison, place: usize) -> Mark {
    let Some(Some(standing)) = row.artists.get(place) else {
        return Mark::default();
    };
    let AudioFeature { unit, decimals, .. } = row.feature;
    Mark {
        distance: standing.distance,
        mean: format!("{:.decimals$} ({unit})", standing.mean),
        percentile: standing.percentile,
    }
}
