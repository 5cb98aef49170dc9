//! 429 in every form on every endpoint, and what is remembered of it.

use firstpress::sandbox::{Fault, Options, Profile};
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::pipeline::{Pipeline, assert_same, still};
use crate::quirks::side_by_side;

const FORMS: [&str; 8] = [
    "429=1",
    "429-missing",
    "429-zero",
    "429-absurd",
    "429-date=2",
    "429-word",
    "429-text=1",
    "429-empty=1",
];

/// An endpoint as the sandbox and as the logs call it, and the app that calls it.
const ENDPOINTS: [(&str, &str, Profile); 9] = [
    ("token", "/api/token", Profile::LegacyExtended),
    ("new-releases", "/browse/new-releases", Profile::LegacyExtended),
    ("albums", "/albums", Profile::LegacyExtended),
    ("album-tracks", "/albums/{id}/tracks", Profile::LegacyExtended),
    ("tracks", "/tracks", Profile::LegacyExtended),
    ("audio-features", "/audio-features", Profile::LegacyExtended),
    ("search", "/search", Profile::DevFeb2026),
    ("album", "/albums/{id}", Profile::DevFeb2026),
    ("reccobeats", "reccobeats/audio-features", Profile::DevFeb2026),
];

fn with(profile: Profile, faults: &[String]) -> Options {
    let faults = faults.iter().map(|fault| fault.parse::<Fault>().unwrap());
    Options {
        profile,
        faults: faults.collect(),
        // each of them on more than one page
        albums: 8,
        tracks_per_album: Some(60),
        ..still()
    }
}

/// What the tables of an app hold after a run that nothing disturbs.
async fn undisturbed(profile: Profile) -> Vec<(String, String)> {
    static CONTENT: [OnceCell<Vec<(String, String)>>; 2] = [const { OnceCell::const_new() }; 2];
    let run = || async {
        let pipeline = Pipeline::new(with(profile, &[])).await;
        pipeline.run_well().await;
        pipeline.content().await
    };
    let content = &CONTENT[usize::from(profile == Profile::DevFeb2026)];
    content.get_or_init(run).await.clone()
}

#[test]
fn every_form_of_429_on_every_endpoint_is_sat_out() {
    let cases: Vec<(&str, usize)> = (0..2)
        .flat_map(|half| FORMS.iter().map(move |form| (*form, half)))
        .collect();
    side_by_side(4, &cases, async |(form, half)| {
        let profile = [Profile::LegacyExtended, Profile::DevFeb2026][*half];
        let endpoints = ENDPOINTS.iter().filter(|(_, _, of)| *of == profile);
        let endpoints: Vec<_> = endpoints.collect();
        let faults: Vec<String> = endpoints
            .iter()
            .map(|(name, ..)| format!("{name}:1:{form}"))
            .collect();
        let pipeline = Pipeline::new(with(profile, &faults)).await;
        let ended = pipeline.run().await;
        assert_eq!(ended.code, Some(0), "{form}: {}", ended.stderr);
        assert_same(&undisturbed(profile).await, &pipeline.content().await);
        for (name, endpoint, _) in endpoints {
            let told = ended
                .stderr
                .lines()
                .find(|line| line.contains(&format!("429 on {endpoint}, ")));
            let told = told.unwrap_or_else(|| panic!("{form} on {name} is not told: {}", ended.stderr));
            assert!(told.contains("calls wait "), "{form}: {told}");
            let is_of_albums = !["token", "new-releases", "search", "reccobeats"].contains(name);
            assert!(!is_of_albums || told.contains(" % done"), "{form}: {told}");
        }
    });
}

#[test]
fn a_spent_quota_on_any_endpoint_ends_the_run_until_it_is_over() {
    // the token endpoint knows no quota, and ReccoBeats ends no run
    side_by_side(4, &ENDPOINTS[1..8], async |(name, endpoint, profile)| {
        let pipeline = Pipeline::new(with(*profile, &[format!("{name}:*:quota=60")])).await;
        let ended = pipeline.run().await;
        assert_eq!(ended.code, Some(75), "{name}: {}", ended.stderr);
        let told = ended.result["postponed"].as_str().unwrap();
        assert!(
            told.contains(&format!("QUOTA_EXCEEDED on {endpoint}")),
            "{name}: {told}"
        );
        let ahead: f64 = pipeline
            .value("select extract(epoch from not_before - now())::float8 from ops.runs")
            .await;
        assert!((30.0..=60.0).contains(&ahead), "{name}: {ahead} s");
        let is_development: bool = pipeline
            .value("select is_development_mode from ops.spotify_apps")
            .await;
        assert!(is_development, "{name}");

        pipeline.forget_calls().await;
        let early = pipeline.run().await;
        assert_eq!(early.code, Some(75), "{name}: {}", early.stderr);
        assert_eq!(pipeline.calls().await.len(), 0, "{name}");
    });
}

#[tokio::test]
async fn the_pace_that_a_429_left_is_the_next_runs_too() {
    let faults = ["tracks:2:429=1".to_owned()];
    let pipeline = Pipeline::new(Options {
        albums: 200,
        tracks_per_album: Some(10),
        ..with(Profile::LegacyExtended, &faults)
    })
    .await
    .with("SPOTIFY_REQUESTS_PER_SECOND", "40");
    let first = pipeline.run_well().await;
    assert_eq!(first["calls_per_second"], 20.0);
    assert_eq!(
        pipeline
            .value::<f64>("select calls_per_second from ops.spotify_apps")
            .await,
        20.0
    );
    let status = pipeline.firstpress(&["status"]).await.result;
    assert_eq!(status["app"]["calls_per_second"], 20.0);

    pipeline
        .execute("truncate raw.albums, raw.album_tracks, raw.track_details, raw.audio_features; update ops.album_ledger set loaded_at = null")
        .await;
    pipeline.forget_calls().await;
    let second = pipeline.run_well().await;
    assert_eq!(second["calls_per_second"], 20.0);
    let answer = reqwest::get(format!("{}/calls", pipeline.sandbox.control_url))
        .await
        .unwrap();
    let calls: Vec<Value> = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let at_ms: Vec<f64> = calls
        .iter()
        .filter(|call| call["endpoint"] != "token")
        .filter_map(|call| call["at_ms"].as_f64())
        .collect();
    let seconds = (at_ms.last().unwrap() - at_ms.first().unwrap()) / 1000.0;
    let pace = (at_ms.len() - 1) as f64 / seconds;
    assert!(at_ms.len() > 30 && pace <= 20.0, "{pace} calls a second");
}
