//! Processes that are killed while they archive, or replay.

use std::time::{Duration, Instant};

use firstpress::sandbox::Options;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{archive, archiving, assert_equal, everything, manifest, manifests, replay};
use crate::deaths::until_no_run_holds_the_lock;
use crate::harness::database;
use crate::pipeline::{Pipeline, still};

/// Moments at which a process is killed, as parts of the time that it takes.
const MOMENTS: [f64; 6] = [0.05, 0.2, 0.4, 0.6, 0.8, 0.95];

fn large() -> Options {
    Options {
        albums: 150,
        tracks_per_album: Some(10),
        ..still()
    }
}

/// Every manifest has all its files, as it says they are.
fn assert_whole(pipeline: &Pipeline) -> usize {
    let directory = archive(pipeline);
    let manifests = manifests(&directory);
    for path in manifests.iter().filter(|path| !path.contains('#')) {
        for file in manifest(&directory, path)["files"].as_array().unwrap() {
            let path = file["path"].as_str().unwrap();
            let bytes = std::fs::read(directory.join(path)).unwrap();
            let digest: String = Sha256::digest(&bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(Value::from(digest), file["sha256"], "{path}");
        }
    }
    manifests.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_moment_a_run_is_killed_at_while_it_archives_the_next_one_catches_up() {
    let pipeline = archiving(large()).await;
    let (began, took) = archiving_time(&pipeline).await;
    let mut killed_in_it = 0;
    for (number, moment) in MOMENTS.into_iter().enumerate() {
        pipeline.execute("delete from ops.archives").await;
        std::fs::remove_dir_all(archive(&pipeline)).unwrap();
        let mut run = pipeline.spawn(&["run"]);
        let spawned = Instant::now();
        until_it_archives(&pipeline, number).await;
        tokio::time::sleep(took.mul_f64(moment)).await;
        run.start_kill().unwrap();
        run.wait().await.unwrap();
        until_no_run_holds_the_lock(&pipeline.database.pool).await;
        let archived: i64 = pipeline.value("select count(*) from ops.archives").await;
        let whole = assert_whole(&pipeline);
        assert!(archived <= whole as i64, "{archived} of {whole}");
        killed_in_it += usize::from(whole < 2 + number);
        println!(
            "killed {:?} after its start ({began:?}), {whole} manifests",
            spawned.elapsed()
        );
    }
    assert!(killed_in_it > 0, "no kill came in time");

    pipeline.run_well().await;
    let runs: i64 = pipeline.value("select count(*) from ops.runs").await;
    assert_eq!(assert_whole(&pipeline) as i64, runs);
    // a run that finds nothing new leaves the tables, and when they were updated, as they were
    let refreshed = pipeline.firstpress(&["transform", "--full-refresh"]).await;
    assert_eq!(refreshed.code, Some(0), "{}", refreshed.stderr);
    let original = everything(&pipeline.database.pool).await;
    let second = database().await;
    let (_pipeline, ended) = replay(pipeline, &second, &[]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_equal(&original, &everything(&second.pool).await);
}

/// When the archive of a first run begins, and how long it takes.
async fn archiving_time(pipeline: &Pipeline) -> (Duration, Duration) {
    let started = Instant::now();
    pipeline.run_well().await;
    let seconds = "select extract(epoch from finished_at - started_at)::float8 from ops.run_steps where step = 'archive'";
    let took = Duration::from_secs_f64(pipeline.value(seconds).await);
    (started.elapsed() - took, took)
}

/// The archive begins once the run has ended in the ledger.
async fn until_it_archives(pipeline: &Pipeline, earlier_kills: usize) {
    let ended = "select count(*) from ops.runs where status = 'succeeded'";
    let before = 1 + earlier_kills as i64;
    while pipeline.value::<i64>(ended).await <= before {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_that_is_killed_leaves_the_tables_as_they_were() {
    let pipeline = archiving(large()).await;
    pipeline.run_well().await;
    let original = everything(&pipeline.database.pool).await;
    let started = Instant::now();
    assert_eq!(pipeline.firstpress(&["replay"]).await.code, Some(0));
    let took = started.elapsed();
    for source in ["archive", "json"] {
        for moment in MOMENTS {
            let mut replay = pipeline.spawn(&["replay", "--from", source]);
            tokio::time::sleep(took.mul_f64(moment)).await;
            replay.start_kill().unwrap();
            replay.wait().await.unwrap();
            until_no_run_holds_the_lock(&pipeline.database.pool).await;
            assert_equal(&original, &everything(&pipeline.database.pool).await);
        }
    }
}
