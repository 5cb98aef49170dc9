//! The trend tables of the real catalogue against figures computed from its files by another way.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::Path;

use chrono::{Datelike, Days, NaiveDate};
use firstpress::sandbox::Options;
use flate2::read::GzDecoder;
use polars::lazy::dsl::pearson_corr;
use polars::prelude::*;

use crate::pipeline::{Pipeline, real_catalogue, still};

const FEATURES: [&str; 9] = [
    "danceability",
    "energy",
    "loudness",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
];

// polars blocks, which it may do on such a runtime alone
#[tokio::test(flavor = "multi_thread")]
async fn the_trend_tables_say_what_the_catalogue_says() {
    let Some(directory) = real_catalogue("small") else {
        return;
    };
    let catalogue = Catalogue::read(&directory);
    let pipeline = Pipeline::new(Options {
        albums: 0,
        catalogue: Some(directory),
        ..still()
    })
    .await;
    pipeline.run_well().await;
    correlations(&pipeline, &catalogue).await;
    weekly_top_releases(&pipeline, &catalogue).await;
    artist_profiles(&pipeline, &catalogue).await;
}

#[tokio::test]
async fn a_release_is_ranked_and_followed_by_what_is_known_of_it() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    let ranked = "select count(*) from trends.weekly_top_releases where ranked_by = 'popularity'";
    let (all, followed): (i64, i64) = (
        pipeline.value(ranked).await,
        pipeline
            .value("select count(*) from trends.popularity_trajectory")
            .await,
    );
    pipeline
        .execute(
            "update raw.albums set release_date_precision = null;
             delete from raw.track_popularity where track_id in (
                 select track_id from raw.album_tracks
                 where album_id = (select min(album_id) from trends.popularity_trajectory)
             );",
        )
        .await;
    // rows that were changed by hand are not found by when they came
    let ended = pipeline.firstpress(&["transform", "--full-refresh"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let by_album = "select count(*) from trends.weekly_top_releases
                    where ranked_by = 'album_popularity' and popularity = album_popularity";
    assert_eq!(pipeline.value::<i64>(by_album).await, 1);
    assert_eq!(pipeline.value::<i64>(ranked).await, all - 1);
    let whole = "select count(*) from trends.popularity_trajectory where tracks <= total_tracks";
    assert_eq!(pipeline.value::<i64>(whole).await, followed - 1);
}

async fn correlations(pipeline: &Pipeline, catalogue: &Catalogue) {
    type Row = (String, i32, f64, f64, f64, f64);
    let published: Vec<Row> = sqlx::query_as(
        "select feature, n, pearson, spearman, pearson_low, spearman_high
         from trends.feature_popularity_correlation where period = 'all' and feature <> 'duration_ms'",
    )
    .fetch_all(&pipeline.database.pool)
    .await
    .unwrap();
    assert_eq!(published.len(), FEATURES.len());
    for (feature, n, pearson, spearman, pearson_low, spearman_high) in published {
        let pairs: (Vec<f64>, Vec<f64>) = catalogue
            .tracks
            .iter()
            .filter_map(|track| {
                Some((
                    catalogue.feature(&track.id, &feature)?,
                    f64::from(track.popularity?),
                ))
            })
            .unzip();
        let frame = df!("value" => pairs.0, "popularity" => pairs.1).unwrap();
        let expected = frame
            .clone()
            .lazy()
            .select([
                pearson_corr(col("value"), col("popularity")).alias("pearson"),
                pearson_corr(ranks("value"), ranks("popularity")).alias("spearman"),
            ])
            .collect()
            .unwrap();
        let figure = |name: &str| expected.column(name).unwrap().f64().unwrap().get(0).unwrap();
        assert_eq!(n as usize, frame.height(), "n of {feature}");
        close(pearson, figure("pearson"), &format!("Pearson of {feature}"));
        close(spearman, figure("spearman"), &format!("Spearman of {feature}"));

        // Fisher's z with the standard errors of Fisher (Pearson) and of Bonett and Wright (Spearman)
        let z = 1.959_963_984_540_054;
        let (n, r, rho) = (f64::from(n), figure("pearson"), figure("spearman"));
        let low = (r.atanh() - z / (n - 3.0).sqrt()).tanh();
        let high = (rho.atanh() + z * ((1.0 + rho * rho / 2.0) / (n - 3.0)).sqrt()).tanh();
        close(pearson_low, low, &format!("lower bound of {feature}"));
        close(spearman_high, high, &format!("upper bound of {feature}"));
    }
}

async fn weekly_top_releases(pipeline: &Pipeline, catalogue: &Catalogue) {
    let mut weeks: BTreeMap<NaiveDate, Vec<(i32, f64, usize, &str)>> = BTreeMap::new();
    for (position, album) in catalogue.albums.iter().enumerate() {
        let Some(day) = album.released_on else { continue };
        let popularity: Vec<i32> = catalogue
            .tracks_of(&album.id)
            .filter_map(|track| track.popularity)
            .collect();
        let best = popularity.iter().copied().max().unwrap_or(-1);
        let mean = f64::from(popularity.iter().sum::<i32>()) / popularity.len().max(1) as f64;
        weeks
            .entry(monday(day))
            .or_default()
            .push((best, mean, position, &album.id));
    }
    let mut expected = Vec::new();
    for (week, mut releases) in weeks {
        releases.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
        expected.extend(
            releases
                .iter()
                .zip(1_i32..)
                .map(|(release, rank)| (week, rank, release.3.to_owned())),
        );
    }
    let published: Vec<(NaiveDate, i32, String)> = sqlx::query_as(
        "select release_week, rank, album_id from trends.weekly_top_releases order by release_week, rank",
    )
    .fetch_all(&pipeline.database.pool)
    .await
    .unwrap();
    assert!(expected.len() > 5000);
    assert_eq!(published.len(), expected.len());
    let difference = expected
        .iter()
        .zip(&published)
        .find(|(expected, found)| expected != found);
    assert_eq!(difference, None, "expected and found");
}

async fn artist_profiles(pipeline: &Pipeline, catalogue: &Catalogue) {
    let latest = catalogue
        .albums
        .iter()
        .filter_map(|album| album.released_on)
        .max()
        .unwrap();
    let first_new_week = monday(latest) - Days::new(25 * 7);
    let is_new = |album: &&Album| album.released_on.is_some_and(|day| day >= first_new_week);
    let mut sums: HashMap<&str, (i32, f64, f64)> = HashMap::new();
    for track in catalogue
        .albums
        .iter()
        .filter(is_new)
        .flat_map(|album| catalogue.tracks_of(&album.id))
    {
        for artist in &track.artist_ids {
            let (tracks, energy, popularity) = sums.entry(artist).or_default();
            *tracks += 1;
            *energy += catalogue.feature(&track.id, "energy").unwrap();
            *popularity += f64::from(track.popularity.unwrap());
        }
    }
    let published: Vec<(String, i32, f64, f64)> = sqlx::query_as(
        "select artist_id, tracks, energy, mean_popularity from trends.artist_feature_profile",
    )
    .fetch_all(&pipeline.database.pool)
    .await
    .unwrap();
    assert_eq!(published.len(), sums.len());
    for (artist, tracks, energy, popularity) in published {
        let (expected, energy_sum, popularity_sum) = sums[artist.as_str()];
        assert_eq!(tracks, expected, "tracks of {artist}");
        close(
            energy,
            energy_sum / f64::from(expected),
            &format!("energy of {artist}"),
        );
        close(
            popularity,
            popularity_sum / f64::from(expected),
            &format!("popularity of {artist}"),
        );
    }
}

fn monday(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.weekday().num_days_from_monday()))
}

/// Ranks in which ties share their mean rank.
fn ranks(column: &str) -> Expr {
    col(column).rank(
        RankOptions {
            method: RankMethod::Average,
            descending: false,
        },
        None,
    )
}

fn close(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() < 1e-9,
        "{what}: found {found}, expected {expected}"
    );
}

struct Catalogue {
    albums: Vec<Album>,
    tracks: Vec<Track>,
    by_album: HashMap<String, Vec<usize>>,
    features: HashMap<String, HashMap<String, f64>>,
}

struct Album {
    id: String,
    released_on: Option<NaiveDate>,
}

struct Track {
    id: String,
    artist_ids: Vec<String>,
    popularity: Option<i32>,
}

impl Catalogue {
    fn read(directory: &Path) -> Self {
        let albums = rows(directory, "albums").map(|row| Album {
            released_on: row["release_date"]
                .parse()
                .ok()
                .filter(|_| row["release_date_precision"] == "day"),
            id: row["album_id"].clone(),
        });
        let mut by_album: HashMap<String, Vec<usize>> = HashMap::new();
        let tracks = rows(directory, "tracks").enumerate().map(|(index, row)| {
            by_album.entry(row["album_id"].clone()).or_default().push(index);
            Track {
                artist_ids: row["artist_ids"].split(' ').map(str::to_owned).collect(),
                popularity: row["popularity"].parse().ok(),
                id: row["track_id"].clone(),
            }
        });
        let tracks = tracks.collect();
        let features = rows(directory, "audio_features").map(|row| {
            let numbers = row
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), value.parse().ok()?)));
            (row["track_id"].clone(), numbers.collect())
        });
        Self {
            albums: albums.collect(),
            tracks,
            by_album,
            features: features.collect(),
        }
    }

    fn tracks_of(&self, album: &str) -> impl Iterator<Item = &Track> {
        self.by_album
            .get(album)
            .into_iter()
            .flatten()
            .map(|index| &self.tracks[*index])
    }

    /// A tempo of 0 means that none was detected.
    fn feature(&self, track: &str, feature: &str) -> Option<f64> {
        let value = *self.features.get(track)?.get(feature)?;
        (feature != "tempo" || value != 0.0).then_some(value)
    }
}

fn rows(directory: &Path, table: &str) -> impl Iterator<Item = HashMap<String, String>> {
    let file = File::open(directory.join(format!("{table}.csv.gz"))).unwrap();
    csv::Reader::from_reader(GzDecoder::new(file))
        .into_deserialize()
        .map(Result::unwrap)
}
