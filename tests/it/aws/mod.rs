//! AWS on loopback: an account played by moto, S3 played by s3s-fs, which both check signatures, answers that AWS
//! documents, and a Postgres that asks for what RDS asks for.

mod account;
pub(crate) mod bucket;
mod rds;
mod refusals;
mod settings;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

/// A program of these tests in Python, with boto3 and moto. It ends with this.
struct Python {
    _process: Child,
    /// What it says of itself first.
    said: Value,
}

impl Python {
    /// Starts `tests/it/aws/NAME`, tells it one line, and waits for its answer. `None`, with a word, where no Python with
    /// boto3 and moto is known; where FIRSTPRESS_TEST_PYTHON names one, it must do.
    async fn start(name: &str, told: Value) -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        #[expect(
            clippy::disallowed_methods,
            reason = "a setting of the tests, not of firstpress"
        )]
        let given = std::env::var_os("FIRSTPRESS_TEST_PYTHON").map(PathBuf::from);
        let python = given.unwrap_or_else(|| root.join("target/ci/tests-venv/bin/python"));
        if !python.exists() && python.starts_with(root) {
            println!("skipped: no {}; .ci/run makes it", python.display());
            return None;
        }
        let mut process = Command::new(python)
            .arg(root.join("tests/it/aws").join(name))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdin = process.stdin.as_mut().unwrap();
        stdin.write_all(format!("{told}\n").as_bytes()).await.unwrap();
        let mut line = String::new();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        lines.read_line(&mut line).await.unwrap();
        let said = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{name} does not start: {line:?}"));
        Some(Self {
            _process: process,
            said,
        })
    }
}

/// Asserts that none of the secrets stands in a text.
fn assert_silent(text: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!text.contains(secret), "a secret is shown: {text}");
    }
}
