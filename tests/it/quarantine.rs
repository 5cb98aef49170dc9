//! What could not be used: listed, asked for again, dropped.

use firstpress::extract::{Extracted, Item, Quarantined};
use firstpress::load::load;
use firstpress::sandbox::{Options, Quirk};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::pipeline::{Ended, Pipeline, still};
use crate::quirks::served_by;

/// One album in a hundred cannot be decoded.
fn undecodable() -> Options {
    Options {
        quirks: vec![Quirk::UndecodableAlbum],
        ..whole()
    }
}

fn whole() -> Options {
    Options {
        albums: 100,
        ..still()
    }
}

async fn quarantine(pipeline: &Pipeline, arguments: &[&str]) -> Ended {
    let arguments: Vec<&str> = [&["quarantine"], arguments].concat();
    pipeline.firstpress(&arguments).await
}

async fn listed(pipeline: &Pipeline, arguments: &[&str]) -> Vec<Value> {
    let ended = quarantine(pipeline, arguments).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended.result["items"].as_array().unwrap().clone()
}

async fn well(pipeline: &Pipeline, arguments: &[&str]) -> Value {
    let ended = quarantine(pipeline, arguments).await;
    assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
    ended.result
}

/// How many calls since they were forgotten last name an id.
async fn asked_for(pipeline: &Pipeline, id: &str) -> usize {
    let calls = pipeline.calls().await;
    calls.iter().filter(|(_, path)| path.contains(id)).count()
}

fn id_of(entry: &Value) -> &str {
    entry["item_id"].as_str().unwrap()
}

#[tokio::test]
async fn an_album_in_quarantine_is_listed_and_loaded_by_the_run_after_its_retry() {
    let pipeline = Pipeline::new(undecodable()).await;
    pipeline.run_well().await;
    let items = listed(&pipeline, &[]).await;
    assert_eq!(items.len(), 1);
    let entry = &items[0];
    assert_eq!(
        (&entry["item_type"], &entry["endpoint"], &entry["attempts"]),
        (&json!("album"), &json!("/albums"), &json!(1))
    );
    assert!(
        entry["reason"].as_str().unwrap().contains("unavailable"),
        "{entry}"
    );
    assert!(entry["json"].as_str().unwrap().contains(id_of(entry)), "{entry}");
    assert!(
        entry["retry_at"].is_string() && entry["dropped_at"].is_null(),
        "{entry}"
    );

    let pipeline = served_by(pipeline, whole()).await;
    assert_eq!(pipeline.run_well().await["loaded"]["albums"], 0, "it is not due");
    let name = format!("album/{}", id_of(entry));
    let done = well(&pipeline, &["retry", &name]).await;
    assert_eq!(
        (&done["now"], &done["items"][0]["item_id"]),
        (&json!("retried"), &entry["item_id"])
    );
    assert_eq!(listed(&pipeline, &[]).await[0]["attempts"], 1);
    assert_eq!(pipeline.run_well().await["loaded"]["albums"], 1);
    assert_eq!(listed(&pipeline, &["--all"]).await, [] as [Value; 0]);
}

#[tokio::test]
async fn what_is_dropped_is_never_asked_for_again_until_somebody_retries_it() {
    let pipeline = Pipeline::new(undecodable()).await;
    pipeline.run_well().await;
    let id = id_of(&listed(&pipeline, &[]).await[0]).to_owned();
    let pipeline = served_by(pipeline, whole()).await;
    assert_eq!(well(&pipeline, &["drop", "--all"]).await["now"], "dropped");
    assert_eq!(listed(&pipeline, &[]).await.len(), 0);
    let dropped = listed(&pipeline, &["--all"]).await;
    assert!(dropped[0]["dropped_at"].is_string() && dropped[0]["retry_at"].is_null());

    // four weeks later, seen from the data; the list still shows it
    pipeline
        .execute("update raw.quarantine set extracted_at = extracted_at - interval '29 days'")
        .await;
    assert_eq!(pipeline.run_well().await["loaded"]["albums"], 0);
    assert_eq!(asked_for(&pipeline, &id).await, 0);
    assert_eq!(
        well(&pipeline, &["retry", "--all"]).await["items"],
        json!([]),
        "it is dropped"
    );

    well(&pipeline, &["retry", &format!("album/{id}")]).await;
    assert!(listed(&pipeline, &[]).await[0]["dropped_at"].is_null());
    assert_eq!(pipeline.run_well().await["loaded"]["albums"], 1);
}

#[tokio::test]
async fn what_is_dropped_while_a_run_asks_for_it_stays_dropped() {
    let pipeline = Pipeline::new(undecodable()).await;
    pipeline.run_well().await;
    // as a run sees it that looked a moment before
    pipeline
        .execute("update raw.quarantine set retry_at = now(), dropped_at = now()")
        .await;
    pipeline.forget_calls().await;
    pipeline.run_well().await;
    assert_ne!(pipeline.calls_to("albums").await, 0);
    let dropped = listed(&pipeline, &["--all"]).await;
    assert!(dropped[0]["dropped_at"].is_string(), "{dropped:?}");
}

/// A track of the catalogue of [`still`] that is on one album.
async fn some_track() -> String {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    pipeline
        .value("select min(track_id collate \"C\") from raw.audio_features where source is not null")
        .await
}

#[tokio::test]
async fn a_track_is_retried_and_a_dropped_one_is_not_asked_for_with_a_new_album() {
    let track = some_track().await;
    let name = format!("track/{track}");
    let pipeline = Pipeline::new(Options {
        faults: vec![format!("tracks:id={track}:404").parse().unwrap()],
        ..still()
    })
    .await;
    pipeline.run_well().await;
    pipeline.tell_sandbox("faults", json!([])).await;
    well(&pipeline, &["drop", &name]).await;

    // its album is loaded once more, as another one with the same track would be
    pipeline
        .execute(
            "update ops.album_ledger set loaded_at = null where album_id in (
                 select album_id from raw.album_tracks inner join raw.quarantine on track_id = item_id
             )",
        )
        .await;
    pipeline.forget_calls().await;
    assert_eq!(pipeline.run_well().await["loaded"]["albums"], 1);
    assert_eq!(asked_for(&pipeline, &track).await, 0);

    well(&pipeline, &["retry", &name]).await;
    pipeline.run_well().await;
    assert_eq!(asked_for(&pipeline, &track).await, 1);
    assert_eq!(listed(&pipeline, &["--all"]).await.len(), 0);
}

#[tokio::test]
async fn audio_features_are_asked_for_again_when_they_are_retried_and_not_when_they_are_dropped() {
    let pipeline = Pipeline::new(whole()).await;
    pipeline.run_well().await;
    pipeline
        .execute(
            "update raw.audio_features set retry_at = null where source is null;
             insert into raw.quarantine (item_type, item_id, reason, attempts, run_id, extracted_at)
             select 'audio_features', min(track_id), 'not a number', 1, (array_agg(run_id))[1], now()
             from raw.audio_features where source is null",
        )
        .await;
    let entry = listed(&pipeline, &[]).await.remove(0);
    let name = format!("audio_features/{}", id_of(&entry));
    pipeline.forget_calls().await;
    well(&pipeline, &["retry", &name]).await;
    assert!(listed(&pipeline, &[]).await[0]["retry_at"].is_string());
    pipeline.run_well().await;
    assert_eq!(asked_for(&pipeline, id_of(&entry)).await, 1);

    pipeline
        .execute("update raw.audio_features set retry_at = now() where retry_at is not null")
        .await;
    well(&pipeline, &["drop", &name]).await;
    pipeline.run_well().await;
    assert_eq!(asked_for(&pipeline, id_of(&entry)).await, 1);
}

#[tokio::test]
async fn what_no_run_can_ask_for_is_not_retried_and_the_reason_is_told() {
    let pipeline = Pipeline::new(undecodable()).await;
    pipeline.run_well().await;
    pipeline
        .execute(
            "insert into raw.quarantine (item_type, item_id, reason, attempts, run_id, extracted_at)
             select kind, id, 'broken', 1, run_id, now()
             from ops.runs, (values ('album_track', '0123456789012345678901'), ('album', '0123abc')) as odd (kind, id)",
        )
        .await;
    let names = ["album_track/0123456789012345678901", "album/0123abc"];
    for (name, reason) in names
        .iter()
        .zip(["its album is stored without it", "without a usable id"])
    {
        let ended = quarantine(&pipeline, &["retry", name]).await;
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(
            ended.stderr.contains(name) && ended.stderr.contains(reason),
            "{}",
            ended.stderr
        );
    }
    let done = well(&pipeline, &["retry", "--all"]).await;
    assert_eq!(done["items"].as_array().unwrap().len(), 1);
    assert_eq!(done["passed_over"].as_array().unwrap().len(), 2);
    well(&pipeline, &["drop", names[0], names[1]]).await;
    assert_eq!(listed(&pipeline, &[]).await.len(), 1);
}

#[tokio::test]
async fn an_entry_of_the_list_that_was_never_entered_is_asked_for_after_its_retry() {
    let pipeline = Pipeline::new(whole()).await;
    pipeline.run_well().await;
    // as if the list had shown it in a form that cannot be read
    pipeline
        .execute(
            "with gone as (
                 delete from ops.album_ledger
                 where album_id = (select min(album_id) from raw.albums where total_tracks <= 50)
                 returning album_id, discovered_run_id
             )
             insert into raw.quarantine (item_type, item_id, reason, attempts, run_id, extracted_at)
             select 'album', album_id, 'no name', 1, discovered_run_id, now() from gone",
        )
        .await;
    let id = id_of(&listed(&pipeline, &[]).await[0]).to_owned();
    well(&pipeline, &["retry", "--all"]).await;
    let plan = pipeline.firstpress(&["plan"]).await.result;
    assert_eq!(
        (&plan["new_albums"], &plan["left_by_earlier_runs"]),
        (&json!(0), &json!(1))
    );
    pipeline.forget_calls().await;
    assert_eq!(pipeline.run_well().await["loaded"]["albums"], 1);
    assert_eq!(asked_for(&pipeline, &id).await, 1);
}

#[tokio::test]
async fn items_that_are_not_there_are_named_and_nothing_is_changed() {
    let pipeline = Pipeline::new(undecodable()).await;
    pipeline.run_well().await;
    let before = listed(&pipeline, &["--all"]).await;
    let known = format!("album/{}", id_of(&before[0]));
    for action in ["retry", "drop"] {
        let ended = quarantine(&pipeline, &[action, &known, "album/nobody", "walk/1"]).await;
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("album/nobody, walk/1") && !ended.stderr.contains(&known),
            "{}",
            ended.stderr
        );
        for wrong in [&[action][..], &[action, "album"], &[action, "--all", &known]] {
            assert_eq!(quarantine(&pipeline, wrong).await.code, Some(2), "{wrong:?}");
        }
    }
    assert_eq!(listed(&pipeline, &["--all"]).await, before);
}

/// The answer about an album, how many times it was met before, and how many hours it waits then.
const WAITS: [(&str, i32, i32); 4] = [
    ("404", 0, 24),
    ("404", 1, 48),
    ("500", 2, 4),
    ("404", 30, 28 * 24),
];

#[tokio::test]
async fn an_item_waits_a_day_or_where_the_server_has_trouble_an_hour_and_twice_as_long_each_time() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    pipeline
        .execute(
            "with gone as (
                 update ops.album_ledger set loaded_at = null
                 where album_id = (select min(album_id) from raw.albums)
                 returning album_id, discovered_run_id
             )
             insert into raw.quarantine (item_type, item_id, reason, attempts, run_id, extracted_at)
             select 'album', album_id, '', 0, discovered_run_id, now() from gone",
        )
        .await;
    let album: String = pipeline.value("select item_id from raw.quarantine").await;
    for (status, attempts, hours) in WAITS {
        sqlx::query("update raw.quarantine set retry_at = now(), attempts = $1")
            .bind(attempts)
            .execute(&pipeline.database.pool)
            .await
            .unwrap();
        pipeline
            .tell_sandbox("faults", json!([format!("albums:id={album}:{status}")]))
            .await;
        pipeline.run_well().await;
        let waits: (i32, i32) = sqlx::query_as(
            "select (extract(epoch from retry_at - extracted_at) / 3600)::integer, attempts from raw.quarantine",
        )
        .fetch_one(&pipeline.database.pool)
        .await
        .unwrap();
        assert_eq!(waits, (hours, attempts + 1), "{status}");
    }
}

#[tokio::test]
async fn an_id_of_any_length_is_put_aside_once() {
    let database = crate::harness::database().await;
    // nothing that a compression makes short
    let digits = |n: u32| {
        Sha256::digest(n.to_be_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    };
    let endless: Vec<String> = (0..200).map(digits).collect();
    let endless = endless.concat();
    let begin = "insert into ops.runs (run_id, status, version, api_url) values ($1, 'succeeded', '1', '')";
    for _ in 0..2 {
        let run = Uuid::now_v7();
        sqlx::query(begin)
            .bind(run)
            .execute(&database.pool)
            .await
            .unwrap();
        let aside = |id: &str| Quarantined {
            item: Item::Album,
            id: Some(id.to_owned()),
            endpoint: "/albums",
            reason: "no id".to_owned(),
            json: None,
            may_pass: false,
        };
        let (sender, receiver) = mpsc::channel(1);
        let extracted = Extracted {
            quarantined: vec![aside(&endless), aside(&endless[..100])],
            ..Extracted::default()
        };
        sender.send(extracted).await.unwrap();
        drop(sender);
        load(&database.pool, run, receiver, &ProgressBar::hidden())
            .await
            .unwrap();
    }
    let aside: Vec<(String, i32)> =
        sqlx::query_as("select item_id, attempts from raw.quarantine order by length(item_id)")
            .fetch_all(&database.pool)
            .await
            .unwrap();
    assert_eq!(aside.len(), 2, "{aside:?}");
    assert!(aside[0].0.len() < 100 && aside[0].1 == 2, "{aside:?}");
    assert_eq!(aside[1], (endless[..100].to_owned(), 2));
}
