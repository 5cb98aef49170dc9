//! The `firstpress` binary: it only dispatches.

use std::process::ExitCode;

use clap::Parser;
use firstpress::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    Cli::parse().execute().await.into()
}
