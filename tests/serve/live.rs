//! The live status: what those see who look on while the pipeline works.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use firstpress::sandbox::Options;
use futures::{SinkExt, StreamExt};
use reqwest::Response;
use rustix::process::Signal;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use url::Url;

use crate::pipeline::{Pipeline, still};
use crate::server::{Server, in_process, problem, shared};

const LIVE: &str = "/api/v1/status/live";
const SOON: Duration = Duration::from_secs(30);

/// A run of some seconds.
fn slow() -> Options {
    Options {
        latency_ms: 250,
        ..still()
    }
}

/// A client of server-sent events.
struct Events {
    answer: Response,
    text: String,
    ids: Vec<u64>,
}

impl Events {
    async fn of(url: &str) -> Self {
        let answer = reqwest::get(format!("{url}{LIVE}")).await.unwrap();
        assert_eq!(answer.status(), 200);
        Self {
            answer,
            text: String::new(),
            ids: Vec::new(),
        }
    }

    /// The next state; none when the stream has ended.
    async fn next(&mut self) -> Option<Value> {
        let next = tokio::time::timeout(SOON, self.read());
        next.await.expect("something moves")
    }

    async fn read(&mut self) -> Option<Value> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let lines = event.lines().filter_map(|line| line.split_once(": "));
                let fields: BTreeMap<String, String> = lines
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect();
                self.text = rest.to_owned();
                if let Some(data) = fields.get("data") {
                    assert_eq!(fields["event"], "status");
                    self.ids.push(fields["id"].parse().unwrap());
                    return Some(serde_json::from_str(data).unwrap());
                }
                continue;
            }
            let chunk = self.answer.chunk().await.unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// All states up to the first of which this is true.
    async fn until(&mut self, is_so: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut states = Vec::new();
        loop {
            let state = self.next().await.expect("the stream goes on");
            states.push(state);
            if is_so(&states[states.len() - 1]) {
                return states;
            }
        }
    }
}

async fn socket(url: &str) -> WebSocketStream<TcpStream> {
    let address = url.strip_prefix("http://").unwrap();
    let request = format!("ws://{address}{LIVE}");
    let stream = TcpStream::connect(address).await.unwrap();
    client_async(request, stream).await.unwrap().0
}

/// The next message that is no ping.
async fn hear(socket: &mut WebSocketStream<TcpStream>) -> Option<Message> {
    let message = tokio::time::timeout(SOON, next_but_pings(socket)).await;
    message.expect("something moves").map(Result::unwrap)
}

async fn next_but_pings(socket: &mut WebSocketStream<TcpStream>) -> Option<Result<Message, Error>> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Ping(_))) => {}
            message => return message,
        }
    }
}

fn read(message: &Message) -> Value {
    serde_json::from_str(message.to_text().unwrap()).unwrap()
}

fn succeeded(state: &Value) -> bool {
    // the last stage is written down before the run, and the last look at the bars after it
    state["run"]["status"] == "succeeded"
        && stage(state, "transform")["done"] == stage(state, "transform")["total"]
}

/// A stage of a state; null where it has not begun.
fn stage<'a>(state: &'a Value, step: &str) -> &'a Value {
    let stages = state["stages"].as_array().unwrap();
    stages
        .iter()
        .find(|stage| stage["step"] == step)
        .unwrap_or(&Value::Null)
}

pub(crate) async fn until(pipeline: &Pipeline, query: &'static str) {
    let deadline = Instant::now() + SOON;
    while !pipeline.value::<bool>(query).await {
        assert!(Instant::now() < deadline, "never: {query}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_run_is_seen_to_begin_to_move_and_to_end() {
    let pipeline = Pipeline::new(slow()).await;
    let url = in_process(&pipeline.database.url, &[]).await;
    let mut events = Events::of(&url).await;
    let mut socket = socket(&url).await;
    let before = events.next().await.unwrap();
    assert_eq!(before["database"], "here");
    assert_eq!((&before["run"], &before["stages"]), (&Value::Null, &json!([])));
    assert_eq!(before["publication"], Value::Null);

    let (report, states) = tokio::join!(pipeline.run_well(), events.until(succeeded));
    for (step, unit_is_known) in [("fetch", true), ("load", true), ("discover", false)] {
        let seen: Vec<&Value> = states.iter().map(|state| stage(state, step)).collect();
        assert!(seen.iter().any(|stage| stage["status"] == "running"), "{step}");
        let done: Vec<i64> = seen.iter().filter_map(|stage| stage["done"].as_i64()).collect();
        assert!(done.is_sorted(), "{step}: {done:?}");
        assert_eq!(done.last(), Some(&60), "{step}");
        let total = if unit_is_known { json!(60) } else { Value::Null };
        assert_eq!(seen[seen.len() - 1]["total"], total, "{step}");
    }
    let moving = |state: &Value| (1..60).contains(&stage(state, "fetch")["done"].as_i64().unwrap_or(0));
    assert!(states.iter().any(moving), "the fetch is seen on its way");
    let stages = states
        .iter()
        .map(|state| state["stages"].as_array().unwrap().len());
    assert!(stages.is_sorted(), "no stage vanishes");
    let of_the_run = states.iter().map(|state| &state["run"]["run_id"]);
    assert!(of_the_run.eq(states.iter().map(|_| &report["run_id"])));
    assert!(
        events.ids.is_sorted_by(|one, next| one < next),
        "{:?}",
        events.ids
    );

    let last = &states[states.len() - 1];
    let rows: Vec<(String, i64)> =
        sqlx::query_as("select step || ' ' || status, rows from ops.run_steps order by started_at, step")
            .fetch_all(&pipeline.database.pool)
            .await
            .unwrap();
    let told = last["stages"].as_array().unwrap().iter().map(|stage| {
        let words = [&stage["step"], &stage["status"]].map(|word| word.as_str().unwrap());
        (words.join(" "), stage["rows"].as_i64().unwrap())
    });
    assert_eq!(told.collect::<Vec<_>>(), rows);
    assert_eq!(last["publication"]["run_id"], report["run_id"]);
    assert_eq!(last["freshness"]["last_success_at"], last["run"]["finished_at"]);
    assert!(last["freshness"]["last_album_at"].is_string());
    assert!(last["run"]["seconds"].as_f64().unwrap() > 1.0);

    // the other client has heard the same
    let mut heard = read(&hear(&mut socket).await.unwrap());
    assert_eq!(heard, before);
    while heard != *last {
        heard = read(&hear(&mut socket).await.unwrap());
    }
}

#[tokio::test]
async fn a_run_goes_on_where_its_progress_cannot_be_written() {
    let pipeline = Pipeline::new(still()).await;
    pipeline
        .execute(
            "create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
             create trigger refuse before insert on ops.run_progress execute function refuse()",
        )
        .await;
    pipeline.run_well().await;
    assert_eq!(
        pipeline
            .value::<i64>("select count(*) from ops.run_progress")
            .await,
        0
    );
    pipeline
        .execute(
            "create or replace function refuse() returns trigger language plpgsql
             as $$ begin perform pg_sleep(60); return null; end $$",
        )
        .await;
    let begin = Instant::now();
    pipeline.run_well().await;
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn only_the_latest_run_leaves_its_progress() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    let report = pipeline.run_well().await;
    let runs: Vec<String> = pipeline
        .column("select distinct run_id::text from ops.run_progress")
        .await;
    assert_eq!(json!(runs), json!([report["run_id"]]));
}

/// Whoever read the state would wait for this table.
const SOMEBODY_READS: &str = "select count(*) > 0 from pg_locks
    where not granted and relation = 'ops.album_ledger'::regclass";

const SOMETHING_MOVES: &str = "insert into ops.runs (run_id, status, version, api_url)
    values (gen_random_uuid(), 'failed', '', 'sandbox')";

#[tokio::test]
async fn nothing_is_read_while_nobody_looks_on_or_nothing_moves() {
    let pipeline = Pipeline::new(still()).await;
    let url = in_process(&pipeline.database.url, &[]).await;
    let lock = async || {
        let mut in_the_way = pipeline.database.pool.begin().await.unwrap();
        let lock = sqlx::raw_sql("lock table ops.album_ledger");
        lock.execute(&mut *in_the_way).await.unwrap();
        in_the_way
    };
    let in_the_way = lock().await;
    pipeline.execute(SOMETHING_MOVES).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!pipeline.value::<bool>(SOMEBODY_READS).await, "nobody looks on");
    in_the_way.rollback().await.unwrap();

    let mut events = Events::of(&url).await;
    events.next().await.unwrap();
    let in_the_way = lock().await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(!pipeline.value::<bool>(SOMEBODY_READS).await, "nothing moves");
    pipeline.execute(SOMETHING_MOVES).await;
    until(&pipeline, SOMEBODY_READS).await;
    in_the_way.rollback().await.unwrap();
    events.next().await.unwrap();

    // the server learns that the client has gone when it has something to tell it
    drop(events);
    pipeline.execute(SOMETHING_MOVES).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let in_the_way = lock().await;
    pipeline.execute(SOMETHING_MOVES).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(
        !pipeline.value::<bool>(SOMEBODY_READS).await,
        "nobody looks on any more"
    );
    in_the_way.rollback().await.unwrap();
}

#[tokio::test]
async fn it_says_when_the_database_is_away_and_goes_on_when_it_is_back() {
    let pipeline = Pipeline::new(still()).await;
    let mut server = Server::start(&pipeline).await;
    pipeline.execute(SOMETHING_MOVES).await;
    let mut events = Events::of(&server.url).await;
    let before = events.next().await.unwrap();
    let allow_connections = async |allowed: bool| {
        let mut elsewhere = Url::parse(&pipeline.database.url).unwrap();
        let name = elsewhere.path().trim_start_matches('/').to_owned();
        elsewhere.set_path("postgres");
        let mut admin = PgConnection::connect(elsewhere.as_str()).await.unwrap();
        let statement = format!("alter database {name} with allow_connections {allowed}");
        sqlx::raw_sql(&statement).execute(&mut admin).await.unwrap();
    };
    allow_connections(false).await;
    let ended: i64 = pipeline
        .value(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity
             where datname = current_database() and application_name = 'firstpress'",
        )
        .await;
    assert!(ended > 0);
    let states = events.until(|state| state["database"] == "away").await;
    let mut expected = before.clone();
    expected["database"] = json!("away");
    assert_eq!(states[states.len() - 1], expected, "the rest is what was known");
    let mut another = Events::of(&server.url).await;
    assert_eq!(another.next().await.unwrap(), expected);

    allow_connections(true).await;
    events.until(|state| *state == before).await;
    pipeline.execute(SOMETHING_MOVES).await;
    let moved = events.next().await.unwrap();
    assert_ne!(moved["run"]["run_id"], before["run"]["run_id"]);
    another.until(|state| *state == moved).await;
    let said = server.process.says("the connection has ended");
    tokio::time::timeout(SOON, said).await.expect("it says why");
}

#[tokio::test]
async fn a_schema_that_tells_nothing_is_not_an_absent_database() {
    let pipeline = Pipeline::new(still()).await;
    let nothing = "drop schema raw, ops, aside cascade; drop table _sqlx_migrations";
    pipeline.execute(nothing).await;
    let mut server = Server::start(&pipeline).await;
    let mut events = Events::of(&server.url).await;
    let before = events.next().await.unwrap();
    assert_eq!(
        (&before["database"], &before["run"]),
        (&json!("here"), &Value::Null)
    );
    let said = server.process.says("`firstpress migrate`, or the next run");
    tokio::time::timeout(SOON, said)
        .await
        .expect("it says what to do");
    pipeline.run_well().await;
    events.until(succeeded).await;
}

#[tokio::test]
async fn sigterm_ends_the_server_although_clients_look_on_or_keep_a_connection() {
    let pipeline = Pipeline::new(still()).await;
    let server = Server::start(&pipeline).await;
    let mut events = Events::of(&server.url).await;
    let mut socket = socket(&server.url).await;
    events.next().await.unwrap();
    hear(&mut socket).await.unwrap();
    let idle = reqwest::Client::new();
    let lives = idle.get(format!("{}/healthz", server.url)).send().await;
    assert_eq!(lives.unwrap().text().await.unwrap(), "it lives\n");
    let asked = Instant::now();
    server.process.signal(Signal::TERM);
    let Some(Message::Close(Some(close))) = hear(&mut socket).await else {
        panic!("the client is told");
    };
    assert_eq!(close.code, CloseCode::Away);
    assert_eq!(events.next().await, None, "the stream ends");
    let ended = server.process.wait_with_output().await;
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    assert_eq!(ended.status.code(), Some(0));
    drop(idle);
}

#[tokio::test]
async fn sigterm_is_told_to_every_socket() {
    let pipeline = Pipeline::new(still()).await;
    let server = Server::start(&pipeline).await;
    let come = async |_| {
        let mut socket = socket(&server.url).await;
        hear(&mut socket).await.unwrap();
        socket
    };
    let mut sockets = futures::future::join_all((0..90).map(come)).await;
    server.process.signal(Signal::TERM);
    for socket in &mut sockets {
        let Some(Message::Close(Some(close))) = hear(socket).await else {
            panic!("the client is told");
        };
        assert_eq!(close.code, CloseCode::Away);
    }
    assert_eq!(server.process.wait_with_output().await.status.code(), Some(0));
}

#[tokio::test]
async fn a_run_that_was_killed_is_not_shown_as_running() {
    let pipeline = Pipeline::new(slow()).await;
    let url = in_process(&pipeline.database.url, &[]).await;
    let mut events = Events::of(&url).await;
    let mut run = pipeline.spawn(&["run"]);
    let states = events
        .until(|state| stage(state, "fetch")["status"] == "running")
        .await;
    let alive = &states[states.len() - 1]["run"];
    assert_eq!(alive["status"], "running");
    run.kill().await.unwrap();
    until(
        &pipeline,
        "select count(*) = 0 from pg_locks
         where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
    )
    .await;
    let dead = Events::of(&url).await.next().await.unwrap();
    assert_eq!(dead["run"]["run_id"], alive["run_id"]);
    assert_eq!(dead["run"]["status"], "died?");
    assert_eq!(stage(&dead, "fetch")["status"], "unfinished");
    assert_eq!(stage(&dead, "discover")["status"], "succeeded");
    assert_eq!(
        pipeline.column::<String>("select status from ops.runs").await,
        ["running"]
    );
    // who looked on before hears it too
    assert_eq!(
        events
            .until(|state| state["run"]["status"] == "died?")
            .await
            .pop(),
        Some(dead)
    );
}

#[tokio::test]
async fn a_socket_answers_pings_and_close_and_takes_no_long_message() {
    let pipeline = Pipeline::new(still()).await;
    let url = in_process(&pipeline.database.url, &[]).await;
    let mut polite = socket(&url).await;
    hear(&mut polite).await.unwrap();
    polite.send(Message::text("anything")).await.unwrap();
    polite.send(Message::Ping("there?".into())).await.unwrap();
    assert_eq!(hear(&mut polite).await, Some(Message::Pong("there?".into())));
    polite.close(None).await.unwrap();
    assert!(matches!(hear(&mut polite).await, Some(Message::Close(_))));

    let mut rude = socket(&url).await;
    hear(&mut rude).await.unwrap();
    // the server may be gone before all of it is sent
    _ = rude.send(Message::text("x".repeat(2000))).await;
    let ended = tokio::time::timeout(SOON, next_but_pings(&mut rude)).await;
    let ended = ended.expect("the server ends it");
    assert!(!matches!(ended, Some(Ok(Message::Text(_)))), "{ended:?}");
}

#[tokio::test]
async fn no_more_than_a_hundred_look_on() {
    let pipeline = Pipeline::new(still()).await;
    let url = in_process(&pipeline.database.url, &[("SERVE_REQUESTS_PER_SECOND", "none")]).await;
    let mut seated = Vec::new();
    for _ in 0..100 {
        seated.push(Events::of(&url).await);
    }
    let url = format!("{url}{LIVE}");
    let refused = reqwest::get(&url).await.unwrap();
    assert_eq!(problem(refused).await.0, 503);
    seated.truncate(99);
    let deadline = Instant::now() + SOON;
    while reqwest::get(&url).await.unwrap().status() != 200 {
        assert!(Instant::now() < deadline, "the seat of one who has gone is free");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_stream_is_kept_by_nobody_on_the_way() {
    let client = reqwest::Client::builder().no_gzip().build().unwrap();
    let request = client.get(format!("{}{LIVE}", shared().await.url));
    let answer = request.header("accept-encoding", "gzip").send().await.unwrap();
    let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap());
    assert_eq!(header("content-type"), Some("text/event-stream"));
    assert_eq!(header("cache-control"), Some("no-store"));
    assert_eq!(header("x-accel-buffering"), Some("no"));
    assert_eq!(header("content-encoding"), None);
}
