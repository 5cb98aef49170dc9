//! The binary as a process. Every one gets secrets, and none of them may stand in what it prints.

use std::ffi::OsStr;
use std::io::Read;
use std::ops::{Deref, DerefMut};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Output, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr};
use url::Url;

/// Secrets that every process finds in its environment, where a test does not set others.
pub(crate) const CANARIES: [(&str, &str); 5] = [
    ("ALERT_WEBHOOK_URL", "http://127.0.0.1:9/canary-of-the-webhook"),
    ("DBT_ENV_SECRET_TOKEN", "canary-of-the-models"),
    (
        "OTEL_EXPORTER_OTLP_HEADERS",
        "authorization=canary-of-the-collector",
    ),
    ("PGPASSWORD", "canary-of-libpq"),
    ("SERVE_TOKEN", "canary-of-the-dashboard"),
];

/// The secret of the one client that a sandbox knows.
pub(crate) const SANDBOX_SECRET: &str = "c0ffee5a4db0c0ffee5a4db0c0ffee5a";

/// A password for a database that asks for none.
pub(crate) const DATABASE_PASSWORD: &str = "canary-of-the-database";

/// No other word of letters and digits is as long as an access token: the sandbox's have 110.
const TOKEN_LENGTH: usize = 100;

/// The binary, to be started with no setting of this machine.
pub(crate) struct Command {
    command: tokio::process::Command,
    /// The command `sandbox` prints its client's secret, which is what it is for.
    shows_sandbox_secret: bool,
}

/// The binary in a directory.
pub(crate) fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_firstpress"));
    command.args(arguments).current_dir(directory).env_clear();
    for inherited in ["PATH", "HOME", "TMPDIR"] {
        #[expect(clippy::disallowed_methods, reason = "tests need PATH to find Postgres")]
        if let Some(value) = std::env::var_os(inherited) {
            command.env(inherited, value);
        }
    }
    command
        .envs(CANARIES)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if arguments.first() == Some(&"serve") {
        // it would ask the test for it
        command.env_remove("SERVE_TOKEN");
    }
    Command {
        command,
        shows_sandbox_secret: arguments.first() == Some(&"sandbox"),
    }
}

impl Command {
    pub(crate) fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn envs(
        &mut self,
        settings: impl IntoIterator<Item = (impl AsRef<OsStr>, impl AsRef<OsStr>)>,
    ) -> &mut Self {
        self.command.envs(settings);
        self
    }

    pub(crate) fn spawn(&mut self) -> Process {
        Process {
            child: Some(self.command.spawn().unwrap()),
            secrets: self.secrets(),
        }
    }

    pub(crate) async fn output(&mut self) -> Output {
        self.spawn().wait_with_output().await
    }

    /// What must not be printed: the secrets among the settings, and those of every sandbox.
    fn secrets(&self) -> Vec<String> {
        let mut secrets = Vec::new();
        let settings = self.command.as_std().get_envs();
        for (name, value) in settings.filter_map(|(name, value)| Some((name.to_str()?, value?.to_str()?))) {
            match name {
                "DATABASE_URL" => {
                    let url = Url::parse(value).ok();
                    secrets.extend(url.and_then(|url| url.password().map(str::to_owned)));
                }
                "ALERT_WEBHOOK_URL" => {
                    let url = Url::parse(value).ok();
                    secrets.extend(url.map(|url| url.path().trim_matches('/').to_owned()));
                }
                "OTEL_EXPORTER_OTLP_HEADERS" => {
                    secrets.extend(value.split_once('=').map(|(_, secret)| secret.to_owned()));
                }
                "AWS_SECRET_ACCESS_KEY" | "DBT_ENV_SECRET_TOKEN" | "PGPASSWORD" | "SERVE_PASSWORD" | "SERVE_TOKEN" | "SPOTIFY_CLIENT_SECRET"
                    // where a secret is kept is none
                    if !value.contains("://") =>
                {
                    secrets.push(value.to_owned())
                }
                _ => {}
            }
        }
        let client = "5a4db0c5f1e57b0e55a4db0c5f1e57b0";
        secrets.push(STANDARD.encode(format!("{client}:{SANDBOX_SECRET}")));
        secrets.push(SANDBOX_SECRET.to_owned());
        let is_to_be_shown = |secret: &str| self.shows_sandbox_secret && secret == SANDBOX_SECRET;
        secrets.retain(|secret| !(secret.is_empty() || is_to_be_shown(secret)));
        secrets
    }
}

/// A process under test. What it prints is searched for secrets, by whom it is read, and what nobody has read when
/// this is dropped.
pub(crate) struct Process {
    child: Option<Child>,
    secrets: Vec<String>,
}

impl Process {
    /// What it printed, when it has ended.
    pub(crate) async fn wait_with_output(mut self) -> Output {
        let output = self.child.take().unwrap().wait_with_output().await.unwrap();
        for printed in [&output.stdout, &output.stderr] {
            assert_tells_none_of(&self.secrets, &String::from_utf8_lossy(printed));
        }
        output
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.id().expect("it runs")).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Reads stderr until a line says this. To be called once.
    pub(crate) async fn says(&mut self, words: &str) {
        let stderr: ChildStderr = self.stderr.take().unwrap();
        let mut lines = BufReader::new(stderr).lines();
        loop {
            let line = lines.next_line().await.unwrap().unwrap();
            assert_tells_none_of(&self.secrets, &line);
            if line.contains(words) {
                return;
            }
        }
    }
}

impl Deref for Process {
    type Target = Child;

    fn deref(&self) -> &Child {
        self.child.as_ref().unwrap()
    }
}

impl DerefMut for Process {
    fn deref_mut(&mut self) -> &mut Child {
        self.child.as_mut().unwrap()
    }
}

impl Drop for Process {
    /// A process that was killed has printed something too.
    fn drop(&mut self) {
        let Some(child) = &mut self.child else { return };
        // its pipes end with it
        let _ = child.start_kill();
        let stdout = child.stdout.take().and_then(|pipe| pipe.into_owned_fd().ok());
        let stderr = child.stderr.take().and_then(|pipe| pipe.into_owned_fd().ok());
        for pipe in [stdout, stderr].into_iter().flatten() {
            if !std::thread::panicking() {
                assert_tells_none_of(&self.secrets, &unread(pipe));
            }
        }
    }
}

/// What stands in a pipe, which is not waited for.
fn unread(pipe: OwnedFd) -> String {
    let mut text = Vec::new();
    // tokio's pipes do not block: where no more is there, reading ends with an error
    let _ = std::fs::File::from(pipe).read_to_end(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// # Panics
/// When a secret, or what looks like an access token, stands in a text. The message does not repeat it.
pub(crate) fn assert_tells_none_of(secrets: &[String], text: &str) {
    for line in text.lines() {
        let told = secrets.iter().position(|secret| line.contains(secret.as_str()));
        assert_eq!(
            told,
            None,
            "a secret is printed: {:?}",
            told.map(|told| &secrets[told])
        );
        let words = line.split(|character: char| !character.is_ascii_alphanumeric());
        let longest = words.map(str::len).max().unwrap_or_default();
        assert!(
            longest < TOKEN_LENGTH,
            "what looks like a token is printed: {line}"
        );
    }
}
