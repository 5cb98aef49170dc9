//! Runs that die: by a kill, by a signal, or because the database goes away.

use std::time::{Duration, Instant};

use firstpress::postgres::embedded::{EmbeddedPostgres, Settings};
use firstpress::sandbox::Options;
use rustix::process::Signal;
use serde_json::json;
use sqlx::PgPool;

use crate::pipeline::{Ended, Pipeline, assert_same, empty_directory, still};

/// A run that takes about two seconds of which most is spent waiting for the sandbox.
pub(crate) fn slow() -> Options {
    Options {
        latency_ms: 100,
        ..still()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_at_random_moments_and_one_run_end_with_the_tables_of_an_undisturbed_run() {
    let undisturbed = Pipeline::new(slow()).await;
    let started = Instant::now();
    undisturbed.run_well().await;
    let whole_run = started.elapsed();

    let pipeline = Pipeline::new(slow()).await;
    let mut killed = 0;
    let mut moments = Vec::new();
    while killed < 20 {
        // a run that has everything loaded is short: the moments follow the work that is left
        let moment = whole_run.mul_f64(rand::random::<f64>() * 0.5);
        let mut child = pipeline.spawn(&["run"]);
        tokio::select! {
            _ = child.wait() => continue_after_a_whole_run(&pipeline).await,
            () = tokio::time::sleep(moment) => {
                child.start_kill().unwrap();
                child.wait().await.unwrap();
                killed += 1;
                moments.push(moment);
            }
        }
        assert_eq!(half_loaded(&pipeline).await, 0, "killed after {moments:?}");
    }
    pipeline.run_well().await;

    println!("killed after {moments:?}");
    assert_same(&undisturbed.content().await, &pipeline.content().await);
    let running: i64 = pipeline
        .value("select count(*) from ops.runs where status = 'running'")
        .await;
    assert_eq!(running, 0);
    let died: i64 = pipeline
        .value("select count(*) from ops.runs where status = 'died'")
        .await;
    assert!(died > 0, "kills after {moments:?} left no mark in the ledger");
}

/// The kill came too late: start anew with the sandbox's albums unknown again.
async fn continue_after_a_whole_run(pipeline: &Pipeline) {
    pipeline
        .execute(
            "truncate raw.albums, raw.album_tracks, raw.track_details, raw.audio_features, raw.artists,
                 raw.track_popularity, raw.market_sets;
             update ops.album_ledger set loaded_at = null, loaded_run_id = null;",
        )
        .await;
}

/// Albums of which the ledger and the tables do not say the same.
pub(crate) async fn half_loaded(pipeline: &Pipeline) -> i64 {
    pipeline
        .value(
            "select count(*)
             from ops.album_ledger as ledger
             full join raw.albums as albums using (album_id)
             where (ledger.loaded_at is not null) <> (albums.album_id is not null)
                or albums.total_tracks <> (
                    select count(*) from raw.album_tracks as tracks
                    inner join raw.track_details using (track_id)
                    inner join raw.audio_features using (track_id)
                    where tracks.album_id = albums.album_id
                )",
        )
        .await
}

#[tokio::test]
async fn sigterm_stores_what_is_complete_and_the_next_run_asks_for_none_of_it_again() {
    let pipeline = Pipeline::new(Options {
        albums: 200,
        ..slow()
    })
    .await;
    let child = pipeline.spawn(&["run"]);
    until(
        &pipeline.database.pool,
        "select count(*) > 0 from ops.album_ledger where loaded_at is not null",
    )
    .await;
    let asked_to_end = Instant::now();
    child.signal(Signal::TERM);
    let ended = Ended::from(child.wait_with_output().await);
    assert!(asked_to_end.elapsed() < Duration::from_secs(10));
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
    assert!(ended.stderr.contains("interrupted"), "{}", ended.stderr);
    assert_eq!(
        pipeline.value::<String>("select status from ops.runs").await,
        "interrupted"
    );
    let loaded: i64 = pipeline
        .value("select count(*) from ops.album_ledger where loaded_at is not null")
        .await;
    assert!((1..200).contains(&loaded), "{loaded} albums");
    assert_eq!(half_loaded(&pipeline).await, 0);

    let report = pipeline.run_well().await;
    assert_eq!(report["left_by_earlier_runs"], json!(200 - loaded));
    assert_eq!(report["loaded"]["albums"], json!(200 - loaded));
}

#[tokio::test]
async fn a_second_signal_ends_a_run_that_the_first_does_not_end_at_once() {
    let pipeline = Pipeline::new(still()).await;
    let mut in_the_way = pipeline.database.pool.begin().await.unwrap();
    sqlx::query("lock table ops.run_steps")
        .execute(&mut *in_the_way)
        .await
        .unwrap();
    let mut child = pipeline.spawn(&["run"]);
    until(
        &pipeline.database.pool,
        "select count(*) > 0 from pg_locks where not granted and relation = 'ops.run_steps'::regclass",
    )
    .await;
    child.signal(Signal::INT);
    child.says("asked to end").await;
    // the second may come before the process listens again
    let ended = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            child.signal(Signal::INT);
            if let Ok(ended) = tokio::time::timeout(Duration::from_millis(50), child.wait()).await {
                return ended.unwrap();
            }
        }
    });
    assert_eq!(ended.await.unwrap().code(), Some(130));
    in_the_way.rollback().await.unwrap();
    pipeline.run_well().await;
}

#[tokio::test]
async fn a_second_run_beside_a_first_is_refused_and_names_it() {
    let pipeline = Pipeline::new(slow()).await;
    let first = pipeline.spawn(&["run"]);
    until(&pipeline.database.pool, "select count(*) > 0 from ops.runs").await;
    let run_id: String = pipeline.value("select run_id::text from ops.runs").await;
    let second = pipeline.run().await;
    assert_eq!(second.code, Some(75), "{}", second.stderr);
    assert!(second.stderr.contains(&run_id), "{}", second.stderr);
    let first = first.wait_with_output().await;
    assert_eq!(first.status.code(), Some(0));
    assert_eq!(pipeline.value::<i64>("select count(*) from ops.runs").await, 1);
}

#[tokio::test]
async fn a_database_that_goes_away_ends_the_run_with_nothing_half_loaded() {
    let directory = empty_directory();
    let settings = || Settings {
        directory: directory.clone(),
        bin_dir: None,
        durable: false,
    };
    let server = EmbeddedPostgres::start(settings()).await.unwrap();
    let pipeline = Pipeline::new(slow()).await.with("DATABASE_URL", &server.url());
    let child = pipeline.spawn(&["run"]);
    let pool = PgPool::connect(&server.url()).await.unwrap();
    until(
        &pool,
        "select count(*) > 0 from ops.album_ledger where loaded_at is not null",
    )
    .await;
    pool.close().await;
    server.stop().await.unwrap();
    let ended = Ended::from(child.wait_with_output().await);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.result["error"].is_string(), "{}", ended.result);

    let server = EmbeddedPostgres::start(settings()).await.unwrap();
    let pipeline = pipeline.with("DATABASE_URL", &server.url());
    let report = pipeline.run_well().await;
    let left = report["left_by_earlier_runs"].as_u64().unwrap();
    assert!((1..60).contains(&left), "{left} albums left");
    assert_eq!(report["loaded"]["albums"], json!(left));
    let pool = PgPool::connect(&server.url()).await.unwrap();
    let earlier = sqlx::query_scalar("select status from ops.runs order by started_at limit 1");
    assert_eq!(earlier.fetch_one(&pool).await.ok(), Some("died".to_owned()));
    pool.close().await;
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_full_disk_ends_the_run_with_nothing_half_loaded() {
    let pipeline = Pipeline::new(still()).await;
    // the error that Postgres reports, at the place where it would
    pipeline
        .execute(
            "create function disk_full() returns trigger language plpgsql as $$
             begin
                 raise 'could not extend file: No space left on device' using errcode = 'disk_full';
             end $$;
             create trigger disk_full before insert on raw.audio_features
             for each row execute function disk_full();",
        )
        .await;
    let ended = pipeline.run().await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("No space left on device"),
        "{}",
        ended.stderr
    );
    assert_eq!(pipeline.value::<i64>("select count(*) from raw.albums").await, 0);
    assert_eq!(
        pipeline.value::<String>("select status from ops.runs").await,
        "failed"
    );
    let failed: Vec<String> = pipeline
        .column("select step from ops.run_steps where status = 'failed'")
        .await;
    assert!(failed.contains(&"load".to_owned()), "{failed:?}");

    pipeline
        .execute("drop trigger disk_full on raw.audio_features")
        .await;
    pipeline.run_well().await;
    assert_eq!(pipeline.value::<i64>("select count(*) from raw.albums").await, 60);
}

/// Waits until the server has noticed that a run is gone: it may be busy with what a dead process sent last.
pub(crate) async fn until_no_run_holds_the_lock(pool: &PgPool) {
    until(
        pool,
        "select count(*) = 0 from pg_locks
         where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
    )
    .await;
}

/// Waits until the query says true.
pub(crate) async fn until(pool: &PgPool, query: &'static str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let answer = sqlx::query_scalar::<_, bool>(query).fetch_one(pool).await;
        if answer.unwrap_or(false) {
            return;
        }
        assert!(Instant::now() < deadline, "never true: {query}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
