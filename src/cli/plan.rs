//! `firstpress plan`: what a run would do.

use std::sync::Arc;

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::database::Database;
use super::error::CliError;
use super::print;
use super::run::{reach, spotify_client};
use crate::config::Config;
use crate::extract::Source;
use crate::plan::{self, Planning};
use crate::postgres::migrate;
use crate::reccobeats;
use crate::sandbox;

pub(super) async fn plan(
    mut config: Config,
    sandbox: Option<sandbox::Options>,
    json: bool,
) -> Result<u8, CliError> {
    let (api, sandbox) = reach(sandbox, &mut config).await?;
    let credentials = config
        .spotify
        .credentials
        .as_ref()
        .ok_or(CliError::NoCredentials)?;
    let reccobeats = reccobeats::Client::new(&config.reccobeats).context("cannot set up TLS")?;
    let planned = Database::with(&config, sandbox.is_some(), async |database| {
        migrate(&database.pool).await?;
        let planning = Planning {
            source: Source {
                spotify: Arc::new(spotify_client(&config, credentials, &database.pool).await?),
                reccobeats: Arc::new(reccobeats),
                audio_features: config.audio_features,
                db: database.pool.clone(),
                stop: CancellationToken::new(),
            },
            client_id: credentials.client_id.clone(),
            api,
            popularity_window_days: config.popularity_window_days,
            reccobeats_per_second: config.reccobeats.requests_per_second,
        };
        Ok(plan::plan(&planning).await?)
    })
    .await?;
    print(&planned, json)
}
