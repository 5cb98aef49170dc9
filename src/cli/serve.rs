//! `firstpress serve`: the dashboard and the read API.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::net::TcpListener;

use super::database::Database;
use super::error::CliError;
use super::{out, signals};
use crate::config::Config;
use crate::serve;

const OPEN_TO_ALL: &str = "SERVE_LISTEN or --listen names an address that other machines reach, and anybody there could \
    read everything. Set SERVE_TOKEN, or SERVE_USER and SERVE_PASSWORD, or listen on 127.0.0.1";

/// Serves until a signal ends it. The address is the one line on stdout, once it is listened on.
pub(super) async fn serve(
    mut config: Config,
    sandbox: bool,
    listen: Option<SocketAddr>,
) -> Result<u8, CliError> {
    config.serving.listen = listen.unwrap_or(config.serving.listen);
    let serving = &config.serving;
    if !(serving.listen.ip().is_loopback() || serving.asks_for_credentials()) {
        return Err(CliError::Usage(OPEN_TO_ALL));
    }
    Database::to_read(&config, sandbox, async |database| {
        let asked = config.serving.listen;
        let listener = TcpListener::bind(asked).await.with_context(|| {
            format!("cannot listen on {asked}; choose another port, or 0 for any free one")
        })?;
        let address = listener.local_addr().context("cannot tell where it listens")?;
        out(&format!("http://{address}"))?;
        serve::serve(
            listener,
            database.pool.clone(),
            &config.serving,
            signals::signalled(),
        )
        .await?;
        Ok(0)
    })
    .await
}
