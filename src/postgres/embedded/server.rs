//! A running server: the one that is there, or a new one.

use std::fs;
use std::time::{Duration, Instant};

use super::binaries::Binaries;
use super::error::{EmbeddedError, cannot};
use super::home::Home;
use super::postmaster::{self, Address, Postmaster};
use super::watch::{self, Hold};
use super::{database, launch, lock};

/// For the whole of it; crash recovery of a big write-ahead log takes its time.
const PATIENCE: Duration = Duration::from_secs(180);
/// For a watcher's answer, after which it is taken for dead.
const HELLO_PATIENCE: Duration = Duration::from_secs(10);

/// A server that takes connections.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) address: Address,
    /// None when someone started the server by hand: then it is not ours to stop.
    hold: Option<Hold>,
}

impl Server {
    /// Stops using the server.
    pub(super) async fn leave(self, home: &Home) -> Result<(), EmbeddedError> {
        match self.hold {
            Some(hold) => hold.leave(home).await,
            None => Ok(()),
        }
    }
}

/// Joins the users of a running server, or launches one. The caller holds the starter's lock.
pub(super) async fn join_or_launch(
    home: &Home,
    binaries: &Binaries,
    durable: bool,
) -> Result<Server, EmbeddedError> {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let joined = match lock::try_exclusive(&home.file("server.lock"))? {
            None => join(home, until).await?,
            Some(_) if started_by_hand(home)? => by_hand(home, until).await?,
            Some(lock) => {
                return launch::launch(home, binaries, durable, lock)
                    .await
                    .map(Server::held);
            }
        };
        if let Some(server) = joined {
            return Ok(server);
        }
        tokio::time::sleep(lock::GLANCE).await;
    }
    Err(EmbeddedError::TooSlow {
        what: "processes of an earlier Postgres to end or to answer",
        seconds: PATIENCE.as_secs(),
        path: home.directory.clone(),
        advice: "look for postgres processes of that folder (ps) and end them",
    })
}

impl Server {
    fn held((address, hold): (Address, Hold)) -> Self {
        Self {
            address,
            hold: Some(hold),
        }
    }
}

/// None when the server turned out to be going down.
async fn join(home: &Home, until: Instant) -> Result<Option<Server>, EmbeddedError> {
    let mut hold = Hold::take(home)?;
    if !hold.is_seen(home, HELLO_PATIENCE).await? {
        end_unwatched(home)?;
        return Ok(None);
    }
    while Instant::now() < until && !watch::is_down(home)? {
        // a server that was killed leaves word that it is ready
        if let Some(address) = Postmaster::read(home).and_then(Postmaster::ready)
            && database::answers(&address).await
        {
            return Ok(Some(Server::held((address, hold))));
        }
        tokio::time::sleep(lock::GLANCE).await;
    }
    Ok(None)
}

/// A server whose watcher was killed would never end: it makes way for a new one.
fn end_unwatched(home: &Home) -> Result<(), EmbeddedError> {
    if watch::is_down(home)? {
        return Ok(());
    }
    if let Some(postmaster) = Postmaster::read(home).filter(|postmaster| postmaster.is_alive(home)) {
        tracing::warn!(
            "the Postgres in {} runs unwatched; it is started anew",
            home.directory.display()
        );
        postmaster.end();
    }
    Ok(())
}

/// Whether a server runs there that does not hold our lock. Sweeps up what a killed one left: its process id may
/// be another process's by now, which Postgres would take for a running server.
fn started_by_hand(home: &Home) -> Result<bool, EmbeddedError> {
    let Some(postmaster) = Postmaster::read(home) else {
        return Ok(false);
    };
    if postmaster.is_alive(home) {
        return Ok(true);
    }
    let file = postmaster::file(home);
    fs::remove_file(&file).map_err(cannot("remove", &file))?;
    Ok(false)
}

async fn by_hand(home: &Home, until: Instant) -> Result<Option<Server>, EmbeddedError> {
    while let Some(postmaster) = Postmaster::read(home) {
        if !postmaster.is_alive(home) || Instant::now() > until {
            break;
        }
        if let Some(address) = postmaster.ready() {
            return Ok(Some(Server { address, hold: None }));
        }
        tokio::time::sleep(lock::GLANCE).await;
    }
    Ok(None)
}
