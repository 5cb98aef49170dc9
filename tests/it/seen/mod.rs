//! A run as it is seen from outside: log lines, CloudWatch's metrics, OpenTelemetry, alerts. All say what `ops` says.

mod alerts;
mod embedded_metrics;
#[cfg(feature = "otel")]
mod opentelemetry;
mod secrets;

use std::collections::BTreeMap;

use firstpress::sandbox::Options;
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use crate::pipeline::{Ended, Pipeline, still};

/// A figure's name, with its stage where it has one, and its value.
type Figures = BTreeMap<(String, Option<String>), f64>;

/// Calls that go wrong once: a 429, a 503, a token that is refused.
fn troubled() -> Options {
    let faults = ["tracks:1:429=1", "albums:1:503", "audio-features:1:401"];
    Options {
        faults: faults.map(|fault| fault.parse().unwrap()).into(),
        ..still()
    }
}

/// The figures of the latest run, as the ledger has them. Those that hold the time of their own making are not here.
async fn ledger(db: &PgPool) -> Figures {
    const OF_RUN: &str = "
        with latest as (select * from ops.runs order by started_at desc limit 1),
        calls as (
            select sum(calls) as calls, sum(rate_limited) as rate_limited, sum(waited_seconds) as waited
            from ops.api_calls inner join latest using (run_id)
        ),
        stored as (
            select sum(counts.value::numeric) as rows
            from ops.run_steps inner join latest using (run_id), jsonb_each_text(detail) as counts
            where step in ('load', 'finish_load') and counts.key <> 'batches'
        )
        select jsonb_strip_nulls(jsonb_build_object(
            'RunSucceeded', (latest.status = 'succeeded')::integer,
            'RunFailed', (latest.status = 'failed')::integer,
            'RunPostponed', (latest.status in ('postponed', 'interrupted'))::integer,
            'ChecksFailed', (
                select count(*) filter (where results.status = 'failed')
                from ops.check_results as results where results.run_id = latest.run_id having count(*) > 0
            ),
            'NewAlbums', (
                select (select count(*) from ops.album_ledger where discovered_run_id = latest.run_id)
                from ops.run_steps as steps where steps.run_id = latest.run_id and step = 'exclude_known'
            ),
            'RowsLoaded', coalesce(stored.rows, 0),
            'Calls', coalesce(calls.calls, 0),
            'RateLimited', coalesce(calls.rate_limited, 0),
            'WaitSeconds', coalesce(calls.waited, 0),
            'AlbumsWaiting', (select count(*) from ops.album_ledger where loaded_at is null)
        ))
        from latest, calls, stored";
    const OF_STAGES: &str = "
        select step, extract(epoch from finished_at - started_at)::double precision
        from ops.run_steps where run_id = (select run_id from ops.runs order by started_at desc limit 1)";
    let of_run: Value = sqlx::query_scalar(OF_RUN).fetch_one(db).await.unwrap();
    let of_run = of_run.as_object().unwrap().iter();
    let stages: Vec<(String, f64)> = sqlx::query_as(OF_STAGES).fetch_all(db).await.unwrap();
    of_run
        .map(|(name, value)| ((name.clone(), None), value.as_f64().unwrap()))
        .chain(stages.into_iter().map(|(stage, seconds)| {
            let name = "StageSeconds".to_owned();
            ((name, Some(stage)), seconds)
        }))
        .collect()
}

/// Asserts that figures are the ledger's, but for those that hold the time of their own making, which are returned.
async fn assert_as_in_ledger(db: &PgPool, mut told: Figures) -> [Option<f64>; 3] {
    let volatile = ["RunSeconds", "FreshnessSeconds", "PostponedInARow"];
    let volatile = volatile.map(|name| told.remove(&(name.to_owned(), None)));
    let ledger = ledger(db).await;
    assert_eq!(
        told.keys().collect::<Vec<_>>(),
        ledger.keys().collect::<Vec<_>>(),
        "the names"
    );
    for (name, expected) in &ledger {
        let found = told[name];
        // the ledger holds microseconds
        assert!(
            (found - expected).abs() < 2e-6,
            "{name:?}: {found}, in the ledger {expected}"
        );
    }
    volatile
}

/// How long the latest run took by the ledger, and how old its newest album is by now.
async fn took_and_age(db: &PgPool) -> (f64, Option<f64>) {
    const QUERY: &str = "
        select
            extract(epoch from finished_at - started_at)::double precision,
            (select extract(epoch from now() - max(extracted_at)) from raw.albums)::double precision
        from ops.runs order by started_at desc limit 1";
    sqlx::query_as(QUERY).fetch_one(db).await.unwrap()
}

/// Every line that a run writes is JSON and carries its id.
fn run_of(ended: &Ended) -> Uuid {
    let run_id = ended.result["run_id"].as_str().unwrap();
    assert!(!ended.stderr.is_empty());
    for line in ended.stderr.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(line["run_id"], run_id, "{line}");
    }
    run_id.parse().unwrap()
}

#[tokio::test]
async fn every_line_of_a_run_carries_its_id_and_the_last_says_how_it_ended() {
    let pipeline = Pipeline::new(troubled())
        .await
        .with("METRICS_NAMESPACE", "Firstpress");
    let ended = pipeline.run().await;
    let run_id = run_of(&ended);
    // a line from a task that was spawned, and one of a stage
    for words in ["429 on /tracks", "transform done"] {
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
    assert_eq!(
        pipeline.value::<Uuid>("select run_id from ops.runs").await,
        run_id
    );
    assert_eq!(
        (&ended.result["outcome"], &ended.result["exit_code"]),
        (&"succeeded".into(), &0.into())
    );
    assert_eq!(ended.result["error"], Value::Null);
}

#[tokio::test]
async fn a_run_that_fails_says_so_in_one_line_with_the_figures_until_then() {
    let fault = "tracks:2-99:400".parse().unwrap();
    let pipeline = Pipeline::new(Options {
        faults: vec![fault],
        ..still()
    })
    .await;
    let ended = pipeline.run().await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let result = &ended.result;
    assert_eq!(
        run_of(&ended),
        pipeline.value::<Uuid>("select run_id from ops.runs").await
    );
    assert_eq!(
        (&result["outcome"], &result["exit_code"]),
        (&"failed".into(), &1.into())
    );
    assert_eq!(
        result["error"],
        pipeline.value::<String>("select error from ops.runs").await
    );
    assert_eq!(
        (&result["listed"], &result["new_albums"]),
        (&60.into(), &60.into())
    );
    let calls: i64 = pipeline
        .value("select calls from ops.api_calls where endpoint = '/tracks'")
        .await;
    assert_eq!(result["calls"]["/tracks"]["calls"], calls);
    let steps = result["steps"].as_array().unwrap().len() as i64;
    assert_eq!(
        steps,
        pipeline.value::<i64>("select count(*) from ops.run_steps").await
    );

    let nowhere = pipeline.with("DATABASE_URL", "postgres://nobody@127.0.0.1:9/nothing");
    let ended = nowhere.run().await;
    assert_eq!(
        (ended.code, &ended.result["outcome"]),
        (Some(1), &"failed".into())
    );
    run_of(&ended);
    assert!(ended.result["error"].as_str().unwrap().contains("127.0.0.1:9"));
    assert_eq!(ended.result["new_albums"], Value::Null, "nobody has looked");
}

#[cfg(not(feature = "otel"))]
#[tokio::test]
async fn without_the_feature_a_collector_that_is_set_is_warned_of_once() {
    let pipeline = Pipeline::new(still())
        .await
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
    let ended = pipeline.run().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(
        ended.stderr.matches("built without the feature otel").count(),
        1,
        "{}",
        ended.stderr
    );
}
