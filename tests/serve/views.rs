//! The views of features, artists, the calendar and popularity: what they say against figures made here, row by row.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use firstpress::sandbox::{Options, Quirk};
use serde_json::Value;

use crate::html::{chart, rows};
use crate::pipeline::{Pipeline, still};
use crate::server::{self, in_process, shared};

async fn page(path: &str) -> String {
    shared().await.page(path).await
}

async fn stored<R>(query: &'static str) -> Vec<R>
where
    R: Send + Unpin + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>,
{
    let pool = &shared().await.pipeline.database.pool;
    sqlx::query_as(query).fetch_all(pool).await.unwrap()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The sum of products of differences from the means.
fn products(xs: &[f64], ys: &[f64]) -> f64 {
    let (x_mean, y_mean) = (mean(xs), mean(ys));
    xs.iter().zip(ys).map(|(x, y)| (x - x_mean) * (y - y_mean)).sum()
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |value: &f64| {
        let below = values.iter().filter(|other| *other < value).count();
        let alike = values.iter().filter(|other| *other == value).count();
        below as f64 + (alike as f64 + 1.0) / 2.0
    };
    values.iter().map(rank).collect()
}

fn close(one: &Value, other: f64) -> bool {
    (one.as_f64().unwrap() - other).abs() < 1e-6
}

#[tokio::test]
async fn artists_are_set_against_the_average_of_all_new_tracks() {
    let tracks: Vec<(String, Option<NaiveDate>, Option<f64>)> = stored(
        "select track_id, release_week, tempo from core.dim_track
         join core.dim_album using (album_id)",
    )
    .await;
    let (first, last): (NaiveDate, NaiveDate) =
        stored("select first_week, last_week from trends.new_release_window").await[0];
    let is_new = |week: &Option<NaiveDate>| week.is_some_and(|week| first <= week && week <= last);
    let tempos: BTreeMap<String, f64> = tracks
        .iter()
        .filter(|(_, week, _)| is_new(week))
        .filter_map(|(track, _, tempo)| Some((track.clone(), (*tempo)?)))
        .collect();
    let all: Vec<f64> = tempos.values().copied().collect();
    let stddev = (products(&all, &all) / (all.len() - 1) as f64).sqrt();
    let credits: Vec<(String, String)> = stored("select artist_id, track_id from core.track_artist").await;
    let mut artists: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (artist, track) in credits {
        artists.entry(artist).or_default().extend(tempos.get(&track));
    }
    artists.retain(|_, tempos| tempos.len() >= 2);
    let asked: Vec<(&String, &Vec<f64>)> = artists.iter().take(2).collect();

    let page = page(&format!("/artists?artist={}&artist={}", asked[0].0, asked[1].0)).await;
    let row = &rows(&page, "profiles")[8];
    assert_eq!(row[1], format!("{:.1} n = {}", mean(&all), all.len()), "{row:?}");
    let chart = chart(&page, "profile");
    for (place, (artist, tempos)) in asked.iter().enumerate() {
        let said = &row[place + 2];
        assert!(
            said.starts_with(&format!("{:.1} (", mean(tempos))),
            "{artist}: {said}"
        );
        let point = &chart["series"][place]["values"][8];
        let distance = (mean(tempos) - mean(&all)) / stddev;
        assert!(
            close(&point["distance"], distance),
            "{artist}: {point}, {distance}"
        );
    }
}

#[tokio::test]
async fn artists_are_found_by_name_and_added() {
    let artists: Vec<(String, String)> = stored(
        "select artist_id, artist_name from trends.artist_feature_profile
         where artist_name ~ '^[A-Za-z ]+$' order by artist_id limit 2",
    )
    .await;
    let [(shown, _), (found, name)] = artists.as_slice() else {
        panic!("{artists:?}")
    };
    let name = name.to_uppercase().replace(' ', "+");
    let page = page(&format!("/artists?artist={shown}&find={name}")).await;
    let link = format!("/artists?artist={shown}&amp;artist={found}");
    assert!(page.contains(&link), "no {link} in {page}");
}

#[tokio::test]
async fn only_artists_of_new_releases_are_compared_and_others_are_told_by_name() {
    let credits: Vec<(String, String, String, bool)> = stored(
        "select distinct on (profiles.artist_id is null)
             artists.artist_id, artists.artist_name, credits.album_id, profiles.artist_id is not null
         from core.album_artist as credits
         join core.dim_artist as artists on credits.artist_id = artists.artist_id
         left join trends.artist_feature_profile as profiles on profiles.artist_id = artists.artist_id
         where artists.artist_name ~ '^[A-Za-z ]+$'
         order by profiles.artist_id is null, artists.artist_id",
    )
    .await;
    let [(new, ..), (old, name, ..)] = credits.as_slice() else {
        panic!("one artist of new releases and one of others: {credits:?}")
    };
    for (artist, name, album, is_new) in &credits {
        let here = format!("<a href=\"/artists?artist={artist}\">{name}</a>");
        let at_spotify = format!("<a href=\"https://open.spotify.com/artist/{artist}\"");
        for path in [
            format!("/releases/{album}"),
            format!("/search?q={}", name.replace(' ', "+")),
        ] {
            let page = page(&path).await;
            assert_eq!(page.contains(&here), *is_new, "{path}");
            assert_eq!(page.contains(&at_spotify), !is_new, "{path}");
        }
    }

    let told = format!("nothing is shown of “{name}”: no track of the release weeks from ");
    let alone = page(&format!("/artists?artist={old}")).await;
    assert!(alone.contains(&told), "{alone}");
    assert!(
        !alone.contains("<table"),
        "artists that nobody asked for: {alone}"
    );
    let beside = page(&format!("/artists?artist={old}&artist={new}")).await;
    assert!(beside.contains(&told), "{beside}");
    assert_eq!(rows(&beside, "artists").len(), 1);
    let nobody = "0000000000000000000000";
    for path in ["/artists?artist", "/popularity?album"] {
        let page = page(&format!("{path}={nobody}")).await;
        assert!(page.contains(&format!("{nobody} (not known here)")), "{page}");
        assert!(!page.contains("<table"), "{page}");
    }
}

/// The link that adds an artist or a release to those that a page shows.
async fn is_offered(path: &str, name: &str, kind: &str, id: &str) -> bool {
    let query = url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>();
    let page = page(&format!("{path}?find={query}")).await;
    page.contains(&format!("<a href=\"{path}?{kind}={id}\">"))
}

#[tokio::test]
async fn things_to_compare_are_found_as_the_search_finds_them() {
    let artists: Vec<(String, String)> = stored(
        "select artist_id, artist_name from trends.artist_feature_profile
         where artist_name ~ '[éö]' order by artist_id limit 1",
    )
    .await;
    let (id, name) = &artists[0];
    let plain = name.replace('é', "e").replace('ö', "o");
    assert!(is_offered("/artists", &plain, "artist", id).await, "{plain}");

    let releases: Vec<(String, String, String)> = stored(
        "select album_id, album_name, split_part(artist_names, ',', 1)
         from trends.popularity_trajectory
         where album_name ~ '^[A-Z][a-z]{6,}' order by album_id limit 1",
    )
    .await;
    let (id, name, artist) = &releases[0];
    let mut misspelt: Vec<char> = name.chars().collect();
    misspelt.swap(3, 4);
    let misspelt: String = misspelt.into_iter().collect();
    for found in [name, &misspelt, artist] {
        assert!(is_offered("/popularity", found, "album", id).await, "{found}");
    }
}

#[tokio::test]
async fn features_show_the_correlations_and_the_fitted_line() {
    let tracks: Vec<(f64, i32)> = stored(
        "select energy, popularity from core.dim_track where energy is not null and popularity is not null",
    )
    .await;
    let energies: Vec<f64> = tracks.iter().map(|(energy, _)| *energy).collect();
    let popularities: Vec<f64> = tracks
        .iter()
        .map(|(_, popularity)| f64::from(*popularity))
        .collect();
    let (by_energy, by_popularity) = (ranks(&energies), ranks(&popularities));
    let spearman = products(&by_energy, &by_popularity)
        / (products(&by_energy, &by_energy) * products(&by_popularity, &by_popularity)).sqrt();

    let page = page("/features?feature=energy").await;
    let cells = chart(&page, "heatmap")["cells"].as_array().unwrap().clone();
    let cell = cells
        .iter()
        .find(|cell| cell["row"] == 1 && cell["column"] == 0)
        .unwrap();
    assert!(close(&cell["value"], spearman), "{cell}, {spearman}");
    assert_eq!(cell["n"], tracks.len());
    let row = &rows(&page, "correlations")[1];
    assert!(row[2].starts_with(&format!("{spearman:.2} (")), "{row:?}");
    assert!(
        row[2].contains(&format!(
            "({:.2} to {:.2})",
            cell["low"].as_f64().unwrap(),
            cell["high"].as_f64().unwrap()
        )),
        "{row:?}"
    );

    let slope = products(&energies, &popularities) / products(&energies, &energies);
    let scatter = chart(&page, "scatter");
    let least = energies.iter().copied().fold(f64::INFINITY, f64::min);
    let at_least = mean(&popularities) + slope * (least - mean(&energies));
    assert!(close(&scatter["line"][0][0], least), "{}", scatter["line"]);
    assert!(
        close(&scatter["line"][0][1], at_least),
        "{}, {at_least}",
        scatter["line"]
    );
    let points: BTreeSet<String> = scatter["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| format!("{} {}", point["x"], point["y"]))
        .collect();
    let expected = tracks.iter().map(|(x, y)| format!("{} {y}", Value::from(*x)));
    assert_eq!(points, expected.collect());
}

#[tokio::test]
async fn features_show_all_correlations_of_all_time() {
    let correlations: Vec<(i32, f64, f64)> = stored(
        "select n, spearman, pearson from trends.feature_popularity_correlation
         where period = 'all' and spearman is not null",
    )
    .await;
    let mut expected: Vec<[String; 3]> = correlations
        .iter()
        .map(|(n, spearman, pearson)| [n.to_string(), format!("{spearman:.2}"), format!("{pearson:.2}")])
        .collect();
    expected.sort();
    let first = |cell: &String| cell.split(' ').next().unwrap().replace(',', "");
    let mut said: Vec<[String; 3]> = rows(&page("/features").await, "correlations")
        .iter()
        .map(|row| [1, 2, 3].map(|column: usize| first(&row[column])))
        .collect();
    said.sort();
    assert_eq!(said, expected);
}

#[tokio::test]
async fn the_calendar_counts_what_came_out_on_each_day() {
    let albums: Vec<(NaiveDate, String)> =
        stored("select release_date, release_type from core.dim_album where release_date is not null").await;
    let mut months: Vec<String> = albums
        .iter()
        .map(|(date, _)| date.format("%Y-%m").to_string())
        .collect();
    months.sort();
    months.dedup();
    let month = &months[months.len() / 2];
    let page = page(&format!("/calendar?month={month}")).await;
    let of_month: Vec<_> = albums
        .iter()
        .filter(|(date, _)| date.format("%Y-%m").to_string() == *month)
        .collect();
    let dates: BTreeSet<NaiveDate> = of_month.iter().map(|(date, _)| *date).collect();
    let count = |date: NaiveDate, kind: &str| {
        let of_day = of_month.iter().filter(|(day, _)| *day == date);
        of_day
            .filter(|(_, of)| kind.is_empty() || of == kind)
            .count()
            .to_string()
    };
    let expected: Vec<Vec<String>> = dates
        .iter()
        .map(|date| {
            let counts = ["", "album", "single", "ep", "compilation"].map(|kind| count(*date, kind));
            let day = date.format("%-d %b %Y").to_string();
            [day].into_iter().chain(counts).collect()
        })
        .collect();
    let said: Vec<Vec<String>> = rows(&page, "calendar")
        .iter()
        .map(|row| row[..6].to_vec())
        .collect();
    assert_eq!(said, expected);
    let chart = chart(&page, "calendar");
    let drawn: i64 = chart["series"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|series| series["values"].as_array().unwrap())
        .map(|value| value.as_i64().unwrap())
        .sum();
    assert_eq!(drawn, i64::try_from(of_month.len()).unwrap());
    for neighbour in [&months[months.len() / 2 - 1], &months[months.len() / 2 + 1]] {
        let link = format!("href=\"/calendar?month={neighbour}\"");
        assert!(page.contains(&link), "no {link}");
    }
}

#[tokio::test]
async fn popularity_follows_the_most_popular_track_of_each_day() {
    let readings: Vec<(String, NaiveDate, NaiveDate, i32)> = stored(
        "select album_id, release_date, observed_on, popularity
         from core.fct_track_popularity
         join core.album_track using (track_id)
         join core.dim_album using (album_id)
         where release_date is not null",
    )
    .await;
    let mut paths: BTreeMap<&str, BTreeMap<i64, i32>> = BTreeMap::new();
    for (album, released, observed, popularity) in &readings {
        let days = (*observed - *released).num_days();
        let highest = paths.entry(album).or_default().entry(days).or_default();
        *highest = (*highest).max(*popularity);
    }
    let asked: Vec<(&&str, &BTreeMap<i64, i32>)> = paths.iter().take(3).collect();
    let query: Vec<String> = asked.iter().map(|(album, _)| format!("album={album}")).collect();
    let page = page(&format!("/popularity?{}", query.join("&"))).await;
    let drawn = chart(&page, "paths");
    let latest = rows(&page, "releases");
    for (place, (album, path)) in asked.iter().enumerate() {
        let (_, popularity) = path.last_key_value().unwrap();
        assert_eq!(latest[place][4], popularity.to_string(), "{album}");
        let expected: Vec<(i64, f64)> = path
            .iter()
            .map(|(days, popularity)| (*days, f64::from(*popularity)))
            .collect();
        assert_eq!(
            drawn["series"][place]["points"],
            serde_json::to_value(expected).unwrap(),
            "{album}"
        );
        assert!(page.contains(&format!("href=\"/releases/{album}\"")), "{album}");
        assert!(
            page.contains(&format!("https://open.spotify.com/album/{album}")),
            "{album}"
        );
    }
}

#[tokio::test]
async fn views_that_are_asked_for_nothing_choose_well() {
    let most_popular: Vec<(String,)> = stored(
        "select artist_id from trends.artist_feature_profile
         where tracks_with_features >= 3 and tracks_with_popularity >= 3
         order by mean_popularity desc, tracks desc, artist_id limit 1",
    )
    .await;
    let counts: Vec<(String,)> =
        stored("select concat_ws(' ', artist_name, tracks, albums) from trends.artist_feature_profile").await;
    let artists = page("/artists").await;
    let link = format!("https://open.spotify.com/artist/{}", most_popular[0].0);
    assert!(artists.contains(&link), "no {link}");
    assert_eq!(chart(&artists, "profile")["series"].as_array().unwrap().len(), 3);
    for row in rows(&artists, "artists") {
        let counted = format!("{} {} {}", row[0], row[1], row[2]);
        assert!(counts.contains(&(counted.clone(),)), "{counted}");
    }
    let popularity = page("/popularity").await;
    assert_eq!(chart(&popularity, "paths")["series"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn what_cannot_be_used_is_told_and_fails_no_page() {
    let long = "a".repeat(5000);
    let told: [(&str, &[&str]); 11] = [
        (
            "/features?period=2026-99-99&feature=key&measure=kendall",
            &["period", "feature", "measure"],
        ),
        (
            "/features?period=0001-01-01&feature=%00&measure=%00x",
            &["period"],
        ),
        ("/artists?artist=%27%3B--&find=%25%5C_%27", &["artist"]),
        (
            "/artists?artist=a&artist=b&artist=c&artist=d&artist=e&artist=f",
            &["artist"],
        ),
        ("/calendar?month=2026-13", &["month"]),
        ("/calendar?month=%2B262142-12", &["month"]),
        ("/calendar?month=-9999-01", &["month"]),
        ("/calendar?month=0001-01", &[]),
        ("/popularity?album=%ff%fe&find=%00", &["album"]),
        ("/popularity?album=nothing&album=nothing", &["album"]),
        ("/?week=2026-1-5", &["week"]),
    ];
    for (path, names) in told {
        let page = page(path).await;
        let said: Vec<&str> = ["period", "feature", "measure", "artist", "month", "album", "week"]
            .into_iter()
            .filter(|name| page.contains(&format!("id=\"wrong-{name}\"")))
            .collect();
        assert_eq!(said, names, "{path}: {page}");
    }
    for path in [
        "features?period",
        "artists?find",
        "calendar?month",
        "popularity?album",
    ] {
        page(&format!("/{path}={long}")).await;
    }
}

#[tokio::test]
async fn without_popularity_the_views_say_why() {
    let options = Options {
        albums: 12,
        quirks: vec![Quirk::RemovedFields],
        ..still()
    };
    let pipeline = Pipeline::new(options).await;
    pipeline.run_well().await;
    let url = in_process(&pipeline.database.url, &[]).await;
    for path in ["/features", "/popularity"] {
        let page = server::page(&url, path).await;
        assert!(page.contains("withheld by Spotify"), "{path}: {page}");
        assert!(page.contains("firstpress doctor"), "{path}: {page}");
    }
    server::page(&url, "/artists").await;
}
