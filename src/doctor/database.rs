//! The database.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgPool;

use super::{Finding, Verdict, clock, rights, schema};
use crate::config::{Config, Login};
use crate::postgres::{runs, signer};

/// Major versions of Postgres that firstpress is tested with.
const OLDEST: i32 = 13;
const NEWEST: i32 = 18;

const SUBJECT: &str = "database";

/// What the questions to Spotify need of the database.
#[derive(Default)]
pub(super) struct Ledger {
    /// Where calls are counted and answers remembered; `None` where that cannot be done.
    pub(super) db: Option<PgPool>,
    /// Spotify asked earlier not to be called before.
    pub(super) not_before: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Server {
    version: String,
    major: i32,
    role: String,
    database: String,
    is_read_only: bool,
    bytes: i64,
    clock: DateTime<Utc>,
}

/// Of a database that nobody can connect to, for this reason.
pub(super) fn unreachable(reason: String, is_own: bool) -> Finding {
    let remedy = if is_own {
        "see to that, or name a server in DATABASE_URL"
    } else {
        "start the server or correct DATABASE_URL; left empty, firstpress starts a Postgres of its own"
    };
    Finding::fault(SUBJECT, reason, remedy)
}

/// Whose signature logs in, where it is a signature that does.
pub(super) async fn login(config: &Config) -> Option<Finding> {
    const SUBJECT: &str = "database login";
    let url = config.database_url.as_ref();
    let url = url.filter(|url| url.login == Login::RdsIam)?;
    Some(match signer(&url.options().ok()?, &config.aws).await {
        Ok(signer) => Finding::ok(SUBJECT, format!("by IAM, signed with {signer}")),
        Err(error) => Finding::fault(
            SUBJECT,
            error.to_string(),
            "give firstpress what it looked for, or leave auth=rds-iam out of DATABASE_URL",
        ),
    })
}

/// Looks at the database. `in_sandbox` says whether simulated albums are to go into it.
pub(super) async fn examine(db: &PgPool, in_sandbox: bool) -> (Vec<Finding>, Ledger) {
    let mut findings = Vec::new();
    let before = Utc::now();
    let server: sqlx::Result<Server> = sqlx::query_as(include_str!("sql/server.sql")).fetch_one(db).await;
    let after = Utc::now();
    match server {
        Ok(server) => {
            findings.push(version(&server));
            findings.extend(of("rights", rights::examine(db, &server.role).await));
            findings.push(clock::examine(server.clock, before, after));
            let megabytes = server.bytes / 1_000_000;
            findings.push(Finding::ok("database size", format!("{megabytes} MB")));
        }
        Err(error) => findings.extend(failed(SUBJECT, &error)),
    }
    let schema = schema::examine(db).await.map(|finding| vec![finding]);
    let is_current = matches!(&schema, Ok(found) if found.iter().all(|found| found.verdict == Verdict::Ok));
    findings.extend(of("schema", schema));
    findings.extend(of("another run", other_run(db).await));
    if is_current {
        findings.extend(of("origin", origin(db, in_sandbox).await));
    }
    let is_usable = is_current && findings.iter().all(|finding| finding.verdict != Verdict::Fault);
    if !is_usable {
        return (findings, Ledger::default());
    }
    let ledger = Ledger {
        db: Some(db.clone()),
        not_before: runs::not_before(db).await.ok().flatten(),
    };
    (findings, ledger)
}

fn of(subject: &str, found: sqlx::Result<Vec<Finding>>) -> Vec<Finding> {
    found.unwrap_or_else(|error| failed(subject, &error))
}

fn failed(subject: &str, error: &sqlx::Error) -> Vec<Finding> {
    vec![Finding::fault(
        subject,
        format!("not known: {error}"),
        "see to the other faults of the database",
    )]
}

fn version(server: &Server) -> Finding {
    let Server {
        version,
        role,
        database,
        ..
    } = server;
    let detail = format!("PostgreSQL {version}, database {database}, as {role}");
    match server.major {
        _ if server.is_read_only => Finding::fault(
            SUBJECT,
            format!("{detail}: it is read-only"),
            "name the primary server in DATABASE_URL, or let the role write",
        ),
        ..OLDEST => Finding::fault(
            SUBJECT,
            format!("{detail}: firstpress needs PostgreSQL {OLDEST} or newer"),
            "use a newer server",
        ),
        OLDEST..=NEWEST => Finding::ok(SUBJECT, detail),
        _ => Finding::warning(
            SUBJECT,
            format!("{detail}: firstpress has been tested up to PostgreSQL {NEWEST}"),
            "if a run fails, look for a newer firstpress",
        ),
    }
}

/// A run that is at work is no fault: the lock keeps the next one apart from it.
async fn other_run(db: &PgPool) -> sqlx::Result<Vec<Finding>> {
    let holder: Option<String> = sqlx::query_scalar(include_str!("../postgres/sql/lock_holder.sql"))
        .fetch_optional(db)
        .await?;
    let found = holder.map(|holder| Finding::ok("another run", format!("at work: {holder}")));
    Ok(found.into_iter().collect())
}

async fn origin(db: &PgPool, in_sandbox: bool) -> sqlx::Result<Vec<Finding>> {
    let api = runs::api_of_earlier_runs(db).await?;
    let other = api.filter(|api| (api == "sandbox") != in_sandbox);
    let fault = |api| {
        Finding::fault(
            "origin",
            format!("the database holds releases from {api}, and real and simulated ones do not mix"),
            "point DATABASE_URL to another database",
        )
    };
    Ok(other.map(fault).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_servers_and_those_that_cannot_be_written_to_are_faults() {
        let verdict = |(major, is_read_only)| {
            let server = Server {
                version: format!("{major}.1"),
                major,
                role: "postgres".to_owned(),
                database: "firstpress".to_owned(),
                is_read_only,
                bytes: 0,
                clock: Utc::now(),
            };
            version(&server).verdict
        };
        let servers = [(12, false), (13, false), (18, false), (19, false), (18, true)];
        assert_eq!(
            servers.map(verdict),
            [
                Verdict::Fault,
                Verdict::Ok,
                Verdict::Ok,
                Verdict::Warning,
                Verdict::Fault
            ]
        );
    }
}
