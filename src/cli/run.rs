//! `firstpress run`: put together what a run works with, run, and sum up.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use secrecy::SecretString;
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::database::Database;
use super::error::CliError;
use super::print;
use crate::config::{Config, Credentials};
use crate::postgres::migrate;
use crate::run::{self, Job, RunReport};
use crate::sandbox::{self, Sandbox};
use crate::spotify::Client;
use crate::summary::Summary;
use crate::telemetry::Progress;
use crate::transform::Project;

pub(super) async fn run(
    mut config: Config,
    sandbox: Option<sandbox::Options>,
    progress: &Progress,
    json: bool,
) -> Result<u8, CliError> {
    let api = if sandbox.is_some() {
        "sandbox".to_owned()
    } else {
        config.spotify.api_url.to_string()
    };
    let _sandbox = match sandbox {
        Some(options) => Some(start_sandbox(options, &mut config).await?),
        None => None,
    };
    let credentials = config
        .spotify
        .credentials
        .as_ref()
        .ok_or(CliError::NoCredentials)?;
    let project = Project::load(config.templates_dir.as_deref())?;
    let spotify = Client::new(&config.spotify, credentials).context("cannot set up TLS")?;
    let database = Database::open(&config, api == "sandbox").await?;
    migrate(&database.pool).await?;
    let job = Job {
        db: database.pool.clone(),
        spotify: Arc::new(spotify),
        api,
        project,
        max_in_flight: config.spotify.max_in_flight,
        popularity_window_days: config.popularity_window_days,
        stop: stop_on_signal(),
        bars: progress.bars(),
    };
    let outcome = run::run(&job).await;
    progress.clear();
    let ended = match outcome {
        Ok(report) => Ok(RunSummary {
            answers: Summary::read(&job.db).await?,
            report,
        }),
        Err(error) => Err(error),
    };
    drop(job);
    database.close().await?;
    let summary = ended?;
    print(&summary, json)?;
    Ok(summary.report.postponed.map_or(0, |error| error.exit_code()))
}

async fn start_sandbox(options: sandbox::Options, config: &mut Config) -> anyhow::Result<Sandbox> {
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let sandbox = Sandbox::start(options, any_port).await?;
    config.spotify.api_url = sandbox.spotify_api_url.clone();
    config.spotify.token_url = sandbox.spotify_token_url.clone();
    config.spotify.credentials = Some(Credentials {
        client_id: sandbox.client_id.clone(),
        client_secret: SecretString::from(sandbox.client_secret.clone()),
    });
    tracing::info!("the sandbox plays Spotify at {}", sandbox.spotify_api_url);
    Ok(sandbox)
}

fn stop_on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let on_signal = stop.clone();
    tokio::spawn(async move {
        signalled().await;
        tracing::warn!("asked to end; storing what is complete");
        on_signal.cancel();
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

/// What `run` prints at its end.
#[derive(Serialize)]
struct RunSummary {
    #[serde(flatten)]
    report: RunReport,
    #[serde(flatten)]
    answers: Summary,
}

impl fmt::Display for RunSummary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.answers)?;
        let report = &self.report;
        let loaded = &report.loaded;
        let calls = report.calls.total();
        if loaded.albums == 0 {
            writeln!(formatter, "\nNothing new among {} listed albums.", report.listed)?;
        } else {
            writeln!(
                formatter,
                "\n{} new albums of {} listed: {} tracks, {} with details, {} answers about audio features.",
                loaded.albums,
                report.listed,
                loaded.album_tracks,
                loaded.track_details,
                loaded.audio_features
            )?;
        }
        if report.left_by_earlier_runs > 0 {
            writeln!(
                formatter,
                "{} albums were left by an earlier run.",
                report.left_by_earlier_runs
            )?;
        }
        if report.refreshed.track_popularity > 0 {
            writeln!(
                formatter,
                "Popularity read again: {} tracks.",
                report.refreshed.track_popularity
            )?;
        }
        if report.quarantined > 0 {
            writeln!(
                formatter,
                "{} items could not be used and are in raw.quarantine with the reason.",
                report.quarantined
            )?;
        }
        if let Some(error) = &report.postponed {
            writeln!(formatter, "The rest waits for a later run: {error}.")?;
        }
        write!(
            formatter,
            "{} calls ({} repeated, {} times 429), {:.1} s waited; {} models; {:.1} s in all.",
            calls.calls,
            calls.retries,
            calls.rate_limited,
            calls.waited_seconds,
            report.models.len(),
            report.seconds
        )
    }
}
