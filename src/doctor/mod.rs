//! The doctor: looks at everything that a run needs, one thing after another, and says of each how it is and what
//! mends it. A fault in one thing keeps nobody from looking at the next.

mod archive;
mod clock;
mod database;
#[cfg(all(unix, feature = "embedded-postgres"))]
mod disk;
mod endpoints;
mod finding;
mod reccobeats;
mod rights;
mod schema;
mod settings;
mod spotify;

use std::path::Path;

use sqlx::postgres::PgPool;

pub use finding::{Diagnosis, Finding, Verdict};
pub use settings::wrong as wrong_settings;

use crate::config::Config;

/// What is examined.
pub struct Patient<'a> {
    /// The settings.
    pub config: &'a Config,
    /// Whether the sandbox plays Spotify.
    pub in_sandbox: bool,
    /// The database, or why nobody can connect to it.
    pub db: Result<&'a PgPool, String>,
    /// Where the Postgres of firstpress's own lies, if that is the database.
    pub own_directory: Option<&'a Path>,
}

/// Examines everything. Writes nothing but what Spotify's answers say of the app, and the count of calls.
pub async fn examine(patient: Patient<'_>) -> Diagnosis {
    let Patient {
        config,
        in_sandbox,
        db,
        own_directory,
    } = patient;
    let mut findings = settings::examine(config);
    findings.extend(database::login(config).await);
    let (found, ledger) = match db {
        Ok(db) => database::examine(db, in_sandbox).await,
        Err(reason) => (
            vec![database::unreachable(reason, own_directory.is_some())],
            database::Ledger::default(),
        ),
    };
    findings.extend(found);
    let asked = spotify::examine(config, &ledger).await;
    findings.extend(asked.findings);
    findings.push(reccobeats::examine(config, asked.track).await);
    if let Some(place) = config.archive(in_sandbox) {
        findings.push(archive::examine(&place).await);
    }
    #[cfg(all(unix, feature = "embedded-postgres"))]
    findings.extend(own_directory.map(disk::examine));
    Diagnosis::from(findings)
}
