//! SIGTERM at every stage and wait of a run: it ends in good order, soon.

use std::time::{Duration, Instant};

use firstpress::sandbox::{Options, Profile};
use rustix::process::Signal;
use sqlx::PgPool;

use crate::deaths::{half_loaded, signal, until};
use crate::pipeline::{Ended, Pipeline, still};
use crate::quirks::side_by_side;

/// How long a run may take to end. A container scheduler kills it after 30 s.
const SOON: Duration = Duration::from_secs(10);

/// What a run waits for when the signal comes.
struct Wait {
    name: &'static str,
    profile: Profile,
    faults: &'static [&'static str],
    /// What the test locks, and thereby keeps the run from going on.
    lock: Option<&'static str>,
    waits_when: When,
}

enum When {
    /// So many calls have come to the endpoint.
    Called(&'static str, usize),
    /// A statement waits for the lock.
    Locked,
}

const EXTENDED: Profile = Profile::LegacyExtended;

const fn called(name: &'static str, faults: &'static [&'static str], endpoint: &'static str) -> Wait {
    Wait {
        name,
        profile: EXTENDED,
        faults,
        lock: None,
        waits_when: When::Called(endpoint, 1),
    }
}

const fn locked(name: &'static str, lock: &'static str) -> Wait {
    Wait {
        name,
        profile: EXTENDED,
        faults: &[],
        lock: Some(lock),
        waits_when: When::Locked,
    }
}

const WAITS: [Wait; 16] = [
    called("the token's answer", &["token:*:stall=60"], "token"),
    called("the list's answer", &["new-releases:*:stall=60"], "new-releases"),
    called(
        "a Retry-After in discovery",
        &["new-releases:*:429=30"],
        "new-releases",
    ),
    called("an album's answer", &["albums:*:stall=60"], "albums"),
    called("a Retry-After of 30 s", &["tracks:*:429=30"], "tracks"),
    called("growing pauses", &["tracks:*:503"], "tracks"),
    called(
        "audio features' answer",
        &["audio-features:*:stall=60"],
        "audio-features",
    ),
    Wait {
        profile: Profile::Extended,
        ..called("the question for the mode", &["search:*:stall=60"], "search")
    },
    Wait {
        profile: Profile::DevFeb2026,
        ..called("the search's answer", &["search:*:stall=60"], "search")
    },
    Wait {
        profile: Profile::DevFeb2026,
        ..called("ReccoBeats' answer", &["reccobeats:*:stall=60"], "reccobeats")
    },
    Wait {
        profile: Profile::DevFeb2026,
        ..called("ReccoBeats' Retry-After", &["reccobeats:*:429=50"], "reccobeats")
    },
    locked("the run's own beginning", "lock table ops.calls_by_minute"),
    locked(
        "the look-up of what is stored",
        "lock table raw.track_details in access exclusive mode",
    ),
    locked(
        "the storing of albums",
        "lock table raw.albums in share row exclusive mode",
    ),
    locked(
        "the record of a stage",
        "lock table ops.run_steps in share row exclusive mode",
    ),
    locked(
        "the building of models",
        "lock table core.dim_album in access exclusive mode",
    ),
];

#[test]
fn sigterm_ends_a_run_within_ten_seconds_whatever_it_waits_for() {
    side_by_side(4, &WAITS, async |wait| {
        let options = Options {
            profile: wait.profile,
            ..still()
        };
        let pipeline = Pipeline::new(options).await;
        if wait.lock.is_some_and(|lock| lock.contains("core.")) {
            pipeline.run_well().await;
            pipeline
                .tell_sandbox("release", serde_json::json!({"albums": 1}))
                .await;
        }
        pipeline
            .tell_sandbox("faults", serde_json::json!(wait.faults))
            .await;
        let mut in_the_way = pipeline.database.pool.begin().await.unwrap();
        if let Some(lock) = wait.lock {
            sqlx::raw_sql(lock).execute(&mut *in_the_way).await.unwrap();
        }
        pipeline.forget_calls().await;
        let child = pipeline.spawn(&["run"]);
        it_waits(&pipeline, wait).await;
        let asked_to_end = Instant::now();
        signal(&child, Signal::TERM);
        let ended = Ended::from(child.wait_with_output().await.unwrap());
        let took = asked_to_end.elapsed();
        println!("{}: {took:.1?}", wait.name);
        assert_eq!(ended.code, Some(75), "{}: {}", wait.name, ended.stderr);
        assert!(took < SOON, "{}: {took:?}", wait.name);
        let begun: Vec<String> = pipeline
            .column("select status from ops.runs where status <> 'succeeded'")
            .await;
        let expected = if wait.name.contains("beginning") {
            &[][..]
        } else {
            &["interrupted"]
        };
        assert_eq!(begun, expected, "{}", wait.name);

        in_the_way.rollback().await.unwrap();
        assert_eq!(half_loaded(&pipeline).await, 0, "{}", wait.name);
        a_later_run_finishes(&pipeline, wait).await;
    });
}

async fn it_waits(pipeline: &Pipeline, wait: &Wait) {
    match wait.waits_when {
        When::Locked => {
            // in this database: others have locks of their own
            until(
                &pipeline.database.pool,
                "select count(*) > 0 from pg_locks where not granted
                 and (database = (select oid from pg_database where datname = current_database()))",
            )
            .await;
        }
        When::Called(endpoint, times) => {
            let deadline = Instant::now() + Duration::from_secs(30);
            while pipeline.calls_to(endpoint).await < times {
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
    pipeline.tell_sandbox("faults", serde_json::json!([])).await;
    no_backend_is_left(&pipeline.database.pool).await;
    pipeline.run_well().await;
    let waiting = "select count(*) from ops.album_ledger where loaded_at is null";
    assert_eq!(pipeline.value::<i64>(waiting).await, 0, "{}", wait.name);
    assert_eq!(half_loaded(pipeline).await, 0, "{}", wait.name);
}

async fn no_backend_is_left(pool: &PgPool) {
    until(
        pool,
        "select count(*) = 0 from pg_locks
         where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
    )
    .await;
}
