//! A day's budget, shared by all runs.

use firstpress::postgres::call_ledger::CallsByMinute;
use firstpress::sandbox::{Options, Profile};
use firstpress::spotify::CallLedger;
use serde_json::json;

use super::catalogue::Catalogue;
use super::{app, calls};
use crate::deaths::until;
use crate::harness::database;
use crate::pipeline::{Pipeline, assert_same, still};
use crate::quirks::side_by_side;

const BUDGET: usize = 300;

/// Lets a day pass for all that counts by the clock of the database.
async fn a_day_passes(app: &Pipeline) {
    app.execute(
        "delete from ops.calls_by_minute where minute < now() - interval '1 day';
         update ops.calls_by_minute set minute = minute - interval '1 day 2 minutes';
         update ops.runs set not_before = not_before - interval '1 day';
         update ops.spotify_apps set not_before = not_before - interval '1 day';",
    )
    .await;
}

fn to_spotify(made: &[(String, String)]) -> usize {
    let is_web_api =
        |(endpoint, _): &&(String, String)| !["token", "reccobeats"].contains(&endpoint.as_str());
    made.iter().filter(is_web_api).count()
}

#[test]
fn a_budget_of_300_calls_a_day_loads_1000_albums_in_as_many_days_as_needed() {
    let profiles = [Profile::LegacyExtended, Profile::DevFeb2026];
    side_by_side(2, &profiles, async |profile| {
        let catalogue = Catalogue::of_ten_tracks(1000);
        let app = app(*profile, &catalogue, &[])
            .await
            .with("SPOTIFY_DAILY_BUDGET", &BUDGET.to_string());
        let mut days = 0;
        loop {
            days += 1;
            assert!(days < 12, "{profile:?}: it never ends");
            app.forget_calls().await;
            let ended = app.run().await;
            let made = to_spotify(&app.calls().await);
            let waiting: i64 = app
                .value("select count(*) from ops.album_ledger where loaded_at is null")
                .await;
            println!("{profile:?} day {days}: {made} calls, {waiting} albums wait");
            assert!(made <= BUDGET, "{profile:?} day {days}: {made} calls");
            let counted: i64 = app
                .value("select sum(calls)::bigint from ops.calls_by_minute where minute > now() - interval '1 day'")
                .await;
            assert_eq!(counted, made as i64, "{profile:?} day {days}");
            if waiting == 0 {
                assert_eq!(ended.code, Some(0), "{}", ended.stderr);
                break;
            }
            assert_eq!(ended.code, Some(75), "{}", ended.stderr);
            assert!(ended.stderr.contains("budget") || ended.result["postponed"].is_string());
            // an album with all rights takes three calls when it is asked for alone
            let idle = if *profile == Profile::LegacyExtended { 2 } else { 0 };
            assert!(
                made + idle >= BUDGET,
                "{profile:?} day {days}: idle after {made} calls"
            );

            let again = app.run().await;
            assert_eq!(again.code, Some(75), "the budget is used up: {}", again.stderr);
            assert!(to_spotify(&app.calls().await) <= BUDGET);
            a_day_passes(&app).await;
        }
        assert_eq!(app.value::<i64>("select count(*) from raw.albums").await, 1000);
        let least = if *profile == Profile::LegacyExtended { 2 } else { 5 };
        assert!(days >= least, "{profile:?}: {days} days");
    });
}

#[tokio::test]
async fn with_all_rights_a_budget_ends_with_the_tables_of_a_run_without_one() {
    let options = || Options {
        albums: 150,
        ..still()
    };
    let free = Pipeline::new(options()).await;
    free.run_well().await;
    let bound = Pipeline::new(options()).await.with("SPOTIFY_DAILY_BUDGET", "17");
    let mut left = vec![150];
    while *left.last().unwrap() > 0 {
        let ended = bound.run().await;
        assert!(matches!(ended.code, Some(0 | 75)), "{}", ended.stderr);
        let waiting: i64 = bound
            .value("select count(*) from ops.album_ledger where loaded_at is null")
            .await;
        assert!(waiting < *left.last().unwrap(), "no album in a day: {left:?}");
        let overtaken: i64 = bound
            .value(
                "select count(*) from ops.album_ledger as loaded, ops.album_ledger as waiting
                 where loaded.loaded_at is not null and waiting.loaded_at is null
                     and (waiting.discovered_at, waiting.album_id) < (loaded.discovered_at, loaded.album_id)",
            )
            .await;
        assert_eq!(overtaken, 0, "oldest first");
        left.push(waiting);
        a_day_passes(&bound).await;
    }
    assert!(left.len() > 3, "{left:?}");
    assert_same(&free.content().await, &bound.content().await);
}

/// Of an album that was discovered later than one that waits, and is loaded.
const OVERTAKEN: &str = "select count(*) from ops.album_ledger as loaded, ops.album_ledger as waiting
    where loaded.loaded_at is not null and waiting.loaded_at is null
        and waiting.discovered_at < loaded.discovered_at";

#[tokio::test]
async fn what_came_out_meanwhile_overtakes_nothing_that_waits() {
    let app = Pipeline::new(still()).await.with("SPOTIFY_DAILY_BUDGET", "9");
    assert_eq!(app.run().await.code, Some(75));
    a_day_passes(&app).await;
    app.tell_sandbox("release", json!({"albums": 60})).await;
    assert_eq!(app.run().await.code, Some(75));
    let days: Vec<i64> = app
        .column(
            "select count(*) filter (where loaded_at is null) from ops.album_ledger
             group by discovered_at order by discovered_at",
        )
        .await;
    assert!(days.len() == 2 && days[0] > 0 && days[1] > 0, "{days:?} wait");
    let smaller: i64 = app
        .value(
            "select count(*) from ops.album_ledger as early, ops.album_ledger as late
             where early.loaded_at is null and late.discovered_at > early.discovered_at
                 and late.album_id < early.album_id",
        )
        .await;
    assert!(smaller > 0, "no later album has a smaller id");
    assert_eq!(app.value::<i64>(OVERTAKEN).await, 0);
}

/// An app that may ask about single tracks alone, and to which each kind of thing is due.
#[tokio::test]
async fn what_a_budget_leaves_goes_to_features_then_popularity_then_isrcs() {
    let catalogue = Catalogue::of_ten_tracks(6);
    let app = app(Profile::LegacyExtended, &catalogue, &["tracks:*:403"])
        .await
        .with("POPULARITY_WINDOW_DAYS", "3650");
    app.run_well().await;
    app.run_well().await;
    app.execute(
        "truncate ops.calls_by_minute;
         update raw.track_popularity set observed_on = observed_on - 1;
         update raw.track_details set source = 'album', popularity = null, isrc = null
         where album_id = (select min(album_id) from raw.albums);
         update raw.audio_features set source = null, json = null, missing_reason = 'none yet', retry_at = now()
         where track_id in (select track_id from raw.audio_features order by track_id limit 10);",
    )
    .await;
    app.forget_calls().await;
    // the list, the features of ten tracks, and five calls more
    let app = app.with("SPOTIFY_DAILY_BUDGET", "7");
    app.run().await;
    let asked: Vec<String> = app
        .calls()
        .await
        .into_iter()
        .map(|(endpoint, _)| endpoint)
        .collect();
    let expected = [
        "token",
        "new-releases",
        "audio-features",
        "track",
        "track",
        "track",
        "track",
        "track",
    ];
    assert_eq!(asked, expected);
    let read: i64 = app
        .value("select count(*) from raw.track_popularity where run_id = (select max(run_id::text) from ops.runs)::uuid")
        .await;
    let isrcs: i64 = app
        .value("select count(*) from raw.track_details where source = 'album'")
        .await;
    assert_eq!((read, isrcs), (5, 10), "popularity comes before ISRCs");
}

const BOTH_WAIT: &str = "select count(*) = 2 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'";

#[tokio::test]
async fn processes_that_enter_calls_at_the_same_time_share_the_budget() {
    let database = database().await;
    let ledger = CallsByMinute {
        db: database.pool.clone(),
    };
    // whoever enters calls meanwhile has seen what is left, and waits to write
    let mut writing = database.pool.begin().await.unwrap();
    sqlx::raw_sql(
        "insert into ops.calls_by_minute
         select date_trunc('minute', now()) + minutes * interval '1 minute', 29 from generate_series(0, 1) as minutes",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    sqlx::raw_sql("update ops.calls_by_minute set calls = calls")
        .execute(&mut *writing)
        .await
        .unwrap();
    let both_wait = async {
        until(&database.pool, BOTH_WAIT).await;
        writing.commit().await.unwrap();
    };
    let (first, second, ()) = tokio::join!(ledger.enter(2, Some(60)), ledger.enter(2, Some(60)), both_wait);
    assert_eq!(first.unwrap().calls + second.unwrap().calls, 2);
}

#[tokio::test]
async fn a_run_without_a_call_left_says_when_calls_come_free() {
    let app = Pipeline::new(still()).await.with("SPOTIFY_DAILY_BUDGET", "50");
    app.execute("insert into ops.calls_by_minute values (now() - interval '23 hours', 50)")
        .await;
    let ended = app.run().await;
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
    assert_eq!(to_spotify(&app.calls().await), 0);
    let free_at: String = app
        .value("select to_char((min(minute) + interval '24 hours 1 minute') at time zone 'utc', 'YYYY-MM-DD HH24:MI') from ops.calls_by_minute")
        .await;
    assert!(
        ended.stderr.contains(&free_at) || ended.result.to_string().contains(&free_at),
        "{}",
        ended.stderr
    );
}

#[tokio::test]
async fn an_app_in_development_mode_gets_the_default_budget_and_isrcs_within_it() {
    let catalogue = Catalogue::of_ten_tracks(100);
    let app = app(Profile::DevFeb2026, &catalogue, &[]).await;
    let first = app.run_well().await;
    assert_eq!(
        (&first["daily_budget"], &first["calls_left"]),
        (&json!(900), &json!(900 - 111))
    );
    let second = app.run_well().await;
    // ten pages of the list again, and an ISRC for each call that is left
    assert_eq!(calls(&second)["/tracks/{id}"], 900 - 111 - 10);
    assert_eq!(second["calls_left"], json!(0));
    let waiting: i64 = app
        .value("select count(*) from raw.track_details where source = 'album'")
        .await;
    assert_eq!(waiting, 1000 - (900 - 111 - 10));
    a_day_passes(&app).await;
    let third = app.run_well().await;
    assert_eq!(calls(&third)["/tracks/{id}"], waiting as u64);
    let none = app.with("SPOTIFY_DAILY_BUDGET", "none").run_well().await;
    assert_eq!(none["daily_budget"], json!(null));
}
