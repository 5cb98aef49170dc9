//! `firstpress report`.

use crate::pipeline::{Pipeline, still};
use crate::server::shared;

/// Addresses that a browser would fetch by itself.
fn fetched(html: &str) -> Vec<&str> {
    // what scripts hold is text of theirs; the policy forbids them to fetch anything
    let outside_scripts = html
        .split("<script")
        .map(|part| match part.split_once("</script>") {
            Some((_, rest)) => rest,
            None => part,
        });
    let fetches = [
        "src=", "<link", "url(", "@import", "<iframe", "<object", "<embed", "<base",
    ];
    outside_scripts
        .filter(|part| fetches.iter().any(|fetch| part.contains(fetch)))
        .collect()
}

#[tokio::test]
async fn the_report_has_the_top_ten_and_fetches_nothing() {
    let shared = shared().await;
    let html = shared
        .pipeline
        .firstpress(&["report", "--output", "-"])
        .await
        .stdout;
    assert_eq!(fetched(&html), Vec::<&str>::new());
    assert!(html.contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"));
    let top: Vec<String> = sqlx::query_scalar(
        "select album_id from trends.weekly_top_releases \
         where release_week = (select max(release_week) from trends.weekly_top_releases) and rank <= 10",
    )
    .fetch_all(&shared.pipeline.database.pool)
    .await
    .unwrap();
    assert!(!top.is_empty());
    for album_id in top {
        assert!(
            html.contains(&format!("href=\"#release-{album_id}\"")),
            "{album_id}"
        );
        assert!(html.contains(&format!("id=\"release-{album_id}\"")), "{album_id}");
    }
    for id in [
        "top-releases",
        "features",
        "artists",
        "calendar",
        "popularity",
        "pipeline",
    ] {
        assert!(html.contains(&format!("href=\"#{id}\"")), "{id}");
        assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
    }
    assert!(html.contains("href=\"data:text/csv;charset=utf-8;base64,"));
    assert!(
        !html.contains("href=\"/"),
        "a link into a server that is not there"
    );
}

#[tokio::test]
async fn the_report_of_an_empty_database_says_what_to_do() {
    let pipeline = Pipeline::new(still()).await;
    let ended = pipeline.firstpress(&["report", "--output", "report.html"]).await;
    assert_eq!(ended.stdout.trim(), "report.html: nothing is published yet");
    let html = std::fs::read_to_string(pipeline.directory().join("report.html")).unwrap();
    assert!(html.contains("No data yet") && html.contains("<code>firstpress run</code>"));
}
