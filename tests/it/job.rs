//! The main job, end to end.

use std::collections::HashSet;

use firstpress::sandbox::Options;
use serde_json::json;

use crate::pipeline::{Pipeline, assert_same, real_catalogue, still};

#[tokio::test]
async fn a_run_fills_every_table_with_the_least_calls_possible() {
    let pipeline = Pipeline::new(still()).await;
    let report = pipeline.run_well().await;

    let albums: i64 = pipeline.value("select count(*) from raw.albums").await;
    let tracks: i64 = pipeline
        .value("select count(distinct track_id) from raw.album_tracks")
        .await;
    let extra_pages: i64 = pipeline
        .value(
            "select coalesce(sum((tracks - 1) / 50), 0)::bigint
             from (select count(*) as tracks from raw.album_tracks group by album_id) as albums",
        )
        .await;
    assert_eq!(albums, 60);
    assert_eq!(
        pipeline
            .value::<i64>("select count(*) from raw.track_details")
            .await,
        tracks
    );
    assert_eq!(
        pipeline
            .value::<i64>("select count(*) from raw.audio_features")
            .await,
        tracks
    );
    assert_eq!(
        pipeline
            .value::<i64>("select count(*) from raw.track_popularity")
            .await,
        tracks
    );
    assert_eq!(
        pipeline
            .value::<i64>("select count(*) from raw.release_sightings")
            .await,
        60
    );
    assert_eq!(
        pipeline
            .value::<i64>("select count(*) from ops.album_ledger where loaded_at is not null")
            .await,
        60
    );

    let least = 2 + div_ceil(albums, 20) + extra_pages + div_ceil(tracks, 50) + div_ceil(tracks, 100);
    let calls = pipeline
        .calls()
        .await
        .iter()
        .filter(|(endpoint, _)| endpoint != "token")
        .count();
    assert_eq!(calls as i64, least, "calls made, and the least possible");
    assert_eq!(pipeline.calls_to("token").await, 1);
    assert_eq!(report["loaded"]["albums"], 60);
}

#[tokio::test]
async fn every_trend_table_has_something_to_say() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    for table in [
        "weekly_top_releases",
        "feature_popularity_correlation",
        "artist_feature_profile",
        "weekly_feature_trend",
        "popularity_trajectory",
        "release_calendar",
    ] {
        let query = format!("select count(*) from trends.{table}");
        let rows: i64 = sqlx::query_scalar(&query)
            .fetch_one(&pipeline.database.pool)
            .await
            .unwrap();
        assert!(rows > 0, "trends.{table} is empty");
    }
}

#[tokio::test]
async fn every_column_that_an_analyst_meets_has_a_comment() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    let silent: Vec<String> = pipeline
        .column(
            "select table_schema || '.' || table_name || '.' || column_name
             from information_schema.columns
             where table_schema in ('raw', 'ops', 'core', 'trends')
                 and col_description(
                     format('%I.%I', table_schema, table_name)::regclass, ordinal_position::integer
                 ) is null",
        )
        .await;
    assert_eq!(silent, Vec::<String>::new());
}

#[tokio::test]
async fn the_ledger_says_what_ran_and_what_was_called() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    let steps: Vec<String> = pipeline
        .column("select step || ' ' || status from ops.run_steps order by started_at, step")
        .await;
    assert_eq!(
        steps,
        [
            "discover succeeded",
            "exclude_known succeeded",
            "fetch succeeded",
            "load succeeded",
            "refresh_audio_features succeeded",
            "refresh_popularity succeeded",
            "fetch_isrcs succeeded",
            "transform succeeded"
        ]
    );
    let made = pipeline.calls().await;
    for (endpoint, in_sandbox) in [
        ("/browse/new-releases", "new-releases"),
        ("/albums", "albums"),
        ("/tracks", "tracks"),
        ("/audio-features", "audio-features"),
        ("/api/token", "token"),
    ] {
        let calls: i64 = sqlx::query_scalar("select calls from ops.api_calls where endpoint = $1")
            .bind(endpoint)
            .fetch_one(&pipeline.database.pool)
            .await
            .unwrap();
        let counted = made.iter().filter(|(called, _)| called == in_sandbox).count();
        assert_eq!(calls, counted as i64, "{endpoint}");
    }
    let usable: Vec<bool> = pipeline.column("select usable from ops.capabilities").await;
    assert!(usable.len() >= 4 && usable.iter().all(|usable| *usable));
    let status: String = pipeline
        .value("select status from ops.runs where finished_at is not null")
        .await;
    assert_eq!(status, "succeeded");
    let checks: Vec<bool> = pipeline.column("select passed from ops.check_results").await;
    assert!(checks.len() > 20 && checks.iter().all(|passed| *passed));
}

#[tokio::test]
async fn a_second_run_loads_only_what_is_new_and_asks_nothing_twice() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    let before = pipeline.content().await;
    pipeline.forget_calls().await;

    let report = pipeline.run_well().await;
    assert_eq!(
        (&report["new_albums"], &report["loaded"]["albums"]),
        (&json!(0), &json!(0))
    );
    let calls: HashSet<String> = pipeline
        .calls()
        .await
        .into_iter()
        .map(|(endpoint, _)| endpoint)
        .collect();
    assert_eq!(
        calls,
        HashSet::from(["token".to_owned(), "new-releases".to_owned()])
    );
    assert_same(&before, &pipeline.content().await);

    pipeline.tell_sandbox("release", json!({"albums": 3})).await;
    let first_tracks: HashSet<String> = pipeline
        .column("select track_id from raw.track_details")
        .await
        .into_iter()
        .collect();
    pipeline.forget_calls().await;
    let report = pipeline.run_well().await;
    assert_eq!(report["loaded"]["albums"], 3);
    assert_eq!(pipeline.value::<i64>("select count(*) from raw.albums").await, 63);
    for (endpoint, path) in pipeline.calls().await {
        if endpoint == "tracks" || endpoint == "audio-features" {
            let repeated = first_tracks.iter().find(|track| path.contains(*track));
            assert_eq!(repeated, None, "{endpoint} asks again for a track that is stored");
        }
    }
}

#[tokio::test]
async fn tables_are_built_again_only_when_something_has_changed() {
    let pipeline = Pipeline::new(still()).await;
    assert_eq!(pipeline.run_well().await["tables_stand"], false);
    assert_eq!(pipeline.run_well().await["tables_stand"], true);
    assert_eq!(pipeline.run_well().await["tables_stand"], true);

    pipeline.tell_sandbox("release", json!({"albums": 1})).await;
    assert_eq!(
        pipeline.run_well().await["tables_stand"],
        false,
        "an album is new"
    );

    pipeline
        .firstpress(&["transform", "--select", "dim_artist"])
        .await;
    assert_eq!(
        pipeline.run_well().await["tables_stand"],
        false,
        "one model was built by itself"
    );

    pipeline
        .execute(
            "update ops.runs set status = 'failed' where started_at = (select max(started_at) from ops.runs)",
        )
        .await;
    assert_eq!(
        pipeline.run_well().await["tables_stand"],
        false,
        "the run before failed"
    );

    pipeline.file("mine/dbt_project.yml", "name: mine\nprofile: mine\n");
    pipeline.file(
        "mine/models/one.sql",
        "{{ config(materialized='table') }} select 1 as one",
    );
    let pipeline = pipeline.with("TEMPLATES_DIR", "mine");
    let report = pipeline.run_well().await;
    assert_eq!(report["tables_stand"], false, "other models");
    assert_eq!(report["models"][0]["name"], "one");
}

#[tokio::test]
async fn a_track_on_two_albums_is_asked_about_once() {
    let pipeline = Pipeline::new(Options {
        albums: 300,
        ..still()
    })
    .await;
    pipeline.run_well().await;
    let shared: i64 = pipeline
        .value(
            "select count(*) from (
                select track_id from raw.album_tracks group by track_id having count(*) > 1
            ) as shared",
        )
        .await;
    assert!(shared > 0, "the catalogue has tracks on two albums");
    for endpoint in ["tracks", "audio-features"] {
        let mut asked = HashSet::new();
        for (_, path) in pipeline
            .calls()
            .await
            .iter()
            .filter(|(called, _)| called == endpoint)
        {
            let ids = path.split_once("ids=").unwrap().1;
            let repeated = ids.split(',').find(|id| !asked.insert((*id).to_owned()));
            assert_eq!(repeated, None, "asked twice at {endpoint}");
        }
    }
}

#[tokio::test]
async fn the_api_is_reached_by_another_address_alone_and_markets_are_stored_once() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    let sets: i64 = pipeline.value("select count(*) from raw.market_sets").await;
    assert!((1..=60).contains(&sets), "{sets} sets for 60 albums");
    let left: i64 = pipeline
        .value(
            "select (select count(*) from raw.albums where json like '%available_markets%')
             + (select count(*) from raw.album_tracks where json like '%available_markets%')
             + (select count(*) from raw.track_details where json like '%available_markets%')",
        )
        .await;
    assert_eq!(left, 0, "objects that still carry their markets");
    let without: i64 = pipeline
        .value("select count(*) from raw.albums where market_set_id is null")
        .await;
    assert_eq!(without, 0);
    let rebuilt: i64 = pipeline
        .value(
            "select count(*) from raw.albums
             where json::jsonb ->> 'id' is distinct from album_id
                or json::jsonb ->> 'name' is distinct from name
                or json::jsonb ->> 'label' is distinct from label
                or (json::jsonb ->> 'popularity')::integer is distinct from popularity",
        )
        .await;
    assert_eq!(rebuilt, 0, "typed columns that the kept JSON does not give");
}

#[tokio::test]
async fn popularity_is_read_again_once_a_day_within_the_window() {
    let pipeline = Pipeline::new(still()).await.with("POPULARITY_WINDOW_DAYS", "10");
    pipeline.run_well().await;
    pipeline.forget_calls().await;
    // a day later, seen from the data
    pipeline
        .execute("update raw.track_popularity set observed_on = observed_on - 1")
        .await;
    let due: i64 = pipeline
        .value(
            "select count(distinct track_id) from raw.album_tracks inner join raw.albums using (album_id)
             where released_on > (now() at time zone 'utc')::date - 10",
        )
        .await;
    assert!(due > 0);

    let report = pipeline.run_well().await;
    assert_eq!(report["refreshed"]["track_popularity"], json!(due));
    assert_eq!(pipeline.calls_to("tracks").await as i64, div_ceil(due, 50));
    let days: i64 = pipeline
        .value("select count(distinct observed_on) from raw.track_popularity")
        .await;
    assert_eq!(days, 2);
    pipeline.forget_calls().await;
    pipeline.run_well().await;
    assert_eq!(
        pipeline.calls_to("tracks").await,
        0,
        "a second reading on the same day"
    );
}

#[tokio::test]
async fn a_track_in_quarantine_is_left_alone_until_it_is_due() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    pipeline
        .execute(
            "update raw.track_popularity set observed_on = observed_on - 1;
             insert into raw.quarantine (item_type, item_id, reason, attempts, retry_at, run_id, extracted_at)
             select distinct on (track_id) 'track', track_id, 'gone', 1, now() + interval '1 day', run_id, now()
             from raw.album_tracks",
        )
        .await;
    pipeline.forget_calls().await;
    let report = pipeline.run_well().await;
    assert_eq!(pipeline.calls_to("tracks").await, 0);
    assert_eq!(report["tables_stand"], true);
}

#[tokio::test]
async fn audio_features_that_come_late_are_asked_for_again_when_due() {
    let pipeline = Pipeline::new(Options {
        albums: 100,
        ..still()
    })
    .await;
    pipeline.run_well().await;
    const MISSING: &str = "select count(*) from raw.audio_features where source is null";
    let missing: i64 = pipeline.value(MISSING).await;
    assert!(missing > 0, "the catalogue lacks features of some tracks");
    assert_eq!(
        pipeline
            .value::<i64>("select count(*) from raw.audio_features where source is null and missing_reason is not null and retry_at between now() + interval '23 hours' and now() + interval '25 hours'")
            .await,
        missing
    );
    pipeline.forget_calls().await;
    pipeline.run_well().await;
    assert_eq!(
        pipeline.calls_to("audio-features").await,
        0,
        "asked before it was due"
    );

    pipeline
        .execute("update raw.audio_features set retry_at = now() where source is null")
        .await;
    pipeline.run_well().await;
    assert_eq!(
        pipeline.calls_to("audio-features").await as i64,
        div_ceil(missing, 100)
    );
    let again: Vec<i32> = pipeline
        .column("select distinct attempts from raw.audio_features where source is null")
        .await;
    assert_eq!(again, [2]);
}

#[tokio::test]
async fn a_whole_real_catalogue_is_loaded() {
    let Some(catalogue) = real_catalogue("small") else {
        return;
    };
    let pipeline = Pipeline::new(Options {
        albums: 0,
        catalogue: Some(catalogue),
        ..still()
    })
    .await;
    let report = pipeline.run_well().await;
    assert_eq!(report["loaded"]["albums"], 5647);
    assert_eq!(
        pipeline
            .value::<i64>("select count(*) from raw.track_details")
            .await,
        8088
    );
    assert_eq!(
        pipeline
            .value::<i64>("select count(*) from raw.audio_features where source = 'spotify'")
            .await,
        8088
    );
}

fn div_ceil(count: i64, size: i64) -> i64 {
    (count + size - 1) / size
}
