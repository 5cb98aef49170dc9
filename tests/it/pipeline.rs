//! The job as its users start it: the binary, against a sandbox over HTTP and a real Postgres.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicU32, Ordering};

use firstpress::sandbox::{Options, Sandbox};
use serde_json::Value;
use url::Url;

use crate::harness::{TestDatabase, database};
use crate::process::{DATABASE_PASSWORD, Process, command};

/// A sandbox, a database, and the binary between them.
pub(crate) struct Pipeline {
    pub(crate) sandbox: Sandbox,
    pub(crate) database: TestDatabase,
    directory: PathBuf,
    settings: Vec<(&'static str, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    /// What stdout says, as JSON; null where it is empty.
    pub(crate) result: Value,
    pub(crate) stderr: String,
}

/// The settings that lead to a sandbox.
pub(crate) fn way_to(sandbox: &Sandbox) -> [(&'static str, String); 5] {
    [
        ("SPOTIFY_CLIENT_ID", sandbox.client_id.clone()),
        ("SPOTIFY_CLIENT_SECRET", sandbox.client_secret.clone()),
        ("SPOTIFY_API_URL", sandbox.spotify_api_url.to_string()),
        ("SPOTIFY_TOKEN_URL", sandbox.spotify_token_url.to_string()),
        ("RECCOBEATS_API_URL", sandbox.reccobeats_api_url.to_string()),
    ]
}

/// A sandbox whose list stands still and that does not limit the rate.
pub(crate) fn still() -> Options {
    Options {
        release_every: 0.0,
        calls_per_window: 0,
        albums: 60,
        ..Options::default()
    }
}

/// The real catalogue beside the checkout, if it is there.
pub(crate) fn real_catalogue(set: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/catalogue")
        .join(set);
    if !path.exists() {
        println!("skipped: no catalogue at {}", path.display());
        return None;
    }
    Some(path)
}

impl Pipeline {
    pub(crate) async fn new(options: Options) -> Self {
        Self::on(database().await, options).await
    }

    pub(crate) async fn on(database: TestDatabase, options: Options) -> Self {
        let sandbox = Sandbox::start(options, "127.0.0.1:0".parse().unwrap())
            .await
            .unwrap();
        let settings = [
            ("SPOTIFY_REQUESTS_PER_SECOND", "1000".to_owned()),
            ("RECCOBEATS_REQUESTS_PER_SECOND", "1000".to_owned()),
            ("DATABASE_URL", with_password(&database.url)),
        ];
        let settings = way_to(&sandbox).into_iter().chain(settings).collect();
        Self {
            sandbox,
            database,
            directory: empty_directory(),
            settings,
        }
    }

    /// The same with another setting, or without one when `value` is empty.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.settings.retain(|(known, _)| *known != name);
        self.settings.push((name, value.to_owned()));
        self
    }

    /// The directory that the commands run in.
    #[cfg(feature = "archive")]
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The same with a setting taken away, so that it can stand elsewhere than in the environment.
    #[cfg(feature = "aws")]
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.settings.retain(|(known, _)| *known != name);
        self
    }

    /// The same with a project of one model that breaks the one check on it.
    pub(crate) fn failing_check(self) -> Self {
        self.file("mine/dbt_project.yml", "name: mine\nprofile: mine\n");
        self.file(
            "mine/models/doubled.sql",
            "{{ config(materialized='table') }} select 1 as one union all select 1",
        );
        self.file(
            "mine/models/doubled.yml",
            "version: 2\nmodels:\n  - name: doubled\n    columns:\n      - name: one\n        data_tests: [unique]\n",
        );
        self.with("TEMPLATES_DIR", "mine")
    }

    /// Puts a file into the directory that the commands run in.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.directory.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) async fn run(&self) -> Ended {
        self.firstpress(&["run"]).await
    }

    /// A run that must succeed. Returns its report.
    pub(crate) async fn run_well(&self) -> Value {
        let ended = self.run().await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.result
    }

    pub(crate) async fn firstpress(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.spawn(arguments).wait_with_output().await)
    }

    pub(crate) fn spawn(&self, arguments: &[&str]) -> Process {
        let settings = self.settings.iter().map(|(name, value)| (*name, value.as_str()));
        command(&self.directory, arguments).envs(settings).spawn()
    }

    /// Rows of a query's only column.
    pub(crate) async fn column<T>(&self, query: &'static str) -> Vec<T>
    where
        T: Send + Unpin + sqlx::Type<sqlx::Postgres> + for<'r> sqlx::Decode<'r, sqlx::Postgres>,
    {
        sqlx::query_scalar(query)
            .fetch_all(&self.database.pool)
            .await
            .unwrap()
    }

    /// A query's only value.
    pub(crate) async fn value<T>(&self, query: &'static str) -> T
    where
        T: Send + Unpin + sqlx::Type<sqlx::Postgres> + for<'r> sqlx::Decode<'r, sqlx::Postgres>,
    {
        sqlx::query_scalar(query)
            .fetch_one(&self.database.pool)
            .await
            .unwrap()
    }

    pub(crate) async fn execute(&self, statement: &'static str) {
        sqlx::raw_sql(statement)
            .execute(&self.database.pool)
            .await
            .unwrap();
    }

    /// The calls that the sandbox got, in order: endpoint and path.
    pub(crate) async fn calls(&self) -> Vec<(String, String)> {
        let calls = reqwest::get(format!("{}/calls", self.sandbox.control_url))
            .await
            .unwrap();
        let calls: Vec<Value> = serde_json::from_slice(&calls.bytes().await.unwrap()).unwrap();
        let text = |call: &Value, key: &str| call[key].as_str().unwrap_or_default().to_owned();
        calls
            .iter()
            .map(|call| (text(call, "endpoint"), text(call, "path")))
            .collect()
    }

    /// How many calls the sandbox got at an endpoint.
    pub(crate) async fn calls_to(&self, endpoint: &str) -> usize {
        self.calls()
            .await
            .iter()
            .filter(|(called, _)| called == endpoint)
            .count()
    }

    /// Forgets the calls so far.
    pub(crate) async fn forget_calls(&self) {
        let url = format!("{}/calls", self.sandbox.control_url);
        reqwest::Client::new().delete(url).send().await.unwrap();
    }

    /// Tells the sandbox something: `release`, `faults`, `clock`.
    pub(crate) async fn tell_sandbox(&self, what: &str, body: Value) {
        let url = format!("{}/{what}", self.sandbox.control_url);
        let request = reqwest::Client::new()
            .post(url)
            .header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// The content of the tables that a run leaves, without what differs from run to run: a text for each.
    pub(crate) async fn content(&self) -> Vec<(String, String)> {
        const TABLES: &str = "select table_schema || '.' || table_name from information_schema.tables
            where table_schema in ('raw', 'core', 'trends') and table_name <> 'release_sightings'
            order by 1";
        let mut content = Vec::new();
        for table in self.column::<String>(TABLES).await {
            let query = format!(
                "select coalesce(string_agg(row, E'\\n' order by row collate \"C\"), '')
                 from {table} as t, regexp_replace(
                     (to_jsonb(t) - 'run_id' - 'extracted_at' - 'updated_at' - 'retry_at')::text, '127.0.0.1:\\d+', 'HOST', 'g'
                 ) as row"
            );
            let rows = sqlx::query_scalar(&query);
            content.push((table, rows.fetch_one(&self.database.pool).await.unwrap()));
        }
        content
    }
}

/// Asserts that two databases hold the same, and names the first table and row that differ. The last bits of a
/// statistic depend on the order in which Postgres finds the rows, so numbers are the same to 1e-9.
pub(crate) fn assert_same(expected: &[(String, String)], found: &[(String, String)]) {
    assert_eq!(expected.len(), found.len(), "tables");
    for ((table, expected), (_, found)) in expected.iter().zip(found) {
        let rows = (expected.lines().count(), found.lines().count());
        let difference = expected
            .lines()
            .zip(found.lines())
            .find(|(expected, found)| expected != found && !same_row(expected, found));
        assert!(
            rows.0 == rows.1 && difference.is_none(),
            "{table} differs: {rows:?} rows, first {difference:?}"
        );
    }
}

fn same_row(expected: &str, found: &str) -> bool {
    let columns = |row: &str| serde_json::from_str::<serde_json::Map<String, Value>>(row).unwrap();
    let (expected, found) = (columns(expected), columns(found));
    expected.iter().all(
        |(column, expected)| match (expected.as_f64(), found[column].as_f64()) {
            (Some(expected), Some(found)) => (expected - found).abs() <= 1e-9 * expected.abs().max(1.0),
            _ => *expected == found[column],
        },
    )
}

/// The URL of a database with a password in it. One that asks for none takes any.
fn with_password(url: &str) -> String {
    let mut url = Url::parse(url).unwrap();
    if url.password().is_none() {
        url.set_password(Some(DATABASE_PASSWORD)).unwrap();
    }
    url.to_string()
}

/// An empty directory of this test's own.
pub(crate) fn empty_directory() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "run-{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        // what cannot be removed lies below target/
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let stdout = text(&output.stdout);
        let result = serde_json::from_str(&stdout).unwrap_or(Value::Null);
        Self {
            code: output.status.code(),
            result,
            stderr: text(&output.stderr),
        }
    }
}
