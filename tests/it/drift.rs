//! Fields that the API's objects lose or gain between runs: what a user is told, and what `ops` keeps.

use firstpress::http::{FieldSeen, Kind};
use firstpress::postgres::drift::{Change, compare};
use firstpress::sandbox::{Options, Quirk};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::database;
use crate::pipeline::{Pipeline, still};
use crate::quirks::served_by;

/// What Spotify took away in February 2026, at every endpoint that has it.
const REMOVED: [&str; 11] = [
    "/albums album available_markets",
    "/albums album external_ids",
    "/albums album label",
    "/albums album popularity",
    "/albums track available_markets",
    "/albums/{id}/tracks track available_markets",
    "/browse/new-releases album available_markets",
    "/tracks album available_markets",
    "/tracks track available_markets",
    "/tracks track external_ids",
    "/tracks track popularity",
];

/// Albums whose tracks do not fit on one page, so that every endpoint is called.
fn long_albums() -> Options {
    Options {
        albums: 20,
        tracks_per_album: Some(51),
        ..still()
    }
}

fn without_fields() -> Options {
    Options {
        quirks: vec![Quirk::RemovedFields],
        ..long_albums()
    }
}

/// A run over the list and `more` new albums. Returns its report.
async fn run_after_releases(pipeline: &Pipeline, more: u32) -> Value {
    pipeline.tell_sandbox("release", json!({ "albums": more })).await;
    pipeline.run_well().await
}

/// The drift that a report tells, by what became of the fields.
fn told(report: &Value, change: &str) -> Vec<String> {
    let drift = report["drift"].as_array().unwrap().iter();
    let text = |drift: &Value, key: &str| drift[key].as_str().unwrap().to_owned();
    drift
        .filter(|drift| drift["change"] == change)
        .map(|drift| {
            ["endpoint", "object", "field"]
                .map(|key| text(drift, key))
                .join(" ")
        })
        .collect()
}

async fn drift_kept(pipeline: &Pipeline) -> Vec<String> {
    let drift = "select concat_ws(' ', change, endpoint, object, field) from ops.api_drift
        order by run_id, change, endpoint collate \"C\", object, field";
    pipeline.column(drift).await
}

#[tokio::test]
async fn runs_that_meet_the_same_fields_tell_of_no_drift() {
    let many_albums = Options {
        albums: 150,
        ..still()
    };
    let pipeline = Pipeline::new(many_albums).await.with("SPOTIFY_MARKET", "DE");
    let first = pipeline.run_well().await;
    let second = run_after_releases(&pipeline, 160).await;
    // which the market does not restrict, so that the optional field is not met
    let third = run_after_releases(&pipeline, 1).await;
    for report in [first, second, third] {
        assert_eq!(report["drift"], json!([]));
    }
    assert_eq!(drift_kept(&pipeline).await, Vec::<String>::new());
    let optional = "select distinct field from ops.api_fields where not is_always_there";
    assert_eq!(pipeline.column::<String>(optional).await, ["restrictions"]);
    let kinds: Vec<String> = pipeline
        .column("select endpoint || ' ' || object from ops.api_fields group by 1 order by 1")
        .await;
    let expected = [
        "/albums album",
        "/albums page",
        "/albums track",
        "/albums/{id}/tracks page",
        "/albums/{id}/tracks track",
        "/audio-features audio_features",
        "/browse/new-releases album",
        "/browse/new-releases page",
        "/tracks album",
        "/tracks track",
    ];
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn fields_that_vanish_are_told_once_and_told_again_when_they_are_back() {
    let pipeline = Pipeline::new(long_albums()).await;
    pipeline.run_well().await;

    let pipeline = served_by(pipeline, without_fields()).await;
    let pipeline = pipeline.with("LOG_FORMAT", "text");
    pipeline.tell_sandbox("release", json!({"albums": 20})).await;
    let ended = pipeline.run().await;
    assert_eq!(told(&ended.result, "vanished"), REMOVED);
    assert_eq!(told(&ended.result, "appeared"), Vec::<String>::new());
    assert!(
        ended.stderr.contains("/albums: album has lost the field label"),
        "{}",
        ended.stderr
    );

    let report = run_after_releases(&pipeline, 20).await;
    assert_eq!(report["drift"], json!([]), "told once");

    let pipeline = served_by(pipeline, long_albums()).await;
    let report = run_after_releases(&pipeline, 60).await;
    assert_eq!(told(&report, "appeared"), REMOVED);
    assert_eq!(told(&report, "vanished"), Vec::<String>::new());

    let of = |change: &'static str| REMOVED.map(|field| format!("{change} {field}"));
    assert_eq!(
        drift_kept(&pipeline).await,
        [of("vanished"), of("appeared")].concat()
    );
}

#[tokio::test]
async fn a_run_that_ends_early_tells_of_the_drift_that_it_met() {
    let pipeline = Pipeline::new(long_albums()).await;
    pipeline.run_well().await;
    let out_of_quota = Options {
        faults: vec!["albums:1:quota=3".parse().unwrap()],
        ..without_fields()
    };
    let pipeline = served_by(pipeline, out_of_quota).await;
    let pipeline = pipeline.with("SPOTIFY_MAX_IN_FLIGHT", "1");
    pipeline.tell_sandbox("release", json!({"albums": 20})).await;
    let ended = pipeline.run().await;
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
    let met = ["/browse/new-releases album available_markets"];
    assert_eq!(told(&ended.result, "vanished"), met);
    assert_eq!(
        drift_kept(&pipeline).await,
        met.map(|field| format!("vanished {field}"))
    );
}

#[tokio::test]
async fn reccobeats_is_watched_as_spotify_is() {
    let pipeline = Pipeline::new(still()).await.with("AUDIO_FEATURES", "reccobeats");
    pipeline.run_well().await;
    pipeline
        .execute(
            "update ops.api_fields set field = 'pulse' where endpoint like 'reccobeats%' and field = 'tempo'",
        )
        .await;
    let report = run_after_releases(&pipeline, 40).await;
    assert_eq!(
        told(&report, "vanished"),
        ["reccobeats/audio-features audio_features pulse"]
    );
    assert_eq!(
        told(&report, "appeared"),
        ["reccobeats/audio-features audio_features tempo"]
    );
}

const ALBUM: Kind = Kind {
    endpoint: "/albums",
    object: "album",
};

/// Albums of a run: how many there are, how many of them have the field `mood`, and what is told of it then.
type Run = (u64, u64, Option<Change>);

const HISTORIES: [(&str, &[Run]); 7] = [
    (
        "one album had it by chance",
        &[(1, 1, None), (1, 0, None), (1, 1, None), (1, 0, None)],
    ),
    (
        "few albums did not have it by chance",
        &[(3, 0, None), (3, 3, None), (30, 30, None), (3, 0, None)],
    ),
    (
        "it is gone",
        &[
            (15, 15, None),
            (15, 15, None),
            (1, 0, Some(Change::Vanished)),
            (40, 0, None),
        ],
    ),
    (
        "it was optional before a run of albums that all had it",
        &[(30, 29, None), (3, 3, None), (3, 0, None)],
    ),
    (
        "one of many albums did not have it",
        &[(30, 30, None), (30, 29, None), (3, 3, None), (3, 0, None)],
    ),
    (
        "it is new, and gone again",
        &[
            (30, 0, None),
            (1, 1, Some(Change::Appeared)),
            (30, 30, None),
            (9, 0, Some(Change::Vanished)),
        ],
    ),
    (
        "it is new, and one album of many has it",
        &[(30, 0, None), (40, 1, Some(Change::Appeared)), (40, 0, None)],
    ),
];

#[tokio::test]
async fn only_what_many_objects_had_can_vanish_and_only_what_many_lacked_can_appear() {
    for (case, runs) in HISTORIES {
        let database = database().await;
        for (at, (albums, with_it, expected)) in runs.iter().enumerate() {
            let run = Uuid::now_v7();
            sqlx::query(
                "insert into ops.runs (run_id, status, version, api_url) values ($1, 'succeeded', '1', '')",
            )
            .bind(run)
            .execute(&database.pool)
            .await
            .unwrap();
            let field = |field: &str, objects| FieldSeen {
                kind: ALBUM,
                field: field.to_owned(),
                objects,
                is_always_there: objects == *albums,
            };
            let mut seen = vec![field("id", *albums)];
            seen.extend((*with_it > 0).then(|| field("mood", *with_it)));
            let drift = compare(&database.pool, run, &seen).await.unwrap();
            let told: Vec<(&str, Change)> = drift
                .iter()
                .map(|drift| (drift.field.as_str(), drift.change))
                .collect();
            let expected: Vec<_> = expected.iter().map(|change| ("mood", *change)).collect();
            assert_eq!(told, expected, "{case}: run {}", at + 1);
        }
    }
}

#[tokio::test]
async fn what_one_album_has_and_the_next_has_not_is_no_drift() {
    let one_album = |options| Options {
        albums: 1,
        tracks_per_album: Some(3),
        ..options
    };
    let mut pipeline = Pipeline::new(one_album(long_albums())).await;
    pipeline.run_well().await;
    for options in [without_fields(), long_albums(), without_fields()] {
        pipeline = served_by(pipeline, one_album(options)).await;
        assert_eq!(run_after_releases(&pipeline, 1).await["drift"], json!([]));
    }
}
