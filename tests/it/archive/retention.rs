//! What the archive may keep no longer.

use serde_json::{Value, json};

use super::{archive, archiving, assert_equal, everything, files, manifests, replay};
use crate::harness::database;
use crate::pipeline::{Pipeline, still};

/// A run of two years ago and one of today, both in the archive.
async fn old_and_new() -> Pipeline {
    let pipeline = archiving(still()).await.with("ARCHIVE_URL", "");
    pipeline.run_well().await;
    pipeline
        .execute("update ops.runs set started_at = started_at - interval '730 days'")
        .await;
    pipeline.tell_sandbox("release", json!({"albums": 5})).await;
    let pipeline = pipeline.with("ARCHIVE_URL", "archive");
    let report = pipeline.run_well().await;
    assert_eq!(report["archived"]["runs"], 2, "{report}");
    pipeline
}

async fn purge(pipeline: &Pipeline, arguments: &[&str]) -> Value {
    let ended = pipeline.firstpress(&[&["purge"], arguments].concat()).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let rows = ended.result["rows"].as_array().unwrap().iter();
    let mut of_archive = rows.filter(|row| row["retention"] == "archive");
    of_archive.next().unwrap()["rows"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_beyond_the_retention_of_the_archive_goes_and_is_not_archived_again() {
    let pipeline = old_and_new().await.with("RETENTION_DAYS", "archive=365");
    let overdue = &pipeline.firstpress(&["status"]).await.result["overdue"];
    assert_eq!(
        *overdue,
        json!([{"retention": "archive", "days": 365, "rows": 1}])
    );
    let before = files(&archive(&pipeline));
    assert_eq!(purge(&pipeline, &["--dry-run"]).await, 1);
    assert_eq!(files(&archive(&pipeline)), before);
    let raw = everything(&pipeline.database.pool).await;

    // what an archiving process that was killed left half written goes too
    let old = manifests(&archive(&pipeline)).remove(0);
    let half = old
        .replace("manifests", "raw/albums")
        .replace(".json", ".parquet#1");
    std::fs::write(archive(&pipeline).join(half), "PAR1").unwrap();
    assert_eq!(purge(&pipeline, &[]).await, 1);
    let run: String = pipeline
        .value("select run_id::text from ops.runs order by started_at limit 1")
        .await;
    let is_new = |file: &String| !file.contains(&run);
    let left: Vec<String> = before.into_iter().filter(is_new).collect();
    assert_eq!(files(&archive(&pipeline)), left);
    assert_equal(&raw, &everything(&pipeline.database.pool).await);
    let written: i64 = pipeline
        .value("select rows from ops.purged where retention = 'archive'")
        .await;
    assert_eq!(written, 1);
    let overdue = &pipeline.firstpress(&["status"]).await.result["overdue"];
    assert_eq!(*overdue, json!([]));

    // also where nobody tells the run of the retention
    let pipeline = pipeline.with("RETENTION_DAYS", "");
    assert_eq!(pipeline.run_well().await["archived"]["runs"], 1);
    assert!(files(&archive(&pipeline)).iter().all(is_new));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_that_was_killed_among_the_files_is_finished_by_the_next() {
    let pipeline = old_and_new().await.with("RETENTION_DAYS", "archive=365");
    // the manifest and some of the files are gone
    let old = manifests(&archive(&pipeline)).remove(0);
    std::fs::remove_file(archive(&pipeline).join(&old)).unwrap();
    let albums = old
        .replace("manifests", "raw/albums")
        .replace(".json", ".parquet");
    std::fs::remove_file(archive(&pipeline).join(albums)).unwrap();
    assert_eq!(purge(&pipeline, &[]).await, 0);
    assert_eq!(manifests(&archive(&pipeline)).len(), 1);
    let folder = old.split('/').nth(1).unwrap();
    assert!(
        !files(&archive(&pipeline))
            .iter()
            .any(|file| file.contains(folder))
    );
    assert_eq!(pipeline.run_well().await["archived"]["runs"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_runs_that_went_from_the_ledger_are_reached_all_the_same() {
    let pipeline = old_and_new().await;
    pipeline.run_well().await;
    // the second run finds nothing, and no album names it
    pipeline
        .execute("update ops.runs set started_at = started_at - interval '100 days'")
        .await;
    pipeline.run_well().await;
    let pipeline = pipeline.with("RETENTION_DAYS", "runs=90");
    assert_eq!(pipeline.firstpress(&["purge"]).await.code, Some(0));
    let runs: i64 = pipeline.value("select count(*) from ops.runs").await;
    assert_eq!((runs, manifests(&archive(&pipeline)).len()), (3, 4));
    assert_eq!(pipeline.run_well().await["archived"]["runs"], 1);

    // their files lie by the day on which they started, which is today: two days later
    for file in files(&archive(&pipeline)) {
        let (folder, name) = file.split_once("/date=").unwrap();
        let name = name.split_once('/').unwrap().1;
        let to = archive(&pipeline).join(format!("{folder}/date=2001-01-01/{name}"));
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::rename(archive(&pipeline).join(&file), to).unwrap();
    }
    let pipeline = pipeline.with("RETENTION_DAYS", "archive=1");
    assert_eq!(purge(&pipeline, &[]).await, 5);
    assert_eq!(files(&archive(&pipeline)), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_keeps_what_only_the_database_still_has() {
    let pipeline = old_and_new()
        .await
        .with("RETENTION_DAYS", "archive=365 albums=300");
    // half of the old albums are beyond their retention in the database too
    pipeline
        .execute(
            "update raw.albums set extracted_at = extracted_at - interval '730 days'
             where album_id < '4' and run_id = (select run_id from ops.runs order by started_at limit 1)",
        )
        .await;
    assert_eq!(purge(&pipeline, &[]).await, 1);
    let known: i64 = pipeline.value("select count(*) from ops.album_ledger").await;
    let albums: i64 = pipeline.value("select count(*) from raw.albums").await;
    assert!(5 < albums && albums < known, "{albums} of {known}");
    let refreshed = pipeline.firstpress(&["transform", "--full-refresh"]).await;
    assert_eq!(refreshed.code, Some(0), "{}", refreshed.stderr);
    let before = everything(&pipeline.database.pool).await;
    let ended = pipeline.firstpress(&["replay", "--from", "archive"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    // the new run saw the purged albums in the list: purge both
    purge(&pipeline, &[]).await;
    assert_equal(&before, &everything(&pipeline.database.pool).await);
    let report = pipeline.run_well().await;
    assert_eq!(report["loaded"]["albums"], 0, "{report}");

    // an empty database gets what is left
    let second = database().await;
    let (_pipeline, ended) = replay(pipeline, &second, &[]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let albums = "select count(*) from raw.albums";
    let albums: i64 = sqlx::query_scalar(albums).fetch_one(&second.pool).await.unwrap();
    assert_eq!(albums, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_their_json_are_archived_and_stay_as_they_are() {
    let pipeline = archiving(still()).await.with("ARCHIVE_URL", "");
    pipeline.run_well().await;
    pipeline
        .execute(
            "update raw.albums set json = null;
             update raw.album_tracks set json = null where album_id < '4';
             update raw.track_details set json = null where track_id < '4';
             update raw.audio_features set json = null where track_id < '4'",
        )
        .await;
    let pipeline = pipeline.with("ARCHIVE_URL", "archive");
    assert_eq!(pipeline.run_well().await["archived"]["runs"], 2);
    let refreshed = pipeline.firstpress(&["transform", "--full-refresh"]).await;
    assert_eq!(refreshed.code, Some(0), "{}", refreshed.stderr);
    let original = everything(&pipeline.database.pool).await;

    let decoded = pipeline.firstpress(&["replay", "--from", "json"]).await;
    assert_eq!(
        (&decoded.result["rows"], &decoded.result["undecodable"]),
        (&json!(0), &json!(0))
    );
    assert_equal(&original, &everything(&pipeline.database.pool).await);
    let second = database().await;
    let (_pipeline, ended) = replay(pipeline, &second, &[]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_equal(&original, &everything(&second.pool).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retention_of_an_archive_that_is_nowhere_is_refused() {
    let pipeline = Pipeline::new(still()).await.with("RETENTION_DAYS", "archive=365");
    let refused = pipeline.firstpress(&["purge"]).await;
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("ARCHIVE_URL"), "{}", refused.stderr);
}
