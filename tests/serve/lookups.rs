//! Questions that take more than one table, against what the tables themselves say.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::harness::database;
use crate::pipeline::{Pipeline, still};
use crate::server::{self, in_process, json, shared};

const SOUND: [&str; 9] = [
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

/// A track with features: the albums that it is on, what it measures, its popularity.
struct Measured {
    albums: Vec<String>,
    home: String,
    sound: Vec<f64>,
    popularity: Option<i32>,
}

type Row = (String, Vec<String>, Vec<f64>, Option<i32>);

async fn measured(pipeline: &Pipeline) -> Vec<Measured> {
    let rows: Vec<Row> = sqlx::query_as(
        "select album_id,
            array(select album_id from core.album_track as places where places.track_id = tracks.track_id),
            array[danceability, energy, loudness, speechiness, acousticness, instrumentalness, liveness, valence, tempo],
            popularity
        from core.dim_track as tracks where features_source is not null",
    )
    .fetch_all(&pipeline.database.pool)
    .await
    .unwrap();
    let measured = rows
        .into_iter()
        .map(|(home, albums, sound, popularity)| Measured {
            albums,
            home,
            sound,
            popularity,
        });
    measured.collect()
}

async fn an_album(pipeline: &Pipeline) -> String {
    let ids = pipeline
        .column("select album_id from trends.weekly_top_releases order by tracks desc, album_id limit 1");
    ids.await.remove(0)
}

async fn problem(path: &str) -> (u16, String) {
    server::problem(shared().await.get(path).await).await
}

#[tokio::test]
async fn a_release_has_its_artists_tracks_place_and_path() {
    let pipeline = &shared().await.pipeline;
    let id = an_album(pipeline).await;
    let release = shared().await.json(&format!("/api/v1/releases/{id}")).await;
    assert_eq!(
        release["album"]["spotify_url"],
        format!("https://open.spotify.com/album/{id}")
    );
    let (rank, releases): (i32, i64) = sqlx::query_as(
        "select rank, (select count(*) from core.dim_album where release_week = places.release_week)
        from trends.weekly_top_releases as places where album_id = $1",
    )
    .bind(&id)
    .fetch_one(&pipeline.database.pool)
    .await
    .unwrap();
    assert_eq!(release["place"]["rank"], rank);
    assert_eq!(release["place"]["releases"], releases);
    let names: Vec<&str> = release["artists"]
        .as_array()
        .unwrap()
        .iter()
        .map(name_of)
        .collect();
    assert_eq!(release["album"]["artist_names"], names.join(", "));
    let tracks = release["tracks"].as_array().unwrap();
    let listed: Vec<(i32, i32, String)> = sqlx::query_as(
        "select disc_number, track_number, track_id from core.album_track where album_id = $1 order by 1, 2, 3",
    )
    .bind(&id)
    .fetch_all(&pipeline.database.pool)
    .await
    .unwrap();
    let shown = tracks.iter().map(|track| track["track_id"].as_str().unwrap());
    assert!(shown.eq(listed.iter().map(|(_, _, track)| track.as_str())));
    for track in tracks {
        let id = track["track_id"].as_str().unwrap();
        assert_eq!(
            track["spotify_url"],
            format!("https://open.spotify.com/track/{id}")
        );
        let (names, energy): (String, Option<f64>) =
            sqlx::query_as("select artist_names, energy from core.dim_track where track_id = $1")
                .bind(id)
                .fetch_one(&pipeline.database.pool)
                .await
                .unwrap();
        let credited: Vec<&str> = track["artists"].as_array().unwrap().iter().map(name_of).collect();
        assert_eq!(credited.join(", "), names);
        assert_eq!(track["energy"].as_f64(), energy);
    }
    let with_features = tracks.iter().filter(|track| !track["features_source"].is_null());
    assert_eq!(release["tracks_with_features"], with_features.count());
    let path = release["popularity_path"].as_array().unwrap();
    assert_eq!(path.len(), 1);
    let popularities = tracks.iter().map(|track| track["popularity"].as_i64());
    assert_eq!(path[0]["popularity"].as_i64(), popularities.max().unwrap());
    assert!(release["publication"]["published_at"].is_string());
}

fn name_of(credit: &Value) -> &str {
    credit["artist_name"]
        .as_str()
        .unwrap_or_else(|| credit["artist_id"].as_str().unwrap())
}

#[tokio::test]
async fn a_release_that_is_not_there_is_404() {
    for id in [
        "0000000000000000000000",
        "x",
        "'%20or%201=1--",
        "%ff",
        "22222222222222222222-2",
    ] {
        for path in [
            format!("/api/v1/releases/{id}"),
            format!("/api/v1/releases/{id}/similar"),
        ] {
            assert_eq!(problem(&path).await.0, 404, "{path}");
        }
    }
}

/// Euclidean distances from an album, by hand.
async fn distances(pipeline: &Pipeline, from: &str) -> Vec<(f64, String)> {
    let mut albums: BTreeMap<String, Vec<Vec<f64>>> = BTreeMap::new();
    for track in measured(pipeline).await {
        for album in track.albums {
            albums.entry(album).or_default().push(track.sound.clone());
        }
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let mut sounds: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (album, tracks) in albums {
        let of = |at: usize| mean(&tracks.iter().map(|track| track[at]).collect::<Vec<_>>());
        sounds.insert(album, (0..SOUND.len()).map(of).collect());
    }
    let mut squares: BTreeMap<String, f64> = BTreeMap::new();
    for at in 0..SOUND.len() {
        let all: Vec<f64> = sounds.values().map(|sound| sound[at]).collect();
        let centre = mean(&all);
        let variance = mean(
            &all.iter()
                .map(|value| (value - centre).powi(2))
                .collect::<Vec<_>>(),
        );
        for (album, sound) in &sounds {
            *squares.entry(album.clone()).or_default() += (sound[at] - sounds[from][at]).powi(2) / variance;
        }
    }
    squares.remove(from);
    let mut distances: Vec<(f64, String)> = squares
        .into_iter()
        .map(|(album, square)| (square.sqrt(), album))
        .collect();
    distances.sort_by(|one, other| one.0.total_cmp(&other.0));
    distances
}

/// Asserts that an answer names the nearest, in order.
fn assert_nearest(answer: &Value, expected: &[(f64, String)]) {
    let releases = answer["releases"].as_array().unwrap();
    assert_eq!(releases.len(), expected.len());
    for (release, (distance, album)) in releases.iter().zip(expected) {
        assert_eq!(release["album_id"], album.as_str());
        assert!(
            (release["distance"].as_f64().unwrap() - distance).abs() < 1e-8,
            "{release}"
        );
    }
}

#[tokio::test]
async fn similar_releases_are_the_nearest_by_standardised_features() {
    let pipeline = &shared().await.pipeline;
    let id = an_album(pipeline).await;
    let distances = distances(pipeline, &id).await;
    let similar = shared()
        .await
        .json(&format!("/api/v1/releases/{id}/similar"))
        .await;
    assert_nearest(&similar, &distances[..10]);
    assert!(similar["missing_reason"].is_null());
    let similar = shared()
        .await
        .json(&format!("/api/v1/releases/{id}/similar?limit=50"))
        .await;
    assert_nearest(&similar, &distances[..50.min(distances.len())]);
    for limit in ["0", "51", "-1", "x", ""] {
        let path = format!("/api/v1/releases/{id}/similar?limit={limit}");
        assert_eq!(problem(&path).await.0, 400, "{path}");
    }
}

#[tokio::test]
async fn the_line_goes_through_all_tracks_of_the_period() {
    let pipeline = &shared().await.pipeline;
    let week: String = pipeline
        .value("select max(release_week)::text from core.dim_album where release_week <= now()::date")
        .await;
    let homes: Vec<String> =
        sqlx::query_scalar("select album_id from core.dim_album where release_week::text = $1")
            .bind(&week)
            .fetch_all(&pipeline.database.pool)
            .await
            .unwrap();
    let tracks = measured(pipeline).await;
    for period in ["all", week.as_str()] {
        let of_period = |track: &&Measured| period == "all" || homes.contains(&track.home);
        let pairs: Vec<(f64, f64)> = tracks
            .iter()
            .filter(of_period)
            .filter_map(|track| Some((track.sound[1], f64::from(track.popularity?))))
            .collect();
        let path = format!("/api/v1/features/energy/popularity?period={period}");
        let answer = shared().await.json(&format!("{path}&limit=5")).await;
        let n = pairs.len() as f64;
        let (x, y) = (
            pairs.iter().map(|pair| pair.0).sum::<f64>() / n,
            pairs.iter().map(|pair| pair.1).sum::<f64>() / n,
        );
        let product: f64 = pairs.iter().map(|pair| (pair.0 - x) * (pair.1 - y)).sum();
        let square: f64 = pairs.iter().map(|pair| (pair.0 - x).powi(2)).sum();
        let slope = product / square;
        let line = &answer["line"];
        assert!(
            (line["slope"].as_f64().unwrap() - slope).abs() < 1e-8,
            "{period}: {line}"
        );
        assert!(
            (line["intercept"].as_f64().unwrap() - (y - slope * x)).abs() < 1e-8,
            "{period}: {line}"
        );
        assert_eq!(line["n"], pairs.len());
        assert_eq!(answer["correlation"]["n"], pairs.len());
        assert_eq!(answer["period"], period);
        assert_eq!(answer["points"].as_array().unwrap().len(), 5.min(pairs.len()));
        let all = shared().await.json(&path).await;
        assert_eq!(all["points"].as_array().unwrap().len(), pairs.len());
    }
}

#[tokio::test]
async fn the_points_are_a_fair_sample_also_as_csv() {
    let pipeline = &shared().await.pipeline;
    let sample: Vec<String> = pipeline
        .column(
            "select track_id from core.dim_track where tempo is not null and popularity is not null
            order by sample_number limit 3",
        )
        .await;
    let answer = shared()
        .await
        .get("/api/v1/features/tempo/popularity?limit=3&format=csv")
        .await;
    assert!(
        answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/csv")
    );
    let text = answer.text().await.unwrap();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("track_id,track_name,"));
    let ids: Vec<&str> = lines.map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(ids, sample);
}

/// Tables of a project whose app is not told popularity.
const UNPOPULAR: &str = "
    create schema core;
    create table core.dim_album as select '1'::text as album_id, date '2026-01-05' as release_week;
    create table core.dim_track as select 't'::text as track_id, ''::text as track_name, ''::text as artist_names,
        '1'::text as album_id, ''::text as features_source, null::int as popularity, 1 as sample_number,
        null::date as popularity_observed_on, 0.5 as danceability, 0.5 as energy, 0.5 as loudness, 0.5 as speechiness,
        0.5 as acousticness, 0.5 as instrumentalness, 0.5 as liveness, 0.5 as valence, 0.5 as tempo, 1 as duration_ms;
    create schema trends;
    create table trends.feature_popularity_correlation as select 'energy'::text as feature, 'all'::text as period,
        1 as tracks, 0 as n, null::float8 as pearson, null::float8 as pearson_low, null::float8 as pearson_high,
        null::float8 as spearman, null::float8 as spearman_low, null::float8 as spearman_high,
        'no popularity'::text as correlation_missing_reason, 0 as rows_spotify, 1 as rows_reccobeats;
    insert into ops.published (published_at) values (now());
    grant usage on schema core, trends to public;
    grant select on all tables in schema core, trends to public";

#[tokio::test]
async fn csv_without_points_has_its_header() {
    let bare = database().await;
    sqlx::raw_sql(UNPOPULAR).execute(&bare.pool).await.unwrap();
    let url = in_process(&bare.url, &[]).await;
    let path = "/api/v1/features/energy/popularity?format=csv&limit=1";
    let answer = reqwest::get(format!("{url}{path}")).await.unwrap();
    assert_eq!(answer.status(), 200);
    let header = answer.text().await.unwrap();
    let with_points = shared().await.get(path).await.text().await.unwrap();
    assert_eq!(with_points.lines().count(), 2);
    assert_eq!(header.trim_end(), with_points.lines().next().unwrap());
    let json = shared().await.json(&path.replace("format=csv&", "")).await;
    let fields = json["points"][0].as_object().unwrap().keys();
    let mut columns: Vec<&str> = header.trim_end().split(',').collect();
    columns.sort_unstable();
    assert!(fields.eq(columns));
}

#[tokio::test]
async fn a_feature_or_period_that_is_none_says_so() {
    let (status, detail) = problem("/api/v1/features/energie/popularity").await;
    assert_eq!(status, 404);
    assert!(detail.contains("instrumentalness"), "{detail}");
    let asked = [
        ("energy;drop%20table%20core.dim_track/popularity", 404),
        ("energy/popularity?period=2026-01-06", 400),
        ("energy/popularity?period=1999-01-04", 404),
        ("energy/popularity?period='%20or%20true--", 400),
        ("energy/popularity?format=xml", 400),
        ("energy/popularity?limit=2001", 400),
    ];
    for (path, status) in asked {
        assert_eq!(
            problem(&format!("/api/v1/features/{path}")).await.0,
            status,
            "{path}"
        );
    }
}

/// Some name of five letters or more, and the same with two of them swapped.
async fn misspelt(pipeline: &Pipeline) -> (String, String) {
    let name: String = pipeline
        .value("select album_name from core.dim_album where album_name ~ '^[A-Z][a-z]{6,} [A-Z][a-z]{4,}$' order by 1 limit 1")
        .await;
    let mut letters: Vec<char> = name.chars().collect();
    letters.swap(3, 4);
    assert_ne!(letters[3], letters[4]);
    let misspelt = letters.into_iter().collect();
    (name, misspelt)
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

async fn search(url: &str, name: &str, more: &str) -> Vec<Value> {
    let answer = json(url, &format!("/api/v1/search?q={}{more}", encoded(name))).await;
    answer["hits"].as_array().unwrap().clone()
}

/// What both ways of searching must find.
async fn finds(url: &str, pipeline: &Pipeline) {
    let (name, misspelt) = misspelt(pipeline).await;
    let hits = search(url, &name.to_uppercase(), "").await;
    assert_eq!(hits[0]["name"], name.as_str());
    assert_eq!(hits[0]["is_exact"], true);
    assert_eq!(hits[0]["score"], 1.0);
    let hits = search(url, &misspelt, "&type=album&limit=3").await;
    assert_eq!(hits[0]["name"], name.as_str(), "{misspelt}");
    assert_eq!(hits[0]["is_exact"], false);
    assert!(hits[0]["release_date"].is_string());
    assert!(hits.iter().all(|hit| hit["type"] == "album"));
    // the words in another order, and one with an accent that the name does not have
    let (first, second) = name.split_once(' ').unwrap();
    let turned = format!("{second} {}", first.replace('a', "á").replace('e', "é"));
    let hits = search(url, &turned, "&type=album").await;
    assert_eq!(hits[0]["name"], name.as_str(), "{turned}");
    // and one that the name has
    let accented: String = pipeline
        .value("select artist_name from core.dim_artist where artist_name ~ '[éöãřøł]' order by 1 limit 1")
        .await;
    let plain: String = accented
        .chars()
        .map(|letter| match letter {
            'é' => 'e',
            'ö' => 'o',
            'ã' => 'a',
            'ř' => 'r',
            'ø' => 'o',
            'ł' => 'l',
            letter => letter,
        })
        .collect();
    let hits = search(url, &plain, "&type=artist").await;
    assert_eq!(hits[0]["name"], accented.as_str(), "{plain}");
    assert_eq!(hits[0]["is_exact"], true);
    let scores: Vec<f64> = hits.iter().map(|hit| hit["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|one, other| one >= other), "{scores:?}");
    for name in ["%", "_", "'; drop table core.dim_album; --", "zzzzqqqqxxxx", "\\"] {
        let hits = search(url, name, "").await;
        assert!(
            hits.iter()
                .all(|hit| hit["name"].as_str().unwrap().contains(name)),
            "{name}: {hits:?}"
        );
    }
    let albums: i64 = pipeline.value("select count(*) from core.dim_album").await;
    assert_eq!(albums, 60);
}

#[tokio::test]
async fn names_are_found_by_any_spelling() {
    let shared = shared().await;
    finds(&shared.url, &shared.pipeline).await;
}

/// Whether Postgres has this extension, which is then in a schema of its own.
async fn has(pipeline: &Pipeline, extension: &str) -> bool {
    let make = format!(
        "create schema of_{extension}; create extension {extension} schema of_{extension};
         grant usage on schema of_{extension} to public"
    );
    let made = sqlx::raw_sql(&make).execute(&pipeline.database.pool).await;
    if made.is_err() {
        println!("skipped: this Postgres has no extension {extension}");
    }
    made.is_ok()
}

#[tokio::test]
async fn extensions_in_any_schema_find_the_same() {
    let pipeline = Pipeline::new(still()).await;
    let (has_vector, has_trgm) = (has(&pipeline, "vector").await, has(&pipeline, "pg_trgm").await);
    if !has_vector && !has_trgm {
        return;
    }
    pipeline.run_well().await;
    let url = in_process(&pipeline.database.url, &[("SERVE_REQUESTS_PER_SECOND", "none")]).await;
    if has_vector {
        let id = an_album(&pipeline).await;
        let similar = json(&url, &format!("/api/v1/releases/{id}/similar?limit=50")).await;
        let distances = distances(&pipeline, &id).await;
        assert_nearest(&similar, &distances[..50.min(distances.len())]);
    }
    if has_trgm {
        finds(&url, &pipeline).await;
    }
}

#[tokio::test]
async fn a_search_for_nothing_is_400() {
    let long = "a".repeat(201);
    let long = format!("q={long}");
    for query in [
        "",
        "q=",
        "q=%20",
        "q=a%00b",
        "q=a&q=b",
        "q=a&type=playlist",
        "q=a&limit=51",
        &long,
    ] {
        assert_eq!(
            problem(&format!("/api/v1/search?{query}")).await.0,
            400,
            "{query}"
        );
    }
}

#[tokio::test]
async fn top_artists_stand_in_order() {
    let pipeline = &shared().await.pipeline;
    let mut expected: Vec<(f64, String, f64)> = sqlx::query_as(
        "select tempo, artist_id, tempo_percentile from trends.artist_feature_profile
        where tempo is not null and tracks_with_features >= 2",
    )
    .fetch_all(&pipeline.database.pool)
    .await
    .unwrap();
    expected.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let answer = shared()
        .await
        .json("/api/v1/artists/top?by=tempo&order=asc&min_tracks=2&limit=20")
        .await;
    let artists = answer["artists"].as_array().unwrap();
    assert_eq!(artists.len(), 20.min(expected.len()));
    for (artist, (tempo, id, percentile)) in artists.iter().zip(&expected) {
        assert_eq!(artist["artist_id"], id.as_str());
        assert!((artist["value"].as_f64().unwrap() - tempo).abs() < 1e-12 * tempo);
        assert!((artist["percentile"].as_f64().unwrap() - percentile).abs() < 1e-12);
        assert!(artist["n"].as_i64().unwrap() >= 2);
    }
    let popular = shared().await.json("/api/v1/artists/top?limit=500").await;
    let popular: Vec<(f64, f64)> = popular["artists"]
        .as_array()
        .unwrap()
        .iter()
        .map(|artist| {
            (
                artist["value"].as_f64().unwrap(),
                artist["percentile"].as_f64().unwrap(),
            )
        })
        .collect();
    for (value, percentile) in &popular {
        let below = popular.iter().filter(|(other, _)| other < value).count();
        assert!((percentile - below as f64 / (popular.len() - 1) as f64).abs() < 1e-12);
    }
    for query in ["by=fame", "by=artist_id", "order=up", "min_tracks=0", "limit=501"] {
        assert_eq!(
            problem(&format!("/api/v1/artists/top?{query}")).await.0,
            400,
            "{query}"
        );
    }
}

#[tokio::test]
async fn weeks_come_newest_first_with_their_releases() {
    let pipeline = &shared().await.pipeline;
    let days: Vec<chrono::NaiveDate> = pipeline
        .column("select release_date from core.dim_album where release_date is not null")
        .await;
    let mut weeks: BTreeMap<chrono::NaiveDate, usize> = BTreeMap::new();
    for day in days {
        *weeks
            .entry(day.week(chrono::Weekday::Mon).first_day())
            .or_default() += 1;
    }
    let answer = shared().await.json("/api/v1/weeks").await;
    let shown = answer["weeks"].as_array().unwrap();
    assert_eq!(shown.len(), weeks.len());
    for (week, (monday, releases)) in shown.iter().zip(weeks.iter().rev()) {
        assert_eq!(week["release_week"], monday.to_string());
        assert_eq!(week["releases"], *releases);
    }
}

#[tokio::test]
async fn the_status_of_a_day_tells_of_its_runs() {
    let pipeline = &shared().await.pipeline;
    let today: String = pipeline
        .value("select (started_at at time zone 'utc')::date::text from ops.runs limit 1")
        .await;
    let day = shared().await.json(&format!("/api/v1/status?date={today}")).await;
    assert_eq!(day["is_fresh"], true);
    assert_eq!(day["is_complete"], true);
    assert_eq!(day["albums_stored"], 60);
    let run = &day["runs"][0];
    assert_eq!(run["status"], "succeeded");
    assert_eq!(run["albums"], 60);
    assert_eq!(run["rate_limited"], 0);
    assert!(run["calls"].as_i64().unwrap() > 0);
    assert!(run["published_at"].is_string());
    assert_eq!(run["checks_failed"].as_array().unwrap().len(), 0);
    let stages: Vec<&str> = run["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| stage["step"].as_str().unwrap())
        .collect();
    assert_eq!(stages.first(), Some(&"discover"));
    assert_eq!(stages.last(), Some(&"transform"));
    let before = shared().await.json("/api/v1/status?date=2020-02-29").await;
    assert_eq!(before["runs"].as_array().unwrap().len(), 0);
    assert_eq!(before["is_fresh"], false);
    for date in ["2026-02-30", "today", "2026-1-1", "0000-01-01", "", "12026-01-01"] {
        assert_eq!(
            problem(&format!("/api/v1/status?date={date}")).await.0,
            400,
            "{date}"
        );
    }
}

#[tokio::test]
async fn the_status_now_is_that_of_the_command() {
    let status = shared().await.json("/api/v1/status").await;
    let mut command = shared()
        .await
        .pipeline
        .firstpress(&["status", "--json"])
        .await
        .result;
    let command = command.as_object_mut().unwrap();
    command.remove("overdue").expect("the command reads raw rows");
    for (part, says) in command.iter().filter(|(part, _)| *part != "quota") {
        assert_eq!(&status[part], says, "{part}");
    }
    assert!(status["publication"]["published_at"].is_string());
}

#[tokio::test]
async fn unknown_parameters_are_named_with_those_that_there_are() {
    let id = an_album(&shared().await.pipeline).await;
    let asked = [
        (format!("releases/{id}"), "there are none"),
        (format!("releases/{id}/similar"), "limit"),
        ("search".to_owned(), "q, type, limit"),
        ("artists/top".to_owned(), "by, order, limit, min_tracks"),
        ("features/energy/popularity".to_owned(), "period, limit, format"),
        ("status".to_owned(), "date"),
        ("weeks".to_owned(), "there are none"),
    ];
    for (path, known) in asked {
        let (status, detail) = problem(&format!("/api/v1/{path}?sort=name")).await;
        assert_eq!(status, 400, "{path}");
        assert!(
            detail.contains("sort") && detail.contains(known),
            "{path}: {detail}"
        );
    }
}

#[tokio::test]
async fn what_the_client_has_is_304() {
    for path in ["/api/v1/weeks", "/openapi.json"] {
        let answer = shared().await.get(path).await;
        let (url, tag) = (answer.url().clone(), answer.headers()["etag"].clone());
        let again = reqwest::Client::new().get(url).header("if-none-match", tag);
        assert_eq!(again.send().await.unwrap().status(), 304, "{path}");
    }
}

#[tokio::test]
async fn before_the_first_publication_all_is_404_but_the_status() {
    let empty = database().await;
    let url = in_process(&empty.url, &[]).await;
    let paths = [
        "weeks",
        "releases/0000000000000000000000",
        "releases/0000000000000000000000/similar",
        "search?q=a",
        "artists/top",
        "features/energy/popularity",
    ];
    for path in paths {
        let answer = reqwest::get(format!("{url}/api/v1/{path}")).await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
        let body = answer.text().await.unwrap();
        assert!(body.contains("nothing is published yet"), "{path}: {body}");
    }
    let status = reqwest::get(format!("{url}/api/v1/status")).await.unwrap();
    assert_eq!(status.status(), 200);
}
