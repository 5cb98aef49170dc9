//! A storm of faults: everything is loaded all the same.

use firstpress::sandbox::{Fault, Options, Profile};

use crate::pipeline::{Pipeline, still};
use crate::quirks::{assert_same, side_by_side, tables, without};

/// A third of all calls goes wrong. A stall outlasts the timeout that the runs are given.
const STORM: [&str; 4] = [
    "any:20%:5xx",
    "any:5%:cut",
    "any:5%:stall=4",
    "any:every/50:expire-token",
];

/// Runs that a scheduler may have to start. One that ends with 1 met a call that failed at every repeat.
const MOST_RUNS: usize = 4;

/// What a storm puts off to another day: what is asked again here at once.
const NEXT_DAY: &str = "update raw.quarantine set retry_at = now();
    update raw.audio_features set retry_at = now() where source is null;";

fn calm(profile: Profile) -> Options {
    Options {
        profile,
        albums: 100,
        // those that an app in development mode sees are asked about one by one in a second run
        tracks_per_album: Some(if profile == Profile::DevFeb2026 { 4 } else { 10 }),
        reccobeats_coverage: 100,
        ..still()
    }
}

#[test]
fn a_storm_of_faults_costs_calls_and_no_row() {
    let profiles = [Profile::LegacyExtended, Profile::DevFeb2026];
    side_by_side(2, &profiles, async |profile| {
        let calm = calm(*profile);
        let undisturbed = Pipeline::new(calm.clone()).await;
        undisturbed.run_well().await;
        let faults = STORM.map(|fault| fault.parse::<Fault>().unwrap()).to_vec();
        let pipeline = Pipeline::new(Options { faults, ..calm })
            .await
            .with("SPOTIFY_TIMEOUT_SECONDS", "2")
            .with("SPOTIFY_MAX_IN_FLIGHT", "4");
        let runs = weather(&pipeline, without_features(&undisturbed).await).await;
        let calls = [&pipeline, &undisturbed].map(async |pipeline| {
            let calls = pipeline.calls().await;
            // the ISRCs of tracks that an earlier run could only see on their album are no part of a first run
            calls.iter().filter(|(endpoint, _)| endpoint != "track").count()
        });
        let [stormy, calm] = calls;
        println!(
            "{profile:?}: {runs:?}, {} calls instead of {}",
            stormy.await,
            calm.await
        );
        let [met, expected] = [tables(&pipeline).await, tables(&undisturbed).await]
            .map(|tables| without(tables, &["attempts", "isrc", "source", "withheld_fields"]));
        assert_same(&met, &expected, &format!("{profile:?}"));
    });
}

async fn without_features(pipeline: &Pipeline) -> i64 {
    pipeline
        .value("select count(*) from raw.audio_features where source is null")
        .await
}

/// Runs until nothing is left but the audio features that nobody has. Returns how each run ended, and what it had
/// put aside or off.
async fn weather(pipeline: &Pipeline, nobody_has: i64) -> Vec<String> {
    let mut runs = Vec::new();
    while runs.len() < MOST_RUNS {
        let ended = pipeline.run().await;
        assert!(matches!(ended.code, Some(0 | 1)), "{}", ended.stderr);
        let albums_and_tracks: i64 = pipeline
            .value(
                "select (select count(*) from ops.album_ledger where loaded_at is null)
                    + (select count(*) from raw.quarantine)",
            )
            .await;
        let left = albums_and_tracks + without_features(pipeline).await - nobody_has;
        let why = ended.stderr.lines().last().unwrap_or_default();
        runs.push(match ended.code {
            Some(0) => format!("0 with {left} put off"),
            code => format!("{code:?} ({why})"),
        });
        if left == 0 && ended.code == Some(0) {
            return runs;
        }
        pipeline.execute(NEXT_DAY).await;
    }
    panic!("something is still missing after {runs:?}");
}
