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
const MOST_RUNS: usize = 6;

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
        // an app in development mode asks for the ISRCs of the first run's tracks in the second
        undisturbed.run_well().await;
        let faults = STORM.map(|fault| fault.parse::<Fault>().unwrap()).to_vec();
        let pipeline = Pipeline::new(Options { faults, ..calm })
            .await
            .with("SPOTIFY_TIMEOUT_SECONDS", "2")
            .with("SPOTIFY_MAX_IN_FLIGHT", "4");
        let runs = weather(&pipeline, left(&undisturbed).await).await;
        println!(
            "{profile:?}: {runs:?}, {} calls instead of {}",
            pipeline.calls().await.len(),
            undisturbed.calls().await.len()
        );
        let [met, expected] = [tables(&pipeline).await, tables(&undisturbed).await]
            .map(|tables| without(tables, &["attempts"]));
        assert_same(&met, &expected, &format!("{profile:?}"));
    });
}

/// Albums that are not loaded, items put aside, tracks without audio features, tracks without an answer of their
/// own.
async fn left(pipeline: &Pipeline) -> i64 {
    pipeline
        .value(
            "select (select count(*) from ops.album_ledger where loaded_at is null)
                + (select count(*) from raw.quarantine)
                + (select count(*) from raw.audio_features where source is null)
                + (select count(*) from raw.track_details where source = 'album')",
        )
        .await
}

/// Runs until nothing more is left than in calm weather. Returns how each run ended, and how much it left.
async fn weather(pipeline: &Pipeline, left_in_calm: i64) -> Vec<String> {
    let mut runs = Vec::new();
    while runs.len() < MOST_RUNS {
        let ended = pipeline.run().await;
        assert!(matches!(ended.code, Some(0 | 1)), "{}", ended.stderr);
        let left = left(pipeline).await - left_in_calm;
        let why = &ended.result["error"];
        runs.push(match ended.code {
            Some(0) => format!("0 with {left} left"),
            code => format!("{code:?} ({why})"),
        });
        if left == 0 && ended.code == Some(0) {
            return runs;
        }
        pipeline.execute(NEXT_DAY).await;
    }
    panic!("something is still missing after {runs:?}");
}
