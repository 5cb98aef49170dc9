//! What cannot be done is refused with a reason, the right exit code, and no secret.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::pipeline::{Ended, Pipeline, command, empty_directory, still};

async fn firstpress(arguments: &[&str], settings: &[(&str, &str)]) -> Ended {
    let mut command = command(&empty_directory(), arguments);
    command.envs(settings.iter().copied());
    Ended::from(command.output().await.unwrap())
}

#[tokio::test]
async fn no_credentials() {
    let ended = firstpress(&["run"], &[]).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    for part in [
        "SPOTIFY_CLIENT_ID",
        "https://developer.spotify.com/dashboard",
        "--sandbox",
    ] {
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn wrong_settings_all_at_once() {
    let settings = [
        ("SPOTIFY_MAX_IN_FLIGHT", "many"),
        ("LOG_FORMAT", "xml"),
        ("SPOTIFY_CLIENT_ID", "id"),
    ];
    let ended = firstpress(&["run"], &settings).await;
    assert_eq!(ended.code, Some(2));
    for name in ["SPOTIFY_MAX_IN_FLIGHT", "LOG_FORMAT", "SPOTIFY_CLIENT_SECRET"] {
        assert!(ended.stderr.contains(name), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_setting_in_dotenv_is_read() {
    let directory = empty_directory();
    std::fs::write(directory.join(".env"), "SPOTIFY_MAX_IN_FLIGHT=many\n").unwrap();
    let ended = Ended::from(command(&directory, &["status"]).output().await.unwrap());
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("SPOTIFY_MAX_IN_FLIGHT"), "{}", ended.stderr);
}

#[tokio::test]
#[cfg(not(feature = "aws"))]
async fn settings_that_are_kept_in_aws_need_a_binary_that_knows_it() {
    let settings = [
        ("DATABASE_URL", "secretsmanager://prod#url"),
        ("SPOTIFY_CLIENT_SECRET", "ssm:///prod/secret"),
    ];
    let ended = firstpress(&["status"], &settings).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let part = "DATABASE_URL, SPOTIFY_CLIENT_SECRET: cannot be fetched: this firstpress was built without AWS; build it \
                with `--features aws`";
    assert!(ended.stderr.contains(part), "{}", ended.stderr);
    let ended = firstpress(&["status", "--env-from", "s3://bucket/.env"], &[]).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("`--features aws`"), "{}", ended.stderr);
    let ended = firstpress(
        &["status"],
        &[("DATABASE_URL", "postgres://app@db/x?auth=rds-iam")],
    )
    .await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("`--features aws`"), "{}", ended.stderr);
}

#[tokio::test]
async fn wrong_usage() {
    for arguments in [&["walk"][..], &["run", "--faults"], &[]] {
        assert_eq!(firstpress(arguments, &[]).await.code, Some(2), "{arguments:?}");
    }
}

#[tokio::test]
async fn a_database_that_is_not_there() {
    let free_port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("postgres://someone:hunter2@127.0.0.1:{free_port}/nowhere");
    let started = Instant::now();
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("SPOTIFY_CLIENT_ID", "id"),
        ("SPOTIFY_CLIENT_SECRET", "s3cr3t"),
    ];
    let ended = firstpress(&["run"], &settings).await;
    assert!(started.elapsed() < Duration::from_secs(15));
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended.stderr.contains(&format!("127.0.0.1:{free_port}")),
        "{}",
        ended.stderr
    );
    assert!(
        !ended.stderr.contains("hunter2") && !ended.stderr.contains("s3cr3t"),
        "{}",
        ended.stderr
    );
}

#[tokio::test]
async fn a_database_that_never_answers() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "postgres://someone:hunter2@{}/nowhere",
        silent.local_addr().unwrap()
    );
    let started = Instant::now();
    let ended = firstpress(&["status"], &[("DATABASE_URL", url.as_str())]).await;
    assert!(
        started.elapsed() < Duration::from_secs(15),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
}

#[tokio::test]
async fn real_and_simulated_releases_do_not_mix() {
    let pipeline = Pipeline::new(still()).await;
    let simulated = pipeline.firstpress(&["run", "--sandbox", "--albums", "5"]).await;
    assert_eq!(simulated.code, Some(0), "{}", simulated.stderr);
    let real = pipeline.run().await;
    assert_eq!(real.code, Some(2), "{}", real.stderr);
    assert!(real.stderr.contains("do not mix"), "{}", real.stderr);
    assert_eq!(pipeline.calls().await.len(), 0);
}

const PROJECT: &str = "name: mine\nprofile: mine\n";

#[tokio::test]
async fn a_template_error_names_file_line_and_what_is_undefined_and_publishes_nothing() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.file("mine/dbt_project.yml", PROJECT);
    pipeline.file(
        "mine/models/good.sql",
        "{{ config(materialized='table') }} select 1 as one",
    );
    pipeline.file(
        "mine/models/wrong.sql",
        "select 1 as one\nfrom {{ ref('good') }}\nwhere {{ nothing }} = 1",
    );
    let pipeline = pipeline.with("TEMPLATES_DIR", "mine");
    let ended = pipeline.run().await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    for part in ["wrong.sql", "3", "nothing"] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
    let published: i64 = pipeline
        .value("select count(*) from pg_class where relname in ('good', 'wrong')")
        .await;
    assert_eq!(published, 0);
}

#[tokio::test]
async fn the_time_to_leave_spotify_alone_is_kept_although_the_models_fail_after_it() {
    let fault = "audio-features:*:quota=5000".parse().unwrap();
    let pipeline = Pipeline::new(firstpress::sandbox::Options {
        faults: vec![fault],
        ..still()
    })
    .await;
    pipeline.file("mine/dbt_project.yml", PROJECT);
    pipeline.file(
        "mine/models/broken.sql",
        "{{ config(materialized='table') }} select 1 / 0 as one",
    );
    let pipeline = pipeline.with("TEMPLATES_DIR", "mine");
    assert_eq!(pipeline.run().await.code, Some(1));
    pipeline.forget_calls().await;
    let next = pipeline.run().await;
    assert_eq!(next.code, Some(75), "{}", next.stderr);
    assert_eq!(pipeline.calls().await.len(), 0);
}

#[tokio::test]
async fn a_failing_check_publishes_nothing_and_says_which() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.file("mine/dbt_project.yml", PROJECT);
    pipeline.file(
        "mine/models/doubled.sql",
        "{{ config(materialized='table') }} select 1 as one union all select 1",
    );
    pipeline.file(
        "mine/models/doubled.yml",
        "version: 2\nmodels:\n  - name: doubled\n    columns:\n      - name: one\n        data_tests: [unique]\n",
    );
    let pipeline = pipeline.with("TEMPLATES_DIR", "mine");
    let ended = pipeline.run().await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("unique_doubled_one (1 rows)"),
        "{}",
        ended.stderr
    );
    let failed = &ended.result["failed_checks"][0];
    assert_eq!(
        (&failed["name"], &failed["failing_rows"]),
        (&json!("unique_doubled_one"), &json!(1))
    );
    assert_eq!(failed["first_rows"], json!([{"value": 1, "copies": 2}]));
    let kept =
        "select failing_row ->> 'copies' from ops.check_failures where check_name = 'unique_doubled_one'";
    assert_eq!(pipeline.value::<String>(kept).await, "2");
    assert_eq!(
        pipeline
            .value::<i64>("select count(*) from pg_class where relname = 'doubled'")
            .await,
        0
    );
    let failing: i64 = pipeline
        .value("select failing_rows from ops.check_results where not passed")
        .await;
    assert!(failing > 0);
    // the raw tables are the run's other work, and they stay
    assert_eq!(pipeline.value::<i64>("select count(*) from raw.albums").await, 60);
}

#[tokio::test]
async fn a_run_to_a_terminal_or_pipe_that_goes_away_is_no_crash() {
    let pipeline = Pipeline::new(still()).await;
    let mut child = pipeline.spawn(&["run"]);
    drop(child.stdout.take());
    let ended = child.wait_with_output().await.unwrap();
    assert_eq!(
        ended.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
}

#[cfg(not(feature = "archive"))]
#[tokio::test]
async fn an_archive_is_refused_by_a_binary_that_cannot_write_it() {
    let pipeline = Pipeline::new(still()).await.with("ARCHIVE_URL", "archive");
    for arguments in [&["run"][..], &["replay"], &["replay", "--from", "archive"]] {
        let refused = pipeline.firstpress(arguments).await;
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        assert!(
            refused.stderr.contains("the feature `archive`"),
            "{}",
            refused.stderr
        );
    }
    let pipeline = pipeline.with("ARCHIVE_URL", "");
    pipeline.run_well().await;
    assert_eq!(
        pipeline.firstpress(&["replay"]).await.code,
        Some(0),
        "from the JSON"
    );
}
