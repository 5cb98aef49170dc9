//! Who uses the server, so that it goes down with the last of them, kill -9 included.
//!
//! Every user holds a FIFO open for writing; the shell beside the server (`watch.sh`) reads from it and thereby
//! waits for the last one's end, which the kernel tells. A shared lock on `users.lock` lets one who leaves see
//! whether others stay.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use super::error::{EmbeddedError, cannot, failed};
use super::home::{Home, random_hex};
use super::lock;

const FIFO: &str = "users.fifo";
const LAST_WORD: Duration = Duration::from_secs(60);

/// One user's hold on the server.
#[derive(Debug)]
pub(super) struct Hold {
    fifo: File,
    lock: File,
    /// The watching shell, when it is this process's child.
    pub(super) watcher: Option<Child>,
}

impl Hold {
    /// Becomes a user. Whether anyone is watching yet is another matter.
    pub(super) fn take(home: &Home) -> Result<Self, EmbeddedError> {
        let path = home.file(FIFO);
        if !path.exists() {
            make_fifo(&path)?;
        }
        let lock = lock::shared(&home.file("users.lock"))?;
        // Read and write, since a FIFO opened for writing only would wait for its reader.
        let fifo = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(cannot("open", &path))?;
        Ok(Self {
            fifo,
            lock,
            watcher: None,
        })
    }

    /// Makes sure that the watcher counts this user: it may have seen the last one's end just before. False
    /// when there is no answer within `patience` or the server is gone.
    pub(super) async fn is_seen(&mut self, home: &Home, patience: Duration) -> Result<bool, EmbeddedError> {
        let name = format!("hello-{}", random_hex()?);
        let hello = home.file(&name);
        File::create(&hello).map_err(cannot("make", &hello))?;
        let path = home.file(FIFO);
        self.fifo
            .write_all(format!("{name}\n").as_bytes())
            .map_err(cannot("write to", &path))?;
        let until = Instant::now() + patience;
        while hello.exists() {
            if Instant::now() > until || is_down(home)? {
                let _ = fs::remove_file(&hello);
                return Ok(false);
            }
            tokio::time::sleep(lock::GLANCE).await;
        }
        Ok(true)
    }

    /// The end of the FIFO that the watcher reads.
    pub(super) fn reading_end(home: &Home) -> Result<File, EmbeddedError> {
        let path = home.file(FIFO);
        File::open(&path).map_err(cannot("open", &path))
    }

    /// Stops being a user; the last one waits until the server is down.
    pub(super) async fn leave(self, home: &Home) -> Result<(), EmbeddedError> {
        let Self {
            fifo,
            lock,
            mut watcher,
        } = self;
        drop((fifo, lock));
        let until = Instant::now() + LAST_WORD;
        while Instant::now() < until {
            let reaped = watcher
                .as_mut()
                .is_none_or(|child| child.try_wait().is_ok_and(|end| end.is_some()));
            if others_stay(home)? || (reaped && is_down(home)?) {
                return Ok(());
            }
            tokio::time::sleep(lock::GLANCE).await;
        }
        Err(EmbeddedError::TooSlow {
            what: "its own Postgres to end",
            seconds: LAST_WORD.as_secs(),
            path: home.directory.clone(),
            advice: "see server.log there; the data is safe",
        })
    }
}

/// Whether no process of the server is left.
pub(super) fn is_down(home: &Home) -> Result<bool, EmbeddedError> {
    Ok(lock::try_exclusive(&home.file("server.lock"))?.is_some())
}

fn others_stay(home: &Home) -> Result<bool, EmbeddedError> {
    Ok(lock::try_exclusive(&home.file("users.lock"))?.is_none())
}

fn make_fifo(path: &Path) -> Result<(), EmbeddedError> {
    let output = Command::new("mkfifo").arg("-m").arg("600").arg(path).output();
    let output = output.map_err(cannot("run mkfifo for", path))?;
    let made = output.status.success() || path.exists();
    if made {
        Ok(())
    } else {
        Err(failed("mkfifo", path, &String::from_utf8_lossy(&output.stderr)))
    }
}

/// How a program's early end is told apart from one that runs.
pub(super) fn has_ended(child: &mut Child) -> io::Result<bool> {
    Ok(child.try_wait()?.is_some())
}
