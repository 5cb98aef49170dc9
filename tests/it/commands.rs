//! The other commands: migrate, transform, render, status, sandbox, and a Postgres of its own.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::pipeline::{Ended, Pipeline, assert_same, command, empty_directory, still};

#[tokio::test]
async fn transform_rebuilds_the_tables_without_a_call() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    let before = pipeline.content().await;
    pipeline.execute("drop schema trends cascade").await;
    pipeline.forget_calls().await;
    let ended = pipeline.firstpress(&["transform"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_same(&before, &pipeline.content().await);
    assert_eq!(pipeline.calls().await.len(), 0);

    let ended = pipeline
        .firstpress(&["transform", "--select", "dim_track+"])
        .await;
    let models: Vec<&str> = ended.result["models"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|model| model["name"].as_str())
        .collect();
    assert!(
        models.contains(&"dim_track") && models.contains(&"weekly_feature_trend"),
        "{models:?}"
    );
    assert!(!models.contains(&"dim_artist"), "{models:?}");
}

#[tokio::test]
async fn render_prints_sql_that_postgres_runs() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    let output = pipeline
        .spawn(&["render", "weekly_top_releases"])
        .wait_with_output()
        .await
        .unwrap();
    let sql = String::from_utf8(output.stdout).unwrap();
    let rows = sqlx::query(&sql)
        .fetch_all(&pipeline.database.pool)
        .await
        .unwrap();
    let published: i64 = pipeline
        .value("select count(*) from trends.weekly_top_releases")
        .await;
    assert_eq!(rows.len() as i64, published, "{sql}");
}

#[tokio::test]
async fn status_tells_runs_freshness_and_backlog() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    let ended = pipeline.firstpress(&["status"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let state = &ended.result["state"];
    assert_eq!(
        (&state["known_albums"], &state["waiting_albums"]),
        (&Value::from(60), &Value::from(0))
    );
    assert_eq!(ended.result["runs"][0]["status"], "succeeded");
    let calls = pipeline
        .calls()
        .await
        .iter()
        .filter(|(endpoint, _)| endpoint != "token")
        .count();
    assert_eq!(state["calls_24h"], Value::from(calls));
}

#[tokio::test]
async fn status_changes_nothing_and_names_the_command_that_makes_the_tables() {
    let pipeline = Pipeline::new(still()).await;
    pipeline
        .execute("drop schema raw cascade; drop schema ops cascade; drop table _sqlx_migrations")
        .await;
    let ended = pipeline.firstpress(&["status"]).await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("firstpress migrate"), "{}", ended.stderr);
    let made: i64 = pipeline
        .value("select count(*) from pg_namespace where nspname in ('raw', 'ops')")
        .await;
    assert_eq!(made, 0);
}

#[tokio::test]
async fn migrate_can_be_repeated() {
    let pipeline = Pipeline::new(still()).await;
    for _ in 0..2 {
        let ended = pipeline.firstpress(&["migrate"]).await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn the_sandbox_command_serves_what_a_run_needs() {
    let mut sandbox = command(
        &empty_directory(),
        &["sandbox", "--listen", "127.0.0.1:0", "--albums", "5"],
    )
    .spawn()
    .unwrap();
    let mut lines = BufReader::new(sandbox.stdout.take().unwrap()).lines();
    let database = crate::harness::database().await;
    let mut run = command(&empty_directory(), &["run"]);
    run.env("DATABASE_URL", &database.url);
    for _ in 0..5 {
        let line = lines.next_line().await.unwrap().unwrap();
        let (name, value) = line.split_once('=').unwrap();
        run.env(name, value);
    }
    let ended = Ended::from(run.output().await.unwrap());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.result["loaded"]["albums"], 5);
    sandbox.kill().await.unwrap();
}

#[tokio::test]
async fn without_a_database_url_a_run_keeps_its_data_in_a_postgres_of_its_own() {
    let directory = empty_directory();
    let arguments = ["run", "--sandbox", "--albums", "8", "--release-every", "0"];
    let first = Ended::from(command(&directory, &arguments).output().await.unwrap());
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert_eq!(first.result["loaded"]["albums"], 8);
    assert!(
        first.stderr.contains(".firstpress") && first.stderr.contains("psql"),
        "{}",
        first.stderr
    );
    let second = Ended::from(command(&directory, &arguments).output().await.unwrap());
    assert_eq!(second.result["loaded"]["albums"], 0, "{}", second.stderr);

    let query = [
        "psql",
        "--sandbox",
        "--",
        "-Atc",
        "select count(*) from trends.weekly_top_releases",
    ];
    let psql = command(&directory, &query)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let rows: i64 = String::from_utf8(psql.stdout).unwrap().trim().parse().unwrap();
    assert!(rows > 0);
    std::fs::remove_dir_all(directory).unwrap();
}
