//! The dashboard's pages.

use serde_json::json;

use crate::html::{between, chart, rows};
use crate::pipeline::{Pipeline, still};
use crate::report::report;
use crate::server::{in_process, page, shared};

const SCRIPT: &str = "</script><img src=x onerror=alert(1)>";

#[tokio::test]
async fn what_is_not_there_is_404_in_the_dashboards_frame() {
    for path in [
        "/nowhere",
        "/releases/0000000000000000000000",
        "/releases/%00",
        "/releases/%ff",
        "/assets/nothing.css",
    ] {
        let answer = shared().await.get(path).await;
        assert_eq!(answer.status(), 404, "{path}");
    }
    let body = shared().await.get("/nowhere").await.text().await.unwrap();
    assert!(body.contains("<main id=\"main\"") && body.contains("There is nothing at this address"));
    let api = shared().await.get("/api/v1/nowhere").await;
    assert_eq!(api.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn the_first_page_has_the_top_of_the_newest_week() {
    let shared = shared().await;
    let html = shared.page("/").await;
    let stored: Vec<(i32, Option<String>, Option<i32>)> = sqlx::query_as(
        "select rank, album_name, popularity from trends.weekly_top_releases \
         where release_week = (select max(release_week) from trends.weekly_top_releases) order by rank limit 50",
    )
    .fetch_all(&shared.pipeline.database.pool)
    .await
    .unwrap();
    let shown: Vec<(i32, Option<String>, Option<i32>)> = rows(&html, "releases")
        .iter()
        .map(|cells| {
            let name = cells[1].strip_suffix("Spotify ↗").unwrap().trim();
            let name = Some(name.to_owned()).filter(|name| name != "(no name)");
            (cells[0].parse().unwrap(), name, cells[5].parse().ok())
        })
        .collect();
    assert!(!shown.is_empty());
    assert_eq!(shown, stored);
    let drawn = chart(&html, "bars");
    for (place, (rank, name, popularity)) in shown.iter().take(10).enumerate() {
        let label = drawn["labels"][place].as_str().unwrap();
        let begin = format!("{rank}. {}", name.as_deref().unwrap_or_default());
        assert!(label.starts_with(&begin), "{label}");
        assert_eq!(drawn["values"][place], json!(popularity));
    }
}

#[tokio::test]
async fn filters_let_through_what_they_name_and_the_download_is_of_the_same_rows() {
    let shared = shared().await;
    let (week, artist): (chrono::NaiveDate, String) = sqlx::query_as(
        "select release_week, artist_names from trends.weekly_top_releases \
         where artist_names is not null order by artist_names, release_week limit 1",
    )
    .fetch_one(&shared.pipeline.database.pool)
    .await
    .unwrap();
    let part = artist.chars().skip(1).take(4).collect::<String>().to_uppercase();
    let asked = url::form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>();
    let html = shared.page(&format!("/?week={week}&artist={asked}")).await;
    let shown = rows(&html, "releases");
    assert!(!shown.is_empty());
    for cells in &shown {
        assert!(cells[2].to_uppercase().contains(&part), "{cells:?}");
    }
    let address = between(&html, "class=\"csv\" download=", "</a>")[0];
    let address = between(address, "href=\"", "\"")[0].replace("&amp;", "&");
    let answer = shared.get(&address).await;
    assert_eq!(answer.status(), 200, "{address}");
    let mut csv = csv::Reader::from_reader(std::io::Cursor::new(answer.bytes().await.unwrap()));
    let place = csv
        .headers()
        .unwrap()
        .iter()
        .position(|name| name == "rank")
        .unwrap();
    let ranks: Vec<String> = csv.records().map(|row| row.unwrap()[place].to_owned()).collect();
    let on_page: Vec<String> = shown.iter().map(|cells| cells[0].replace(',', "")).collect();
    assert_eq!(ranks, on_page);
}

#[tokio::test]
async fn a_search_for_nothing_and_wrong_values_say_what_to_do() {
    let shared = shared().await;
    let html = shared.page("/?artist=nobody+at+all&type=album").await;
    assert!(html.contains("passes the filters") && html.contains("Without the artist “nobody at all”"));
    let html = shared.page("/?week=yesterday&page=-7").await;
    assert!(html.contains("“yesterday” is not a date"));
    assert!(!rows(&html, "releases").is_empty());
    for query in [
        "week=+99999-01-01",
        "week=0000-01-01",
        "page=99999999999999999999",
        "artist=%00",
        "artist=%FF",
    ] {
        shared.page(&format!("/?{query}")).await;
    }
    let html = shared.page("/search?q=zzzzqqqq").await;
    assert!(html.contains("Nothing here has a name like “zzzzqqqq”"));
}

#[tokio::test]
async fn a_release_is_found_and_has_its_tracks() {
    let shared = shared().await;
    let (album_id, name): (String, String) = sqlx::query_as(
        "select album_id, album_name from core.dim_album where album_name is not null order by album_id limit 1",
    )
    .fetch_one(&shared.pipeline.database.pool)
    .await
    .unwrap();
    let asked = url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>();
    let first = shared.page("/").await;
    assert!(first.contains("action=\"/search\"") && first.contains("type=\"search\" name=\"q\""));
    let found = shared.page(&format!("/search?q={asked}")).await;
    assert!(found.contains(&format!("href=\"/releases/{album_id}\"")));
    let html = shared.page(&format!("/releases/{album_id}")).await;
    let tracks: Vec<(String, Option<i32>)> = sqlx::query_as(
        "select track_id, popularity from core.album_track
         inner join core.dim_track using (track_id) where core.album_track.album_id = $1",
    )
    .bind(&album_id)
    .fetch_all(&shared.pipeline.database.pool)
    .await
    .unwrap();
    assert!(!tracks.is_empty());
    let rows = between(&html, "<tr>", "</tr>");
    for (track_id, popularity) in tracks {
        let link = format!("\"https://open.spotify.com/track/{track_id}\"");
        let row = rows.iter().find(|row| row.contains(&link)).expect(&track_id);
        let popularity = popularity.expect("the sandbox tells popularity");
        assert!(
            row.contains(&format!("<span class=\"number\">{popularity}</span>")),
            "{row}"
        );
    }
}

#[tokio::test]
async fn the_pipelines_page_has_runs_stages_and_checks() {
    let shared = shared().await;
    let html = shared.page("/pipeline").await;
    let runs = rows(&html, "runs");
    assert!(runs[0].iter().any(|cell| cell.contains("succeeded")));
    let checks: i64 = sqlx::query_scalar("select count(*) from ops.check_results")
        .fetch_one(&shared.pipeline.database.pool)
        .await
        .unwrap();
    assert_eq!(rows(&html, "checks").len(), usize::try_from(checks).unwrap());
    for step in ["discover", "load", "transform"] {
        assert!(html.contains(&format!("<th scope=\"row\">{step}</th>")), "{step}");
    }
}

#[tokio::test]
async fn style_sheets_are_kept_by_browsers() {
    let shared = shared().await;
    let html = shared.page("/").await;
    let address = between(&html, "rel=\"stylesheet\" href=\"", "\"")[0];
    let answer = shared.get(address).await;
    assert_eq!(answer.headers()["content-type"], "text/css; charset=utf-8");
    assert!(
        answer.headers()["cache-control"]
            .to_str()
            .unwrap()
            .contains("immutable")
    );
    let etag = answer.headers()["etag"].clone();
    let client = reqwest::Client::new();
    let again = client
        .get(format!("{}{address}", shared.url))
        .header("if-none-match", etag);
    assert_eq!(again.send().await.unwrap().status(), 304);
    assert_eq!(shared.get("/assets/frame.html").await.status(), 404);
}

#[tokio::test]
async fn an_empty_database_a_stale_one_and_a_wicked_name_are_told_as_they_are() {
    let pipeline = Pipeline::new(still()).await;
    let url = in_process(&pipeline.database.url, &[]).await;
    let get = async |path: &str| page(&url, path).await;
    for path in ["/", "/features", "/pipeline", "/search?q=a"] {
        assert!(get(path).await.contains("<code>firstpress run</code>"), "{path}");
    }
    pipeline.run_well().await;
    assert!(!get("/").await.contains("id=\"stale\""));

    let pool = &pipeline.database.pool;
    sqlx::raw_sql(
        "update ops.published set published_at = published_at - interval '40 hours'; \
         update ops.published_models set published_at = published_at - interval '40 hours'; \
         update ops.runs set finished_at = finished_at - interval '40 hours'",
    )
    .execute(pool)
    .await
    .unwrap();
    assert!(get("/").await.contains("id=\"stale\""));

    for table in ["trends.weekly_top_releases", "core.dim_album"] {
        sqlx::query(&format!(
            "update {table} set album_name = $1, artist_names = $1, label = $1"
        ))
        .bind(SCRIPT)
        .execute(pool)
        .await
        .unwrap();
    }
    let album_id: String = sqlx::query_scalar("select min(album_id) from core.dim_album")
        .fetch_one(pool)
        .await
        .unwrap();
    let release = format!("/releases/{album_id}");
    let asked = format!("/?artist={}", SCRIPT.replace('<', "%3C").replace('>', "%3E"));
    for path in ["/", &release, &asked] {
        let html = get(path).await;
        assert!(!html.contains("<img"), "{path}");
        assert!(html.contains("onerror=alert(1)"), "{path}");
    }
    let (report, _) = report(&pipeline).await;
    assert!(!report.contains("<img src=x") && report.contains("onerror=alert(1)"));
}

/// Names found by the API for a text.
async fn found(text: &str) -> Vec<String> {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("q", text)
        .finish();
    let answer = shared().await.json(&format!("/api/v1/search?{query}")).await;
    let hits = answer["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["name"].to_string()).collect()
}

#[tokio::test]
async fn a_name_is_found_in_capitals_of_every_alphabet() {
    let small = found("кіно").await;
    assert!(!small.is_empty(), "the sandbox has releases by Кіно");
    assert_eq!(found("КІНО").await, small);
    assert_eq!(
        found("\u{301}").await,
        Vec::<String>::new(),
        "a mark alone is no name"
    );
}

#[tokio::test]
async fn the_csv_of_a_release_has_all_its_tracks() {
    let (album_id, tracks): (String, i64) = sqlx::query_as(
        // one with tracks that came out on an earlier album before
        "select places.album_id, count(*)
        from core.album_track as places
        inner join core.dim_track as tracks on tracks.track_id = places.track_id
        group by places.album_id
        order by count(*) filter (where tracks.album_id <> places.album_id) desc, count(*) desc
        limit 1",
    )
    .fetch_one(&shared().await.pipeline.database.pool)
    .await
    .unwrap();
    let page = shared().await.page(&format!("/releases/{album_id}")).await;
    let (_, link) = page.split_once("href=\"/api/v1/core/dim_track").unwrap();
    let link = link.split('"').next().unwrap().replace("&amp;", "&");
    let csv = shared().await.get(&format!("/api/v1/core/dim_track{link}")).await;
    assert_eq!(csv.status(), 200);
    let body = csv.text().await.unwrap();
    let rows = csv::Reader::from_reader(body.as_bytes()).into_records().count();
    assert_eq!(rows as i64, tracks);
}
