//! The state of the pipeline: runs, freshness, what waits, calls made, and what is known of the app. It only reads.

mod text;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::postgres::PgPool;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::config::Spotify;
use crate::domain::{Retained, Retention};
use crate::spotify::daily_budget;

/// The state of the pipeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct Status {
    /// How fresh the data is, and what waits.
    pub state: State,
    /// Calls made, and those that the day's budget leaves.
    pub quota: Quota,
    /// What is known of the Spotify app; null before the first run.
    pub app: Option<App>,
    /// What Spotify lets that app call.
    pub capabilities: Vec<Capability>,
    /// Items in quarantine by their reason: the ten most frequent.
    pub quarantine: Vec<Quarantined>,
    /// Fields of Spotify's answers that appeared or vanished in the latest run.
    pub drift: Vec<Drift>,
    /// What is kept for more than a day beyond its retention; left out where raw rows may not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overdue: Option<Vec<Overdue>>,
    /// The ten latest runs, newest first.
    pub runs: Vec<RunRow>,
}

/// Freshness and backlog.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct State {
    /// End of the last run that brought the data up to date: it succeeded, or was ended early but stored albums and
    /// published them.
    pub last_data_at: Option<DateTime<Utc>>,
    /// End of the last run that succeeded.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When the newest album was stored.
    pub last_album_at: Option<DateTime<Utc>>,
    /// Albums that are known: stored with all that belongs to them.
    pub known_albums: i64,
    /// Albums that were discovered but are not stored.
    pub waiting_albums: i64,
    /// Tracks about whose audio features somebody will be asked.
    pub features_awaited: i64,
    /// Those of them that the next run asks about.
    pub features_due: i64,
    /// Tracks whose details come from their album's list, and whose ISRC is asked for as the budget allows.
    pub isrcs_waiting: i64,
    /// Items in quarantine.
    pub quarantined: i64,
    /// Spotify asked not to be called before.
    pub not_before: Option<DateTime<Utc>>,
}

/// Web API calls, token requests left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quota {
    /// Calls in the last 24 hours, as they are counted against the budget.
    pub calls_24h: i64,
    /// Calls that may be made in any 24 hours; null without a budget.
    pub daily_budget: Option<i64>,
    /// Calls that the budget leaves; null without one.
    pub calls_left: Option<i64>,
    /// When the first of the calls no longer counts; null when there were none.
    pub frees_at: Option<DateTime<Utc>>,
}

/// A Spotify app: a row of `ops.spotify_apps`.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct App {
    /// Its client id, which is no secret.
    pub client_id: String,
    /// Whether it is in development mode.
    pub is_development_mode: bool,
    /// What showed it; null when it is not.
    pub reason: Option<String>,
    /// Calls per second that 429s have left; null when it is the pace that the settings allow.
    pub calls_per_second: Option<f64>,
    /// When that was learned.
    pub learned_at: DateTime<Utc>,
}

/// An endpoint: a row of `ops.capabilities`.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct Capability {
    /// Endpoint, as a path below the API's base.
    pub endpoint: String,
    /// Whether the app may call it.
    pub usable: bool,
    /// Why not.
    pub reason: Option<String>,
    /// When it was learned.
    pub asked_at: DateTime<Utc>,
    /// Not asked, but known from an endpoint that is closed to the same apps.
    pub is_inferred: bool,
}

/// Items that could not be used for the same reason.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct Quarantined {
    /// album, album_track, track or audio_features.
    pub item_type: String,
    /// Why they could not be used.
    pub reason: String,
    /// How many there are.
    pub items: i64,
    /// When the first of them is tried again; null when none will be.
    pub next_try_at: Option<DateTime<Utc>>,
}

/// A field of Spotify's answers: a row of `ops.api_drift`.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct Drift {
    /// Endpoint, as a path below the API's base.
    pub endpoint: String,
    /// Kind of object in its answers.
    pub object: String,
    /// The field.
    pub field: String,
    /// appeared or vanished.
    pub change: String,
}

/// What is kept beyond its retention, and is for `firstpress purge` to take away.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct Overdue {
    /// The name in `RETENTION_DAYS`.
    pub retention: String,
    /// Its days.
    pub days: i32,
    /// Rows, or runs, that are due.
    pub rows: i64,
}

/// A run.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct RunRow {
    /// As in `ops.runs`.
    pub run_id: Uuid,
    /// As in `ops.run_states`: `died?` where the run holds the run lock no longer, but never said that it ended.
    pub status: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it took; null while it runs and when it died.
    pub seconds: Option<f64>,
    /// Albums that it stored.
    pub albums: i64,
    /// Web API calls.
    pub calls: i64,
    /// Why it did not succeed.
    pub error: Option<String>,
}

impl Status {
    /// Reads the state of the pipeline, as its owner. App and budget are those of the settings; with the sandbox the app
    /// is the one that was used last.
    ///
    /// # Errors
    /// When the database fails, also because its schema was never migrated.
    pub async fn read(db: &PgPool, settings: &Spotify, retention: &Retention) -> sqlx::Result<Self> {
        let mut db = db.acquire().await?;
        let credentials = settings.credentials.as_ref();
        let app = App::read(&mut db, credentials.map(|of| of.client_id.as_str())).await?;
        let is_in_development = app.as_ref().is_some_and(|app| app.is_development_mode);
        let budget = daily_budget(settings, is_in_development).map(i64::from);
        let status = Self::of(&mut db, app, budget).await?;
        let overdue = Some(overdue(&mut db, retention).await?);
        Ok(Self { overdue, ..status })
    }

    /// Reads the state of the pipeline as far as the role `firstpress_reader` may: without `overdue`. The app is the one
    /// that was used last, the budget that of the latest run.
    ///
    /// # Errors
    /// When the database fails, also because its schema was never migrated.
    pub async fn for_readers(db: &mut PgConnection) -> sqlx::Result<Self> {
        let app = App::read(db, None).await?;
        let budget: Option<Option<i64>> = sqlx::query_scalar(include_str!("sql/daily_budget.sql"))
            .fetch_optional(&mut *db)
            .await?;
        Self::of(db, app, budget.flatten()).await
    }

    async fn of(db: &mut PgConnection, app: Option<App>, daily_budget: Option<i64>) -> sqlx::Result<Self> {
        let capabilities = sqlx::query_as(include_str!("sql/capabilities.sql"))
            .bind(app.as_ref().map(|app| &app.client_id))
            .fetch_all(&mut *db)
            .await?;
        Ok(Self {
            state: sqlx::query_as(include_str!("sql/state.sql"))
                .fetch_one(&mut *db)
                .await?,
            quota: Quota::read(&mut *db, daily_budget).await?,
            app,
            capabilities,
            quarantine: sqlx::query_as(include_str!("sql/quarantine.sql"))
                .fetch_all(&mut *db)
                .await?,
            drift: sqlx::query_as(include_str!("sql/drift.sql"))
                .fetch_all(&mut *db)
                .await?,
            overdue: None,
            runs: sqlx::query_as(include_str!("sql/runs.sql")).fetch_all(db).await?,
        })
    }
}

async fn overdue(db: &mut PgConnection, retention: &Retention) -> sqlx::Result<Vec<Overdue>> {
    let days = |retained| retention.days(retained).map(i32::from);
    sqlx::query_as(include_str!("sql/overdue.sql"))
        .bind(days(Retained::Albums))
        .bind(days(Retained::TrackPopularity))
        .bind(days(Retained::ReleaseSightings))
        .bind(days(Retained::Quarantine))
        .bind(days(Retained::Json))
        .bind(days(Retained::Runs))
        .bind(days(Retained::Archive))
        .fetch_all(db)
        .await
}

impl App {
    /// The app of this client id; without one, the app that was used last.
    async fn read(db: &mut PgConnection, client_id: Option<&str>) -> sqlx::Result<Option<Self>> {
        sqlx::query_as(include_str!("sql/app.sql"))
            .bind(client_id)
            .fetch_optional(db)
            .await
    }
}

impl Quota {
    async fn read(db: &mut PgConnection, daily_budget: Option<i64>) -> sqlx::Result<Self> {
        let (calls_24h, frees_at): (i64, Option<DateTime<Utc>>) =
            sqlx::query_as(include_str!("sql/calls.sql"))
                .fetch_one(db)
                .await?;
        Ok(Self {
            calls_24h,
            daily_budget,
            calls_left: daily_budget.map(|budget| (budget - calls_24h).max(0)),
            frees_at,
        })
    }
}
