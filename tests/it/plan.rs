//! The plan, and that a run then does what it says.

use std::collections::BTreeMap;

use firstpress::postgres::lock::{Acquired, RunLock};
use firstpress::sandbox::{Options, Profile};
use serde_json::{Value, json};

use crate::pipeline::{Pipeline, still};
use crate::quirks::side_by_side;

const PROFILES: [Profile; 4] = [
    Profile::LegacyExtended,
    Profile::Extended,
    Profile::DevPreFeb2026,
    Profile::DevFeb2026,
];

/// A list of 100 albums that stands still, with ten tracks each and none of them shared.
fn distinct(profile: Profile) -> Options {
    Options {
        profile,
        albums: 100,
        tracks_per_album: Some(10),
        ..still()
    }
}

/// The calls that the sandbox got since they were forgotten last, by the names that the plan uses.
async fn calls(pipeline: &Pipeline) -> BTreeMap<String, u64> {
    let mut calls = BTreeMap::new();
    for (endpoint, path) in pipeline.calls().await {
        let name = match endpoint.as_str() {
            "token" => "/api/token",
            "new-releases" => "/browse/new-releases",
            "search" if path.contains("limit=11") => "/search?limit=11",
            "search" => "/search",
            "albums" => "/albums",
            "album" => "/albums/{id}",
            "album-tracks" => "/albums/{id}/tracks",
            "tracks" => "/tracks",
            "track" => "/tracks/{id}",
            "audio-features" => "/audio-features",
            "reccobeats" => "reccobeats/audio-features",
            other => panic!("{other}"),
        };
        *calls.entry(name.to_owned()).or_default() += 1;
    }
    calls
}

/// A plan that must succeed, and from which on the sandbox counts calls anew.
async fn plan(pipeline: &Pipeline) -> Value {
    let ended = pipeline.firstpress(&["plan"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    pipeline.forget_calls().await;
    ended.result
}

/// Makes a plan, then a run, and asserts that the run does what was planned. Returns both.
async fn plan_and_run(pipeline: &Pipeline, case: &str) -> (Value, Value) {
    let plan = plan(pipeline).await;
    let ended = pipeline.run().await;
    let report = ended.result;
    let forecast: BTreeMap<String, u64> = serde_json::from_value(plan["calls"].clone()).unwrap();
    assert_eq!(forecast, calls(pipeline).await, "{case}: {}", ended.stderr);
    let loaded = [
        (&plan["fits_today"]["albums"], &report["loaded"]["albums"]),
        (
            &plan["left_for_tomorrow"]["albums"],
            &report["waiting_for_budget"],
        ),
    ];
    assert!(
        loaded.iter().all(|(planned, done)| planned == done),
        "{case}: {loaded:?}"
    );
    let expected = if report["waiting_for_budget"] == 0 { 0 } else { 75 };
    assert_eq!(ended.code, Some(expected), "{case}: {}", ended.stderr);
    (plan, report)
}

#[test]
fn a_run_makes_the_calls_that_the_plan_names_for_each_kind_of_app() {
    side_by_side(2, &PROFILES, async |profile| {
        let case = format!("{profile:?}");
        let pipeline = Pipeline::new(distinct(*profile)).await;
        pipeline.run_well().await;
        // a day later, seen from the data
        pipeline
            .execute(
                "update raw.track_popularity set observed_on = observed_on - 1;
                 update raw.audio_features set retry_at = now() where source is null",
            )
            .await;
        pipeline.tell_sandbox("release", json!({"albums": 70})).await;
        let (plan, report) = plan_and_run(&pipeline, &case).await;
        assert_eq!(plan["new_albums"], report["new_albums"], "{case}");
        let new = report["loaded"]["albums"].as_i64().unwrap();
        assert!((40..=70).contains(&new), "{case}: {new}");
        let waits: i64 = pipeline
            .value("select count(*) from raw.track_details where source = 'album'")
            .await;
        assert_eq!(plan["left_for_tomorrow"]["isrcs"], waits, "{case}");
        let asked: i64 = pipeline
            .value(
                "select count(*) from raw.track_popularity
                 where run_id = (select max(run_id::text) from ops.runs)::uuid",
            )
            .await;
        if *profile != Profile::DevFeb2026 {
            assert_eq!(
                plan["fits_today"]["popularity"].as_i64().unwrap() + new * 10,
                asked,
                "{case}"
            );
        }
    });
}

#[tokio::test]
async fn the_first_load_of_a_hundred_albums_takes_38_calls_and_the_plan_leaves_the_tables_empty() {
    let pipeline = Pipeline::new(distinct(Profile::LegacyExtended)).await;
    let plan = plan(&pipeline).await;
    assert_eq!(
        plan["calls"],
        json!({"/api/token": 1, "/browse/new-releases": 2, "/albums": 5, "/tracks": 20, "/audio-features": 10})
    );
    assert_eq!(plan["spotify_calls"], 37);
    assert_eq!((&plan["listed"], &plan["new_albums"]), (&json!(100), &json!(100)));
    assert_eq!(
        (&plan["daily_budget"], &plan["share_of_budget"]),
        (&Value::Null, &Value::Null)
    );
    let minutes = 37.0 / plan["calls_per_second"].as_f64().unwrap() / 60.0;
    assert!(
        (plan["minutes"].as_f64().unwrap() - minutes).abs() < 1e-9,
        "{plan}"
    );
    for table in [
        "raw.albums",
        "raw.release_sightings",
        "raw.quarantine",
        "ops.runs",
        "ops.album_ledger",
        "ops.api_calls",
    ] {
        let query = format!("select count(*) from {table}");
        let rows: i64 = sqlx::query_scalar(&query)
            .fetch_one(&pipeline.database.pool)
            .await
            .unwrap();
        assert_eq!(rows, 0, "{table}");
    }
    let entered: i64 = pipeline
        .value("select sum(calls)::bigint from ops.calls_by_minute")
        .await;
    assert_eq!(entered, 2, "the two pages of the list");
    let known: Vec<String> = pipeline
        .column("select endpoint from ops.capabilities where usable")
        .await;
    assert_eq!(known, ["/browse/new-releases"]);

    plan_and_run(&pipeline, "from nothing").await;
    assert_eq!(pipeline.calls().await.len(), 38);
    let again = self::plan(&pipeline).await;
    assert_eq!(
        (&again["new_albums"], &again["spotify_calls"]),
        (&json!(0), &json!(2))
    );
}

#[tokio::test]
async fn an_app_with_few_rights_loads_a_hundred_albums_with_a_call_for_each() {
    let pipeline = Pipeline::new(distinct(Profile::DevFeb2026)).await;
    pipeline.run_well().await;
    let made = pipeline.calls().await.len();
    assert!(made <= 112 + 1000_usize.div_ceil(40), "{made} calls");

    // the list's refusal tells a plan from nothing the rest
    let pipeline = Pipeline::new(distinct(Profile::DevFeb2026)).await;
    let (plan, _) = plan_and_run(&pipeline, "from nothing").await;
    assert_eq!(plan["discovered_by"], "search");
    let (pages, albums) = (
        plan["calls"]["/search"].as_u64().unwrap(),
        plan["new_albums"].as_u64().unwrap(),
    );
    // the search finds what came out in the last two weeks
    assert!(albums > 50 && pages == albums.div_ceil(10), "{plan}");
    assert_eq!(
        (&plan["daily_budget"], &plan["calls_left"]),
        (&json!(900), &json!(900 - 1 - pages))
    );
    assert_eq!(plan["share_of_budget"], json!((pages + albums) as f64 / 900.0));
    assert_eq!(plan["left_for_tomorrow"]["isrcs"], albums * 10);
}

#[test]
fn the_first_plan_of_an_app_tells_what_it_costs_where_audio_features_are_closed() {
    let profiles = [Profile::Extended, Profile::DevPreFeb2026];
    side_by_side(2, &profiles, async |profile| {
        let pipeline = Pipeline::new(distinct(*profile)).await;
        let first = plan(&pipeline).await;
        let if_closed = &first["if_audio_features_are_closed"];
        pipeline.run_well().await;
        let made = calls(&pipeline).await;
        assert_eq!(if_closed["calls"], json!(made), "{profile:?}");
        assert_eq!(made["reccobeats/audio-features"], 25, "{profile:?}");
        // all that is counted but the token and ReccoBeats
        let to_spotify = made.values().sum::<u64>() - 1 - 25;
        assert_eq!(if_closed["spotify_calls"], json!(to_spotify), "{profile:?}");
        let again = plan(&pipeline).await;
        assert_eq!(again["if_audio_features_are_closed"], Value::Null, "{profile:?}");
    });
}

/// Kind of app and its budget.
const BUDGETS: [(Profile, &str); 8] = [
    (Profile::DevFeb2026, "61"),
    (Profile::DevFeb2026, "25"),
    (Profile::DevFeb2026, "13"),
    (Profile::DevFeb2026, "11"),
    (Profile::DevFeb2026, "300"),
    (Profile::LegacyExtended, "23"),
    (Profile::LegacyExtended, "3"),
    (Profile::DevPreFeb2026, "14"),
];

#[test]
fn within_a_budget_the_run_gets_done_what_the_plan_says() {
    side_by_side(2, &BUDGETS, async |(profile, budget)| {
        let case = format!("{profile:?} with {budget} calls");
        let pipeline = Pipeline::new(distinct(*profile)).await;
        // the app is known, and nothing is loaded
        let pipeline = pipeline.with("SPOTIFY_DAILY_BUDGET", "none");
        pipeline.run_well().await;
        let before: i64 = pipeline.value("select count(*) from raw.albums").await;
        pipeline
            .execute("truncate ops.calls_by_minute; update raw.audio_features set retry_at = now() where source is null")
            .await;
        pipeline.tell_sandbox("release", json!({"albums": 100})).await;
        let pipeline = pipeline
            .with("SPOTIFY_DAILY_BUDGET", budget)
            .with("SPOTIFY_MAX_IN_FLIGHT", "1");
        let plan = plan(&pipeline).await;
        let ended = pipeline.run().await;
        let forecast: BTreeMap<String, u64> = serde_json::from_value(plan["calls"].clone()).unwrap();
        assert_eq!(
            forecast,
            calls(&pipeline).await,
            "{case}: {plan} {}",
            ended.stderr
        );
        let loaded = pipeline.value::<i64>("select count(*) from raw.albums").await - before;
        assert_eq!(plan["fits_today"]["albums"], loaded, "{case}");
        assert_eq!(
            plan["left_for_tomorrow"]["albums"],
            plan["new_albums"].as_i64().unwrap() - loaded,
            "{case}"
        );
        let waits: i64 = pipeline
            .value("select count(*) from raw.track_details where source = 'album'")
            .await;
        assert_eq!(plan["left_for_tomorrow"]["isrcs"], waits, "{case}");
    });
}

#[tokio::test]
async fn a_backlog_is_planned_before_what_is_new() {
    let pipeline = Pipeline::new(distinct(Profile::LegacyExtended)).await;
    let pipeline = pipeline.with("SPOTIFY_DAILY_BUDGET", "20");
    assert_eq!(pipeline.run().await.code, Some(75));
    let left: i64 = pipeline
        .value("select count(*) from ops.album_ledger where loaded_at is null")
        .await;
    assert!((1..100).contains(&left), "{left}");
    pipeline.tell_sandbox("release", json!({"albums": 15})).await;
    let pipeline = pipeline.with("SPOTIFY_DAILY_BUDGET", "none");
    let (plan, report) = plan_and_run(&pipeline, "backlog").await;
    assert_eq!(
        (&plan["new_albums"], &plan["left_by_earlier_runs"]),
        (&json!(15), &json!(left))
    );
    assert_eq!(report["left_by_earlier_runs"], json!(left));
}

#[tokio::test]
async fn an_album_in_quarantine_is_planned_when_it_is_due() {
    let mut options = distinct(Profile::LegacyExtended);
    options.quirks = vec![firstpress::sandbox::Quirk::UndecodableAlbum];
    let pipeline = Pipeline::new(options).await;
    pipeline.run_well().await;
    assert_eq!(plan(&pipeline).await["left_by_earlier_runs"], 0);
    pipeline
        .execute("update raw.quarantine set retry_at = now()")
        .await;
    assert_eq!(plan(&pipeline).await["left_by_earlier_runs"], 1);
}

#[tokio::test]
async fn what_keeps_a_run_from_its_work_keeps_the_plan_from_it() {
    let pipeline = Pipeline::new(distinct(Profile::LegacyExtended)).await;
    let Acquired::Mine(lock) = RunLock::acquire(&pipeline.database.pool, "firstpress run 7")
        .await
        .unwrap()
    else {
        panic!("the lock is taken")
    };
    let ended = pipeline.firstpress(&["plan"]).await;
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
    assert!(ended.stderr.contains("firstpress run 7"), "{}", ended.stderr);
    drop(lock);

    let begin = |api: &str, not_before: &str| {
        let row = format!(
            "insert into ops.runs (run_id, status, version, api_url, not_before)
             values (gen_random_uuid(), 'postponed', '1', '{api}', {not_before})"
        );
        let pool = pipeline.database.pool.clone();
        async move { sqlx::raw_sql(&row).execute(&pool).await.unwrap() }
    };
    begin("http://127.0.0.1", "now() + interval '1 hour'").await;
    let ended = pipeline.firstpress(&["plan"]).await;
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
    assert!(ended.stderr.contains("no call was made"), "{}", ended.stderr);
    begin("sandbox", "null").await;
    let ended = pipeline.firstpress(&["plan"]).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("do not mix"), "{}", ended.stderr);
    assert_eq!(pipeline.calls().await, []);
}

#[tokio::test]
async fn a_quota_that_ends_while_the_list_is_read_ends_the_plan_and_its_calls_are_counted() {
    let mut options = distinct(Profile::LegacyExtended);
    options.faults = vec!["new-releases:2:quota=3600".parse().unwrap()];
    let pipeline = Pipeline::new(options).await;
    let ended = pipeline.firstpress(&["plan"]).await;
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
    assert!(ended.stderr.contains("QUOTA_EXCEEDED"), "{}", ended.stderr);
    let entered: i64 = pipeline
        .value("select sum(calls)::bigint from ops.calls_by_minute")
        .await;
    assert_eq!(entered, 2);
    let mode: bool = pipeline
        .value("select is_development_mode from ops.spotify_apps")
        .await;
    assert!(mode, "remembered");

    pipeline.forget_calls().await;
    let early = pipeline.run().await;
    assert_eq!(early.code, Some(75), "{}", early.stderr);
    assert!(early.stderr.contains("no call was made"), "{}", early.stderr);
    assert_eq!(pipeline.calls().await, []);
    let status = pipeline.firstpress(&["status"]).await.result;
    assert!(status["state"]["not_before"].is_string(), "{status}");

    // a plan or a doctor that is told nothing later on does not shorten the wait
    pipeline.tell_sandbox("faults", json!([])).await;
    pipeline.firstpress(&["doctor"]).await;
    assert_eq!(pipeline.run().await.code, Some(75));
    pipeline
        .execute("update ops.spotify_apps set not_before = now()")
        .await;
    pipeline.run_well().await;
}

#[tokio::test]
async fn the_sandbox_can_be_planned_too() {
    let pipeline = Pipeline::new(still()).await;
    let ended = pipeline
        .firstpress(&["plan", "--sandbox", "--albums", "5", "--release-every", "0"])
        .await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.result["new_albums"], 5);
}

#[tokio::test]
async fn the_call_that_tells_an_apps_mode_is_planned_where_a_run_makes_it() {
    for (profile, audio_features) in [
        (Profile::DevPreFeb2026, "off"),
        (Profile::LegacyExtended, "reccobeats"),
    ] {
        let pipeline = Pipeline::new(distinct(profile)).await;
        let pipeline = pipeline.with("AUDIO_FEATURES", audio_features);
        let (plan, _) = plan_and_run(&pipeline, audio_features).await;
        assert_eq!(plan["calls"]["/search?limit=11"], 1, "{plan}");
        let to_reccobeats = plan["calls"]["reccobeats/audio-features"].as_u64();
        assert_eq!(to_reccobeats, (audio_features == "reccobeats").then_some(25));
    }
}
