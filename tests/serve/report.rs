//! `firstpress report`.

use crate::pipeline::{Pipeline, still};
use crate::server::shared;

/// The report on a pipeline's database, and what the command says of it.
pub(crate) async fn report(pipeline: &Pipeline) -> (String, String) {
    let file = pipeline.file("report.html", "");
    let writing = pipeline.spawn(&["report", "--output", "report.html"]);
    let output = writing.wait_with_output().await;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let html = std::fs::read_to_string(file).unwrap();
    (html, String::from_utf8(output.stdout).unwrap())
}

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
    let (html, _) = report(&shared.pipeline).await;
    assert_eq!(fetched(&html), Vec::<&str>::new());
    assert!(html.contains("http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;;"));
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
async fn a_report_says_when_it_was_made_and_no_age_that_would_stand_still() {
    let (html, _) = report(&shared().await.pipeline).await;
    let (_, made) = html
        .split_once("This report was made on <time datetime=\"")
        .unwrap();
    let made: chrono::DateTime<chrono::Utc> = made.split('"').next().unwrap().parse().unwrap();
    assert!((chrono::Utc::now() - made).num_minutes() < 5, "{made}");
    for age in ["minute ago", "minutes ago", "hours ago"] {
        assert!(!html.contains(age), "{age}");
    }
}

#[tokio::test]
async fn the_report_of_an_empty_database_says_what_to_do() {
    let pipeline = Pipeline::new(still()).await;
    let (html, said) = report(&pipeline).await;
    assert_eq!(said.trim(), "report.html: nothing is published yet");
    assert!(html.contains("No data yet") && html.contains("<code>firstpress run</code>"));
}
