//! Faults of the HTTP layer, each survived or reported by a whole run.

use firstpress::sandbox::{Fault, Options};
use serde_json::{Value, json};

use crate::pipeline::{Pipeline, still};
use crate::quirks::{assert_same, side_by_side, tables, undisturbed};

fn with(faults: &[&str]) -> Options {
    let faults = faults
        .iter()
        .map(|fault| fault.parse::<Fault>().unwrap())
        .collect();
    Options { faults, ..still() }
}

/// The record of the sandbox: endpoint, path, status and at_ms of each call, in order of arrival.
pub(crate) async fn journal(pipeline: &Pipeline) -> Vec<Value> {
    let answer = reqwest::get(format!("{}/calls", pipeline.sandbox.control_url))
        .await
        .unwrap();
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

/// An album of the catalogue of [`still`].
async fn some_album() -> String {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    pipeline
        .value("select min(album_id collate \"C\") from raw.albums")
        .await
}

/// Faults that pass, and how many calls they strike.
const PASSING: [(&str, i64, &[&str]); 5] = [
    (
        "every 5xx in every form",
        16,
        &[
            "token:1:503-html",
            "new-releases:1:500",
            "new-releases:3:502-empty",
            "albums:1:504-text",
            "albums:3:503",
            "tracks:1:500-text",
            "tracks:2:500-html",
            "tracks:4:500-empty",
            "tracks:5:502",
            "tracks:7:502-text",
            "tracks:8:502-html",
            "tracks:10:503-text",
            "tracks:11:503-empty",
            "audio-features:1:504",
            "audio-features:3:504-html",
            "audio-features:5:504-empty",
        ],
    ),
    (
        "broken connections",
        5,
        &[
            "token:1:reset",
            "new-releases:2:reset",
            "albums:1:cut",
            "tracks:2:reset",
            "audio-features:1:cut",
        ],
    ),
    (
        "bodies that are no JSON",
        4,
        &[
            "new-releases:1:not-json",
            "albums:2:not-json",
            "tracks:3:not-json",
            "audio-features:2:not-json",
        ],
    ),
    (
        "stalls",
        4,
        &[
            "new-releases:1:stall=9",
            "albums:1:stall=9",
            "tracks:1:stall=9",
            "audio-features:2:stall=9",
        ],
    ),
    (
        "429 in every form",
        6,
        &[
            "new-releases:1:429=1",
            "albums:1:429-missing",
            "albums:3:429-zero",
            "tracks:2:429-text=1",
            "tracks:6:429-empty=1",
            "audio-features:1:429=2",
        ],
    ),
];

#[test]
fn what_passes_is_repeated_and_leaves_the_tables_of_an_undisturbed_run() {
    side_by_side(PASSING.len(), &PASSING, async |(case, struck, faults)| {
        let pipeline = Pipeline::new(with(faults))
            .await
            .with("SPOTIFY_TIMEOUT_SECONDS", "5");
        let ended = pipeline.run().await;
        assert_eq!(ended.code, Some(0), "{case}: {}", ended.stderr);
        assert_same(&tables(&pipeline).await, &undisturbed().await, case);
        let retries: i64 = pipeline
            .value("select sum(retries)::bigint from ops.api_calls")
            .await;
        let failed: i64 = pipeline
            .value("select sum(failed + rate_limited)::bigint from ops.api_calls")
            .await;
        assert_eq!((retries, failed), (*struck, *struck), "{case}: {}", ended.stderr);
        let calls: i64 = pipeline
            .value("select sum(calls)::bigint from ops.api_calls")
            .await;
        assert_eq!(calls as usize, pipeline.calls().await.len(), "{case}");
        assert!(
            ended.stderr.contains("asking again") || ended.stderr.contains("all calls wait"),
            "{case}"
        );
    });
}

#[tokio::test]
async fn nothing_arrives_within_a_retry_after() {
    let pipeline = Pipeline::new(with(&["new-releases:1:429=2", "tracks:4:429-text=2"])).await;
    pipeline.run_well().await;
    let calls = journal(&pipeline).await;
    let refused: Vec<f64> = calls
        .iter()
        .filter(|call| call["status"] == 429)
        .map(|call| call["at_ms"].as_f64().unwrap())
        .collect();
    assert_eq!(refused.len(), 2);
    for from in refused {
        // what was on its way already may still arrive
        let within = |call: &&Value| (from + 300.0..from + 2000.0).contains(&call["at_ms"].as_f64().unwrap());
        assert_eq!(calls.iter().find(within), None);
    }
    let waited: f64 = pipeline
        .value("select sum(waited_seconds) from ops.api_calls where rate_limited = 1")
        .await;
    assert_eq!(waited, 4.0);
}

/// Case, fault, setting and value, and what the report says.
const POSTPONING: [(&str, &str, &str, &str, &str); 5] = [
    (
        "quota",
        "tracks:7-999:quota=3",
        "SPOTIFY_MAX_WAIT_SECONDS",
        "60",
        "QUOTA_EXCEEDED",
    ),
    (
        "quota without a time",
        "audio-features:3-999:quota=0",
        "SPOTIFY_MAX_WAIT_SECONDS",
        "60",
        "QUOTA_EXCEEDED",
    ),
    (
        "long Retry-After",
        "tracks:7-999:429=7200",
        "SPOTIFY_MAX_WAIT_SECONDS",
        "60",
        "Retry-After 7200 s",
    ),
    (
        "over a low limit",
        "tracks:5-999:429=4",
        "SPOTIFY_MAX_WAIT_SECONDS",
        "3",
        "Retry-After 4 s",
    ),
    (
        "several under way at once",
        "tracks:4-999:429=7200",
        "SPOTIFY_MAX_IN_FLIGHT",
        "8",
        "Retry-After 7200 s",
    ),
];

#[test]
fn a_long_wait_puts_the_rest_off_and_a_later_run_finishes_it() {
    side_by_side(2, &POSTPONING, async |(case, fault, setting, value, reason)| {
        let pipeline = Pipeline::new(with(&[fault])).await.with(setting, value);
        let ended = pipeline.run().await;
        assert_eq!(ended.code, Some(75), "{case}: {}", ended.stderr);
        let waited = "select coalesce(sum(waited_seconds), 0)::double precision from ops.api_calls";
        assert_eq!(pipeline.value::<f64>(waited).await, 0.0, "{case}");
        assert!(
            ended.result["postponed"].as_str().unwrap().contains(reason),
            "{case}: {}",
            ended.result
        );

        let loaded: i64 = pipeline.value("select count(*) from raw.albums").await;
        assert!((1..60).contains(&loaded), "{case}: {loaded}");
        let half_loaded: i64 = pipeline
            .value(
                "select count(*) from raw.albums where total_tracks
                 <> (select count(*) from raw.album_tracks inner join raw.track_details using (track_id)
                     inner join raw.audio_features using (track_id) where album_tracks.album_id = albums.album_id)",
            )
            .await;
        assert_eq!(half_loaded, 0, "{case}");
        assert_eq!(
            pipeline.value::<i64>("select count(*) from core.dim_album").await,
            loaded,
            "{case}"
        );
        assert!(
            pipeline
                .value::<i64>("select count(*) from trends.weekly_top_releases")
                .await
                > 0,
            "{case}"
        );
        let status: String = pipeline
            .value("select status from ops.runs where finished_at is not null and error <> ''")
            .await;
        assert_eq!(status, "postponed", "{case}");
        let refused = journal(&pipeline).await;
        let refused = refused.iter().filter(|call| call["status"] == 429).count();
        let counted: (i64, i64) =
            sqlx::query_as("select sum(rate_limited)::bigint, sum(failed)::bigint from ops.api_calls")
                .fetch_one(&pipeline.database.pool)
                .await
                .unwrap();
        assert_eq!(
            counted,
            (refused as i64, 0),
            "{case}: what was not sent did not fail"
        );

        a_later_run_finishes(&pipeline, loaded, case).await;
    });
}

/// A run that starts too early makes no call; one that starts in time finishes the rest.
async fn a_later_run_finishes(pipeline: &Pipeline, loaded: i64, case: &str) {
    pipeline
        .execute(
            "update ops.runs set not_before = not_before + interval '1 hour';
             update ops.spotify_apps set not_before = not_before + interval '1 hour'",
        )
        .await;
    pipeline.forget_calls().await;
    let early = pipeline.run().await;
    assert_eq!(
        (early.code, pipeline.calls().await.len()),
        (Some(75), 0),
        "{case}: {}",
        early.stderr
    );
    assert!(
        early.stderr.contains("no call was made"),
        "{case}: {}",
        early.stderr
    );

    pipeline.tell_sandbox("faults", json!([])).await;
    pipeline
        .execute("update ops.runs set not_before = now(); update ops.spotify_apps set not_before = now()")
        .await;
    let report = pipeline.run_well().await;
    assert_eq!(report["left_by_earlier_runs"], json!(60 - loaded), "{case}");
    assert_same(&tables(pipeline).await, &undisturbed().await, case);
}

#[tokio::test]
async fn a_token_that_expires_in_mid_run_is_renewed_once() {
    let pipeline = Pipeline::new(with(&["tracks:3:expire-token"])).await;
    pipeline.run_well().await;
    assert_eq!(pipeline.calls_to("token").await, 2);
    assert!(journal(&pipeline).await.iter().any(|call| call["status"] == 401));
    assert_same(&tables(&pipeline).await, &undisturbed().await, "expire-token");
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires() {
    let options = Options {
        token_ttl: 2,
        ..still()
    };
    // slow enough to outlive some tokens, and to let calls stand in line for longer than the margin
    let pipeline = Pipeline::new(options)
        .await
        .with("SPOTIFY_REQUESTS_PER_SECOND", "6");
    pipeline.run_well().await;
    assert!(pipeline.calls_to("token").await >= 2);
    let refused = journal(&pipeline)
        .await
        .into_iter()
        .find(|call| call["status"] == 401);
    assert_eq!(refused, None);
}

/// A run that fails for good.
struct Failing {
    faults: &'static [&'static str],
    /// Setting and value.
    setting: (&'static str, &'static str),
    /// What stderr says.
    says: &'static [&'static str],
    /// Most calls that it may make.
    calls: usize,
    /// The endpoints that are not usable from now on, and why.
    closed: &'static [&'static str],
}

const NO_SETTING: (&str, &str) = ("POPULARITY_WINDOW_DAYS", "28");
const WRONG_SECRET: &str = "0123456789abcdef0123456789abcdef";

const FAILING: [Failing; 7] = [
    Failing {
        faults: &["any:*:503"],
        setting: NO_SETTING,
        says: &["503", "/api/token"],
        calls: 8,
        closed: &[],
    },
    Failing {
        faults: &["new-releases:*:401"],
        setting: NO_SETTING,
        says: &["does not accept the token", "/browse/new-releases"],
        calls: 4,
        closed: &[],
    },
    Failing {
        faults: &[],
        setting: ("SPOTIFY_CLIENT_SECRET", WRONG_SECRET),
        says: &["Spotify refused the client id or secret", "SPOTIFY_CLIENT_SECRET"],
        calls: 1,
        closed: &[],
    },
    Failing {
        faults: &["new-releases:*:premium"],
        setting: NO_SETTING,
        says: &["Premium", "renew the owner's subscription"],
        calls: 2,
        closed: &[],
    },
    Failing {
        faults: &["tracks:*:premium-text"],
        setting: NO_SETTING,
        says: &["Premium", "renew the owner's subscription"],
        calls: 40,
        closed: &[],
    },
    Failing {
        faults: &["new-releases:*:403", "search:*:403"],
        setting: NO_SETTING,
        says: &["does not let this app call /search", "Forbidden", "no other way"],
        calls: 3,
        closed: &[
            "/albums closed to the same apps as /browse/new-releases",
            "/audio-features closed to the same apps as /browse/new-releases",
            "/browse/new-releases 403 Forbidden",
            "/search 403 Forbidden",
            "/tracks closed to the same apps as /browse/new-releases",
        ],
    },
    Failing {
        faults: &["albums:*:403-html", "album:*:403-empty"],
        setting: NO_SETTING,
        says: &["does not let this app call /albums/{id} (403)"],
        calls: 40,
        closed: &[
            "/albums 403 without a message",
            "/albums/{id} 403 without a message",
        ],
    },
];

#[test]
fn what_does_not_pass_ends_the_run_with_the_reason() {
    side_by_side(FAILING.len(), &FAILING, async |failing| {
        let case = failing.faults.first().unwrap_or(&failing.setting.0);
        let pipeline = Pipeline::new(with(failing.faults))
            .await
            .with(failing.setting.0, failing.setting.1);
        let ended = pipeline.run().await;
        assert_eq!(ended.code, Some(1), "{case}: {}", ended.stderr);
        let error = ended.result["error"].as_str().unwrap();
        for words in failing.says {
            assert!(error.contains(words), "{case}: {error}");
        }
        for secret in [WRONG_SECRET, &pipeline.sandbox.client_secret] {
            assert!(
                !ended.stderr.contains(secret) && !ended.result.to_string().contains(secret),
                "{case}"
            );
        }
        let calls = pipeline.calls().await.len();
        assert!((1..=failing.calls).contains(&calls), "{case}: {calls} calls");
        let ledger: String = pipeline
            .value("select status || ' ' || error from ops.runs where finished_at is not null")
            .await;
        assert!(
            ledger.starts_with("failed ") && error.ends_with(&ledger[7..]),
            "{case}: {ledger}"
        );
        let unusable: Vec<String> = pipeline
            .column("select endpoint || ' ' || reason from ops.capabilities where not usable order by 1")
            .await;
        assert_eq!(unusable, failing.closed.to_vec(), "{case}");
        assert_eq!(
            pipeline.value::<i64>("select count(*) from raw.albums").await,
            0,
            "{case}"
        );
        assert_eq!(
            pipeline
                .value::<i64>("select count(*) from raw.album_tracks")
                .await,
            0,
            "{case}"
        );
    });
}

#[tokio::test]
async fn the_token_goes_to_no_other_host() {
    let pipeline = Pipeline::new(with(&[
        "new-releases:*:foreign-next",
        "album-tracks:*:foreign-next",
    ]))
    .await;
    pipeline.run_well().await;
    let foreign = reqwest::get(format!("{}/foreign", pipeline.sandbox.control_url))
        .await
        .unwrap();
    assert_eq!(&foreign.bytes().await.unwrap()[..], b"[]");
    assert_same(&tables(&pipeline).await, &undisturbed().await, "foreign-next");
}

/// How Spotify fails on an album, what the reason then says, and whether it may be over in an hour.
const FAILING_ALBUM: [(&str, &str, bool); 6] = [
    ("404", "404", false),
    ("400-text", "400", false),
    ("500", "500", true),
    ("stall=9", "timed out", true),
    ("not-json", "the body is not what was asked for", true),
    ("cut", "the body was cut off", true),
];

#[test]
fn an_album_that_spotify_fails_on_is_found_and_put_aside() {
    side_by_side(
        FAILING_ALBUM.len(),
        &FAILING_ALBUM,
        async |(kind, words, may_pass)| {
            let album = some_album().await;
            let fault = format!("albums:id={album}:{kind}");
            let pipeline = Pipeline::new(with(&[&fault]))
                .await
                .with("SPOTIFY_TIMEOUT_SECONDS", "1");
            let ended = pipeline.run().await;
            assert_eq!(ended.code, Some(0), "{kind}: {}", ended.stderr);
            assert_eq!(ended.result["loaded"]["albums"], 59, "{kind}");
            let aside: Vec<String> = pipeline
            .column("select item_type || ' ' || item_id || ' ' || (retry_at > now() + interval '1 hour') from raw.quarantine")
            .await;
            // Spotify's own trouble may be over in an hour
            assert_eq!(aside, [format!("album {album} {}", !may_pass)], "{kind}");
            let reason: String = pipeline.value("select reason from raw.quarantine").await;
            assert!(reason.contains(words), "{kind}: {reason}");
            assert!(ended.stderr.contains(&album), "{kind}: {}", ended.stderr);
            // 20, 10 and 10, 5 and 5, 2 and 3, 1 and 1 or 2, perhaps 1 and 1
            if !may_pass {
                assert!(pipeline.calls_to("albums").await <= 3 + 10, "{kind}");
            }

            pipeline.tell_sandbox("faults", json!([])).await;
            pipeline
                .execute("update raw.quarantine set retry_at = now()")
                .await;
            assert_eq!(pipeline.run_well().await["loaded"]["albums"], 1, "{kind}");
            assert_same(&tables(&pipeline).await, &undisturbed().await, kind);
        },
    );
}

#[tokio::test]
async fn answers_about_albums_of_which_none_can_be_read_are_no_fault_of_the_albums() {
    let pipeline = Pipeline::new(with(&["albums:*:not-json"])).await;
    let ended = pipeline.run().await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("no usable answer"), "{}", ended.stderr);
    assert_eq!(
        pipeline.value::<i64>("select count(*) from raw.quarantine").await,
        0
    );

    pipeline.tell_sandbox("faults", json!([])).await;
    pipeline.run_well().await;
    assert_same(&tables(&pipeline).await, &undisturbed().await, "an outage");
}

/// Why there are no details, or no audio features, of a track.
async fn reason_of(pipeline: &Pipeline, track: &str) -> Option<String> {
    sqlx::query_scalar(
        "select coalesce(
             (select reason from raw.quarantine where item_id = $1),
             (select missing_reason from raw.audio_features where track_id = $1)
         )",
    )
    .bind(track)
    .fetch_one(&pipeline.database.pool)
    .await
    .unwrap()
}

#[test]
fn a_track_that_spotify_fails_on_costs_its_details_alone_today_and_when_it_is_due() {
    side_by_side(
        2,
        &[("tracks", "track_details"), ("audio-features", "audio_features")],
        async |(endpoint, _)| {
            let album = Pipeline::new(still()).await;
            album.run_well().await;
            let track: String = album
                .value("select min(track_id collate \"C\") from raw.audio_features where source is not null")
                .await;
            drop(album);
            let fault = format!("{endpoint}:id={track}:404");
            let pipeline = Pipeline::new(with(&[&fault])).await;
            assert_eq!(pipeline.run_well().await["loaded"]["albums"], 60, "{endpoint}");
            let told = reason_of(&pipeline, &track).await;
            assert!(
                told.as_deref().is_some_and(|told| told.contains("404")),
                "{endpoint}: {told:?}"
            );
            pipeline
                .execute("update raw.quarantine set retry_at = now()")
                .await;
            pipeline
                .execute("update raw.audio_features set retry_at = now() where source is null")
                .await;
            let ended = pipeline.run().await;
            assert_eq!(ended.code, Some(0), "{endpoint}: {}", ended.stderr);
            let due: i64 = pipeline
                .value(
                    "select (select count(*) from raw.quarantine where retry_at <= now())
                 + (select count(*) from raw.audio_features where retry_at <= now())",
                )
                .await;
            assert_eq!(due, 0, "{endpoint}: asked again, and not due at once");

            pipeline.tell_sandbox("faults", json!([])).await;
            pipeline
                .execute("update raw.quarantine set retry_at = now()")
                .await;
            pipeline
                .execute("update raw.audio_features set retry_at = now() where source is null")
                .await;
            pipeline.run_well().await;
            assert_eq!(
                pipeline.value::<i64>("select count(*) from raw.quarantine").await,
                0,
                "{endpoint}"
            );
            let [met, expected] = [tables(&pipeline).await, undisturbed().await]
                .map(|tables| crate::quirks::without(tables, &["attempts"]));
            assert_same(&met, &expected, endpoint);
        },
    );
}
