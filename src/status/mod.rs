//! The state of the pipeline: recent runs, freshness, what waits, calls made.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::postgres::PgPool;
use uuid::Uuid;

use crate::table::table;

/// The state of the pipeline.
#[derive(Debug, Serialize)]
pub struct Status {
    /// How fresh the data is, and what waits.
    pub state: State,
    /// The ten latest runs, newest first.
    pub runs: Vec<RunRow>,
}

/// Freshness and backlog.
#[derive(Debug, Serialize, sqlx::FromRow)]
pub struct State {
    /// End of the last run that succeeded.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When the newest album was stored.
    pub last_album_at: Option<DateTime<Utc>>,
    /// Albums that are known: stored with all that belongs to them.
    pub known_albums: i64,
    /// Albums that were discovered but are not stored.
    pub waiting_albums: i64,
    /// Items in quarantine.
    pub quarantined: i64,
    /// Tracks about whose audio features Spotify will be asked again.
    pub features_awaited: i64,
    /// Web API calls in the last 24 hours.
    pub calls_24h: i64,
    /// Spotify asked not to be called before.
    pub not_before: Option<DateTime<Utc>>,
}

/// A run.
#[derive(Debug, Serialize, sqlx::FromRow)]
pub struct RunRow {
    /// As in `ops.runs`.
    pub run_id: Uuid,
    /// As in `ops.runs`.
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
    /// Reads the state of the pipeline.
    ///
    /// # Errors
    /// When the database fails, also because its schema was never migrated.
    pub async fn read(db: &PgPool) -> sqlx::Result<Self> {
        Ok(Self {
            state: sqlx::query_as(include_str!("sql/state.sql"))
                .fetch_one(db)
                .await?,
            runs: sqlx::query_as(include_str!("sql/runs.sql")).fetch_all(db).await?,
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let State {
            last_success_at,
            last_album_at,
            not_before,
            ..
        } = self.state;
        writeln!(formatter, "last success     {}", time(last_success_at))?;
        writeln!(formatter, "newest album     {}", time(last_album_at))?;
        writeln!(
            formatter,
            "albums           {} known, {} waiting",
            self.state.known_albums, self.state.waiting_albums
        )?;
        writeln!(formatter, "in quarantine    {}", self.state.quarantined)?;
        writeln!(formatter, "features awaited {}", self.state.features_awaited)?;
        writeln!(formatter, "calls in 24 h    {}", self.state.calls_24h)?;
        if not_before.is_some() {
            writeln!(formatter, "not before       {}", time(not_before))?;
        }
        if self.runs.is_empty() {
            return write!(formatter, "\nno runs yet");
        }
        writeln!(formatter)?;
        let mut runs = table(
            &["started", "status", "seconds", "albums", "calls", "error"],
            &[2, 3, 4],
        );
        for run in &self.runs {
            runs.add_row([
                time(Some(run.started_at)),
                run.status.clone(),
                run.seconds
                    .map_or(String::new(), |seconds| format!("{seconds:.1}")),
                run.albums.to_string(),
                run.calls.to_string(),
                run.error.clone().unwrap_or_default(),
            ]);
        }
        write!(formatter, "{runs}")
    }
}

fn time(time: Option<DateTime<Utc>>) -> String {
    time.map_or("never".to_owned(), |time| {
        time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
    })
}
