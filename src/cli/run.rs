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
    if let Some(command) = database.psql_hint() {
        tracing::info!("look into the database meanwhile with: {command}");
    }
    migrate(&database.pool).await?;
    let psql = config
        .database_url
        .is_none()
        .then(|| psql_command(api == "sandbox"));
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
            psql,
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
    /// What opens psql on firstpress's own database; none where `DATABASE_URL` says how to reach it.
    #[serde(skip)]
    psql: Option<String>,
}

impl fmt::Display for RunSummary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = &self.report;
        writeln!(formatter, "{}", self.answers)?;
        writeln!(formatter, "{}", news(report))?;
        if report.left_by_earlier_runs > 0 {
            let left = counted(report.left_by_earlier_runs, "album");
            writeln!(formatter, "Left by an earlier run: {left}.")?;
        }
        if report.refreshed.track_popularity > 0 {
            let tracks = counted(report.refreshed.track_popularity, "track");
            writeln!(formatter, "Popularity read again: {tracks}.")?;
        }
        if report.quarantined > 0 {
            let items = counted(report.quarantined, "item");
            writeln!(
                formatter,
                "Put aside in raw.quarantine, with the reason: {items}."
            )?;
        }
        if let Some(error) = &report.postponed {
            writeln!(formatter, "The rest waits for a later run: {error}.")?;
        }
        write!(formatter, "{}", effort(report))?;
        match &self.psql {
            Some(command) => write!(formatter, "\nLook into the tables with: {command}"),
            None => Ok(()),
        }
    }
}

/// What came in.
fn news(report: &RunReport) -> String {
    let loaded = &report.loaded;
    if loaded.albums == 0 {
        return format!("Nothing new among {}.", counted(report.listed, "listed album"));
    }
    format!(
        "{} of {} listed: {}, {} with details, {} about audio features.",
        counted(loaded.albums, "new album"),
        report.listed,
        counted(loaded.album_tracks, "track"),
        loaded.track_details,
        counted(loaded.audio_features, "answer")
    )
}

/// What it took. Repeats, refusals and waits are named where there were any.
fn effort(report: &RunReport) -> String {
    let calls = report.calls.total();
    let mut trouble = Vec::new();
    if calls.retries > 0 {
        trouble.push(format!("{} repeated", calls.retries));
    }
    if calls.rate_limited > 0 {
        trouble.push(format!("{} answered 429", calls.rate_limited));
    }
    if calls.waited_seconds >= 0.05 {
        trouble.push(format!("{:.1} s waited", calls.waited_seconds));
    }
    let trouble = if trouble.is_empty() {
        String::new()
    } else {
        format!(" ({})", trouble.join(", "))
    };
    let models = if report.tables_stand {
        "the tables stand as they were".to_owned()
    } else {
        let (models, checks) = (report.models.len() as u64, report.checks.len() as u64);
        format!(
            "{} built, {} passed",
            counted(models, "model"),
            counted(checks, "check")
        )
    };
    let calls = counted(calls.calls, "call");
    format!("{calls}{trouble}, {models}, {:.1} s.", report.seconds)
}

fn counted(number: u64, thing: &str) -> String {
    if number == 1 {
        format!("1 {thing}")
    } else {
        format!("{number} {thing}s")
    }
}

/// `firstpress psql`, by the name under which this program was started.
fn psql_command(sandbox: bool) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "firstpress".to_owned());
    format!("{program} psql{}", if sandbox { " --sandbox" } else { "" })
}
