//! The command line: what was asked for, and the exit code.

mod check;
mod database;
mod docs;
mod doctor;
mod error;
mod failed_checks;
mod plan;
mod project;
mod purge;
mod quarantine;
mod replay;
mod report;
mod run;
mod run_summary;
mod serve;
mod signals;
mod transform;

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context;
use clap::{Parser, Subcommand};
use serde::Serialize;
use uuid::Uuid;

use crate::config::{Config, Sources, WrongSettings};
use crate::postgres::migrate;
use crate::sandbox::{self, Sandbox};
use crate::status::Status;
use crate::telemetry::Telemetry;
use crate::transform::Project;
use database::Database;
use error::CliError;
use failed_checks::FailedChecks;
use project::{Chosen, Variables};

/// Fills Postgres with Spotify's new releases and builds trend tables from them.
///
/// Settings come from the environment and from .env in the working directory; .env.example lists them.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    /// Use the built-in sandbox instead of Spotify; needs no credentials. Without DATABASE_URL the data
    /// lies apart from that of real runs; with it, simulated albums go into that database. Whose releases
    /// serve and report show, the database tells
    #[arg(long, global = true)]
    sandbox: bool,
    /// Print the result of run, plan, transform, replay, docs, status, doctor, quarantine or purge as JSON also on a
    /// terminal
    #[arg(long, global = true)]
    json: bool,
    /// Read settings also from this file in S3, in the format of .env; they win over .env, the environment over them
    #[arg(long, global = true, value_name = "s3://BUCKET/KEY")]
    env_from: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The scheduled job: migrate, extract, load, transform, check, publish
    Run {
        #[command(flatten)]
        sandbox: sandbox::Options,
    },
    /// What a run would do: new albums, calls, minutes, share of the day's budget. Loads nothing
    Plan {
        #[command(flatten)]
        sandbox: sandbox::Options,
    },
    /// Rebuild the trend tables from the raw tables, without a call to Spotify
    Transform(transform::Arguments),
    /// Rebuild the raw tables from the archive or from the JSON in the database, and all that is built on them,
    /// without one call
    Replay(replay::Options),
    /// Print the SQL that a transform would run
    Render {
        /// The model, or terms as of transform's --select; all of them when left out
        model: Option<String>,
        #[command(flatten)]
        variables: Variables,
    },
    /// Data checks and freshness of what is published; exit code 3 when one fails
    Check(Chosen),
    /// Write the project as one HTML page: lineage, models, columns, checks, last run, row counts. With --json, as JSON
    Docs(docs::Options),
    /// Recent runs, freshness, what waits, calls made and left, what the app may call
    Status,
    /// Look at settings, database, token, every endpoint, ReccoBeats and disk, and say what mends each fault
    Doctor {
        #[command(flatten)]
        sandbox: sandbox::Options,
    },
    /// Items that could not be used: list them, have them asked for again, or drop them
    Quarantine(quarantine::Options),
    /// Serve the dashboard and the read API. It only reads
    Serve {
        /// Where to listen; SERVE_LISTEN when left out
        #[arg(long, value_name = "ADDRESS:PORT")]
        listen: Option<SocketAddr>,
    },
    /// Write the dashboard's views as one HTML page that needs nothing else
    Report(report::Options),
    /// Take away what is older than RETENTION_DAYS says, and publish the tables without it
    Purge(purge::Arguments),
    /// Bring the database schema up to date
    Migrate,
    /// Open psql on the database, also between runs
    #[cfg(feature = "embedded-postgres")]
    Psql {
        /// Passed on to psql
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Serve the simulated Spotify and ReccoBeats APIs
    Sandbox {
        /// Where to listen
        #[arg(long, default_value = "127.0.0.1:8089")]
        listen: SocketAddr,
        #[command(flatten)]
        options: sandbox::Options,
    },
}

impl Cli {
    /// Does what was asked for. Returns the process's exit code.
    pub async fn execute(self) -> u8 {
        let json = self.json;
        let sources = Sources::of_this_process(self.env_from.clone());
        let config = match Config::read(sources).await {
            Ok(config) => config,
            Err(wrong) => return self.without_settings(wrong),
        };
        let run_id = Uuid::now_v7();
        let is_run = matches!(self.command, Command::Run { .. });
        let telemetry = Telemetry::start(&config, is_run.then_some(run_id));
        let serves = matches!(self.command, Command::Serve { .. } | Command::Sandbox { .. });
        let ends_in_good_order = is_run || serves;
        let outcome = tokio::select! {
            outcome = self.dispatch(config, run_id, &telemetry) => outcome,
            // as the first process of a container: nobody else ends it there
            () = signals::terminated(), if !ends_in_good_order => Ok(signals::TERMINATED),
        };
        match outcome {
            Ok(code) => code,
            Err(error) => {
                if let Some(failed_checks) = error.failed_checks() {
                    // what cannot be printed is told in short below
                    let _ = print(&FailedChecks { failed_checks }, json);
                }
                telemetry.error(&error);
                error.exit_code()
            }
        }
    }

    /// What can be done where the settings cannot be read.
    fn without_settings(self, wrong: WrongSettings) -> u8 {
        let told = match self.command {
            Command::Doctor { .. } => doctor::wrong_settings(&wrong, self.json),
            _ => Err(wrong.into()),
        };
        told.unwrap_or_else(|error| {
            // with nobody left to read stderr there is nobody to tell
            let _ = writeln!(io::stderr(), "error: {error}");
            error.exit_code()
        })
    }

    async fn dispatch(self, config: Config, run_id: Uuid, telemetry: &Telemetry) -> Result<u8, CliError> {
        match self.command {
            Command::Run { sandbox } => {
                let sandbox = self.sandbox.then_some(sandbox);
                let json = self.json;
                let run = run::Run {
                    run_id,
                    sandbox,
                    json,
                };
                run.execute(config, telemetry).await
            }
            Command::Plan { sandbox } => plan::plan(config, self.sandbox.then_some(sandbox), self.json).await,
            Command::Transform(arguments) => {
                transform::transform(&config, self.sandbox, &arguments, self.json).await
            }
            Command::Replay(options) => replay::replay(&config, self.sandbox, &options, self.json).await,
            Command::Render { model, variables } => render(&variables.project(&config)?, model.as_deref()),
            Command::Check(chosen) => check::check(&config, self.sandbox, &chosen, self.json).await,
            Command::Docs(options) => docs::docs(&config, self.sandbox, options, self.json).await,
            Command::Status => {
                let status = Database::with(&config, self.sandbox, async |database| {
                    let status = Status::read(&database.pool, &config.spotify, &config.retention);
                    status.await.map_err(CliError::reading)
                });
                print(&status.await?, self.json)
            }
            Command::Doctor { sandbox } => {
                doctor::doctor(config, self.sandbox.then_some(sandbox), self.json).await
            }
            Command::Quarantine(options) => {
                quarantine::quarantine(&config, self.sandbox, options, self.json).await
            }
            Command::Serve { listen } => serve::serve(config, self.sandbox, listen).await,
            Command::Report(options) => report::report(&config, self.sandbox, options).await,
            Command::Purge(arguments) => purge::purge(&config, self.sandbox, &arguments, self.json).await,
            Command::Migrate => {
                let applied = Database::with(&config, self.sandbox, async |database| {
                    Ok(migrate(&database.pool).await?)
                });
                let applied = applied.await?;
                tracing::info!(applied, "the schema is up to date, {applied} migrations applied");
                Ok(0)
            }
            #[cfg(feature = "embedded-postgres")]
            Command::Psql { arguments } => database::psql(&config, self.sandbox, &arguments).await,
            Command::Sandbox { listen, options } => serve_sandbox(listen, options).await,
        }
    }
}

fn render(project: &Project, model: Option<&str>) -> Result<u8, CliError> {
    for model in project.render(model)? {
        out(&format!(
            "-- {}.{} ({})\n{}\n",
            model.schema,
            model.name,
            model.file,
            model.sql.trim()
        ))?;
    }
    Ok(0)
}

async fn serve_sandbox(listen: SocketAddr, options: sandbox::Options) -> Result<u8, CliError> {
    let sandbox = Sandbox::start(options, listen).await?;
    out(&format!(
        "SPOTIFY_API_URL={}\nSPOTIFY_TOKEN_URL={}\nRECCOBEATS_API_URL={}\nSPOTIFY_CLIENT_ID={}\nSPOTIFY_CLIENT_SECRET={}",
        sandbox.spotify_api_url,
        sandbox.spotify_token_url,
        sandbox.reccobeats_api_url,
        sandbox.client_id,
        sandbox.client_secret
    ))?;
    tokio::select! {
        served = sandbox.stopped() => served?,
        () = signals::signalled() => (),
    }
    Ok(0)
}

/// Prints a result to stdout: a table on a terminal, one line of JSON elsewhere or when asked for.
fn print<T: Serialize + std::fmt::Display>(result: &T, json: bool) -> Result<u8, CliError> {
    if json || !io::stdout().is_terminal() {
        out(&serde_json::to_string(result).context("cannot write the result as JSON")?)?;
    } else {
        out(&result.to_string())?;
    }
    Ok(0)
}

/// Writes a text to a file, and says so and what it is in short; `-` is stdout, which holds the text alone.
fn write_to(file: &Path, text: &str, in_short: &str) -> Result<(), CliError> {
    if file == Path::new("-") {
        return out(text);
    }
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
    out(&format!("{}: {in_short}", file.display()))
}

fn out(text: &str) -> Result<(), CliError> {
    match writeln!(io::stdout(), "{text}") {
        // a reader such as `head` that has seen enough is no failure
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written.context("cannot write to stdout")?),
    }
}
