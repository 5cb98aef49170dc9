//! A Postgres of firstpress's own: the server binaries that the machine has, on a private data directory.
//!
//! The directory holds
//! - `data`: the cluster; its Unix socket lies there too when the path is short enough for one,
//! - `server.log`, `port` and `password` (of user `postgres`, for TCP on the loopback),
//! - `start.lock`, held by whoever starts the server,
//! - `users.lock` and `users.fifo`, held by everyone who uses it,
//! - `server.lock`, held by the server's processes themselves, so a free lock means that no server is there.

mod error;
pub use error::EmbeddedError;

#[cfg(unix)]
mod account;
#[cfg(unix)]
mod binaries;
#[cfg(unix)]
mod database;
#[cfg(all(unix, feature = "download-postgres"))]
mod download;
#[cfg(unix)]
mod home;
#[cfg(unix)]
mod initdb;
#[cfg(unix)]
mod launch;
#[cfg(unix)]
mod lock;
#[cfg(unix)]
mod postmaster;
#[cfg(unix)]
mod server;
#[cfg(unix)]
mod watch;

#[cfg(not(unix))]
mod unsupported;
#[cfg(not(unix))]
pub use unsupported::EmbeddedPostgres;

use std::path::PathBuf;

#[cfg(unix)]
use std::process::Command;

#[cfg(unix)]
use sqlx::postgres::PgConnectOptions;

/// Where the server lives and how it is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Everything of the server lies here, `.firstpress/postgres` for instance. Made when it is not there.
    pub directory: PathBuf,
    /// `PG_BIN_DIR`: the folder that holds `postgres` and `initdb`, looked for nowhere else when given.
    pub bin_dir: Option<PathBuf>,
    /// False only in tests: what is committed then survives a kill of the server, not one of the machine.
    pub durable: bool,
}

/// A running server with a database `firstpress`. It goes down with its last user, however that one ends.
#[cfg(unix)]
#[derive(Debug)]
pub struct EmbeddedPostgres {
    home: home::Home,
    binaries: binaries::Binaries,
    server: server::Server,
}

#[cfg(unix)]
impl EmbeddedPostgres {
    /// Makes the cluster if there is none, starts the server or joins the users of a running one, and
    /// makes the database `firstpress`.
    ///
    /// # Errors
    /// No binaries, a directory of someone else or of another major version, a full disk, a server that
    /// does not come up.
    pub async fn start(settings: Settings) -> Result<Self, EmbeddedError> {
        let home = home::Home::prepare(&settings.directory)?;
        let starting = lock::exclusive(&home.file("start.lock")).await?;
        let binaries = binaries::find(&home, settings.bin_dir.as_deref()).await?;
        initdb::ensure(&home, &binaries, &settings, &starting).await?;
        let server = server::join_or_launch(&home, &binaries, settings.durable).await?;
        database::ensure(&home, &server.address).await?;
        Ok(Self {
            home,
            binaries,
            server,
        })
    }

    /// The database `firstpress`, over the Unix socket.
    pub fn connect_options(&self) -> PgConnectOptions {
        database::options(&self.server.address, database::NAME)
    }

    /// The same as a URL, which psql and other libpq programs take too. Carries no password: the socket lies
    /// in a folder that only its owner can enter.
    pub fn url(&self) -> String {
        database::url(&self.server.address)
    }

    /// A command line that a person can paste while the server runs.
    pub fn psql_hint(&self) -> String {
        database::command_line(&self.psql())
    }

    /// Host, port, user and where the password is, for programs that speak TCP only.
    pub fn tcp_hint(&self) -> String {
        format!(
            "host 127.0.0.1, port {}, database {}, user {}, password in {}",
            self.server.address.port,
            database::NAME,
            database::USER,
            self.home.file(database::PASSWORD_FILE).display()
        )
    }

    /// `psql` on the database `firstpress`; add arguments and run it. Wait for it here (no `exec`): the
    /// server goes down when this process no longer holds it.
    pub fn psql(&self) -> Command {
        database::psql(&self.server.address, &self.binaries.dir)
    }

    /// Leaves the server. Where this was its last user, waits until it is down.
    ///
    /// # Errors
    /// A server that does not come down within a minute.
    pub async fn stop(self) -> Result<(), EmbeddedError> {
        self.server.leave(&self.home).await
    }
}
