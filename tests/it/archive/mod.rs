//! The archive and what is rebuilt from it: the same tables, without a call, whatever happened to the runs.

mod damage;
mod json;
mod kills;
mod readers;
mod retention;
#[cfg(feature = "aws")]
mod s3;

use std::path::{Path, PathBuf};

use firstpress::sandbox::{Options, Profile, Quirk};
use rustix::process::Signal;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::deaths::until;
use crate::harness::{TestDatabase, database};
use crate::pipeline::{Ended, Pipeline, assert_same, still, way_to};

/// A pipeline that archives into a directory of its own.
pub(crate) async fn archiving(options: Options) -> Pipeline {
    Pipeline::new(options).await.with("ARCHIVE_URL", "archive")
}

pub(crate) fn archive(pipeline: &Pipeline) -> PathBuf {
    pipeline.directory().join("archive")
}

/// All files below a directory, by their paths in it.
pub(crate) fn files(directory: &Path) -> Vec<String> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(directory).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(directory, &mut found);
    let name = |path: PathBuf| path.strip_prefix(directory).unwrap().display().to_string();
    let mut names: Vec<String> = found.into_iter().map(name).collect();
    names.sort_unstable();
    names
}

pub(crate) fn manifests(directory: &Path) -> Vec<String> {
    let is_manifest = |file: &String| file.starts_with("manifests/");
    files(directory).into_iter().filter(is_manifest).collect()
}

pub(crate) fn manifest(directory: &Path, path: &str) -> Value {
    serde_json::from_slice(&std::fs::read(directory.join(path)).unwrap()).unwrap()
}

/// Every row of the tables that a replay rebuilds and of those above them, with all their columns. Of the ledger of
/// runs as well.
pub(crate) async fn everything(db: &PgPool) -> Vec<(String, String)> {
    const TABLES: &str = "select schemaname || '.' || tablename from pg_tables
        where schemaname in ('raw', 'core', 'trends') or (schemaname = 'ops' and tablename in ('album_ledger', 'runs'))
        order by 1";
    let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(db).await.unwrap();
    assert!(tables.len() > 20, "{tables:?}");
    let mut content = Vec::new();
    for table in tables {
        let query = format!(
            "select coalesce(string_agg(row, E'\\n' order by row collate \"C\"), '')
             from (select to_jsonb(t)::text as row from {table} as t) as rows"
        );
        content.push((table, sqlx::query_scalar(&query).fetch_one(db).await.unwrap()));
    }
    content
}

pub(crate) fn rows(content: &[(String, String)], table: &str) -> usize {
    let (_, rows) = content.iter().find(|(name, _)| name == table).unwrap();
    rows.lines().count()
}

/// Asserts that two databases hold the same; raw tables and ledgers to the last bit.
pub(crate) fn assert_equal(expected: &[(String, String)], found: &[(String, String)]) {
    assert_same(expected, found);
    for ((table, expected), (_, found)) in expected.iter().zip(found) {
        if table.starts_with("raw.") || table.starts_with("ops.") {
            assert_eq!(expected, found, "{table}");
        }
    }
}

/// `firstpress replay` into a database, without credentials and with nobody at the addresses of the APIs. What follows
/// goes on with that database.
pub(crate) async fn replay(
    pipeline: Pipeline,
    database: &TestDatabase,
    arguments: &[&str],
) -> (Pipeline, Ended) {
    const NOBODY: &str = "http://127.0.0.1:1";
    let offline = pipeline
        .with("DATABASE_URL", &database.url)
        .with("SPOTIFY_CLIENT_ID", "")
        .with("SPOTIFY_CLIENT_SECRET", "")
        .with("SPOTIFY_API_URL", NOBODY)
        .with("SPOTIFY_TOKEN_URL", NOBODY)
        .with("RECCOBEATS_API_URL", NOBODY);
    let arguments: Vec<&str> = [&["replay"], arguments].concat();
    let ended = offline.firstpress(&arguments).await;
    let way_back = way_to(&offline.sandbox);
    let online = way_back
        .into_iter()
        .fold(offline, |pipeline, (name, value)| pipeline.with(name, &value));
    (online, ended)
}

/// Runs of several days: what the first one could not learn or use is learned by later ones, and much is overwritten.
/// The first is archived by the one after it, which finds it lying weeks back.
async fn several_runs(pipeline: Pipeline) -> Pipeline {
    const EARLIER: &str = include_str!("../../models/earlier.sql");
    let pipeline = pipeline.with("ARCHIVE_URL", "");
    pipeline.run_well().await;
    pipeline.execute(EARLIER).await;
    pipeline
        .execute(
            "update raw.quarantine set retry_at = now() where retry_at is not null and item_id < 'X';
             update raw.audio_features set retry_at = now() where retry_at is not null",
        )
        .await;
    let refreshed = pipeline.firstpress(&["transform", "--full-refresh"]).await;
    assert_eq!(refreshed.code, Some(0), "{}", refreshed.stderr);

    let pipeline = pipeline
        .with("ARCHIVE_URL", "archive")
        .with("AUDIO_FEATURES", "off")
        .with("POPULARITY_WINDOW_DAYS", "0");
    pipeline.run_well().await;
    let pipeline = pipeline
        .with("AUDIO_FEATURES", "")
        .with("POPULARITY_WINDOW_DAYS", "365");
    pipeline
        .tell_sandbox("clock", json!({"advance_seconds": 86_400 * 3}))
        .await;
    pipeline.tell_sandbox("release", json!({"albums": 12})).await;
    pipeline.run_well().await;
    let dropped = pipeline.firstpress(&["quarantine", "drop", "--all"]).await;
    assert_eq!(dropped.code, Some(0), "{}", dropped.stderr);
    pipeline.tell_sandbox("release", json!({"albums": 3})).await;
    pipeline.run_well().await;
    pipeline
}

fn odd(profile: Profile) -> Options {
    Options {
        profile,
        albums: 120,
        quirks: vec![
            Quirk::UndecodableAlbum,
            Quirk::NullInArrays,
            Quirk::NullItems,
            Quirk::NulCharacter,
            Quirk::NoIsrc,
            Quirk::NullDate,
            Quirk::Date0000,
            Quirk::MarketsEmpty,
            Quirk::OddFeatures,
            Quirk::FloatInts,
            Quirk::EmptyName,
        ],
        ..still()
    }
}

async fn replays_to_equal_tables(profile: Profile) {
    let pipeline = several_runs(archiving(odd(profile)).await).await;
    let original = everything(&pipeline.database.pool).await;
    for table in [
        "raw.albums",
        "raw.quarantine",
        "raw.track_popularity",
        "ops.album_ledger",
    ] {
        if profile == Profile::LegacyExtended {
            assert!(rows(&original, table) > 0, "{table} is empty");
        }
    }
    assert_eq!(manifests(&archive(&pipeline)).len(), 4);

    let second = database().await;
    pipeline.forget_calls().await;
    let (pipeline, ended) = replay(pipeline, &second, &[]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.result["source"], "archive");
    assert_eq!(ended.result["runs"], 4);
    assert_eq!(pipeline.calls().await, []);
    assert_equal(&original, &everything(&second.pool).await);
    let replays = "select source || ' ' || runs from ops.replays";
    let replayed: String = sqlx::query_scalar(replays).fetch_one(&second.pool).await.unwrap();
    assert_eq!(replayed, "archive 4");

    // once more into the database that is there
    let (pipeline, ended) = replay(pipeline, &second, &["--from", "archive"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_equal(&original, &everything(&second.pool).await);

    // the next run knows all of it, and archives itself
    let report = pipeline.run_well().await;
    assert_eq!(report["loaded"]["albums"], 0, "{report}");
    assert_eq!(report["archived"]["runs"], 1, "{report}");
    let of_albums = ["albums", "album", "album-tracks"];
    for (endpoint, path) in pipeline.calls().await {
        assert!(!of_albums.contains(&endpoint.as_str()), "{endpoint} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_into_an_empty_database_ends_with_equal_tables() {
    replays_to_equal_tables(Profile::LegacyExtended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_of_what_an_app_in_development_mode_loaded_ends_with_equal_tables() {
    replays_to_equal_tables(Profile::DevFeb2026).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_cannot_archive_loads_all_the_same_and_the_next_one_catches_up() {
    let pipeline = archiving(still()).await;
    pipeline.file("archive", "a file where the directory should be");
    let report = pipeline.run_well().await;
    assert_eq!(report["loaded"]["albums"], 60);
    let error = report["archived"]["error"].as_str().unwrap();
    assert!(error.contains("archive"), "{error}");
    let step = "select status || ' ' || error from ops.run_steps where step = 'archive'";
    let step: String = pipeline.value(step).await;
    assert!(step.starts_with("failed cannot make the directory"), "{step}");
    let doctor = pipeline.firstpress(&["doctor"]).await;
    assert_eq!(doctor.code, Some(0), "{}", doctor.result);
    assert_eq!(finding(&doctor)["verdict"], "warning");

    std::fs::remove_file(archive(&pipeline)).unwrap();
    let doctor = pipeline.firstpress(&["doctor"]).await;
    assert_eq!(finding(&doctor)["verdict"], "ok");
    assert_eq!(files(&archive(&pipeline)), Vec::<String>::new());
    let report = pipeline.run_well().await;
    assert_eq!(report["archived"]["runs"], 2, "{report}");
    assert_eq!(report["archived"]["error"], Value::Null);
    assert_eq!(manifests(&archive(&pipeline)).len(), 2);
}

fn finding(doctor: &Ended) -> &Value {
    let mut findings = doctor.result["findings"].as_array().unwrap().iter();
    findings.find(|finding| finding["subject"] == "archive").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_failed_is_archived_with_what_it_stored() {
    let pipeline = archiving(Options {
        albums: 20,
        ..still()
    })
    .await
    .with("TEMPLATES_DIR", "models");
    pipeline.file("models/dbt_project.yml", "name: shop\nprofile: shop\n");
    pipeline.file(
        "models/models/m.sql",
        "{{ config(materialized='table') }} select 1 / 0 as broken",
    );
    let failed = pipeline.run().await;
    assert_eq!(failed.code, Some(1), "{}", failed.stderr);
    let [path] = &manifests(&archive(&pipeline))[..] else {
        panic!("{:?}", files(&archive(&pipeline)))
    };
    let manifest = manifest(&archive(&pipeline), path);
    assert_eq!(manifest["run"]["status"], "failed");
    let stored: i64 = pipeline.value("select count(*) from raw.albums").await;
    assert_eq!(albums_in(&manifest), stored);
    assert!(stored > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_asked_to_end_archives_what_it_stored() {
    let pipeline = archiving(Options {
        albums: 200,
        latency_ms: 100,
        ..still()
    })
    .await;
    let run = pipeline.spawn(&["run"]);
    let some = "select count(*) > 0 from ops.album_ledger where loaded_at is not null";
    until(&pipeline.database.pool, some).await;
    run.signal(Signal::TERM);
    let ended = Ended::from(run.wait_with_output().await);
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
    let [path] = &manifests(&archive(&pipeline))[..] else {
        panic!("{:?}", files(&archive(&pipeline)))
    };
    let manifest = manifest(&archive(&pipeline), path);
    assert_eq!(manifest["run"]["status"], "interrupted");
    assert_eq!(
        albums_in(&manifest),
        pipeline.value::<i64>("select count(*) from raw.albums").await
    );
    assert!(albums_in(&manifest) > 0);
}

/// Albums that a manifest has rows of.
fn albums_in(manifest: &Value) -> i64 {
    let files = manifest["files"].as_array().unwrap().iter();
    let albums = files.filter(|file| file["table"] == "raw.albums");
    albums.map(|file| file["rows"].as_i64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn archiving_a_run_again_gives_the_same_manifest() {
    let pipeline = archiving(still()).await;
    pipeline.run_well().await;
    let directory = archive(&pipeline);
    let path = manifests(&directory).remove(0);
    let before = (files(&directory), std::fs::read(directory.join(&path)).unwrap());
    std::fs::remove_file(directory.join(&path)).unwrap();
    pipeline.execute("delete from ops.archives").await;
    // what a process that was killed leaves: a file half written, and one of a table of which nothing is left
    let half = before
        .0
        .iter()
        .find(|file| file.starts_with("raw/albums/"))
        .unwrap();
    std::fs::write(directory.join(format!("{half}#1")), "PAR1").unwrap();
    let stale = half.replace("raw/albums", "raw/quarantine");
    std::fs::create_dir_all(directory.join(&stale).parent().unwrap()).unwrap();
    std::fs::write(directory.join(&stale), "PAR1").unwrap();

    let report = pipeline.run_well().await;
    assert_eq!(report["archived"]["runs"], 2, "{report}");
    assert_eq!(std::fs::read(directory.join(&path)).unwrap(), before.1);
    let after = files(&directory);
    assert!(before.0.iter().all(|file| after.contains(file)));
    assert!(
        !after.contains(&stale) && !after.iter().any(|file| file.contains('#')),
        "{after:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_is_refused_where_it_would_lose_rows_or_finds_nothing() {
    let pipeline = archiving(still()).await;
    let refused = pipeline.firstpress(&["replay"]).await;
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("there is no run in the archive"),
        "{}",
        refused.stderr
    );

    pipeline.run_well().await;
    let pipeline = pipeline.with("ARCHIVE_URL", "");
    pipeline.tell_sandbox("release", json!({"albums": 2})).await;
    pipeline.run_well().await;
    let without = pipeline.firstpress(&["replay", "--from", "archive"]).await;
    assert_eq!(without.code, Some(2), "{}", without.stderr);
    assert!(without.stderr.contains("ARCHIVE_URL"), "{}", without.stderr);

    let pipeline = pipeline.with("ARCHIVE_URL", "archive");
    let before = everything(&pipeline.database.pool).await;
    let refused = pipeline.firstpress(&["replay"]).await;
    assert_eq!(refused.code, Some(1));
    let latest: String = pipeline
        .value("select run_id::text from ops.runs order by started_at desc limit 1")
        .await;
    assert!(refused.stderr.contains(&latest), "{}", refused.stderr);
    assert_equal(&before, &everything(&pipeline.database.pool).await);

    let wrong = pipeline.with("ARCHIVE_URL", "ftp://somewhere").run().await;
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("ARCHIVE_URL: found"), "{}", wrong.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_waits_for_nobody() {
    let pipeline = archiving(Options {
        latency_ms: 200,
        ..still()
    })
    .await;
    let run = pipeline.spawn(&["run"]);
    until(&pipeline.database.pool, "select count(*) > 0 from ops.runs").await;
    for source in ["archive", "json"] {
        let refused = pipeline.firstpress(&["replay", "--from", source]).await;
        assert_eq!(refused.code, Some(75), "{}", refused.stderr);
    }
    assert_eq!(run.wait_with_output().await.status.code(), Some(0));
}
