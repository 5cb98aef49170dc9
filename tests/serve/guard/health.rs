//! Probes, and figures for Prometheus, read by a parser of the test's own.

use std::collections::BTreeMap;

use reqwest::Client;
use sqlx::{Connection, PgConnection};
use url::Url;

use crate::pipeline::{Pipeline, still};
use crate::server::{in_process, problem, shared};
use crate::state::RunAtWork;

/// Value of each sample, by its name with its labels.
pub(crate) type Samples = BTreeMap<String, f64>;

/// Reads Prometheus's text format 0.0.4. Each metric must be told of once, before its samples, and nothing twice.
fn parsed(text: &str) -> Samples {
    let mut kinds = BTreeMap::new();
    let mut samples = Samples::new();
    let mut described = "";
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, help) = help.split_once(' ').unwrap();
            assert!(name.starts_with("firstpress_") && help.ends_with('.'), "{line}");
            described = name;
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert_eq!(name, described);
            assert!(kinds.insert(name, kind).is_none(), "{name} comes twice");
        } else {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let base = name.split('{').next().unwrap();
            let (end, is_of) = match kinds[described] {
                "histogram" => (described.len(), base.starts_with(described)),
                _ => (base.len(), base == described),
            };
            assert!(is_of && base.is_char_boundary(end), "{line} is under {described}");
            let value: f64 = value.parse().unwrap();
            assert!(samples.insert(name.to_owned(), value).is_none(), "{line}");
        }
    }
    samples
}

pub(crate) async fn scraped(url: &str) -> Samples {
    let answer = reqwest::get(format!("{url}/metrics")).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.headers()["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    parsed(&answer.text().await.unwrap())
}

#[tokio::test]
async fn the_figures_are_those_of_the_ledgers() {
    let shared = shared().await;
    let samples = scraped(&shared.url).await;
    let of = |name: &str| samples[&format!("firstpress_{name}")];
    let pipeline = &shared.pipeline;
    assert_eq!(of("database_up"), 1.0);
    assert_eq!(of("last_run_albums"), 60.0);
    for status in ["succeeded", "failed", "interrupted", "postponed", "died"] {
        let expected = f64::from(u8::from(status == "succeeded"));
        assert_eq!(of(&format!("last_run_status{{status=\"{status}\"}}")), expected);
    }
    let times = "select extract(epoch from time)::double precision from (
            select finished_at as time from ops.runs
            union all select started_at from ops.runs
            union all select published_at from ops.published
        ) as times";
    let times: Vec<f64> = pipeline.column(times).await;
    let names = [
        "last_success_timestamp_seconds",
        "last_run_timestamp_seconds",
        "published_timestamp_seconds",
    ];
    for (name, time) in names.into_iter().zip(&times) {
        assert!((of(name) - time).abs() < 1e-3, "{name}");
    }
    assert!((of("last_run_duration_seconds") - (times[0] - times[1])).abs() < 1e-3);
    // against what the sandbox counted, and against nothing where nothing waits
    let paths = samples
        .iter()
        .filter(|(name, _)| name.starts_with("firstpress_last_run_calls{"));
    let calls: f64 = paths.map(|(_, calls)| calls).sum();
    assert_eq!(calls, pipeline.calls().await.len() as f64);
    let limited = samples
        .iter()
        .filter(|(name, _)| name.starts_with("firstpress_last_run_rate_limited{"));
    assert_eq!(limited.map(|(_, answers)| answers).sum::<f64>(), 0.0);
    let stages: Vec<String> = pipeline.column("select step from ops.run_steps").await;
    for stage in stages {
        assert!(of(&format!("last_run_stage_duration_seconds{{stage=\"{stage}\"}}")) >= 0.0);
        assert!(of(&format!("last_run_stage_rows{{stage=\"{stage}\"}}")) >= 0.0);
    }
    assert_eq!(of("last_run_stage_rows{stage=\"load\"}"), 60.0);
    for nothing in [
        "last_run_failed_checks",
        "run_in_progress",
        "waiting_albums",
        "quarantined_items{type=\"album\"}",
    ] {
        assert_eq!(of(nothing), 0.0, "{nothing}");
    }
    let awaited: i64 = pipeline
        .value("select count(*) from raw.audio_features where retry_at is not null or attempts = 0")
        .await;
    assert_eq!(of("features_awaited"), awaited as f64);
}

#[tokio::test]
async fn requests_are_counted_by_route_and_status() {
    let pipeline = Pipeline::new(still()).await;
    let url = in_process(&pipeline.database.url, &[]).await;
    for path in ["/healthz", "/healthz", "/one", "/two/three"] {
        reqwest::get(format!("{url}{path}")).await.unwrap();
    }
    Client::new().post(format!("{url}/healthz")).send().await.unwrap();
    let samples = scraped(&url).await;
    let requests = |route: &str, status: u16| {
        let name = format!("firstpress_http_requests_total{{route=\"{route}\",status=\"{status}\"}}");
        samples.get(&name).copied()
    };
    assert_eq!(requests("/healthz", 200), Some(2.0));
    assert_eq!(requests("/healthz", 405), Some(1.0));
    assert_eq!(
        requests("none", 404),
        Some(2.0),
        "what clients invent is one route"
    );
    let name = "firstpress_http_request_duration_seconds";
    assert_eq!(samples[&format!("{name}_count{{route=\"/healthz\"}}")], 3.0);
    let buckets = samples
        .iter()
        .filter(|(sample, _)| sample.starts_with(&format!("{name}_bucket")) && sample.contains("healthz"));
    let mut counts: Vec<f64> = buckets.map(|(_, count)| *count).collect();
    counts.sort_by(f64::total_cmp);
    assert_eq!(counts.len(), 11);
    assert_eq!(counts.last(), Some(&3.0), "the last bucket holds all");
}

#[tokio::test]
async fn failures_waiting_and_quarantine_can_be_watched() {
    let pipeline = Pipeline::new(still()).await.failing_check();
    assert_eq!(pipeline.run().await.code, Some(3));
    let url = in_process(&pipeline.database.url, &[]).await;
    let samples = scraped(&url).await;
    assert_eq!(samples["firstpress_last_run_status{status=\"failed\"}"], 1.0);
    assert_eq!(samples["firstpress_last_run_failed_checks"], 1.0);
    assert!(!samples.contains_key("firstpress_last_success_timestamp_seconds"));
    assert!(!samples.contains_key("firstpress_published_timestamp_seconds"));
    let _at_work = RunAtWork::start(&pipeline).await;
    pipeline
        .execute(
            "update ops.album_ledger set loaded_at = null, loaded_run_id = null
                where album_id in (select album_id from ops.album_ledger limit 7);
             insert into raw.quarantine (item_type, item_id, reason, attempts, run_id, extracted_at)
                select 'track', 'a', 'because', 1, run_id, now() from ops.runs limit 1",
        )
        .await;
    let url = in_process(&pipeline.database.url, &[]).await;
    let samples = scraped(&url).await;
    assert_eq!(samples["firstpress_waiting_albums"], 7.0);
    assert_eq!(samples["firstpress_run_in_progress"], 1.0);
    assert_eq!(samples["firstpress_quarantined_items{type=\"track\"}"], 1.0);
    assert_eq!(
        samples["firstpress_last_run_failed_checks"], 1.0,
        "of the last that ended"
    );
}

#[tokio::test]
async fn a_check_that_only_warned_is_no_failed_one() {
    let pipeline = Pipeline::new(still()).await.failing_check();
    pipeline.file(
        "mine/models/doubled.yml",
        "version: 2\nmodels:\n  - name: doubled\n    columns:\n      - name: one\n        data_tests:\n          \
         - unique: {config: {severity: warn}}\n",
    );
    pipeline.run_well().await;
    let url = in_process(&pipeline.database.url, &[]).await;
    let samples = scraped(&url).await;
    assert_eq!(samples["firstpress_last_run_failed_checks"], 0.0);
    assert_eq!(samples["firstpress_last_run_warned_checks"], 1.0);
}

#[tokio::test]
async fn it_is_ready_when_something_is_published_and_the_database_answers() {
    let pipeline = Pipeline::new(still()).await;
    let url = in_process(&pipeline.database.url, &[]).await;
    let get = async |path: &str| reqwest::get(format!("{url}{path}")).await.unwrap();
    let (status, detail) = problem(get("/readyz").await).await;
    assert_eq!(status, 503);
    assert!(detail.contains("firstpress run"), "{detail}");
    pipeline
        .execute("insert into ops.published (published_at) values (now())")
        .await;
    assert_eq!(get("/readyz").await.status(), 200);
    let close = format!(
        "alter database {0} allow_connections false;
         select pg_terminate_backend(pid) from pg_stat_activity where datname = '{0}' and pid <> pg_backend_pid()",
        pipeline.value::<String>("select current_database()").await
    );
    let mut elsewhere = Url::parse(&pipeline.database.url).unwrap();
    elsewhere.set_path("postgres");
    let mut admin = PgConnection::connect(elsewhere.as_str()).await.unwrap();
    sqlx::raw_sql(&close).execute(&mut admin).await.unwrap();
    assert_eq!(problem(get("/readyz").await).await.0, 503);
    assert_eq!(get("/healthz").await.status(), 200);
    assert_eq!(scraped(&url).await["firstpress_database_up"], 0.0);
}
