//! The generated catalogue and the one read from files.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use chrono::{Datelike, NaiveDate, Weekday};
use firstpress::sandbox::{Options, Sandbox};
use reqwest::Method;
use serde_json::Value;

use super::{Api, ids, still, track_ids};

fn text<'a>(album: &'a Value, field: &str) -> &'a str {
    album[field].as_str().unwrap()
}

/// The release dates of precision day.
fn days(albums: &[Value]) -> Vec<NaiveDate> {
    albums
        .iter()
        .filter_map(|album| text(album, "release_date").parse().ok())
        .collect()
}

#[tokio::test]
async fn the_same_seed_is_the_same_catalogue_after_a_restart() {
    let (one, again) = (Api::still().await, Api::still().await);
    let albums = one.albums().await;
    let strip = |api: &Api, albums: &[Value]| {
        serde_json::to_string(albums)
            .unwrap()
            .replace(api.sandbox.spotify_api_url.as_str(), "")
    };
    let same = strip(&one, &albums) == strip(&again, &again.albums().await);
    assert!(same, "two sandboxes of one seed differ");

    // A sandbox that has never shown its list knows every track all the same.
    let fresh = Api::still().await;
    let tracks = fresh.several("tracks", 50, &track_ids(&albums)).await;
    assert!(tracks.iter().all(|track| !track.is_null()));

    let other = Api::start(Options { seed: 2, ..still() }).await;
    let known = ids(&albums);
    assert!(
        ids(&other.new_releases().await)
            .iter()
            .all(|id| !known.contains(id))
    );
}

#[tokio::test]
async fn a_hundred_albums_look_like_the_real_ones() {
    let api = Api::still().await;
    let albums = api.albums().await;
    let mut releases: HashMap<&str, usize> = HashMap::new();
    for album in &albums {
        *releases.entry(text(&album["artists"][0], "name")).or_default() += 1;
    }
    releases.remove("Various Artists");
    let busiest = releases.values().max().unwrap();
    assert!((3..=20).contains(busiest), "busiest artist has {busiest}");

    let weeks: HashSet<_> = days(&albums).iter().map(Datelike::iso_week).collect();
    assert!(weeks.len() >= 4, "{} release weeks", weeks.len());
    let kinds: HashSet<&str> = albums.iter().map(|album| text(album, "album_type")).collect();
    assert!(kinds.contains("album") && kinds.contains("single"), "{kinds:?}");
    let tracks: i64 = albums
        .iter()
        .map(|album| album["total_tracks"].as_i64().unwrap())
        .sum();
    assert!((500..2000).contains(&tracks), "{tracks} tracks");
    let names: String = albums.iter().map(|album| text(album, "name")).collect();
    assert!(
        names.chars().any(|letter| letter > '\u{0590}'),
        "only Latin names"
    );
    let labels: HashSet<&str> = albums.iter().map(|album| text(album, "label")).collect();
    assert!(labels.len() < 80, "{} labels", labels.len());
}

#[tokio::test]
async fn a_thousand_albums_hold_the_rare_things() {
    let api = Api::start(Options {
        albums: 1000,
        ..still()
    })
    .await;
    let list = api.new_releases().await;
    let albums = api.albums().await;
    assert!(list.iter().any(|album| album["album_type"] == "ep"));
    assert!(albums.iter().all(|album| album["album_type"] != "ep"));
    for (precision, length) in [("year", 4), ("month", 7), ("day", 10)] {
        let mut of = albums
            .iter()
            .filter(|album| album["release_date_precision"] == precision)
            .peekable();
        assert!(of.peek().is_some(), "none of precision {precision}");
        assert!(of.all(|album| text(album, "release_date").len() == length));
    }
    assert!(
        albums
            .iter()
            .any(|album| album["total_tracks"].as_i64() > Some(50))
    );
    assert!(
        albums
            .iter()
            .any(|album| album["artists"].as_array().unwrap().len() > 7)
    );
    let market_sets: HashSet<String> = albums
        .iter()
        .map(|album| album["available_markets"].to_string())
        .collect();
    assert!(
        (10..=15).contains(&market_sets.len()),
        "{} sets of markets",
        market_sets.len()
    );

    let embedded = albums
        .iter()
        .flat_map(|album| album["tracks"]["items"].as_array().unwrap())
        .count();
    assert!(
        track_ids(&albums).len() < embedded,
        "no track stands on both a single and an album"
    );
    let fridays = days(&albums)
        .iter()
        .filter(|day| day.weekday() == Weekday::Fri)
        .count();
    assert!(fridays > 600, "{fridays} Fridays");
}

#[tokio::test]
async fn popularity_moves_with_the_days_and_goes_a_little_with_the_sound() {
    let mut api = Api::start(Options {
        albums: 300,
        ..still()
    })
    .await;
    let tracks = track_ids(&api.albums().await);
    let today = popularity(&api, &tracks).await;
    assert_eq!(today, popularity(&api, &tracks).await);
    api.control(Method::POST, "clock", r#"{"advance_seconds": 604800}"#)
        .await;
    api.token = api.new_token().await;
    let next_week = popularity(&api, &tracks).await;
    assert!(
        mean(&next_week) > mean(&today) + 2.0,
        "{} then {}",
        mean(&today),
        mean(&next_week)
    );

    let features = api.several("audio-features", 100, &tracks).await;
    let with = |feature: &str| {
        let pairs = features
            .iter()
            .zip(&next_week)
            .filter_map(|(row, y)| Some((row[feature].as_f64()?, *y)));
        correlation(&pairs.collect::<Vec<_>>())
    };
    assert!(
        (0.1..0.6).contains(&with("danceability")),
        "{}",
        with("danceability")
    );
    assert!(
        (-0.6..-0.1).contains(&with("instrumentalness")),
        "{}",
        with("instrumentalness")
    );
}

async fn popularity(api: &Api, tracks: &[String]) -> Vec<f64> {
    let tracks = api.several("tracks", 50, tracks).await;
    tracks
        .iter()
        .map(|track| track["popularity"].as_f64().unwrap())
        .collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Pearson's.
fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (mean_x, mean_y) = (mean(&x), mean(&y));
    let sum = |term: &dyn Fn(f64, f64) -> f64| {
        pairs
            .iter()
            .map(|(x, y)| term(x - mean_x, y - mean_y))
            .sum::<f64>()
    };
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

#[tokio::test]
async fn the_list_grows_at_its_front() {
    let mut api = Api::still().await;
    let before = ids(&api.new_releases().await);
    let got = api.control(Method::POST, "release", r#"{"albums": 3}"#).await;
    assert_eq!(got.status, 204, "{}", got.text);
    let after = ids(&api.new_releases().await);
    assert_eq!((after.len(), &after[3..]), (100, &before[..97]));
    let gone = &before[99];
    assert_eq!(
        api.json(&format!("/albums/{gone}")).await["id"],
        gone.as_str(),
        "albums outlive the list"
    );

    api.control(Method::POST, "clock", r#"{"advance_seconds": 86400}"#)
        .await;
    api.token = api.new_token().await;
    assert_eq!(ids(&api.new_releases().await), after, "a list that stands still");
}

#[tokio::test]
async fn an_album_comes_on_the_list_every_so_often() {
    let api = Api::start(Options {
        release_every: 1000.0,
        token_ttl: 1_000_000,
        ..still()
    })
    .await;
    let before = ids(&api.new_releases().await);
    api.control(Method::POST, "clock", r#"{"advance_seconds": 5000}"#)
        .await;
    let after = ids(&api.new_releases().await);
    let new = after
        .iter()
        .position(|id| *id == before[0])
        .expect("still on the list");
    assert!((5..=6).contains(&new), "{new} new albums");
}

#[tokio::test]
async fn an_album_that_is_still_to_come_is_unknown() {
    let (early, late) = (Api::still().await, Api::still().await);
    late.control(Method::POST, "release", r#"{"albums": 1}"#).await;
    let coming = ids(&late.new_releases().await).remove(0);
    assert_eq!(early.get(&format!("/albums/{coming}")).await.status, 404);
    assert_eq!(late.get(&format!("/albums/{coming}")).await.status, 200);
}

#[tokio::test]
async fn fixed_numbers_of_tracks_are_distinct_tracks() {
    let api = Api::start(Options {
        albums: 200,
        tracks_per_album: Some(10),
        ..still()
    })
    .await;
    let albums = api.albums().await;
    assert!(
        albums
            .iter()
            .all(|album| album["tracks"]["items"].as_array().unwrap().len() == 10)
    );
    assert_eq!(track_ids(&albums).len(), 2000);
}

#[tokio::test]
async fn the_real_catalogue_is_served_as_it_is() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/catalogue/small"));
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let api = Api::start(Options {
        catalogue: Some(folder.to_owned()),
        albums: 40,
        ..still()
    })
    .await;
    let list = api.new_releases().await;
    assert_eq!((list.len(), text(&list[0], "name")), (40, "別世界"));
    let album = api.json("/albums/3L0Bqb0cKawJ8ymATqB0KY").await;
    assert_eq!(
        (text(&album, "release_date"), text(&album["artists"][0], "name")),
        ("2020-01-29", "E-girls")
    );
    assert_eq!(
        (&album["label"], &album["popularity"]),
        (&Value::Null, &Value::Null)
    );
    let track = api.json("/tracks/71jxHnEfeDyolLb6Kr2DdS").await;
    assert_eq!(
        (track["duration_ms"].as_i64(), track["popularity"].as_i64()),
        (Some(224_882), Some(29))
    );
    let features = api.json("/audio-features/71jxHnEfeDyolLb6Kr2DdS").await;
    assert_eq!(
        (features["tempo"].as_f64(), &features["time_signature"]),
        (Some(127.075), &Value::Null)
    );
    assert_eq!(
        api.json("/artists/7pJOrkpj0YaStTkvGEDI9n").await["name"],
        "E-girls"
    );
    assert_eq!(
        api.control(Method::POST, "release", r#"{"albums": 1}"#)
            .await
            .status,
        400
    );

    let whole = Api::start(Options {
        catalogue: Some(folder.to_owned()),
        albums: 0,
        ..still()
    })
    .await;
    assert_eq!(whole.json("/browse/new-releases").await["albums"]["total"], 5647);
    let albums = whole.albums().await;
    assert_eq!(track_ids(&albums).len(), 8088);
    assert_eq!(albums.iter().filter(|album| album["name"] == "").count(), 2);
}

#[tokio::test]
async fn a_folder_without_a_catalogue_is_named() {
    let options = Options {
        catalogue: Some("/nowhere".into()),
        ..still()
    };
    let error = Sandbox::start(options, ([127, 0, 0, 1], 0).into())
        .await
        .unwrap_err();
    assert!(
        format!("{error:#}").contains("/nowhere/artists.csv.gz"),
        "{error:#}"
    );
}
