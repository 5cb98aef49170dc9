//! `firstpress serve`: the dashboard and the read API.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::net::TcpListener;

use super::database::Database;
use super::error::CliError;
use super::{out, signals};
use crate::config::Config;
use crate::serve::{self, Settings};

/// Serves until a signal ends it. The address is the one line on stdout, once it is listened on.
pub(super) async fn serve(
    mut config: Config,
    sandbox: bool,
    listen: Option<SocketAddr>,
) -> Result<u8, CliError> {
    config.serving.listen = listen.unwrap_or(config.serving.listen);
    Database::to_read(&config, sandbox, async |database| {
        let asked = config.serving.listen;
        let listener = TcpListener::bind(asked).await.with_context(|| {
            format!("cannot listen on {asked}; choose another port, or 0 for any free one")
        })?;
        let address = listener.local_addr().context("cannot tell where it listens")?;
        out(&format!("http://{address}"))?;
        let settings = Settings {
            serving: config.serving.clone(),
            spotify: config.spotify.clone(),
            in_sandbox: sandbox,
        };
        serve::serve(listener, database.pool.clone(), settings, signals::signalled()).await?;
        Ok(0)
    })
    .await
}
