//! Every kind of app ends with the tables that it can have, whatever goes wrong on the way.

mod budget;
mod catalogue;
mod memory;
mod tables;

use std::collections::BTreeMap;

use firstpress::sandbox::{Options, Profile};
use serde_json::{Value, json};

use crate::pipeline::{Pipeline, assert_same, empty_directory, still};
use crate::quirks::side_by_side;
use catalogue::Catalogue;

const PROFILES: [Profile; 4] = [
    Profile::LegacyExtended,
    Profile::Extended,
    Profile::DevPreFeb2026,
    Profile::DevFeb2026,
];

/// Troubles that pass, spread over all endpoints.
const FAULTS: [&str; 5] = [
    "any:every/9:503",
    "any:every/13:reset",
    "any:every/17:429=1",
    "any:every/23:cut",
    "any:every/29:expire-token",
];

/// Calls by endpoint that a report counts.
pub(crate) fn calls(report: &Value) -> BTreeMap<String, u64> {
    let calls = report["calls"].as_object().unwrap();
    let count = |(endpoint, calls): (&String, &Value)| (endpoint.clone(), calls["calls"].as_u64().unwrap());
    calls.iter().map(count).collect()
}

async fn app(profile: Profile, catalogue: &Catalogue, faults: &[&str]) -> Pipeline {
    Pipeline::new(Options {
        profile,
        catalogue: Some(catalogue.write(&empty_directory())),
        albums: 0,
        reccobeats_coverage: 60,
        faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
        ..still()
    })
    .await
}

#[test]
fn a_clean_run_gives_each_app_all_that_it_may_have_and_a_second_asks_nothing_twice() {
    side_by_side(4, &PROFILES, async |profile| {
        let catalogue = Catalogue::new();
        let app = app(*profile, &catalogue, &[]).await;
        let report = app.run_well().await;
        tables::are_what_the_app_may_have(&app, *profile, &catalogue).await;
        let restricted = *profile == Profile::DevFeb2026;
        assert_eq!(
            report["discovered_by"],
            if restricted { "search" } else { "new_releases" }
        );

        let first = calls(&report);
        let loaded = app.content().await;
        let second = calls(&app.run_well().await);
        let again: Vec<&String> = second
            .keys()
            .filter(|endpoint| {
                !["/api/token", "/browse/new-releases", "/search"].contains(&endpoint.as_str())
            })
            .collect();
        if restricted {
            assert_eq!(again, ["/tracks/{id}"], "ISRCs come when the albums are there");
            assert_eq!(second["/tracks/{id}"], catalogue.tracks.len() as u64);
            assert!(
                !second.contains_key("/browse/new-releases"),
                "it is remembered as closed"
            );
            tables::have_isrcs_too(&app, &catalogue).await;
            let with_isrc: i64 = app.value("select count(isrc) from core.dim_track").await;
            assert_eq!(with_isrc, catalogue.tracks.len() as i64);
            let third = calls(&app.run_well().await);
            assert!(!third.contains_key("/tracks/{id}"), "{third:?}");
        } else {
            assert_eq!(again, Vec::<&String>::new(), "{profile:?} after {first:?}");
            tables::are_what_the_app_may_have(&app, *profile, &catalogue).await;
            assert_same(&loaded, &app.content().await);
        }
    });
}

#[test]
fn a_run_with_faults_ends_with_the_tables_of_a_clean_one() {
    side_by_side(4, &PROFILES, async |profile| {
        let catalogue = Catalogue::new();
        let clean = app(*profile, &catalogue, &[]).await;
        clean.run_well().await;
        let troubled = app(*profile, &catalogue, &FAULTS).await;
        let report = troubled.run_well().await;
        let retries: u64 = report["calls"]
            .as_object()
            .unwrap()
            .values()
            .map(|calls| calls["retries"].as_u64().unwrap())
            .sum();
        assert!(retries > 3, "{profile:?}: {}", report["calls"]);
        troubled.tell_sandbox("faults", json!([])).await;
        if put_off_by_reccobeats(&troubled).await {
            // two more runs, since the second asks for more than audio features
            clean.run_well().await;
            troubled.run_well().await;
        } else {
            tables::are_what_the_app_may_have(&troubled, *profile, &catalogue).await;
        }
        assert_same(&clean.content().await, &troubled.content().await);
    });
}

/// ReccoBeats is asked three times, all of which may meet a fault: its tracks then wait for an hour, which is over here.
async fn put_off_by_reccobeats(app: &Pipeline) -> bool {
    let put_off = app
        .value("select count(*) > 0 from raw.audio_features where source is null and attempts = 0")
        .await;
    app.execute("update raw.audio_features set retry_at = now() where source is null and attempts = 0")
        .await;
    put_off
}

/// 100 new albums of ten tracks: the calls of the issue's own sum.
#[test]
fn a_hundred_albums_cost_the_calls_that_were_promised() {
    let profiles = [Profile::LegacyExtended, Profile::DevFeb2026];
    side_by_side(2, &profiles, async |profile| {
        let catalogue = Catalogue::of_ten_tracks(100);
        let app = app(*profile, &catalogue, &[]).await;
        let report = app.run_well().await;
        assert_eq!(report["loaded"]["albums"], 100);
        let made = app.calls().await;
        let reccobeats = made
            .iter()
            .filter(|(endpoint, _)| endpoint == "reccobeats")
            .count();
        match profile {
            Profile::LegacyExtended => assert_eq!(made.len(), 38, "{:?}", calls(&report)),
            _ => {
                assert_eq!(reccobeats, 1000_usize.div_ceil(40));
                assert_eq!(made.len() - reccobeats, 112, "{:?}", calls(&report));
            }
        }
    });
}

/// Fields are withheld unevenly: an app that may not ask for several tracks may still be told their popularity.
#[tokio::test]
async fn popularity_is_read_track_by_track_where_no_other_way_is_open() {
    let catalogue = Catalogue::of_ten_tracks(6);
    let app = app(Profile::LegacyExtended, &catalogue, &["tracks:*:403"]).await;
    // the catalogue's releases stay new, whatever day it is
    let app = app.with("POPULARITY_WINDOW_DAYS", "3650");
    let first = app.run_well().await;
    assert_eq!(first["loaded"]["track_popularity"], 0);
    let second = app.run_well().await;
    assert_eq!(calls(&second)["/tracks/{id}"], 60);
    assert_eq!(
        app.value::<i64>("select count(*) from raw.track_popularity")
            .await,
        60
    );
    let same_day = app.run_well().await;
    assert!(
        !calls(&same_day).contains_key("/tracks/{id}"),
        "one reading a day"
    );

    app.execute("update raw.track_popularity set observed_on = observed_on - 1")
        .await;
    let next_day = app.with("SPOTIFY_DAILY_BUDGET", "200");
    let report = next_day.run_well().await;
    // 6 albums and a list were read before, and 60 tracks: 130 calls are left
    assert_eq!(calls(&report)["/tracks/{id}"], 60);
    assert_eq!(
        next_day
            .value::<i64>("select count(*) from raw.track_popularity")
            .await,
        120
    );
    let days: i64 = next_day
        .value("select count(distinct observed_on) from trends.popularity_trajectory")
        .await;
    assert_eq!(days, 2);
}
