//! SIGTERM at every stage and wait of a run: it ends in good order, soon.

use std::time::{Duration, Instant};

use firstpress::sandbox::{Options, Profile};
use rustix::process::Signal;
use serde_json::json;

use crate::deaths::{half_loaded, until, until_no_run_holds_the_lock};
use crate::pipeline::{Ended, Pipeline, still};
use crate::quirks::side_by_side;

/// How long a run may take to end. A container scheduler kills it after 30 s.
const SOON: Duration = Duration::from_secs(10);

/// What a run waits for when the signal comes.
struct Wait {
    name: &'static str,
    profile: Profile,
    reason: Reason,
}

enum Reason {
    /// An endpoint on which every call meets this fault.
    Fault(&'static str, &'static str),
    /// A lock that the test holds.
    Lock(&'static str),
}

const fn fault(name: &'static str, endpoint: &'static str, fault: &'static str) -> Wait {
    Wait {
        name,
        profile: Profile::LegacyExtended,
        reason: Reason::Fault(endpoint, fault),
    }
}

const fn lock(name: &'static str, statement: &'static str) -> Wait {
    Wait {
        name,
        profile: Profile::LegacyExtended,
        reason: Reason::Lock(statement),
    }
}

const fn of(profile: Profile, wait: Wait) -> Wait {
    Wait { profile, ..wait }
}

const WAITS: [Wait; 17] = [
    fault("the token's answer", "token", "stall=60"),
    fault("the list's answer", "new-releases", "stall=60"),
    fault("a Retry-After in discovery", "new-releases", "429=30"),
    fault("an album's answer", "albums", "stall=60"),
    fault("a Retry-After of 30 s", "tracks", "429=30"),
    fault("growing pauses", "tracks", "503"),
    fault("audio features' answer", "audio-features", "stall=60"),
    of(
        Profile::Extended,
        fault("the question for the mode", "search", "stall=60"),
    ),
    of(
        Profile::DevFeb2026,
        fault("the search's answer", "search", "stall=60"),
    ),
    of(
        Profile::DevFeb2026,
        fault("ReccoBeats' answer", "reccobeats", "stall=60"),
    ),
    of(
        Profile::DevFeb2026,
        fault("ReccoBeats' Retry-After", "reccobeats", "429=50"),
    ),
    lock(
        "the schema's update, before the run's own beginning",
        "lock table _sqlx_migrations",
    ),
    lock("the run's own beginning", "lock table ops.calls_by_minute"),
    lock("the look-up of what is stored", "lock table raw.track_details"),
    lock(
        "the storing of albums",
        "lock table raw.albums in share row exclusive mode",
    ),
    lock(
        "the record of a stage",
        "lock table ops.run_steps in share row exclusive mode",
    ),
    lock("the building of models", "lock table core.dim_album"),
];

#[test]
fn sigterm_ends_a_run_within_ten_seconds_whatever_it_waits_for() {
    side_by_side(4, &WAITS, async |wait| {
        let options = Options {
            profile: wait.profile,
            ..still()
        };
        let pipeline = Pipeline::new(options).await;
        let mut in_the_way = pipeline.database.pool.begin().await.unwrap();
        match wait.reason {
            Reason::Fault(endpoint, fault) => {
                let fault = format!("{endpoint}:*:{fault}");
                pipeline.tell_sandbox("faults", json!([fault])).await;
            }
            Reason::Lock(statement) => {
                if statement.contains("core.") {
                    pipeline.run_well().await;
                    pipeline.tell_sandbox("release", json!({"albums": 1})).await;
                }
                sqlx::raw_sql(statement).execute(&mut *in_the_way).await.unwrap();
            }
        }
        pipeline.forget_calls().await;
        let child = pipeline.spawn(&["run"]);
        it_waits(&pipeline, wait).await;
        let asked_to_end = Instant::now();
        child.signal(Signal::TERM);
        let ended = Ended::from(child.wait_with_output().await);
        let took = asked_to_end.elapsed();
        println!("{}: {took:.1?}", wait.name);
        assert_eq!(ended.code, Some(75), "{}: {}", wait.name, ended.stderr);
        assert!(took < SOON, "{}: {took:?}", wait.name);
        let begun: Vec<String> = pipeline
            .column("select status from ops.runs where status <> 'succeeded'")
            .await;
        // a run that waits for its own beginning leaves no entry
        let entries = usize::from(!wait.name.contains("beginning"));
        assert_eq!(begun, vec!["interrupted"; entries], "{}", wait.name);

        in_the_way.rollback().await.unwrap();
        assert_eq!(half_loaded(&pipeline).await, 0, "{}", wait.name);
        a_later_run_finishes(&pipeline, wait).await;
    });
}

/// The first process of a container is not ended by a signal that it does not handle.
#[tokio::test]
async fn sigterm_is_handled_by_commands_that_store_nothing_on_the_way() {
    let pipeline = Pipeline::new(still()).await;
    let mut in_the_way = pipeline.database.pool.begin().await.unwrap();
    let lock = sqlx::raw_sql("lock table ops.runs");
    lock.execute(&mut *in_the_way).await.unwrap();
    let child = pipeline.spawn(&["status"]);
    let waits = "select count(*) > 0 from pg_locks where not granted and relation = 'ops.runs'::regclass";
    until(&pipeline.database.pool, waits).await;
    child.signal(Signal::TERM);
    let ended = Ended::from(child.wait_with_output().await);
    assert_eq!(ended.code, Some(143), "{}", ended.stderr);
}

async fn it_waits(pipeline: &Pipeline, wait: &Wait) {
    match wait.reason {
        Reason::Lock(_) => {
            // in this database: others have locks of their own
            until(
                &pipeline.database.pool,
                "select count(*) > 0 from pg_locks where not granted
                 and (database = (select oid from pg_database where datname = current_database()))",
            )
            .await;
        }
        Reason::Fault(endpoint, _) => {
            let deadline = Instant::now() + Duration::from_secs(30);
            while pipeline.calls_to(endpoint).await == 0 {
                assert!(Instant::now() < deadline, "{}: no call to {endpoint}", wait.name);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            // the answer to a call that is refused is on its way
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Everything is loaded afterwards, once.
async fn a_later_run_finishes(pipeline: &Pipeline, wait: &Wait) {
    pipeline.tell_sandbox("faults", json!([])).await;
    until_no_run_holds_the_lock(&pipeline.database.pool).await;
    pipeline.run_well().await;
    let waiting = "select count(*) from ops.album_ledger where loaded_at is null";
    assert_eq!(pipeline.value::<i64>(waiting).await, 0, "{}", wait.name);
    assert_eq!(half_loaded(pipeline).await, 0, "{}", wait.name);
}
