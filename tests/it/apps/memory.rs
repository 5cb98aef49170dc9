//! What is learned of an app is remembered for a week, and taken back when an answer contradicts it.

use firstpress::postgres::apps::{recall, remember};
use firstpress::sandbox::{Options, Profile};
use serde_json::json;

use super::catalogue::Catalogue;
use super::{PROFILES, app, calls};
use crate::pipeline::{Pipeline, still};
use crate::quirks::side_by_side;

async fn usable(app: &Pipeline, usable: bool) -> Vec<String> {
    let rows: Vec<String> = app
        .column("select usable || ' ' || endpoint from ops.capabilities where endpoint <> '/api/token' order by endpoint")
        .await;
    let prefix = format!("{usable} ");
    rows.iter()
        .filter_map(|row| row.strip_prefix(&prefix).map(str::to_owned))
        .collect()
}

#[test]
fn each_app_is_known_after_its_first_run() {
    side_by_side(4, &PROFILES, async |profile| {
        let app = app(*profile, &Catalogue::new(), &[]).await;
        app.run_well().await;
        let closed: &[&str] = match profile {
            Profile::LegacyExtended => &[],
            Profile::Extended => &["/audio-features"],
            Profile::DevPreFeb2026 => &["/audio-features", "/search?limit=11"],
            Profile::DevFeb2026 => &["/albums", "/audio-features", "/browse/new-releases", "/tracks"],
        };
        assert_eq!(usable(&app, false).await, closed, "{profile:?}");
        let development: Vec<bool> = app
            .column("select is_development_mode from ops.spotify_apps")
            .await;
        assert_eq!(development, [*profile >= Profile::DevPreFeb2026], "{profile:?}");
        app.forget_calls().await;
        app.tell_sandbox("faults", json!([])).await;
        app.run_well().await;
        let made = app.calls().await;
        for closed in ["audio-features", "albums", "tracks"] {
            assert!(
                !made.iter().any(|(endpoint, _)| endpoint == closed),
                "{profile:?} {closed}"
            );
        }
    });
}

#[tokio::test]
async fn after_a_week_a_closed_endpoint_is_asked_itself_and_what_opened_is_used() {
    // a list of more than one page
    let app = app(Profile::DevFeb2026, &Catalogue::of_ten_tracks(120), &[]).await;
    app.run_well().await;
    app.tell_sandbox("profile", json!({"profile": "legacy_extended"}))
        .await;
    let six_days = "update ops.capabilities set asked_at = asked_at - interval '6 days'";
    app.execute(six_days).await;
    assert_eq!(
        app.run_well().await["discovered_by"],
        "search",
        "six days are no week"
    );

    app.execute(
        "update ops.capabilities set asked_at = asked_at - interval '2 days';
         truncate ops.calls_by_minute;",
    )
    .await;
    let report = app.run_well().await;
    assert_eq!(report["discovered_by"], "new_releases");
    assert_eq!(
        report["development_mode"],
        json!(null),
        "the list answers: it is another mode"
    );
    assert_eq!(report["daily_budget"], json!(null));
    assert_eq!(
        report["listed"], 120,
        "and no budget keeps it from the end of the list"
    );
}

#[tokio::test]
async fn an_answer_that_contradicts_what_is_remembered_counts_at_once() {
    let options = Options {
        albums: 40,
        ..still()
    };
    let app = Pipeline::new(options).await;
    app.run_well().await;
    app.tell_sandbox("profile", json!({"profile": "dev_feb2026"}))
        .await;
    app.tell_sandbox("release", json!({"albums": 5})).await;
    let report = app.run_well().await;
    assert_eq!(report["discovered_by"], "search");
    let loaded = report["loaded"]["albums"].as_u64().unwrap();
    assert!(loaded > 0, "{report}");
    let made = calls(&report);
    // several ids were seen to answer before, so each endpoint is asked once more
    assert_eq!(
        (made["/albums"], made["/albums/{id}"], made["/tracks"]),
        (1, loaded, 1),
        "{made:?}"
    );
    assert_eq!(report["daily_budget"], json!(900));
}

#[tokio::test]
async fn another_app_is_asked_anew() {
    let app = app(Profile::Extended, &Catalogue::new(), &[]).await;
    app.run_well().await;
    app.execute(
        "update ops.capabilities set client_id = 'another'; update raw.audio_features set retry_at = now()",
    )
    .await;
    app.tell_sandbox("profile", json!({"profile": "legacy_extended"}))
        .await;
    let report = app.run_well().await;
    assert!(calls(&report).contains_key("/audio-features"), "{report}");
    let whose: Vec<String> = app
        .column("select client_id from ops.capabilities where endpoint = '/audio-features'")
        .await;
    assert_ne!(whose, ["another"]);
}

#[tokio::test]
async fn trouble_with_the_call_that_tells_the_mode_is_no_trouble_of_the_run() {
    let app = app(Profile::DevPreFeb2026, &Catalogue::new(), &["search:*:503"]).await;
    let report = app.run_well().await;
    assert_eq!(report["development_mode"], json!(null));
    assert!(report["loaded"]["albums"].as_u64() > Some(0));
    app.tell_sandbox("faults", json!([])).await;
    assert_eq!(
        app.run_well().await["daily_budget"],
        json!(900),
        "the next run asks again"
    );
}

#[tokio::test]
async fn an_app_that_sees_its_fields_again_is_asked_anew_a_day_later() {
    let app = app(Profile::DevFeb2026, &Catalogue::new(), &[]).await;
    app.run_well().await;
    app.tell_sandbox("profile", json!({"profile": "legacy_extended"}))
        .await;
    app.execute(
        "update ops.capabilities set asked_at = asked_at - interval '1 day';
         update ops.album_ledger set loaded_at = null, loaded_run_id = null
         where album_id = (select min(album_id) from ops.album_ledger);",
    )
    .await;
    assert_eq!(
        app.run_well().await["discovered_by"],
        "search",
        "the run that sees them"
    );
    assert_eq!(app.run_well().await["discovered_by"], "new_releases");
}

#[tokio::test]
async fn what_the_doctor_learns_beside_a_run_is_not_overwritten_by_what_the_run_knew() {
    let app = app(Profile::DevFeb2026, &Catalogue::new(), &[]).await;
    app.run_well().await;
    let (client_id, db) = (&app.sandbox.client_id, &app.database.pool);
    let known_to_a_run = recall(db, client_id).await.unwrap();
    app.tell_sandbox("profile", json!({"profile": "legacy_extended"}))
        .await;
    assert_eq!(app.firstpress(&["doctor"]).await.code, Some(0));
    remember(db, client_id, &known_to_a_run).await.unwrap();
    assert_eq!(usable(&app, false).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_refusal_of_the_long_search_without_a_word_tells_the_mode_too() {
    let app = app(Profile::DevPreFeb2026, &Catalogue::new(), &["search:*:400-empty"]).await;
    let report = app.run_well().await;
    assert_eq!(report["development_mode"], "/search?limit=11 is closed to it");
    assert_eq!(report["daily_budget"], json!(900));
}
