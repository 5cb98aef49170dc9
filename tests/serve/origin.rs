//! Whose releases a database holds: it says so itself, whatever the flag says.

use crate::pipeline::{Pipeline, still};
use crate::server::{Server, json, page, shared};

const NOTICE: &str = "these releases and artists do not exist";

async fn report(pipeline: &Pipeline, flags: &[&str]) -> String {
    let file = pipeline.file("report.html", "");
    let writing = pipeline.spawn(&[&["report", "--output", "report.html"], flags].concat());
    assert!(writing.wait_with_output().await.status.success());
    std::fs::read_to_string(file).unwrap()
}

#[tokio::test]
async fn releases_of_the_sandbox_are_told_to_be_simulated_without_the_flag() {
    let pipeline = Pipeline::new(still()).await.with("SPOTIFY_CLIENT_ID", "mine");
    let nothing = "drop schema raw, ops, aside cascade; drop table _sqlx_migrations";
    pipeline.execute(nothing).await;
    let server = Server::start(&pipeline).await;
    for path in ["/", "/pipeline"] {
        assert!(
            !page(&server.url, path).await.contains(NOTICE),
            "{path} before the first run"
        );
    }
    let run = pipeline
        .firstpress(&[
            "run",
            "--sandbox",
            "--albums",
            "20",
            "--release-every",
            "0",
            "--calls-per-window",
            "0",
        ])
        .await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for path in ["/", "/pipeline", "/search?q=a"] {
        assert!(page(&server.url, path).await.contains(NOTICE), "{path}");
    }
    assert!(report(&pipeline, &[]).await.contains(NOTICE));
    // what is known of the app that filled the database, and not of the one in the settings
    let status = json(&server.url, "/api/v1/status").await;
    assert_eq!(status["app"]["client_id"], pipeline.sandbox.client_id);
}

#[tokio::test]
async fn real_releases_are_not_told_to_be_simulated_with_the_flag() {
    let pipeline = &shared().await.pipeline;
    let server = Server::start_as(pipeline, &["serve", "--sandbox", "--listen", "127.0.0.1:0"]).await;
    for path in ["/", "/pipeline"] {
        assert!(!page(&server.url, path).await.contains(NOTICE), "{path}");
    }
    assert!(!report(pipeline, &["--sandbox"]).await.contains(NOTICE));
}
