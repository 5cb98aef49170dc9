//! `firstpress run`: put together what a run works with, run, and sum up.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use secrecy::SecretString;
use serde::Serialize;
use sqlx::postgres::PgPool;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::database::Database;
use super::error::CliError;
use super::print;
use crate::config::{Config, Credentials};
use crate::postgres::call_ledger::CallsByMinute;
use crate::postgres::drift::{Change, Drift};
use crate::postgres::{apps, migrate};
use crate::reccobeats;
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
    let reccobeats = reccobeats::Client::new(&config.reccobeats).context("cannot set up TLS")?;
    let sandboxed = api == "sandbox";
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

/// Starts the sandbox, and points the settings to it.
pub(super) async fn start_sandbox(options: sandbox::Options, config: &mut Config) -> anyhow::Result<Sandbox> {
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
        if !report.drift.is_empty() {
            writeln!(
                formatter,
                "The API's answers changed: {}.",
                changes(&report.drift)
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

/// What was to be done, and what of it is stored.
fn news(report: &RunReport) -> String {
    let to_do = report.new_albums + report.left_by_earlier_runs;
    if report.listed == 0 && report.postponed.is_some() {
        return format!("The list of new releases was not read.{}", stored(report, to_do));
    }
    let mut found = match report.new_albums {
        0 => format!("Nothing new among {}", counted(report.listed, "listed album")),
        new => format!("{} of {} listed", counted(new, "new album"), report.listed),
    };
    if report.left_by_earlier_runs > 0 {
        found += &format!(", {} left by an earlier run", report.left_by_earlier_runs);
    }
    format!("{found}.{}", stored(report, to_do))
}

/// A line of its own where there was something to store.
fn stored(report: &RunReport, to_do: u64) -> String {
    let loaded = &report.loaded;
    if to_do == 0 {
        return String::new();
    }
    if loaded.albums == 0 {
        return format!("\nNone of {} stored.", counted(to_do, "album"));
    }
    format!(
        "\n{} of {} stored: {}, {} with details, {} about audio features.",
        loaded.albums,
        counted(to_do, "album"),
        counted(loaded.album_tracks, "track"),
        loaded.track_details,
        counted(loaded.audio_features, "answer")
    )
}

/// What kinds of objects lost and gained, each kind once: `/albums album lost label, popularity and gained upc`.
fn changes(drift: &[Drift]) -> String {
    let kinds = drift.chunk_by(|a, b| (&a.endpoint, &a.object) == (&b.endpoint, &b.object));
    let of_kind = |kind: &[Drift]| {
        let fields = |change: Change| {
            let fields = kind.iter().filter(|drift| drift.change == change);
            fields
                .map(|drift| drift.field.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let lost_and_gained = match (fields(Change::Vanished), fields(Change::Appeared)) {
            (lost, gained) if gained.is_empty() => format!("lost {lost}"),
            (lost, gained) if lost.is_empty() => format!("gained {gained}"),
            (lost, gained) => format!("lost {lost} and gained {gained}"),
        };
        let first = kind
            .first()
            .map(|drift| format!("{} {}", drift.endpoint, drift.object));
        format!("{} {lost_and_gained}", first.unwrap_or_default())
    };
    kinds.map(of_kind).collect::<Vec<_>>().join("; ")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_told_by_kind_of_object() {
        let drift = [
            ("/albums", "album", "label", Change::Vanished),
            ("/albums", "album", "popularity", Change::Vanished),
            ("/albums", "album", "mood", Change::Appeared),
            ("/albums", "track", "isrc", Change::Appeared),
            ("/tracks", "track", "popularity", Change::Vanished),
        ];
        let drift = drift.map(|(endpoint, object, field, change)| Drift {
            endpoint: endpoint.to_owned(),
            object: object.to_owned(),
            field: field.to_owned(),
            change,
        });
        assert_eq!(
            changes(&drift),
            "/albums album lost label, popularity and gained mood; /albums track gained isrc; \
             /tracks track lost popularity"
        );
    }
}
