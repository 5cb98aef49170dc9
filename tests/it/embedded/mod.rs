//! A Postgres of firstpress's own, with real servers and real kills.

mod accounts;
mod deaths;
mod refusals;
mod starts;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use firstpress::postgres::embedded::{EmbeddedPostgres, Settings};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

/// A copy of this test binary beside a server's directory, for accounts that cannot reach the original.
const BINARY: &str = "it";

/// A folder of the test's own, gone after it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        Self::below(Path::new(env!("CARGO_TARGET_TMPDIR")), name)
    }

    fn below(parent: &Path, name: &str) -> Self {
        let path = parent.join(format!("embedded-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::DirBuilder::new()
            .mode(0o755)
            .recursive(true)
            .create(&path)
            .unwrap();
        Self(path)
    }

    fn home(&self) -> PathBuf {
        self.0.join("postgres")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn settings(directory: &Path) -> Settings {
    Settings {
        directory: directory.to_path_buf(),
        bin_dir: None,
        durable: true,
    }
}

async fn start(directory: &Path) -> EmbeddedPostgres {
    EmbeddedPostgres::start(settings(directory)).await.unwrap()
}

async fn connect(postgres: &EmbeddedPostgres) -> PgConnection {
    postgres.connect_options().connect().await.unwrap()
}

async fn write_note(connection: &mut PgConnection, note: &str) {
    sqlx::raw_sql("create table if not exists notes (note text)")
        .execute(&mut *connection)
        .await
        .unwrap();
    sqlx::query("insert into notes values ($1)")
        .bind(note)
        .execute(connection)
        .await
        .unwrap();
}

async fn notes(connection: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar("select note from notes order by note")
        .fetch_all(connection)
        .await
        .unwrap()
}

async fn answers(url: &str) -> bool {
    let options: PgConnectOptions = url.parse().unwrap();
    match options.connect().await {
        Ok(connection) => connection.close().await.is_ok(),
        Err(_) => false,
    }
}

/// Waits until the server no longer answers and its processes are gone.
async fn goes_down(url: &str, home: &Path) {
    let since = Instant::now();
    while answers(url).await || home.join("data/postmaster.pid").exists() {
        assert!(
            since.elapsed() < Duration::from_secs(20),
            "the server is still there"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    println!("the server went down within {:?}", since.elapsed());
}

fn postmaster_pid(home: &Path) -> Pid {
    let text = std::fs::read_to_string(home.join("data/postmaster.pid")).unwrap();
    pid(text.lines().next().unwrap().parse().unwrap())
}

/// Never by the program `kill`: Debian's takes `-INT -1234` for `-INT -1`, which is every process there is.
fn kill(process: Pid, signal: Signal) {
    kill_process(process, signal).unwrap();
}

/// A process other than init, and no group of processes.
fn pid(number: u32) -> Pid {
    assert!(number > 1);
    Pid::from_raw(number.try_into().unwrap()).unwrap()
}

fn am_root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout == b"0\n"
}

/// This test binary as another process that owns a server: the test `owner` below.
struct Owner {
    process: Child,
    /// What it said: `ready URL` or `error TEXT`.
    said: String,
}

impl Owner {
    fn start(home: &Path) -> Self {
        Self::start_by(&[], home)
    }

    /// `by` is a command that runs the command after it, `setpriv …` for instance.
    fn start_by(by: &[&str], home: &Path) -> Self {
        Self::begin(by, home).hear()
    }

    fn begin(by: &[&str], home: &Path) -> Self {
        let copy = home.with_file_name(BINARY);
        let binary = if copy.exists() {
            copy
        } else {
            std::env::current_exe().unwrap()
        };
        let mut words: Vec<&str> = by.to_vec();
        words.extend([
            binary.to_str().unwrap(),
            "--exact",
            "embedded::owner",
            "--ignored",
            "--nocapture",
        ]);
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        writeln!(process.stdin.as_mut().unwrap(), "{}", home.display()).unwrap();
        Self {
            process,
            said: String::new(),
        }
    }

    fn hear(mut self) -> Self {
        let mut lines = BufReader::new(self.process.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        self.said = lines
            .find(|line| line.starts_with("ready ") || line.starts_with("error "))
            .unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        self
    }

    fn url(&self) -> String {
        self.said
            .strip_prefix("ready ")
            .unwrap_or_else(|| panic!("{}", self.said))
            .to_owned()
    }

    fn error(&self) -> &str {
        self.said
            .strip_prefix("error ")
            .unwrap_or_else(|| panic!("{}", self.said))
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn stop(mut self) {
        writeln!(self.process.stdin.as_mut().unwrap(), "stop").unwrap();
        assert!(self.process.wait().unwrap().success());
    }
}

/// Not a test but the process that the tests start and kill. Reads the server's directory, then "stop".
#[tokio::test]
#[ignore = "run by other tests, with a directory on its standard input"]
async fn owner() {
    let mut lines = std::io::stdin().lines();
    let Some(Ok(directory)) = lines.next() else { return };
    match EmbeddedPostgres::start(settings(Path::new(&directory))).await {
        Ok(postgres) => {
            println!("\nready {}", postgres.url());
            while lines.next().is_none_or(|line| line.unwrap() != "stop") {}
            postgres.stop().await.unwrap();
        }
        Err(error) => println!("\nerror {:#}", anyhow::Error::from(error)),
    }
}
