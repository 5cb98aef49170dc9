//! `firstpress purge`: what goes, what stays, and what is known on.

use std::collections::BTreeSet;
use std::path::Path;

use firstpress::sandbox::Options;
use serde_json::{Value, json};

use crate::deaths::{until, until_no_run_holds_the_lock};
use crate::pipeline::{Ended, Pipeline, assert_same, still};

/// More than one batch of albums, and some tracks on several of them.
const ALBUMS: usize = 450;

/// Half of the albums, and all that was stored with them, is two years old.
const AGE: &str = "
    update raw.albums set extracted_at = extracted_at - interval '730 days' where album_id < '4';
    update raw.album_tracks set extracted_at = extracted_at - interval '730 days' where album_id < '4'";

async fn aged(albums: usize) -> Pipeline {
    let pipeline = Pipeline::new(Options { albums, ..still() }).await;
    pipeline.run_well().await;
    pipeline.execute(AGE).await;
    pipeline
}

async fn purge(pipeline: &Pipeline) -> Value {
    let ended = pipeline.firstpress(&["purge"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended.result
}

/// Rows by retention and table, those of which none went left out.
fn rows(report: &Value) -> Vec<(String, i64)> {
    let rows = report["rows"].as_array().unwrap().iter();
    let named = rows.map(|row| {
        let name = |key: &str| row[key].as_str().unwrap().to_owned();
        let name = format!("{} {}", name("retention"), name("relation"));
        (name, row["rows"].as_i64().unwrap())
    });
    named.filter(|(_, rows)| *rows > 0).collect()
}

async fn set(pipeline: &Pipeline, query: &'static str) -> BTreeSet<String> {
    pipeline.column(query).await.into_iter().collect()
}

/// Every row of every table, a text for each table.
async fn everything(pipeline: &Pipeline) -> Vec<(String, String)> {
    const TABLES: &str = "select schemaname || '.' || tablename from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema') order by 1";
    let mut everything = Vec::new();
    for table in pipeline.column::<String>(TABLES).await {
        let query =
            format!("select coalesce(string_agg(t::text, E'\\n' order by t::text), '') from {table} as t");
        let rows = sqlx::query_scalar(&query)
            .fetch_one(&pipeline.database.pool)
            .await;
        everything.push((table, rows.unwrap()));
    }
    everything
}

const ALL_ALBUMS: &str = "select album_id from raw.albums";
const OLD_ALBUMS: &str = "select album_id from raw.albums where album_id < '4'";
const USED_MARKET_SETS: &str =
    "select distinct market_set_id::text from raw.albums where market_set_id is not null
    union select market_set_id::text from raw.album_tracks where market_set_id is not null
    union select market_set_id::text from raw.track_details where market_set_id is not null";
const CREDITED: &str = "select distinct unnest(artist_ids) from raw.albums
    union select unnest(artist_ids) from raw.album_tracks union select unnest(artist_ids) from raw.track_details";

#[tokio::test]
async fn albums_beyond_their_retention_go_with_all_that_hangs_on_them() {
    let pipeline = aged(ALBUMS).await.with("RETENTION_DAYS", "albums=365");
    let old = set(&pipeline, OLD_ALBUMS).await;
    let kept_albums: BTreeSet<String> = &set(&pipeline, ALL_ALBUMS).await - &old;
    let kept_tracks = set(
        &pipeline,
        "select distinct track_id from raw.album_tracks where album_id >= '4'",
    )
    .await;
    let old_tracks = set(
        &pipeline,
        "select distinct track_id from raw.album_tracks where album_id < '4'",
    )
    .await;
    let gone_tracks = &old_tracks - &kept_tracks;
    let artists_before = set(&pipeline, "select artist_id from raw.artists").await;
    assert!(
        old.len() > 200 && kept_albums.len() > 100,
        "{} of {ALBUMS}",
        old.len()
    );
    assert!(gone_tracks.len() < old_tracks.len(), "no track is on both kinds");

    let report = purge(&pipeline).await;
    let said = |name: &str| {
        let found = rows(&report).into_iter().find(|(row, _)| row == name);
        found.map_or(0, |(_, rows)| rows as usize)
    };
    assert_eq!(said("albums raw.albums"), old.len());
    assert_eq!(said("albums raw.track_details"), gone_tracks.len());
    assert_eq!(set(&pipeline, ALL_ALBUMS).await, kept_albums);
    for tracks in [
        "select track_id from raw.album_tracks",
        "select track_id from raw.track_details",
        "select track_id from raw.audio_features",
        "select track_id from raw.track_popularity",
        "select track_id from core.dim_track",
    ] {
        assert_eq!(set(&pipeline, tracks).await, kept_tracks, "{tracks}");
    }
    let credited = set(&pipeline, CREDITED).await;
    assert_eq!(
        set(&pipeline, "select artist_id from raw.artists").await,
        credited
    );
    assert_eq!(said("albums raw.artists"), artists_before.len() - credited.len());
    let used = set(&pipeline, USED_MARKET_SETS).await;
    assert_eq!(
        set(&pipeline, "select market_set_id::text from raw.market_sets").await,
        used
    );
    let sighted = set(&pipeline, "select album_id from raw.release_sightings").await;
    assert_eq!(sighted, kept_albums);
}

#[tokio::test]
async fn a_dry_run_says_what_would_go_and_changes_nothing() {
    let pipeline = aged(60).await;
    pipeline.run_well().await;
    pipeline
        .execute("update ops.runs set started_at = started_at - interval '90 days'")
        .await;
    let pipeline = pipeline.with(
        "RETENTION_DAYS",
        "albums=800,json=365,runs=30,release_sightings=365",
    );
    let before = everything(&pipeline).await;
    let dry = pipeline.firstpress(&["purge", "--dry-run"]).await;
    assert_eq!(dry.code, Some(0), "{}", dry.stderr);
    assert!(
        everything(&pipeline).await == before,
        "the dry run changed something"
    );
    assert!(dry.result["purge_id"].is_null());
    assert!(rows(&dry.result).len() > 3, "{}", dry.result);
    assert_eq!(rows(&purge(&pipeline).await), rows(&dry.result));
    let pipeline = pipeline.with("RETENTION_DAYS", "albums=365");
    let dry = pipeline.firstpress(&["purge", "--dry-run"]).await;
    assert!(rows(&dry.result).len() > 5, "{}", dry.result);
    assert_eq!(rows(&purge(&pipeline).await), rows(&dry.result));
}

#[tokio::test]
async fn the_published_tables_lose_what_the_raw_tables_lost() {
    let pipeline = aged(60).await.with("RETENTION_DAYS", "albums=365");
    let kept = &set(&pipeline, ALL_ALBUMS).await - &set(&pipeline, OLD_ALBUMS).await;
    let report = purge(&pipeline).await;
    assert!(report["models_published"].as_u64().unwrap() > 20, "{report}");
    assert_eq!(set(&pipeline, "select album_id from core.dim_album").await, kept);
    let ranked = set(&pipeline, "select album_id from trends.weekly_top_releases").await;
    let followed = set(&pipeline, "select album_id from trends.popularity_trajectory").await;
    assert!(ranked.is_subset(&kept) && followed.is_subset(&kept));
    assert!(!ranked.is_empty() && !followed.is_empty());
    let purged = pipeline.content().await;
    let rebuilt = pipeline.firstpress(&["transform", "--full-refresh"]).await;
    assert_eq!(rebuilt.code, Some(0), "{}", rebuilt.stderr);
    assert_same(&pipeline.content().await, &purged);
}

#[tokio::test]
async fn an_album_that_was_purged_stays_known_while_the_list_shows_it() {
    let pipeline = aged(60).await.with("RETENTION_DAYS", "albums=365");
    let old = set(&pipeline, OLD_ALBUMS).await;
    purge(&pipeline).await;
    let kept = set(&pipeline, ALL_ALBUMS).await;
    pipeline.forget_calls().await;
    let report = pipeline.run_well().await;
    assert_eq!(
        (&report["new_albums"], &report["loaded"]["albums"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(report["listed"], json!(60));
    let asked = pipeline.calls().await;
    let is_asked_for = |id: &String| asked.iter().any(|(_, path)| path.contains(id.as_str()));
    assert!(!old.iter().any(is_asked_for), "{asked:?}");
    assert_eq!(set(&pipeline, ALL_ALBUMS).await, kept);
    assert_eq!(set(&pipeline, "select album_id from core.dim_album").await, kept);

    // the run has seen them in the list, which the next purge takes away
    let sighted = ("albums raw.release_sightings".to_owned(), old.len() as i64);
    assert_eq!(rows(&purge(&pipeline).await), [sighted]);
    let audited: Vec<i64> = pipeline
        .column("select sum(rows)::bigint from ops.purged group by purge_id order by purge_id")
        .await;
    assert_eq!(audited.len(), 2);
    assert_eq!(audited[1], old.len() as i64);
    let finished: i64 = pipeline.value("select count(finished_at) from ops.purges").await;
    assert_eq!(finished, 2);
}

const EARLIER_DAYS: &str = "insert into raw.track_popularity
             select track_id, observed_on - days, popularity / 2, run_id, extracted_at - days * interval '1 day'
             from raw.track_popularity cross join unnest(array[10, 20, 40, 50]) as days;
             insert into raw.release_sightings
             select gen_random_uuid(), album_id, position, name, album_type, release_date,
                 extracted_at - interval '50 days'
             from raw.release_sightings;
             -- an album that was seen last when the others were seen first
             delete from raw.release_sightings
             where extracted_at > now() - interval '1 day'
                 and album_id = (select min(album_id) from raw.albums)";

/// Four earlier days of readings and sightings, and the latest of each album and track.
#[tokio::test]
async fn of_readings_and_sightings_the_latest_stays() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    pipeline.execute(EARLIER_DAYS).await;
    let transformed = pipeline.firstpress(&["transform", "--full-refresh"]).await;
    assert_eq!(transformed.code, Some(0), "{}", transformed.stderr);
    let tracks: i64 = pipeline.value("select count(*) from raw.track_details").await;
    let albums = set(&pipeline, "select album_id from core.dim_album").await;
    const NOW: &str = "select track_id || popularity || popularity_observed_on from core.dim_track";
    let popularity = set(&pipeline, NOW).await;
    const LISTED: &str =
        "select album_id || coalesce(list_position::text, '') || release_type from core.dim_album";
    let listed = set(&pipeline, LISTED).await;

    let pipeline = pipeline.with("RETENTION_DAYS", "track_popularity=30 release_sightings=30");
    let status = pipeline.firstpress(&["status"]).await.result;
    let readings = json!({"retention": "track_popularity", "days": 30, "rows": 2 * tracks});
    assert_eq!(status["overdue"][0], readings);
    let report = purge(&pipeline).await;
    assert_eq!(
        rows(&report),
        [
            ("track_popularity raw.track_popularity".to_owned(), 2 * tracks),
            ("release_sightings raw.release_sightings".to_owned(), 59),
        ]
    );
    assert_eq!(
        pipeline.firstpress(&["status"]).await.result["overdue"],
        json!([])
    );
    let ages: Vec<i32> = pipeline
        .column("select distinct (now() at time zone 'utc')::date - observed_on from core.fct_track_popularity order by 1")
        .await;
    assert_eq!(ages, [0, 10, 20]);
    let days: i64 = pipeline
        .value("select count(distinct observed_on) from trends.popularity_trajectory")
        .await;
    assert_eq!(days, 3);
    assert_eq!(
        set(&pipeline, "select album_id from core.dim_album").await,
        albums
    );
    assert_eq!(
        set(&pipeline, NOW).await,
        popularity,
        "what is known of today stays"
    );
    assert_eq!(
        set(&pipeline, LISTED).await,
        listed,
        "what the list said last stays"
    );
}

#[tokio::test]
async fn stored_json_goes_before_the_columns_that_were_read_from_it() {
    let pipeline = aged(60).await.with("RETENTION_DAYS", "json=30");
    let before = pipeline.content().await;
    let old: i64 = pipeline
        .value("select count(*) from raw.albums where album_id < '4'")
        .await;
    let old_tracks: i64 = pipeline
        .value("select count(*) from raw.album_tracks where album_id < '4'")
        .await;
    let report = purge(&pipeline).await;
    assert_eq!(
        rows(&report),
        [
            ("json raw.album_tracks".to_owned(), old_tracks),
            ("json raw.albums".to_owned(), old)
        ]
    );
    assert_eq!(report["models_published"], 0);
    let emptied: i64 = pipeline
        .value("select count(*) from raw.albums where (json is null) <> (album_id < '4')")
        .await;
    assert_eq!(emptied, 0);
    let without_json = |(table, rows): &(String, String)| {
        let cut = |row: &str| {
            let mut row: serde_json::Map<String, Value> = serde_json::from_str(row).unwrap();
            row.remove("json");
            Value::from(row).to_string()
        };
        let mut rows: Vec<String> = rows.lines().map(cut).collect();
        rows.sort();
        (table.clone(), rows.join("\n"))
    };
    let after: Vec<_> = pipeline.content().await.iter().map(without_json).collect();
    assert_same(&before.iter().map(without_json).collect::<Vec<_>>(), &after);
    assert_eq!(
        rows(&purge(&pipeline).await),
        [],
        "a second time there is nothing to do"
    );
    assert_eq!(pipeline.run_well().await["loaded"]["albums"], 0);
}

#[tokio::test]
async fn the_ledgers_of_old_runs_go_but_for_the_latest_and_for_what_albums_name() {
    let pipeline = Pipeline::new(still()).await;
    for _ in 0..4 {
        pipeline.run_well().await;
    }
    pipeline
        .execute("update ops.runs set started_at = started_at - interval '100 days'")
        .await;
    let runs: Vec<String> = pipeline
        .column("select run_id::text from ops.runs order by run_id")
        .await;
    let pipeline = pipeline.with("RETENTION_DAYS", "runs=90,quarantine=90");
    let report = purge(&pipeline).await;
    let kept: Vec<String> = pipeline
        .column("select run_id::text from ops.runs order by run_id")
        .await;
    assert_eq!(
        kept,
        [runs[0].clone(), runs[3].clone()],
        "the one that loaded albums, and the latest"
    );
    for ledger in [
        "select distinct run_id::text from ops.run_steps",
        "select distinct run_id::text from ops.api_calls",
        "select distinct run_id::text from ops.check_results",
    ] {
        let of = pipeline.column::<String>(ledger).await;
        assert!(of.iter().all(|run| *run == runs[3]), "{ledger}: {of:?}");
    }
    let gone = rows(&report);
    assert!(gone.contains(&("runs ops.runs".to_owned(), 2)), "{gone:?}");
    assert_eq!(rows(&purge(&pipeline).await), []);
    let simulated = pipeline.firstpress(&["run", "--sandbox"]).await;
    assert_eq!(
        simulated.code,
        Some(2),
        "it is still known which API the database belongs to"
    );
}

#[tokio::test]
async fn items_that_somebody_dropped_stay_dropped() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    pipeline
        .execute(
            "insert into raw.quarantine
                 (item_type, item_id, reason, attempts, retry_at, json, run_id, extracted_at, dropped_at)
             values
                 ('album', 'dropped', 'r', 1, null, '{}', gen_random_uuid(), now() - interval '99 days', now()),
                 ('album', 'for good', 'r', 1, null, '{}', gen_random_uuid(), now() - interval '99 days', null),
                 ('track', 'due', 'r', 1, now() - interval '9 days', '{}', gen_random_uuid(), now() - interval '99 days', null),
                 ('track', 'waits', 'r', 1, now() + interval '9 days', '{}', gen_random_uuid(), now() - interval '99 days', null),
                 ('album_track', 'no use', 'r', 1, null, '{}', gen_random_uuid(), now() - interval '99 days', null),
                 ('album_track', 'dropped too', 'r', 1, null, null, gen_random_uuid(), now() - interval '99 days', now()),
                 ('album_track', 'young', 'r', 1, null, '{}', gen_random_uuid(), now(), null)",
        )
        .await;
    let pipeline = pipeline.with("RETENTION_DAYS", "quarantine=30,json=40");
    purge(&pipeline).await;
    let left = set(
        &pipeline,
        "select item_id || case when json is null then '' else ' with its JSON' end from raw.quarantine",
    )
    .await;
    let expected = [
        "dropped",
        "dropped too",
        "for good",
        "waits",
        "young with its JSON",
    ];
    assert_eq!(left, expected.map(str::to_owned).into());
}

#[tokio::test]
async fn where_a_check_fails_the_raw_rows_are_gone_and_a_later_run_publishes_without_them() {
    let pipeline = aged(60).await.with("RETENTION_DAYS", "albums=365");
    copy_templates(&pipeline, "");
    pipeline.file(
        "mine/tests/never.sql",
        "select album_id from {{ ref('dim_album') }}",
    );
    let published = set(&pipeline, "select album_id from core.dim_album").await;

    let pipeline = pipeline.with("TEMPLATES_DIR", "mine");
    let ended = pipeline.firstpress(&["purge"]).await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("gone from the raw tables"),
        "{}",
        ended.stderr
    );
    let kept = set(&pipeline, ALL_ALBUMS).await;
    assert!(!kept.is_empty() && kept.len() < published.len());
    assert_eq!(
        set(&pipeline, "select album_id from core.dim_album").await,
        published
    );
    let finished: i64 = pipeline.value("select count(finished_at) from ops.purges").await;
    assert_eq!(finished, 0);

    let pipeline = pipeline.with("TEMPLATES_DIR", "");
    pipeline.run_well().await;
    assert_eq!(set(&pipeline, "select album_id from core.dim_album").await, kept);
    let purged = pipeline.content().await;
    let rebuilt = pipeline.firstpress(&["transform", "--full-refresh"]).await;
    assert_eq!(rebuilt.code, Some(0), "{}", rebuilt.stderr);
    assert_same(&pipeline.content().await, &purged);
}

/// The project of this checkout, as a folder beside the commands.
fn copy_templates(pipeline: &Pipeline, below: &str) {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    for entry in std::fs::read_dir(templates.join(below)).unwrap() {
        let path = entry.unwrap().path();
        let name = path
            .strip_prefix(&templates)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        if path.is_dir() {
            copy_templates(pipeline, &name);
        } else {
            pipeline.file(&format!("mine/{name}"), &std::fs::read_to_string(path).unwrap());
        }
    }
}

#[tokio::test]
async fn a_purge_that_is_killed_is_finished_by_the_next() {
    let undisturbed = aged(ALBUMS).await.with("RETENTION_DAYS", "albums=365,json=30");
    purge(&undisturbed).await;
    let pipeline = aged(ALBUMS).await.with("RETENTION_DAYS", "albums=365,json=30");
    for taken in [
        "select count(*) > 0 from ops.purges",
        "select count(*) > 0 from ops.purged where rows > 0",
        "select count(*) > 0 from ops.purged where relation = 'raw.artists' and rows > 0",
        "select count(*) = 3 from ops.purges",
    ] {
        let mut child = pipeline.spawn(&["purge"]);
        until(&pipeline.database.pool, taken).await;
        child.start_kill().unwrap();
        child.wait().await.unwrap();
        until_no_run_holds_the_lock(&pipeline.database.pool).await;
        let half_gone: i64 = pipeline
            .value(
                "select count(*) from raw.album_tracks as tracks
                 where not exists (select 1 from raw.albums as albums where albums.album_id = tracks.album_id)
                     or not exists (select 1 from raw.track_details as details where details.track_id = tracks.track_id)",
            )
            .await;
        assert_eq!(half_gone, 0, "killed when {taken}");
    }
    purge(&pipeline).await;
    assert_same(&undisturbed.content().await, &pipeline.content().await);
    let killed: i64 = pipeline
        .value("select count(*) from ops.purges where finished_at is null")
        .await;
    println!("{killed} purges were killed on their way");
    assert!(killed > 0, "every kill came too early or too late");
}

#[tokio::test]
async fn a_purge_keeps_out_of_the_way_of_a_run_and_wants_to_be_told_what_to_purge() {
    let pipeline = Pipeline::new(still()).await;
    let ended = pipeline.firstpress(&["purge"]).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("RETENTION_DAYS=albums=365"),
        "{}",
        ended.stderr
    );
    let pipeline = pipeline.with("RETENTION_DAYS", "tracks=12");
    let ended = pipeline.firstpress(&["purge"]).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("RETENTION_DAYS") && ended.stderr.contains("track_popularity"),
        "{}",
        ended.stderr
    );

    let pipeline = pipeline.with("RETENTION_DAYS", "albums=365");
    let mut lock = pipeline.database.pool.acquire().await.unwrap();
    sqlx::query("select pg_advisory_lock(x'667072657373'::bigint)")
        .execute(&mut *lock)
        .await
        .unwrap();
    for arguments in [&["purge"][..], &["purge", "--dry-run"]] {
        let Ended { code, stderr, .. } = pipeline.firstpress(arguments).await;
        assert_eq!(code, Some(75), "{stderr}");
    }
}
