//! The other commands: migrate, transform, render, status, sandbox, and a Postgres of its own.

use chrono::{DateTime, TimeDelta, Utc};
use firstpress::config::{Config, Sources};
use firstpress::sandbox::{Options, Profile, Quirk};
use firstpress::status::Status;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::pipeline::{Ended, Pipeline, assert_same, empty_directory, still};
use crate::process::command;

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

    let terms = ["transform", "-s", "tag:none", "--exclude", "trends"];
    let ended = pipeline.firstpress(&terms).await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("cannot select `tag:none`"),
        "{}",
        ended.stderr
    );
    let terms = [
        "transform",
        "-s",
        "dim_track",
        "staging",
        "--exclude",
        "stg_*",
        "--vars",
        "{x: 1}",
    ];
    let ended = pipeline.firstpress(&terms).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.result["models"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn variables_of_the_command_line_reach_the_models() {
    let pipeline = Pipeline::new(still()).await;
    let rendered = async |vars: &str| {
        let arguments = ["render", "feature_popularity_correlation", "--vars", vars];
        let output = pipeline.spawn(&arguments).wait_with_output().await;
        String::from_utf8(output.stdout).unwrap()
    };
    let one = rendered("{audio_features: [tempo]}").await;
    assert!(one.contains("tempo") && !one.contains("danceability"), "{one}");
    assert!(rendered("").await.contains("danceability"));
}

#[tokio::test]
async fn render_prints_sql_that_postgres_runs() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    let output = pipeline
        .spawn(&["render", "weekly_top_releases"])
        .wait_with_output()
        .await;
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
    let quota = &ended.result["quota"];
    assert_eq!(quota["calls_24h"], Value::from(calls));
    assert!(
        quota["daily_budget"].is_null() && quota["calls_left"].is_null(),
        "{quota}"
    );
    assert_eq!(ended.result["app"]["is_development_mode"], false);
}

#[tokio::test]
async fn status_tells_what_an_app_in_development_mode_has_left_and_what_waits_for_it() {
    let profile = Profile::DevFeb2026;
    let mut pipeline = Pipeline::new(Options { profile, ..still() }).await;
    pipeline.run_well().await;
    let made = pipeline.calls().await;
    let counted = made
        .iter()
        .filter(|(endpoint, _)| endpoint != "token" && endpoint != "reccobeats");
    let calls = counted.count() as i64;
    pipeline.forget_calls().await;
    // calls of a minute that no budget counts any more
    pipeline
        .execute("insert into ops.calls_by_minute values (date_trunc('minute', now()) - interval '24 hours 2 minutes', 70)")
        .await;

    let status = pipeline.firstpress(&["status"]).await.result;
    let (quota, app, state) = (&status["quota"], &status["app"], &status["state"]);
    assert_eq!(quota["calls_24h"], calls);
    assert_eq!(
        (&quota["daily_budget"], &quota["calls_left"]),
        (&900.into(), &(900 - calls).into())
    );
    let frees_at: DateTime<Utc> = quota["frees_at"].as_str().unwrap().parse().unwrap();
    let first: DateTime<Utc> = pipeline
        .value("select min(minute) from ops.calls_by_minute where minute > now() - interval '1 hour'")
        .await;
    assert_eq!(frees_at, first + TimeDelta::minutes(24 * 60 + 1));
    assert_eq!(app["is_development_mode"], true);
    assert!(
        app["reason"].as_str().unwrap().contains("/browse/new-releases"),
        "{app}"
    );
    let waiting: i64 = pipeline
        .value("select count(*) from raw.track_details where source = 'album'")
        .await;
    assert!(waiting > 0);
    assert_eq!(state["isrcs_waiting"], waiting);
    let albums = status["capabilities"]
        .as_array()
        .unwrap()
        .iter()
        .find(|capability| capability["endpoint"] == "/albums")
        .unwrap();
    assert_eq!(
        (&albums["usable"], &albums["is_inferred"]),
        (&false.into(), &true.into())
    );
    assert_eq!(pipeline.calls().await.len(), 0, "status makes no call");

    for (setting, budget) in [("100", 100.into()), ("none", Value::Null)] {
        pipeline = pipeline.with("SPOTIFY_DAILY_BUDGET", setting);
        let status = pipeline.firstpress(&["status"]).await.result;
        assert_eq!(status["quota"]["daily_budget"], budget);
    }
}

#[tokio::test]
async fn status_tells_what_is_in_quarantine_and_what_changed_in_the_api() {
    let quirks = vec![Quirk::UndecodableAlbum];
    let pipeline = Pipeline::new(Options { quirks, ..still() }).await;
    pipeline.run_well().await;
    pipeline
        .execute(
            "insert into ops.api_drift
             select run_id, '/albums', 'album', 'label', 'vanished' from ops.runs",
        )
        .await;
    let status = pipeline.firstpress(&["status"]).await.result;
    let groups = status["quarantine"].as_array().unwrap();
    let items: i64 = groups.iter().map(|group| group["items"].as_i64().unwrap()).sum();
    assert!(items > 0);
    assert_eq!(status["state"]["quarantined"], items);
    assert!(
        groups.iter().all(|group| group["reason"].is_string()),
        "{groups:?}"
    );
    assert_eq!(
        (&status["drift"][0]["field"], &status["drift"][0]["change"]),
        (&"label".into(), &"vanished".into())
    );

    let config = Config::read(Sources::default()).await.unwrap();
    let status = Status::read(&pipeline.database.pool, &config.spotify, &config.retention)
        .await
        .unwrap();
    let text = status.to_string();
    for part in [
        "last success",
        "calls in 24 h",
        "without a budget",
        "not in development mode",
        "What the app may call",
        "In quarantine",
        "vanished",
        "Latest runs",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
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
    .spawn();
    let mut lines = BufReader::new(sandbox.stdout.take().unwrap()).lines();
    let database = crate::harness::database().await;
    let mut run = command(&empty_directory(), &["run"]);
    run.env("DATABASE_URL", &database.url);
    for _ in 0..5 {
        let line = lines.next_line().await.unwrap().unwrap();
        let (name, value) = line.split_once('=').unwrap();
        run.env(name, value);
    }
    let ended = Ended::from(run.output().await);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.result["loaded"]["albums"], 5);
    sandbox.kill().await.unwrap();
}

#[tokio::test]
async fn without_a_database_url_a_run_keeps_its_data_in_a_postgres_of_its_own() {
    let directory = empty_directory();
    let arguments = ["run", "--sandbox", "--albums", "8", "--release-every", "0"];
    let first = Ended::from(command(&directory, &arguments).output().await);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert_eq!(first.result["loaded"]["albums"], 8);
    assert!(
        first.stderr.contains(".firstpress") && first.stderr.contains("psql"),
        "{}",
        first.stderr
    );
    let second = Ended::from(command(&directory, &arguments).output().await);
    assert_eq!(second.result["loaded"]["albums"], 0, "{}", second.stderr);

    let query = [
        "psql",
        "--sandbox",
        "--",
        "-Atc",
        "select count(*) from trends.weekly_top_releases",
    ];
    let psql = command(&directory, &query).output().await;
    let rows: i64 = String::from_utf8(psql.stdout).unwrap().trim().parse().unwrap();
    assert!(rows > 0);
    std::fs::remove_dir_all(directory).unwrap();
}
