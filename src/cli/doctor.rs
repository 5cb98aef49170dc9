//! `firstpress doctor`: open what there is to be opened, and have it examined.

use super::database::{Database, own_directory};
use super::error::CliError;
use super::print;
use super::run::reach;
use crate::config::{Config, WrongSettings};
use crate::doctor::{self, Diagnosis, Patient};
use crate::postgres::Session;
use crate::sandbox;

pub(super) async fn doctor(
    mut config: Config,
    sandbox: Option<sandbox::Options>,
    json: bool,
) -> Result<u8, CliError> {
    let (_, sandbox) = reach(sandbox, &mut config).await?;
    let in_sandbox = sandbox.is_some();
    let opened = Database::open(&config, in_sandbox, Session::AsUser).await;
    let is_own = config.database_url.is_none();
    let patient = Patient {
        config: &config,
        in_sandbox,
        db: opened
            .as_ref()
            .map(|database| &database.pool)
            .map_err(ToString::to_string),
        own_directory: is_own.then(|| own_directory(in_sandbox)),
    };
    let diagnosis = doctor::examine(patient).await;
    if let Ok(database) = opened {
        database.close().await?;
    }
    say(&diagnosis, json)
}

/// What can be said without settings.
pub(super) fn wrong_settings(wrong: &WrongSettings, json: bool) -> Result<u8, CliError> {
    say(&Diagnosis::from(doctor::wrong_settings(wrong)), json)
}

fn say(diagnosis: &Diagnosis, json: bool) -> Result<u8, CliError> {
    print(diagnosis, json)?;
    Ok(u8::from(!diagnosis.ok))
}
