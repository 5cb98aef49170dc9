//! A server to ask: one for all tests that only read, or the binary with settings of its own.

use std::sync::LazyLock;

use firstpress::config::{Config, Sources};
use firstpress::postgres::{self, Session};
use firstpress::sandbox::Options;
use firstpress::serve::serve;
use reqwest::Response;
use serde_json::Value;
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;

use crate::pipeline::{Pipeline, still};
use crate::process::Process;

static SHARED: OnceCell<Shared> = OnceCell::const_new();

/// Outlives the runtime of the test that came first.
pub(crate) static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
});

/// A server on tables that one run has filled. Nobody may write to its database.
pub(crate) struct Shared {
    pub(crate) pipeline: Pipeline,
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
}

/// The server for tests that only read: 60 albums of the sandbox. It limits nobody.
pub(crate) async fn shared() -> &'static Shared {
    SHARED
        .get_or_init(|| async {
            let start = || RUNTIME.block_on(Shared::start(still()));
            tokio::task::spawn_blocking(start).await.unwrap()
        })
        .await
}

impl Shared {
    async fn start(options: Options) -> Self {
        let mut pipeline = Pipeline::new(options).await;
        pipeline.run_well().await;
        // a connection ends with the runtime of the test that opened it, so that no other test may get it
        let used_once = PgPoolOptions::new().after_release(|_, _| Box::pin(async { Ok(false) }));
        pipeline.database.pool = used_once.connect(&pipeline.database.url).await.unwrap();
        let url = in_process(&pipeline.database.url, &[("SERVE_REQUESTS_PER_SECOND", "none")]).await;
        Self { pipeline, url }
    }

    /// The answer to a GET.
    pub(crate) async fn get(&self, path: &str) -> Response {
        reqwest::get(format!("{}{path}", self.url)).await.unwrap()
    }

    /// What `page` gives.
    pub(crate) async fn page(&self, path: &str) -> String {
        page(&self.url, path).await
    }

    /// What `json` gives.
    pub(crate) async fn json(&self, path: &str) -> Value {
        json(&self.url, path).await
    }
}

/// The body of an answer that must be 200.
pub(crate) async fn page(url: &str, path: &str) -> String {
    let answer = reqwest::get(format!("{url}{path}")).await.unwrap();
    let (status, body) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// The body of an answer that must be 200 and JSON.
pub(crate) async fn json(url: &str, path: &str) -> Value {
    serde_json::from_str(&page(url, path).await).unwrap()
}

/// Status and detail of an answer that must be a problem.
pub(crate) async fn problem(answer: Response) -> (u16, String) {
    let (status, path) = (answer.status().as_u16(), answer.url().path().to_owned());
    let kind = answer.headers().get("content-type");
    let is_problem = kind.is_some_and(|kind| kind == "application/problem+json");
    assert!(is_problem, "{path}: {status}");
    let problem: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(problem["status"], status, "{path}: {problem}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(!detail.is_empty(), "{path}: {problem}");
    (status, detail.to_owned())
}

/// Serves a database from this process with these settings, as long as the tests run. Returns where.
pub(crate) async fn in_process(database_url: &str, settings: &[(&str, &str)]) -> String {
    let (config, pool) = reader(database_url, settings).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    RUNTIME.spawn(async move { serve(listener, pool, &config.serving, std::future::pending()).await });
    url
}

/// The settings of a server, and the sessions that it reads by.
pub(crate) async fn reader(database_url: &str, settings: &[(&str, &str)]) -> (Config, PgPool) {
    let settings = settings.iter().copied();
    let environment = settings.chain([("DATABASE_URL", database_url)]);
    let sources = Sources {
        environment: environment
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        dotenv: "/nonexistent/.env".into(),
        ..Sources::default()
    };
    let config = Config::read(sources).await.unwrap();
    let options = config.database_url.as_ref().unwrap().options().unwrap();
    let pool = postgres::connect(options, Session::ReadOnly).await.unwrap();
    (config, pool)
}

/// The binary, serving.
pub(crate) struct Server {
    /// Killed when this is dropped.
    pub(crate) process: Process,
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
}

impl Server {
    /// Starts `firstpress serve` on a pipeline's database and with its settings, and waits until it listens.
    pub(crate) async fn start(pipeline: &Pipeline) -> Self {
        Self::start_as(pipeline, &["serve", "--listen", "127.0.0.1:0"]).await
    }

    /// The same with arguments of the test's own.
    pub(crate) async fn start_as(pipeline: &Pipeline, arguments: &[&str]) -> Self {
        let mut process = pipeline.spawn(arguments);
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines
            .next_line()
            .await
            .unwrap()
            .expect("it says where it listens");
        Self { process, url }
    }
}
