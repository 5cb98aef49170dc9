//! `firstpress run`: put together what a run works with, run, and sum up.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use secrecy::SecretString;
use sqlx::postgres::PgPool;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::database::Database;
use super::error::CliError;
use super::print;
use super::project::Variables;
use super::run_summary::RunSummary;
use crate::archive;
use crate::config::{ArchivePlace, Config, Credentials};
use crate::postgres::call_ledger::CallsByMinute;
use crate::postgres::{apps, migrate};
use crate::reccobeats;
use crate::run::{self, Job};
use crate::sandbox::{self, Sandbox};
use crate::spotify::Client;
use crate::summary::Summary;
use crate::telemetry::Progress;

pub(super) async fn run(
    mut config: Config,
    sandbox: Option<sandbox::Options>,
    progress: &Progress,
    json: bool,
) -> Result<u8, CliError> {
    let (api, sandbox) = reach(sandbox, &mut config).await?;
    let credentials = config
        .spotify
        .credentials
        .as_ref()
        .ok_or(CliError::NoCredentials)?;
    let project = Variables::default().project(&config)?;
    let reccobeats = reccobeats::Client::new(&config.reccobeats).context("cannot set up TLS")?;
    let sandboxed = sandbox.is_some();
    let archive = archive(&config, sandboxed)?;
    let summary = Database::with(&config, sandboxed, async |database| {
        if let Some(command) = database.psql_hint() {
            tracing::info!("look into the database meanwhile with: {command}");
        }
        migrate(&database.pool).await?;
        let job = Job {
            db: database.pool.clone(),
            spotify: Arc::new(spotify_client(&config, credentials, &database.pool).await?),
            reccobeats: Arc::new(reccobeats),
            audio_features: config.audio_features,
            client_id: credentials.client_id.clone(),
            api,
            project,
            popularity_window_days: config.popularity_window_days,
            archive,
            stop: stop_on_signal(),
            bars: progress.bars(),
        };
        let outcome = run::run(&job).await;
        progress.clear();
        Ok(RunSummary {
            report: outcome?,
            answers: Summary::read(&job.db).await?,
            psql: config.database_url.is_none().then(|| psql_command(sandboxed)),
        })
    })
    .await?;
    print(&summary, json)?;
    Ok(summary.report.postponed.map_or(0, |error| error.exit_code()))
}

/// Where raw rows are archived, if they are and this binary can do it.
pub(super) fn archive(config: &Config, in_sandbox: bool) -> Result<Option<ArchivePlace>, CliError> {
    let archive = config.archive(in_sandbox);
    match &archive {
        Some(_) if !archive::IS_BUILT_IN => Err(CliError::Usage(
            "ARCHIVE_URL is set, and this firstpress was built without the feature `archive`",
        )),
        Some(place) if place.url.scheme() == "s3" && !cfg!(feature = "aws") => Err(CliError::Usage(
            "ARCHIVE_URL is in S3, and this firstpress was built without the feature `aws`",
        )),
        _ => Ok(archive),
    }
}

/// A client that remembers what earlier runs learned of the app.
pub(super) async fn spotify_client(
    config: &Config,
    credentials: &Credentials,
    db: &PgPool,
) -> Result<Client, CliError> {
    let known = apps::recall(db, &credentials.client_id)
        .await
        .map_err(CliError::reading)?;
    let ledger = Arc::new(CallsByMinute { db: db.clone() });
    Ok(Client::new(&config.spotify, credentials, known, ledger).context("cannot set up TLS")?)
}

/// What `ops.runs.api_url` says of the API, and the sandbox where it plays that API: it is started, and the
/// settings are pointed to it.
pub(super) async fn reach(
    sandbox: Option<sandbox::Options>,
    config: &mut Config,
) -> anyhow::Result<(String, Option<Sandbox>)> {
    Ok(match sandbox {
        Some(options) => ("sandbox".to_owned(), Some(start_sandbox(options, config).await?)),
        None => (config.spotify.api_url.to_string(), None),
    })
}

async fn start_sandbox(options: sandbox::Options, config: &mut Config) -> anyhow::Result<Sandbox> {
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let sandbox = Sandbox::start(options, any_port).await?;
    config.spotify.api_url = sandbox.spotify_api_url.clone();
    config.spotify.token_url = sandbox.spotify_token_url.clone();
    config.reccobeats.api_url = sandbox.reccobeats_api_url.clone();
    config.spotify.credentials = Some(Credentials {
        client_id: sandbox.client_id.clone(),
        client_secret: SecretString::from(sandbox.client_secret.clone()),
    });
    tracing::info!("the sandbox plays Spotify at {}", sandbox.spotify_api_url);
    Ok(sandbox)
}

/// Cancelled by the first signal. The second ends the process at once, as if nobody handled Ctrl-C.
fn stop_on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let on_signal = stop.clone();
    tokio::spawn(async move {
        signalled().await;
        tracing::warn!("asked to end; storing what is complete (a second time ends at once)");
        on_signal.cancel();
        signalled().await;
        std::process::exit(130);
    });
    stop
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn signalled() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => _ = signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => (),
        () = terminated => (),
    }
}

/// `firstpress psql`, by the name under which this program was started.
fn psql_command(sandbox: bool) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "firstpress".to_owned());
    format!("{program} psql{}", if sandbox { " --sandbox" } else { "" })
}
