//! The tables against the facts of the catalogue, row by row.

use std::collections::HashSet;

use chrono::NaiveDate;
use firstpress::sandbox::Profile;
use serde_json::Value;

use super::catalogue::Catalogue;
use crate::pipeline::Pipeline;

const MONDAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 16).unwrap();

/// Rows of a query as text, sorted.
async fn rows(app: &Pipeline, query: &'static str) -> Vec<String> {
    let mut rows: Vec<String> = app.column(query).await;
    rows.sort();
    rows
}

fn sorted(rows: impl Iterator<Item = String>) -> Vec<String> {
    let mut rows: Vec<String> = rows.collect();
    rows.sort();
    rows
}

fn same(found: &[String], expected: &[String], table: &str) {
    let wrong = found
        .iter()
        .zip(expected)
        .find(|(found, expected)| found != expected);
    assert!(wrong.is_none(), "{table}: found and expected {wrong:?}");
    assert_eq!(found.len(), expected.len(), "rows in {table}");
}

fn text(value: Option<impl ToString>) -> String {
    value.map_or("-".to_owned(), |value| value.to_string())
}

pub(super) async fn are_what_the_app_may_have(app: &Pipeline, profile: Profile, catalogue: &Catalogue) {
    let restricted = profile == Profile::DevFeb2026;
    let details = if restricted {
        "f|album|external_ids popularity"
    } else {
        "t|track|"
    };
    are(app, profile, details, catalogue).await;
}

/// What a restricted app's tables are when single calls about tracks have brought their ISRCs.
pub(super) async fn have_isrcs_too(app: &Pipeline, catalogue: &Catalogue) {
    let details = "t|track|available_markets popularity";
    are(app, Profile::DevFeb2026, details, catalogue).await;
}

async fn are(app: &Pipeline, profile: Profile, details: &str, catalogue: &Catalogue) {
    let restricted = profile == Profile::DevFeb2026;
    albums(app, restricted, catalogue).await;
    tracks(app, restricted, details, catalogue).await;
    audio_features(app, profile, catalogue).await;
    trends(app, restricted, catalogue).await;
}

async fn albums(app: &Pipeline, restricted: bool, catalogue: &Catalogue) {
    let found = rows(
        app,
        "select concat_ws('|', album_id, name, album_type, artist_ids[1], release_date, coalesce(label, '-'),
             coalesce(popularity::text, '-'), total_tracks, upc is not null, array_to_string(withheld_fields, ' '))
         from raw.albums",
    )
    .await;
    let withheld = if restricted {
        "available_markets label popularity"
    } else {
        ""
    };
    let expected = catalogue.albums.iter().map(|album| {
        let (label, popularity) = (
            text((!restricted).then_some(&album.label)),
            text((!restricted).then_some(album.popularity)),
        );
        format!(
            "{}|{}|{}|{}|{}|{label}|{popularity}|{}|t|{withheld}",
            album.id, album.name, album.kind, album.artist, album.release_date, album.total_tracks
        )
    });
    same(&found, &sorted(expected), "raw.albums");
    let markets: i64 = app.value("select count(market_set_id) from raw.albums").await;
    assert_eq!(markets > 0, !restricted);
}

async fn tracks(app: &Pipeline, restricted: bool, details: &str, catalogue: &Catalogue) {
    let found = rows(
        app,
        "select concat_ws('|', album_id, track_id, track_number, name, duration_ms, artist_ids[1])
         from raw.album_tracks",
    )
    .await;
    let expected = catalogue.tracks.iter().map(|track| {
        format!(
            "{}|{}|{}|{}|{}|{}",
            track.album, track.id, track.number, track.name, track.duration_ms, track.artist
        )
    });
    same(&found, &sorted(expected), "raw.album_tracks");

    let found = rows(
        app,
        "select concat_ws('|', track_id, album_id, name, duration_ms, coalesce(popularity::text, '-'),
             isrc is not null, source, array_to_string(withheld_fields, ' '))
         from raw.track_details",
    )
    .await;
    let expected = catalogue.tracks.iter().map(|track| {
        let popularity = text((!restricted).then_some(track.popularity));
        format!(
            "{}|{}|{}|{}|{popularity}|{details}",
            track.id, track.album, track.name, track.duration_ms
        )
    });
    same(&found, &sorted(expected), "raw.track_details");

    let found = rows(
        app,
        "select concat_ws('|', track_id, popularity) from raw.track_popularity",
    )
    .await;
    let expected = catalogue.tracks.iter().filter(|_| !restricted);
    let expected = expected.map(|track| format!("{}|{}", track.id, track.popularity));
    same(&found, &sorted(expected), "raw.track_popularity");
}

async fn audio_features(app: &Pipeline, profile: Profile, catalogue: &Catalogue) {
    let known = known_to_reccobeats(app, catalogue).await;
    let found = rows(
        app,
        "select concat_ws('|', track_id, source, danceability, energy, tempo, time_signature,
             retry_at between extracted_at + interval '23 hours' and extracted_at + interval '25 hours')
         from raw.audio_features",
    )
    .await;
    let expected = catalogue.tracks.iter().map(|track| {
        let (energy, id) = (track.energy, &track.id);
        let numbers = format!("{}|{energy}|{}", track.danceability, track.tempo);
        match profile {
            Profile::LegacyExtended => format!("{id}|spotify|{numbers}|4"),
            _ if known.contains(id) => format!("{id}|reccobeats|{numbers}"),
            _ => format!("{id}|t"),
        }
    });
    same(&found, &sorted(expected), "raw.audio_features");
    let unknown = catalogue.tracks.len() - known.len();
    assert!(known.len() > 50 && unknown > 50, "{} known", known.len());
}

/// The tracks that the stand-in for ReccoBeats knows, asked one by one.
async fn known_to_reccobeats(app: &Pipeline, catalogue: &Catalogue) -> HashSet<String> {
    let client = reqwest::Client::builder()
        .user_agent("firstpress tests")
        .build()
        .unwrap();
    let mut known = HashSet::new();
    for track in &catalogue.tracks {
        let url = format!(
            "{}/audio-features?ids={}",
            app.sandbox.reccobeats_api_url, track.id
        );
        let body = client.get(url).send().await.unwrap().bytes().await.unwrap();
        let answer: Value = serde_json::from_slice(&body).unwrap();
        if !answer["content"].as_array().unwrap().is_empty() {
            known.insert(track.id.clone());
        }
    }
    known
}

async fn trends(app: &Pipeline, restricted: bool, catalogue: &Catalogue) {
    let ranked: Vec<String> = app
        .column(
            "select album_id from trends.weekly_top_releases
             where release_week = '2026-11-16' order by rank",
        )
        .await;
    // the files list the newest first, and that is the list's order
    let mut expected: Vec<(usize, i32, f64)> = catalogue
        .albums
        .iter()
        .enumerate()
        .filter(|(_, album)| album.release_date >= MONDAY)
        .map(|(place, album)| {
            let tracks = catalogue.tracks.iter().filter(|track| track.album == album.id);
            let liked: Vec<i32> = tracks.map(|track| track.popularity).collect();
            let mean = f64::from(liked.iter().sum::<i32>()) / liked.len() as f64;
            (place, *liked.iter().max().unwrap(), mean)
        })
        .collect();
    if !restricted {
        expected.sort_by(|first, second| {
            let by_popularity = second.1.cmp(&first.1).then(second.2.total_cmp(&first.2));
            by_popularity.then(first.0.cmp(&second.0))
        });
    }
    let expected: Vec<&str> = expected
        .iter()
        .map(|(place, ..)| catalogue.albums[*place].id.as_str())
        .collect();
    assert_eq!(ranked, expected, "trends.weekly_top_releases");
    let ranked_by: Vec<String> = app
        .column("select distinct ranked_by from trends.weekly_top_releases")
        .await;
    assert_eq!(
        ranked_by,
        [if restricted { "list_position" } else { "popularity" }]
    );
    let profiles: i64 = app
        .value("select count(*) from trends.artist_feature_profile")
        .await;
    assert_eq!(profiles, 9);
}
