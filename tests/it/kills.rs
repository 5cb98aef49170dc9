//! Kills spread over a run: what the next run has to do again, and that the tables never tell.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use firstpress::sandbox::{Options, Profile};
use serde_json::{Map, Value};

use crate::deaths::{half_loaded, until_no_run_holds_the_lock};
use crate::faults::journal;
use crate::pipeline::{Ended, Pipeline, assert_same, still};
use crate::quirks::side_by_side;

/// A run to kill, and what may be asked again after a kill.
struct Case {
    name: &'static str,
    profile: Profile,
    /// Albums on the list, and tracks on each.
    size: (usize, u16),
    latency_ms: u64,
    settings: &'static [(&'static str, &'static str)],
    /// Calls that may be lost: under way, of albums that are begun, and of albums that are not stored yet.
    lost: Lost,
    /// Calls that may be entered before they are made: a block, but one for each call with a budget.
    entered_ahead: i64,
}

struct Lost {
    under_way: usize,
    albums: usize,
}

/// At a pace at which the loader is never behind, a kill costs what is under way and one batch of 20 albums.
const REAL: Lost = Lost {
    under_way: 4,
    albums: 20,
};
/// Albums come faster than they are stored: 50 are in the making and 50 wait (src/load/mod.rs, src/run/mod.rs),
/// and 20 are begun.
const AT_ONCE: Lost = Lost {
    under_way: 4,
    albums: 50 + 50 + 20,
};
/// One call is under way to Spotify and one to ReccoBeats, about 40 tracks of 13 albums; 7 more come meanwhile.
const ONE_BY_ONE: Lost = Lost {
    under_way: 2,
    albums: 20,
};

/// Calls entered at once where no budget is known of, as in the first run of an app in development mode.
const BLOCK: i64 = 50;

const CASES: [Case; 5] = [
    Case {
        name: "extended quota",
        profile: Profile::LegacyExtended,
        size: (120, 10),
        latency_ms: 50,
        settings: &[("SPOTIFY_REQUESTS_PER_SECOND", "50")],
        lost: REAL,
        entered_ahead: BLOCK,
    },
    Case {
        name: "development mode",
        profile: Profile::DevFeb2026,
        size: (40, 3),
        latency_ms: 20,
        settings: &[],
        lost: ONE_BY_ONE,
        entered_ahead: BLOCK,
    },
    Case {
        name: "extended quota with a budget",
        profile: Profile::LegacyExtended,
        size: (120, 10),
        latency_ms: 50,
        settings: &[
            ("SPOTIFY_REQUESTS_PER_SECOND", "50"),
            ("SPOTIFY_DAILY_BUDGET", "1000"),
        ],
        lost: REAL,
        entered_ahead: 4,
    },
    Case {
        name: "development mode without a budget",
        profile: Profile::DevFeb2026,
        size: (40, 3),
        latency_ms: 20,
        settings: &[("SPOTIFY_DAILY_BUDGET", "none")],
        lost: ONE_BY_ONE,
        entered_ahead: BLOCK,
    },
    Case {
        name: "extended quota as fast as it goes",
        profile: Profile::LegacyExtended,
        size: (200, 10),
        latency_ms: 0,
        settings: &[],
        lost: AT_ONCE,
        entered_ahead: BLOCK,
    },
];

/// A case's run that nothing disturbs.
struct Undisturbed {
    tables: Vec<(String, String)>,
    calls: BTreeMap<String, usize>,
    length: Duration,
    /// When each call came, from the run's start.
    arrivals: Vec<Duration>,
}

impl Undisturbed {
    /// A moment of the run, told so that it is the same one of a run that goes slower or faster: how many calls
    /// have come by then, and how long ago the latest of them did.
    fn moment(&self, part: f64) -> (usize, Duration) {
        let moment = self.length.mul_f64(part);
        let before = self.arrivals.iter().filter(|arrival| **arrival <= moment);
        let calls = before.clone().count();
        (calls, moment - before.max().copied().unwrap_or_default())
    }
}

impl Case {
    async fn pipeline(&self) -> Pipeline {
        let (albums, tracks) = self.size;
        let pipeline = Pipeline::new(Options {
            profile: self.profile,
            albums,
            tracks_per_album: Some(tracks),
            latency_ms: self.latency_ms,
            ..still()
        });
        let mut pipeline = pipeline.await;
        for (name, value) in self.settings {
            pipeline = pipeline.with(name, value);
        }
        pipeline
    }

    async fn undisturbed(&self) -> Undisturbed {
        let pipeline = self.pipeline().await;
        let sandbox_started = Instant::now();
        pipeline.run_well().await;
        Undisturbed {
            length: sandbox_started.elapsed(),
            arrivals: arrivals(&pipeline).await,
            tables: self.content(&pipeline).await,
            calls: paid(&pipeline).await,
        }
    }

    /// The most calls that one kill may cost.
    fn bound(&self) -> usize {
        let Lost { under_way, albums } = self.lost;
        let tracks = albums * usize::from(self.size.1);
        let (by_call, partly_filled) = match self.profile {
            Profile::DevFeb2026 => ([albums, 0, tracks.div_ceil(40)], 1),
            _ => (
                [albums.div_ceil(20), tracks.div_ceil(50), tracks.div_ceil(100)],
                3,
            ),
        };
        // what is left over and what is new are asked for apart, so that each endpoint's last batch is not full
        under_way + by_call.iter().sum::<usize>() + partly_filled
    }

    /// The tables. Of an app in development mode without what is asked for one by one when a later run has calls
    /// to spare: the ISRCs of tracks of which an earlier run could only see the album's list.
    async fn content(&self, pipeline: &Pipeline) -> Vec<(String, String)> {
        let mut content = pipeline.content().await;
        if self.profile == Profile::DevFeb2026 {
            for (_, rows) in content
                .iter_mut()
                .filter(|(table, _)| table != "raw.audio_features")
            {
                let mut kept: Vec<String> = rows.lines().map(without_isrc).collect();
                kept.sort_unstable();
                *rows = kept.join("\n");
            }
        }
        content
    }
}

fn without_isrc(row: &str) -> String {
    const OF_ISRC_CALLS: [&str; 6] = [
        "isrc",
        "isrc_missing_reason",
        "popularity_missing_reason",
        "source",
        "withheld_fields",
        "json",
    ];
    let mut row: Map<String, Value> = serde_json::from_str(row).unwrap();
    row.retain(|column, _| !OF_ISRC_CALLS.contains(&column.as_str()));
    Value::Object(row).to_string()
}

/// The calls so far by endpoint, without those that belong to every run and without ISRCs.
async fn paid(pipeline: &Pipeline) -> BTreeMap<String, usize> {
    let mut paid = BTreeMap::new();
    for (endpoint, _) in pipeline.calls().await {
        if !["token", "new-releases", "search", "track"].contains(&endpoint.as_str()) {
            *paid.entry(endpoint).or_default() += 1;
        }
    }
    paid
}

/// When each call came, from the sandbox's start.
async fn arrivals(pipeline: &Pipeline) -> Vec<Duration> {
    let calls = journal(pipeline).await;
    let at_ms = calls.iter().filter_map(|call| call["at_ms"].as_f64());
    at_ms
        .map(|at_ms| Duration::from_secs_f64(at_ms / 1000.0))
        .collect()
}

/// What one kill cost.
#[derive(Debug, Clone, Copy)]
struct Cost {
    case: usize,
    /// The kill came in time.
    hit: bool,
    repeated: usize,
}

#[test]
fn a_kill_at_any_moment_costs_a_few_calls_and_no_row() {
    kill(20);
}

/// `cargo test --test it two_hundred_kills -- --ignored --nocapture`
#[test]
#[ignore = "takes some minutes"]
fn two_hundred_kills_spread_over_a_run_cost_a_few_calls_and_no_row() {
    kill(200);
}

/// So many kills, the cases in turn and each case's spread evenly over its run.
fn kill(kills: usize) {
    let undisturbed = Mutex::new(BTreeMap::new());
    let cases: Vec<usize> = (0..CASES.len()).collect();
    // side by side as the kills are, so that a run takes as long as it will then
    side_by_side(cases.len(), &cases, async |case| {
        let run = CASES[*case].undisturbed().await;
        undisturbed.lock().unwrap().insert(*case, run);
    });
    let undisturbed = undisturbed.into_inner().unwrap();
    let each = kills.div_ceil(CASES.len());
    let moments: Vec<(usize, f64)> = (0..kills)
        .map(|kill| {
            let place = (kill / CASES.len()) as f64 + 0.5;
            (kill % CASES.len(), place / each as f64)
        })
        .collect();
    let costs = Mutex::new(Vec::new());
    side_by_side(cases.len(), &moments, async |(case, moment)| {
        let cost = kill_once(*case, &undisturbed[case], *moment).await;
        costs.lock().unwrap().push(cost);
    });
    tell(&costs.into_inner().unwrap());
}

/// Waits until so many calls have come, and so long after.
async fn comes(pipeline: &Pipeline, (calls, after): (usize, Duration)) {
    while pipeline.calls().await.len() < calls {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(after).await;
}

async fn kill_once(number: usize, undisturbed: &Undisturbed, moment: f64) -> Cost {
    let case = &CASES[number];
    let label = format!("{}, killed at {:.1} %", case.name, moment * 100.0);
    let pipeline = case.pipeline().await;
    let mut child = pipeline.spawn(&["run"]);
    let hit = tokio::select! {
        _ = child.wait() => false,
        () = comes(&pipeline, undisturbed.moment(moment)) => true,
    };
    if hit {
        child.start_kill().unwrap();
        child.wait().await.unwrap();
    }
    assert_eq!(half_loaded(&pipeline).await, 0, "{label}");
    assert_none_uncounted(&pipeline, case, &label).await;
    until_no_run_holds_the_lock(&pipeline.database.pool).await;

    let Ended { code, stderr, .. } = pipeline.run().await;
    assert_eq!(code, Some(0), "{label}: {stderr}");
    assert_same(&undisturbed.tables, &case.content(&pipeline).await);
    assert_none_uncounted(&pipeline, case, &label).await;
    let running: i64 = pipeline
        .value("select count(*) from ops.runs where status = 'running'")
        .await;
    assert_eq!(running, 0, "{label}");
    let calls = paid(&pipeline).await;
    let repeated = calls.values().sum::<usize>() - undisturbed.calls.values().sum::<usize>();
    assert!(
        repeated <= case.bound(),
        "{label}: {repeated} calls repeated, {calls:?} instead of {:?}",
        undisturbed.calls
    );
    Cost {
        case: number,
        hit,
        repeated,
    }
}

/// A call that was made stands in the ledger, whoever died after it.
async fn assert_none_uncounted(pipeline: &Pipeline, case: &Case, label: &str) {
    let made = pipeline.calls().await;
    let made = made
        .iter()
        .filter(|(endpoint, _)| !["token", "reccobeats"].contains(&endpoint.as_str()));
    let made = made.count() as i64;
    let entered: i64 = pipeline
        .value("select coalesce(sum(calls), 0)::bigint from ops.calls_by_minute")
        .await;
    assert!(
        (made..=made + case.entered_ahead).contains(&entered),
        "{label}: {made} calls made, {entered} entered"
    );
}

/// Prints what the kills cost, and asserts that they struck runs.
fn tell(costs: &[Cost]) {
    for (number, case) in CASES.iter().enumerate() {
        let of_case: Vec<&Cost> = costs.iter().filter(|cost| cost.case == number).collect();
        let mut repeated: Vec<usize> = of_case.iter().map(|cost| cost.repeated).collect();
        repeated.sort_unstable();
        let (kills, too_late) = (of_case.len(), of_case.iter().filter(|cost| !cost.hit).count());
        println!(
            "{}: {kills} kills, {too_late} of them too late; calls repeated: mean {:.1}, max {} of {} allowed, {repeated:?}",
            case.name,
            repeated.iter().sum::<usize>() as f64 / kills as f64,
            repeated.last().unwrap(),
            case.bound(),
        );
        assert!(
            too_late * 2 <= kills,
            "{}: {too_late} kills came too late",
            case.name
        );
    }
}
