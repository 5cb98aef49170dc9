//! Spotify: the token, each endpoint, and what follows from them for the app.

use std::pin::Pin;
use std::sync::Arc;

use sqlx::postgres::PgPool;

use super::Finding;
use super::database::Ledger;
use super::endpoints::{Answers, Ids, trouble};
use crate::config::{Config, Credentials};
use crate::domain::SpotifyId;
use crate::postgres::apps;
use crate::postgres::call_ledger::CallsByMinute;
use crate::spotify::{CallLedger, Client, Endpoint, Granted, Known};

const TOKEN: &str = "token";
const MODE: &str = "mode";

/// Endpoints that are closed to no app but those in development mode.
const CLOSED_IN_DEVELOPMENT: [Endpoint; 4] = [
    Endpoint::NewReleases,
    Endpoint::SearchOverTen,
    Endpoint::Albums,
    Endpoint::Tracks,
];

/// What asking Spotify brought.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) findings: Vec<Finding>,
    /// A track that Spotify knows.
    pub(super) track: Option<SpotifyId>,
}

/// Asks Spotify, unless it wanted no calls before a time that is still to come. What it answers is remembered.
pub(super) async fn examine(config: &Config, ledger: &Ledger) -> Asked {
    let mut asked = Asked::default();
    let Some(credentials) = &config.spotify.credentials else {
        return asked;
    };
    if let Some(not_before) = ledger.not_before {
        let time = not_before.format("%Y-%m-%d %H:%M:%S UTC");
        asked.findings.push(Finding::warning(
            "Spotify",
            format!("not asked: it asked earlier not to be called before {time}"),
            format!("nothing: runs end with code 75 until then, and go on after {time}"),
        ));
        return asked;
    }
    if let Err(finding) = ask(config, credentials, ledger, &mut asked).await {
        asked.findings.push(finding);
    }
    asked
}

async fn ask(
    config: &Config,
    credentials: &Credentials,
    ledger: &Ledger,
    asked: &mut Asked,
) -> Result<(), Finding> {
    let database = |error: sqlx::Error| {
        Finding::fault(
            "what is known of the app",
            error.to_string(),
            "see to the database",
        )
    };
    let recalled = match &ledger.db {
        Some(db) => apps::recall(db, &credentials.client_id).await.map_err(database)?,
        None => Known::default(),
    };
    let remember = async |known: &Known| match &ledger.db {
        Some(db) => apps::remember(db, &credentials.client_id, known)
            .await
            .map_err(database),
        None => Ok(()),
    };
    let client = client(config, credentials, &recalled, ledger.db.as_ref())?;
    if let Err(error) = client.authorize().await {
        let told = Known {
            not_before: client.known().not_before,
            ..recalled
        };
        remember(&told).await?;
        return Err(trouble(TOKEN, &error));
    }
    asked.findings.push(Finding::ok(TOKEN, "granted"));
    let mut ids = Ids::default();
    let answers = Answers::gather(&client.hasty(), &mut ids).await;
    asked.track = ids.track;
    asked.findings.extend(answers.findings(config.audio_features));
    let counted = client.look_up_calls_left().await.and(client.settle().await);
    counted.map_err(|error| trouble("count of calls", &error))?;
    let learned = learned(&client, &answers, recalled);
    if answers.are_any() {
        asked.findings.push(mode(&client, &answers, &learned));
    }
    remember(&learned).await
}

/// A client that keeps to the pace and the budget of what is remembered, but asks as if nothing were known of the
/// endpoints.
fn client(
    config: &Config,
    credentials: &Credentials,
    recalled: &Known,
    db: Option<&PgPool>,
) -> Result<Client, Finding> {
    let known = Known {
        capabilities: Default::default(),
        ..recalled.clone()
    };
    let ledger: Arc<dyn CallLedger> = match db {
        Some(db) => Arc::new(CallsByMinute { db: db.clone() }),
        None => Arc::new(Uncounted),
    };
    Client::new(&config.spotify, credentials, known, ledger).map_err(|error| {
        let detail = format!("cannot set up TLS: {error}");
        Finding::fault(
            TOKEN,
            detail,
            "install root certificates (Debian, Ubuntu: ca-certificates)",
        )
    })
}

/// What the answers say of the app. Where one was not asked, what was remembered of it stands.
fn learned(client: &Client, answers: &Answers, recalled: Known) -> Known {
    let mut known = client.known();
    for (endpoint, remembered) in recalled.capabilities {
        let asked = known.capabilities.get(&endpoint);
        if asked.is_none_or(|asked| asked.is_inferred) {
            known.capabilities.insert(endpoint, remembered);
        }
    }
    if is_open_to_all(answers) {
        // the app has been given extended quota since; if it has not, the next quota that it meets says so
        known.development_mode = None;
    }
    known
}

fn is_open_to_all(answers: &Answers) -> bool {
    CLOSED_IN_DEVELOPMENT
        .into_iter()
        .all(|endpoint| answers.is_open(endpoint))
}

/// The mode, what it was found by, and the pace and the budget that follow.
fn mode(client: &Client, answers: &Answers, learned: &Known) -> Finding {
    let mode = match &learned.development_mode {
        Some(shown_by) => format!("development mode ({shown_by})"),
        None if is_open_to_all(answers) => {
            "extended quota mode (what is closed to apps in development mode is open)".to_owned()
        }
        None => "taken for extended quota mode: no answer shows another".to_owned(),
    };
    let has_changed = learned.development_mode.is_none() && client.known().development_mode.is_some();
    if has_changed {
        return Finding::ok(
            MODE,
            format!("{mode}; it was in development mode before, and the next run goes at the higher pace"),
        );
    }
    let budget = match (client.daily_budget(), client.calls_left()) {
        (Some(calls), Some(left)) => format!("{calls} calls in any 24 hours, of which {left} are left"),
        (Some(calls), None) => format!("{calls} calls in any 24 hours"),
        (None, _) => "no budget of calls a day".to_owned(),
    };
    let pace = client.pace();
    let in_flight = client.max_in_flight();
    Finding::ok(
        MODE,
        format!("{mode}: {pace:.1} calls a second, {in_flight} at once, {budget}"),
    )
}

/// Grants every call, where there is no database to count them in.
struct Uncounted;

impl CallLedger for Uncounted {
    fn enter(
        &self,
        wanted: u32,
        _: Option<u32>,
    ) -> Pin<Box<dyn Future<Output = Result<Granted, String>> + Send + '_>> {
        let granted = Granted {
            calls: wanted,
            left: None,
            frees_at: None,
        };
        Box::pin(std::future::ready(Ok(granted)))
    }

    fn give_back(&self, _: u32) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + '_>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
