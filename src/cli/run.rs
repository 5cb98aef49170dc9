//! `firstpress run`: put together what a run works with, run, and sum up.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use secrecy::SecretString;
use sqlx::postgres::PgPool;
use tracing::Instrument;
use tracing::field::Empty;
use uuid::Uuid;

use super::database::Database;
use super::error::CliError;
use super::print;
use super::project::Variables;
use super::run_summary::{Answers, RunSummary};
use super::signals::stop_on_signal;
use crate::archive;
use crate::config::{ArchivePlace, Config, Credentials};
use crate::postgres::call_ledger::CallsByMinute;
use crate::postgres::runs::Status;
use crate::postgres::{apps, migrate};
use crate::reccobeats;
use crate::run::{self, Job, RunError, RunReport};
use crate::sandbox::{self, Sandbox};
use crate::spotify::Client;
use crate::summary::Summary;
use crate::telemetry::Telemetry;

/// `firstpress run`, as it was asked for.
pub(super) struct Run {
    /// The id that the run has in `ops.runs` and on its log lines.
    pub(super) run_id: Uuid,
    pub(super) sandbox: Option<sandbox::Options>,
    pub(super) json: bool,
}

impl Run {
    /// Runs, tells those who watch how it ended, and sums up.
    pub(super) async fn execute(self, config: Config, telemetry: &Telemetry) -> Result<u8, CliError> {
        let json = self.json;
        let mut report = RunReport::new(self.run_id);
        let span = tracing::debug_span!("run", run_id = %self.run_id, otel.status_code = Empty);
        // on the heap, since all of a run's futures in one are too deep for the compiler
        let work = Box::pin(self.work(config, telemetry, &mut report));
        let ended = work.instrument(span.clone()).await;
        telemetry.clear_bars();
        match (&ended, &report.postponed) {
            (Err(error), _) => report.end(error.outcome(), error.exit_code(), Some(error.to_string())),
            (Ok(_), Some(why)) => report.end(why.status(), why.exit_code(), None),
            (Ok(_), None) => report.end(Status::Succeeded, 0, None),
        }
        if let Err(error) = &ended {
            span.record("otel.status_code", "ERROR");
            telemetry.error(error);
        }
        drop(span);
        telemetry.run_ended(&report).await;
        let code = report.exit_code;
        let (answers, failed_checks) = match &ended {
            Ok(answers) => (Some(answers), None),
            Err(error) => (None, error.failed_checks()),
        };
        print(
            &RunSummary {
                report,
                answers,
                failed_checks,
            },
            json,
        )?;
        Ok(code)
    }

    async fn work(
        self,
        mut config: Config,
        telemetry: &Telemetry,
        report: &mut RunReport,
    ) -> Result<Answers, CliError> {
        let (api, sandbox) = reach(self.sandbox, &mut config).await?;
        let credentials = config
            .spotify
            .credentials
            .as_ref()
            .ok_or(CliError::NoCredentials)?;
        let project = Variables::default().project(&config)?;
        let reccobeats = reccobeats::Client::new(&config.reccobeats).context("cannot set up TLS")?;
        let sandboxed = sandbox.is_some();
        let archive = archive(&config, sandboxed)?;
        let stop = stop_on_signal();
        Database::with(&config, sandboxed, async |database| {
            if let Some(command) = database.psql_hint() {
                tracing::info!("look into the database meanwhile with: {command}");
            }
            tokio::select! {
                migrated = migrate(&database.pool) => { migrated?; }
                () = stop.cancelled() => return Err(RunError::Interrupted.into()),
            }
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
                stop: stop.clone(),
                bars: telemetry.bars(),
            };
            run::run(&job, report).await?;
            Ok(Answers {
                summary: Summary::read(&job.db).await?,
                psql: config.database_url.is_none().then(|| psql_command(sandboxed)),
            })
        })
        .await
    }
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

/// `firstpress psql`, by the name under which this program was started.
fn psql_command(sandbox: bool) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "firstpress".to_owned());
    format!("{program} psql{}", if sandbox { " --sandbox" } else { "" })
}
