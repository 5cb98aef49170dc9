//! CloudWatch's embedded metric format, read by a parser that is written from its published specification.

use std::collections::BTreeSet;

use firstpress::sandbox::Options;
use serde_json::{Map, Value};
use sqlx::Connection;
use sqlx::PgConnection;

use super::{Figures, assert_as_in_ledger, run_of, took_and_age, troubled};
use crate::pipeline::{Ended, Pipeline, still};

const NAMESPACE: &str = "Firstpress/Test";

/// The units that CloudWatch knows.
const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

/// What CloudWatch would extract from a log: each metric's name with the value of its dimension, and its value.
fn extracted(log: &str) -> Figures {
    let mut figures = Figures::new();
    let documents = log.lines().filter_map(|line| match serde_json::from_str(line) {
        Ok(Value::Object(root)) if root.contains_key("_aws") => Some(root),
        _ => None,
    });
    for root in documents {
        for (metric, value) in metrics(&root) {
            assert_eq!(
                figures.insert(metric.clone(), value),
                None,
                "{metric:?} comes twice"
            );
        }
    }
    figures
}

/// The metrics of a document, which must be valid.
fn metrics(root: &Map<String, Value>) -> Vec<((String, Option<String>), f64)> {
    let metadata = root["_aws"].as_object().unwrap();
    let timestamp = metadata["Timestamp"].as_i64().unwrap();
    let age = chrono::Utc::now().timestamp_millis() - timestamp;
    assert!(
        (0..600_000).contains(&age),
        "{timestamp} is no time in milliseconds of just now"
    );
    let directives = metadata["CloudWatchMetrics"].as_array().unwrap();
    assert!(!directives.is_empty());
    assert!(serde_json::to_string(root).unwrap().len() < 256 * 1024);
    directives
        .iter()
        .flat_map(|directive| of_directive(root, directive))
        .collect()
}

fn of_directive(root: &Map<String, Value>, directive: &Value) -> Vec<((String, Option<String>), f64)> {
    let members: BTreeSet<&str> = directive
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(members, BTreeSet::from(["Dimensions", "Metrics", "Namespace"]));
    assert_eq!(directive["Namespace"], NAMESPACE);
    let [dimensions] = &directive["Dimensions"].as_array().unwrap()[..] else {
        panic!("one set of dimensions: {directive}")
    };
    let dimensions = dimensions.as_array().unwrap();
    assert!(dimensions.len() <= 30);
    let dimension = dimensions.first().map(|name| {
        assert_eq!((name, dimensions.len()), (&"Stage".into(), 1));
        // the target of a dimension is a member of the root, and a text
        root["Stage"].as_str().unwrap().to_owned()
    });
    let metrics = directive["Metrics"].as_array().unwrap();
    assert!((1..=100).contains(&metrics.len()));
    let names: BTreeSet<&str> = metrics
        .iter()
        .map(|metric| metric["Name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), metrics.len(), "a name comes twice");
    let read = |metric: &Value| {
        let (name, unit) = (metric["Name"].as_str().unwrap(), metric["Unit"].as_str().unwrap());
        assert!(UNITS.contains(&unit), "{unit}");
        assert_eq!(unit == "Seconds", name.ends_with("Seconds"), "{name} in {unit}");
        let value = root[name].as_f64().unwrap();
        assert!(
            value >= 0.0 && (unit != "Count" || root[name].is_u64()),
            "{name}: {value}"
        );
        ((name.to_owned(), dimension.clone()), value)
    };
    metrics.iter().map(read).collect()
}

async fn pipeline(options: Options) -> Pipeline {
    Pipeline::new(options).await.with("METRICS_NAMESPACE", NAMESPACE)
}

/// Of a run that is in the ledger, all that was told is there; returns how many runs in a row were postponed.
async fn assert_told(pipeline: &Pipeline, ended: &Ended) -> f64 {
    run_of(ended);
    let db = &pipeline.database.pool;
    let [seconds, freshness, in_a_row] = assert_as_in_ledger(db, extracted(&ended.stderr)).await;
    let (took, age) = took_and_age(db).await;
    let started_before = seconds.unwrap() - took;
    assert!(
        (0.0..20.0).contains(&started_before),
        "{seconds:?} s, in the ledger {took} s"
    );
    let since = age.zip(freshness).map(|(age, freshness)| age - freshness);
    assert_eq!(age.is_some(), freshness.is_some());
    assert!(
        since.is_none_or(|since| (0.0..30.0).contains(&since)),
        "{freshness:?}, {age:?} by now"
    );
    in_a_row.unwrap()
}

#[tokio::test]
async fn the_metrics_of_runs_are_valid_and_equal_the_ledger() {
    let pipeline = pipeline(troubled()).await;
    let first = pipeline.run().await;
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert_eq!(assert_told(&pipeline, &first).await, 0.0);
    let told = extracted(&first.stderr);
    let of_run = |name: &str| told[&(name.to_owned(), None)];
    assert_eq!((of_run("NewAlbums"), of_run("RateLimited")), (60.0, 1.0));
    assert!(
        of_run("WaitSeconds") >= 2.0,
        "a Retry-After and a pause of a second each"
    );
    const STORED: &str = "select sum(rows)::bigint from (
        select count(*) as rows from raw.albums union all select count(*) from raw.album_tracks
        union all select count(*) from raw.track_details union all select count(*) from raw.audio_features
        union all select count(*) from raw.track_popularity union all select count(*) from raw.artists) as tables";
    let stored: i64 = pipeline.value(STORED).await;
    let merged_twice = of_run("RowsLoaded") - stored as f64;
    let artists: i64 = pipeline.value("select count(*) from raw.artists").await;
    assert!(
        (0.0..artists as f64).contains(&merged_twice),
        "{merged_twice} rows more than are stored"
    );

    let second = pipeline.run().await;
    assert_told(&pipeline, &second).await;
    let told = extracted(&second.stderr);
    assert_eq!(
        told.get(&("ChecksFailed".to_owned(), None)),
        None,
        "no check was made"
    );
    assert_eq!(told[&("RowsLoaded".to_owned(), None)], 0.0);
}

#[tokio::test]
async fn without_a_namespace_there_are_no_metrics() {
    let ended = Pipeline::new(still()).await.run().await;
    assert!(!ended.stderr.contains("_aws"), "{}", ended.stderr);
}

#[tokio::test]
async fn runs_that_are_put_off_are_counted_until_one_comes_through() {
    let pipeline = pipeline(still()).await;
    let quota = serde_json::json!(["audio-features:*:quota=5000"]);
    pipeline.tell_sandbox("faults", quota.clone()).await;
    let first = pipeline.run().await;
    assert_eq!(first.code, Some(75), "{}", first.stderr);
    assert_eq!(assert_told(&pipeline, &first).await, 1.0);

    // a run that is refused has no entry in the ledger, and counts itself alone beside those that have
    let refused = pipeline.run().await;
    assert_eq!(refused.code, Some(75), "{}", refused.stderr);
    let told = extracted(&refused.stderr);
    let of_run = |name: &str| told.get(&(name.to_owned(), None)).copied();
    assert_eq!(of_run("RunPostponed"), Some(1.0));
    assert_eq!(of_run("PostponedInARow"), Some(2.0));
    assert_eq!(
        (of_run("Calls"), of_run("NewAlbums"), of_run("RowsLoaded")),
        (Some(0.0), None, None)
    );
    assert_eq!(of_run("AlbumsWaiting"), Some(60.0));

    const ALLOW: &str =
        "update ops.runs set not_before = null; update ops.spotify_apps set not_before = null";
    pipeline.execute(ALLOW).await;
    let again = pipeline.run().await;
    assert_eq!(assert_told(&pipeline, &again).await, 2.0);
    pipeline.execute(ALLOW).await;
    pipeline.tell_sandbox("faults", serde_json::json!([])).await;
    let through = pipeline.run().await;
    assert_eq!(through.code, Some(0), "{}", through.stderr);
    assert_eq!(assert_told(&pipeline, &through).await, 0.0);
}

#[tokio::test]
async fn a_run_beside_another_is_put_off_and_one_in_a_foreign_database_has_failed() {
    let pipeline = pipeline(still()).await;
    let mut other = PgConnection::connect(&pipeline.database.url).await.unwrap();
    sqlx::raw_sql("select pg_advisory_lock(x'667072657373'::bigint)")
        .execute(&mut other)
        .await
        .unwrap();
    let refused = pipeline.run().await;
    assert_eq!(refused.code, Some(75), "{}", refused.stderr);
    let of_run = |ended: &Ended, name: &str| extracted(&ended.stderr).get(&(name.to_owned(), None)).copied();
    assert_eq!(of_run(&refused, "RunPostponed"), Some(1.0));
    assert_eq!(of_run(&refused, "PostponedInARow"), Some(1.0));
    assert_eq!(refused.result["outcome"], "postponed");
    other.close().await.unwrap();

    let sandboxed = pipeline.firstpress(&["run", "--sandbox", "--albums", "5"]).await;
    assert_eq!(sandboxed.code, Some(0), "{}", sandboxed.stderr);
    let foreign = pipeline.run().await;
    assert_eq!(foreign.code, Some(2), "{}", foreign.stderr);
    assert_eq!(
        (of_run(&foreign, "RunFailed"), of_run(&foreign, "PostponedInARow")),
        (Some(1.0), Some(0.0))
    );
}

#[tokio::test]
async fn a_run_that_fails_tells_what_is_known() {
    let pipeline = pipeline(still()).await.failing_check();
    let failed = pipeline.run().await;
    assert_eq!(failed.code, Some(3), "{}", failed.stderr);
    assert_eq!(assert_told(&pipeline, &failed).await, 0.0);
    assert_eq!(extracted(&failed.stderr)[&("ChecksFailed".to_owned(), None)], 1.0);

    let known_of = |ended: &Ended| -> BTreeSet<String> {
        extracted(&ended.stderr)
            .into_keys()
            .map(|(name, _)| name)
            .collect()
    };
    let nothing_but = [
        "Calls",
        "RateLimited",
        "RunFailed",
        "RunPostponed",
        "RunSeconds",
        "RunSucceeded",
        "WaitSeconds",
    ];
    let nothing_but = BTreeSet::from(nothing_but.map(str::to_owned));
    let nowhere = pipeline.with("DATABASE_URL", "postgres://nobody@127.0.0.1:9/nothing");
    let ended = nowhere.run().await;
    assert_eq!(
        (ended.code, known_of(&ended)),
        (Some(1), nothing_but.clone()),
        "{}",
        ended.stderr
    );
    let nobody = nowhere
        .with("SPOTIFY_CLIENT_ID", "")
        .with("SPOTIFY_CLIENT_SECRET", "");
    let ended = nobody.run().await;
    assert_eq!(
        (ended.code, known_of(&ended)),
        (Some(2), nothing_but),
        "{}",
        ended.stderr
    );
}
