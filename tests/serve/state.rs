//! What is told of the pipeline's state, wherever it is told.

use chrono::{DateTime, Utc};
use firstpress::sandbox::{Options, Quirk};
use serde_json::Value;
use sqlx::{Postgres, Transaction};

use crate::guard::health::scraped;
use crate::html::{between, rows};
use crate::live::until;
use crate::pipeline::{Pipeline, still};
use crate::process::Process;
use crate::server::{in_process, json, page};

/// A run that is at work until it is killed: it waits to write down its first stage.
pub(crate) struct RunAtWork {
    process: Process,
    _in_the_way: Transaction<'static, Postgres>,
}

impl RunAtWork {
    pub(crate) async fn start(pipeline: &Pipeline) -> Self {
        let mut in_the_way = pipeline.database.pool.begin().await.unwrap();
        sqlx::query("lock table ops.run_steps in share mode")
            .execute(&mut *in_the_way)
            .await
            .unwrap();
        let process = pipeline.spawn(&["run"]);
        until(
            pipeline,
            "select count(*) > 0 from pg_locks where not granted and relation = 'ops.run_steps'::regclass",
        )
        .await;
        Self {
            process,
            _in_the_way: in_the_way,
        }
    }

    async fn kill(mut self, pipeline: &Pipeline) {
        self.process.kill().await.unwrap();
        until(
            pipeline,
            "select count(*) = 0 from pg_locks where locktype = 'advisory'
             and database = (select oid from pg_database where datname = current_database())",
        )
        .await;
    }
}

/// The status of the UTC day on which the latest run began.
async fn latest_day(pipeline: &Pipeline, url: &str) -> Value {
    let day: String = pipeline
        .value("select (max(started_at) at time zone 'utc')::date::text from ops.runs")
        .await;
    json(url, &format!("/api/v1/status?date={day}")).await
}

/// The status of the latest run, as each who tells it says it.
async fn told_of_the_latest_run(pipeline: &Pipeline, url: &str) -> [String; 4] {
    let now = json(url, "/api/v1/status").await;
    let day = latest_day(pipeline, url).await;
    let pipelines = page(url, "/pipeline").await;
    let command = pipeline.firstpress(&["status", "--json"]).await.result;
    let of = |runs: &Value, index: usize| runs[index]["status"].as_str().unwrap().to_owned();
    [
        of(&now["runs"], 0),
        of(&day["runs"], day["runs"].as_array().unwrap().len() - 1),
        rows(&pipelines, "runs")[0][1].clone(),
        of(&command["runs"], 0),
    ]
}

#[tokio::test]
async fn a_run_at_work_is_running_and_one_that_was_killed_is_told_as_dead() {
    let pipeline = Pipeline::new(still()).await;
    let run = RunAtWork::start(&pipeline).await;
    let url = in_process(&pipeline.database.url, &[]).await;
    assert_eq!(
        told_of_the_latest_run(&pipeline, &url).await,
        ["running", "running", "! running", "running"]
    );
    let samples = scraped(&url).await;
    assert_eq!(samples["firstpress_run_in_progress"], 1.0);
    assert!(!samples.contains_key("firstpress_last_run_status{status=\"died\"}"));

    run.kill(&pipeline).await;
    assert_eq!(
        told_of_the_latest_run(&pipeline, &url).await,
        ["died?", "died?", "✗ died?", "died?"]
    );
    // another server has not kept the figures of a moment ago
    let samples = scraped(&in_process(&pipeline.database.url, &[]).await).await;
    assert_eq!(samples["firstpress_run_in_progress"], 0.0);
    assert_eq!(samples["firstpress_last_run_status{status=\"died\"}"], 1.0);
    assert_eq!(
        pipeline.column::<String>("select status from ops.runs").await,
        ["running"],
        "it never said so itself"
    );
}

#[tokio::test]
async fn an_album_that_was_dropped_waits_for_nothing() {
    let pipeline = Pipeline::new(Options {
        albums: 100,
        quirks: vec![Quirk::UndecodableAlbum],
        ..still()
    })
    .await;
    pipeline.run_well().await;
    let url = in_process(&pipeline.database.url, &[]).await;
    let told = async || {
        let day = latest_day(&pipeline, &url).await;
        let now = json(&url, "/api/v1/status").await;
        let command = pipeline.firstpress(&["status", "--json"]).await.result;
        let waiting = [
            &day["albums_waiting"],
            &now["state"]["waiting_albums"],
            &command["state"]["waiting_albums"],
        ]
        .map(|albums| albums.as_i64().unwrap());
        (waiting, day["is_complete"].as_bool().unwrap())
    };
    assert_eq!(told().await, ([1; 3], false));
    let dropped = pipeline.firstpress(&["quarantine", "drop", "--all"]).await;
    assert_eq!(dropped.code, Some(0), "{}", dropped.stderr);
    assert_eq!(told().await, ([0; 3], true));
}

/// As if all that was done had been done 40 hours earlier, and all albums were new.
const LONG_AGO: &str = "
    update ops.runs
    set started_at = started_at - interval '40 hours', finished_at = finished_at - interval '40 hours';
    update ops.published set published_at = published_at - interval '40 hours';
    update ops.published_models set published_at = published_at - interval '40 hours';
    update ops.calls_by_minute set minute = minute - interval '40 hours';
    update ops.album_ledger set loaded_at = null, loaded_run_id = null;
";

/// The end of the newest run that is told to have brought data: by the pages, by the API, by the figures and to who looks
/// on.
async fn data_of(pipeline: &Pipeline) -> DateTime<Utc> {
    let url = in_process(&pipeline.database.url, &[]).await;
    let first = page(&url, "/").await;
    let (_, fresh) = first.split_once("id=\"fresh\"").unwrap();
    let on_page: DateTime<Utc> = between(fresh, "datetime=\"", "\"")[0].parse().unwrap();
    let now = json(&url, "/api/v1/status").await;
    let command = pipeline.firstpress(&["status", "--json"]).await.result;
    let told = [
        now["state"]["last_data_at"].clone(),
        command["state"]["last_data_at"].clone(),
    ];
    for told in told {
        assert_eq!(told.as_str().unwrap().parse::<DateTime<Utc>>().unwrap(), on_page);
    }
    let figure = scraped(&url).await["firstpress_last_data_timestamp_seconds"];
    assert!((figure - on_page.timestamp_micros() as f64 / 1e6).abs() < 1e-3);
    on_page
}

async fn end_of_the_latest_run(pipeline: &Pipeline) -> DateTime<Utc> {
    pipeline
        .value("select finished_at from ops.runs order by started_at desc limit 1")
        .await
}

#[tokio::test]
async fn a_run_that_the_budget_ended_has_brought_what_it_published() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    pipeline.execute(LONG_AGO).await;
    let url = in_process(&pipeline.database.url, &[]).await;
    let succeeded_at = end_of_the_latest_run(&pipeline).await;
    assert_eq!(data_of(&pipeline).await, succeeded_at);
    assert!(page(&url, "/").await.contains("id=\"stale\""));
    assert_eq!(latest_day(&pipeline, &url).await["is_fresh"], true);

    let pipeline = pipeline.with("SPOTIFY_DAILY_BUDGET", "10");
    assert_eq!(pipeline.run().await.code, Some(75));
    let day = latest_day(&pipeline, &url).await;
    let run = &day["runs"][0];
    assert_eq!(run["status"], "postponed");
    assert!(run["albums"].as_i64().unwrap() > 0, "{run}");
    assert_eq!(
        (&day["is_fresh"], &day["is_complete"]),
        (&Value::Bool(true), &Value::Bool(false))
    );
    let brought_at = end_of_the_latest_run(&pipeline).await;
    assert_eq!(data_of(&pipeline).await, brought_at);
    assert!(!page(&url, "/").await.contains("id=\"stale\""));
    let now = json(&url, "/api/v1/status").await;
    let last_success_at = now["state"]["last_success_at"].as_str().unwrap();
    assert_eq!(last_success_at.parse::<DateTime<Utc>>().unwrap(), succeeded_at);

    // one without a call left brings nothing, although it may publish the same again
    assert_eq!(pipeline.run().await.code, Some(75));
    assert_eq!(data_of(&pipeline).await, brought_at);
}

#[tokio::test]
async fn the_budget_is_that_of_the_job_whatever_the_server_is_set_to() {
    let mut pipeline = Pipeline::new(still()).await;
    let url = in_process(&pipeline.database.url, &[("SPOTIFY_DAILY_BUDGET", "900")]).await;
    for (setting, budget, words) in [
        ("2000", Value::from(2000), " of 2,000</dd>"),
        ("none", Value::Null, "without a budget"),
    ] {
        pipeline = pipeline.with("SPOTIFY_DAILY_BUDGET", setting);
        pipeline.run_well().await;
        let quota = json(&url, "/api/v1/status").await["quota"].clone();
        assert_eq!(quota["daily_budget"], budget);
        let left = budget
            .as_i64()
            .map(|budget| budget - quota["calls_24h"].as_i64().unwrap());
        assert_eq!(quota["calls_left"].as_i64(), left);
        assert!(page(&url, "/pipeline").await.contains(words), "{setting}");
    }
}

#[tokio::test]
async fn pages_show_the_tables_although_the_schema_is_older_than_the_server() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    pipeline.execute("drop view ops.run_states").await;
    let url = in_process(&pipeline.database.url, &[]).await;
    assert!(page(&url, "/").await.contains("/releases/"));
}
