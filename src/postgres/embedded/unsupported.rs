//! Where the launcher does not work (Windows): the same interface, and an error that names the ways out.

use std::convert::Infallible;
use std::process::Command;

use sqlx::postgres::PgConnectOptions;

use super::{EmbeddedError, Settings};

/// There is none on this system.
#[derive(Debug)]
pub struct EmbeddedPostgres(Infallible);

#[expect(
    missing_docs,
    clippy::unused_async,
    reason = "the interface of the real one, documented there"
)]
impl EmbeddedPostgres {
    pub async fn start(_settings: Settings) -> Result<Self, EmbeddedError> {
        let place = "that firstpress can run itself on this system (it can on Linux and macOS)".to_owned();
        Err(EmbeddedError::NoBinaries { place })
    }

    pub fn connect_options(&self) -> PgConnectOptions {
        match self.0 {}
    }

    pub fn url(&self) -> String {
        match self.0 {}
    }

    pub fn psql_hint(&self) -> String {
        match self.0 {}
    }

    pub fn tcp_hint(&self) -> String {
        match self.0 {}
    }

    pub fn psql(&self) -> Command {
        match self.0 {}
    }

    pub async fn stop(self) -> Result<(), EmbeddedError> {
        match self.0 {}
    }
}
