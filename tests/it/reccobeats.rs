//! Trouble with ReccoBeats, which holds nobody up, and who is asked for audio features.

use std::time::{Duration, Instant};

use firstpress::sandbox::{Fault, Options, Profile};
use serde_json::json;
use tokio::sync::OnceCell;

use crate::pipeline::{Pipeline, still};
use crate::quirks::{Tables, assert_same, side_by_side, tables, without};

fn of(profile: Profile) -> Options {
    Options {
        profile,
        reccobeats_coverage: 100,
        ..still()
    }
}

/// Fault, what the reason then says, and most calls that ReccoBeats may get.
const TROUBLE: [(&str, &str, usize); 7] = [
    ("reccobeats:*:5xx", "trouble of its own", 9),
    ("reccobeats:*:reset", "no usable answer", 9),
    ("reccobeats:*:stall=5", "no usable answer", 9),
    ("reccobeats:*:not-json", "no usable answer", 9),
    ("reccobeats:*:429=7200", "no call for 7200 s", 1),
    ("reccobeats:*:429=1", "slow down", 9),
    ("reccobeats:*:400", "refused every call", 8),
];

/// What there is about audio features.
const FEATURES: &str =
    "select coalesce(source, 'none') || case when attempts = 0 and retry_at is null then ', not asked' else '' end
    || case
        when retry_at between now() + interval '23 hours' and now() + interval '25 hours' then ', asked in a day'
        when retry_at between now() + interval '50 minutes' and now() + interval '1 hour'
            then ', asked in an hour, attempts ' || attempts
        else ''
    end
    from raw.audio_features group by 1 order by 1";

#[test]
fn trouble_with_reccobeats_puts_audio_features_off_and_nothing_else() {
    side_by_side(4, &TROUBLE, async |(fault, reason, calls)| {
        let faults = vec![fault.parse::<Fault>().unwrap()];
        let options = Options {
            faults,
            ..of(Profile::Extended)
        };
        let pipeline = Pipeline::new(options).await.with("SPOTIFY_TIMEOUT_SECONDS", "1");
        let begin = Instant::now();
        let report = pipeline.run_well().await;
        println!("{fault}: {:.1?}", begin.elapsed());
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "{fault}: {:?}",
            begin.elapsed()
        );
        assert_eq!(report["loaded"]["albums"], 60, "{fault}");
        let asked = pipeline.calls_to("reccobeats").await;
        assert!((1..=*calls).contains(&asked), "{fault}: {asked} calls");
        assert_eq!(
            pipeline.column::<String>(FEATURES).await,
            ["none, asked in an hour, attempts 0"],
            "{fault}"
        );
        let reasons: Vec<String> = pipeline
            .column("select distinct missing_reason from raw.audio_features")
            .await;
        assert!(
            reasons.iter().any(|told| told.contains(reason)),
            "{fault}: {reasons:?}"
        );

        trouble_is_counted_and_awaited(&pipeline, fault).await;

        pipeline.tell_sandbox("faults", json!([])).await;
        pipeline.forget_calls().await;
        pipeline.run_well().await;
        assert_eq!(
            pipeline.calls_to("reccobeats").await,
            0,
            "{fault}: asked too early"
        );
        pipeline
            .execute("update raw.audio_features set retry_at = now()")
            .await;
        pipeline.run_well().await;
        assert_eq!(
            pipeline.column::<String>(FEATURES).await,
            ["reccobeats"],
            "{fault}"
        );
        let met = without(tables(&pipeline).await, &["attempts"]);
        assert_same(&met, &undisturbed().await, fault);
    });
}

/// Each answer is counted as what it was, and `status` takes for due what the next run asks about.
async fn trouble_is_counted_and_awaited(pipeline: &Pipeline, fault: &str) {
    let counted: String = pipeline
        .value(
            "select (calls = rate_limited) || ' ' || (calls = failed) from ops.api_calls
             where endpoint = 'reccobeats/audio-features'",
        )
        .await;
    let expected = if fault.contains("429") {
        "true false"
    } else {
        "false true"
    };
    assert_eq!(counted, expected, "{fault}: 429s and what else failed");
    let state = &pipeline.firstpress(&["status"]).await.result["state"];
    assert_eq!(state["features_due"], 0, "{fault}: {state}");
    assert_ne!(state["features_awaited"], 0, "{fault}: {state}");
}

async fn undisturbed() -> Tables {
    static TABLES: OnceCell<Tables> = OnceCell::const_new();
    let run = || async {
        let pipeline = Pipeline::new(of(Profile::Extended)).await;
        pipeline.run_well().await;
        without(tables(&pipeline).await, &["attempts"])
    };
    TABLES.get_or_init(run).await.clone()
}

/// Setting, app, what there is then, and who was asked.
struct Asking {
    setting: &'static str,
    profile: Profile,
    features: &'static [&'static str],
    spotify: bool,
    reccobeats: bool,
}

const ASKING: [Asking; 6] = [
    Asking {
        setting: "spotify",
        profile: Profile::LegacyExtended,
        features: &["none, asked in a day", "spotify"],
        spotify: true,
        reccobeats: false,
    },
    Asking {
        setting: "spotify",
        profile: Profile::Extended,
        features: &["none, not asked"],
        spotify: true,
        reccobeats: false,
    },
    Asking {
        setting: "reccobeats",
        profile: Profile::LegacyExtended,
        features: &["reccobeats"],
        spotify: false,
        reccobeats: true,
    },
    Asking {
        setting: "reccobeats",
        profile: Profile::Extended,
        features: &["reccobeats"],
        spotify: false,
        reccobeats: true,
    },
    Asking {
        setting: "off",
        profile: Profile::LegacyExtended,
        features: &["none, not asked"],
        spotify: false,
        reccobeats: false,
    },
    Asking {
        setting: "off",
        profile: Profile::Extended,
        features: &["none, not asked"],
        spotify: false,
        reccobeats: false,
    },
];

#[test]
fn audio_features_are_asked_of_whom_the_setting_names_and_later_of_others() {
    side_by_side(3, &ASKING, async |asking| {
        let case = format!("{} on {:?}", asking.setting, asking.profile);
        let pipeline = Pipeline::new(of(asking.profile))
            .await
            .with("AUDIO_FEATURES", asking.setting);
        assert_eq!(pipeline.run_well().await["loaded"]["albums"], 60, "{case}");
        assert_eq!(
            pipeline.column::<String>(FEATURES).await,
            asking.features,
            "{case}"
        );
        let asked = [
            pipeline.calls_to("audio-features").await,
            pipeline.calls_to("reccobeats").await,
        ];
        assert_eq!(
            asked.map(|calls| calls > 0),
            [asking.spotify, asking.reccobeats],
            "{case}: {asked:?}"
        );

        let pipeline = pipeline.with("AUDIO_FEATURES", "auto");
        pipeline
            .execute("update raw.audio_features set retry_at = now() where retry_at is not null")
            .await;
        pipeline.run_well().await;
        let without: i64 = pipeline
            .value("select count(*) from raw.audio_features where source is null and attempts = 0")
            .await;
        assert_eq!(without, 0, "{case}: nobody was asked about some");
        let found: i64 = pipeline
            .value("select count(*) from raw.audio_features where source is not null")
            .await;
        assert_ne!(found, 0, "{case}");
    });
}

/// Days until a track without audio features is asked about again, by how often it was asked about; then no more.
const WAITS: [Option<i32>; 6] = [Some(1), Some(2), Some(4), Some(7), Some(14), None];

#[tokio::test]
async fn a_track_without_audio_features_is_asked_about_after_growing_intervals_for_four_weeks() {
    let pipeline = Pipeline::new(Options {
        albums: 3,
        reccobeats_coverage: 0,
        ..of(Profile::Extended)
    })
    .await;
    for (asked, days) in WAITS.iter().enumerate() {
        pipeline
            .execute("update raw.audio_features set retry_at = now()")
            .await;
        pipeline.run_well().await;
        let waits: Vec<(i32, Option<i32>)> = sqlx::query_as(
            "select distinct attempts, (extract(epoch from retry_at - extracted_at) / 86400)::integer
             from raw.audio_features",
        )
        .fetch_all(&pipeline.database.pool)
        .await
        .unwrap();
        assert_eq!(waits, [(i32::try_from(asked).unwrap() + 1, *days)]);
    }
    pipeline.forget_calls().await;
    pipeline.run_well().await;
    assert_eq!(pipeline.calls_to("reccobeats").await, 0, "four weeks are over");
}
