//! The pipeline in figures, as the database's ledgers have them.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use moka::future::Cache;
use prometheus_client::encoding::prometheus_text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use sqlx::postgres::PgPool;

/// However many scrape, the database is asked this often.
const KEPT: Duration = Duration::from_secs(5);
/// Less than a scrape waits.
const TO_ANSWER: Duration = Duration::from_secs(5);

/// The figures that `sql/figures.sql` reads: name without `firstpress_`, label, and what each is. "The last run" is the
/// latest that has ended.
const FIGURES: [(&str, Option<&str>, &str); 19] = [
    (
        "last_success_timestamp_seconds",
        None,
        "When a run last succeeded",
    ),
    (
        "last_data_timestamp_seconds",
        None,
        "When a run last brought the data up to date",
    ),
    (
        "last_run_timestamp_seconds",
        None,
        "When the last run that has ended began",
    ),
    (
        "last_run_status",
        Some("status"),
        "1 for the way the last run ended, else 0",
    ),
    (
        "last_run_duration_seconds",
        None,
        "How long the last run took; left out where it died",
    ),
    (
        "last_run_albums",
        None,
        "Albums that the last run loaded with their tracks",
    ),
    (
        "last_run_stage_rows",
        Some("stage"),
        "Rows, or albums, that a stage of the last run brought on",
    ),
    (
        "last_run_stage_duration_seconds",
        Some("stage"),
        "How long a stage of the last run took",
    ),
    (
        "last_run_calls",
        Some("endpoint"),
        "HTTP requests of the last run, every repeat included",
    ),
    (
        "last_run_rate_limited",
        Some("endpoint"),
        "Answers with status 429 to the last run",
    ),
    (
        "last_run_failed_checks",
        None,
        "Data checks that failed in the last run",
    ),
    (
        "last_run_warned_checks",
        None,
        "Data checks that warned in the last run",
    ),
    ("run_in_progress", None, "Whether a run is at work"),
    (
        "waiting_albums",
        None,
        "Albums that were discovered but are not stored",
    ),
    (
        "features_awaited",
        None,
        "Tracks about whose audio features somebody will be asked",
    ),
    ("features_due", None, "Those of them that the next run asks about"),
    (
        "isrcs_waiting",
        None,
        "Tracks whose ISRC is asked for as the budget allows",
    ),
    (
        "quarantined_items",
        Some("type"),
        "Items that could not be used and were not dropped",
    ),
    (
        "published_timestamp_seconds",
        None,
        "When the tables were last published",
    ),
];

/// Figures of the pipeline, kept for a few seconds. Clones keep the same.
#[derive(Debug, Clone)]
pub(in crate::serve) struct Pipeline(Cache<(), String>);

#[derive(Debug, sqlx::FromRow)]
struct Figure {
    name: String,
    label: Option<String>,
    value: f64,
}

impl Default for Pipeline {
    fn default() -> Self {
        Self(Cache::builder().time_to_live(KEPT).build())
    }
}

impl Pipeline {
    /// As Prometheus reads it. Where the database does not answer, `firstpress_database_up` is 0, and the rest is left
    /// out; so are figures that are not known. Several who come at once wait for the same answer.
    pub(super) async fn text(&self, db: &PgPool) -> Result<String, fmt::Error> {
        let text = async { written(read(db).await.as_deref()) };
        let text = self.0.try_get_with((), text).await;
        text.map_err(|error| *error)
    }
}

/// None when the database does not answer; nothing where no migration has made the ledgers yet.
async fn read(db: &PgPool) -> Option<Vec<Figure>> {
    let read = sqlx::query_as(include_str!("sql/figures.sql")).fetch_all(db);
    match tokio::time::timeout(TO_ANSWER, read).await {
        Ok(Ok(figures)) => Some(figures),
        Ok(Err(error)) if crate::explore::is_not_there(&error) => Some(Vec::new()),
        Ok(Err(error)) => {
            tracing::warn!("the figures for Prometheus cannot be read: {error}");
            None
        }
        Err(_) => {
            tracing::warn!("the figures for Prometheus cannot be read: the database does not answer in time");
            None
        }
    }
}

fn written(figures: Option<&[Figure]>) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("firstpress");
    let is_up = Gauge::<i64>::default();
    is_up.set(i64::from(figures.is_some()));
    registry.register("database_up", "Whether the database answers", is_up);
    for (name, label, help) in FIGURES {
        let family = Family::<Vec<(&'static str, String)>, Gauge<f64, AtomicU64>>::default();
        for figure in figures.unwrap_or_default() {
            if figure.name == name {
                let labels = label.into_iter().zip(figure.label.clone()).collect();
                family.get_or_create(&labels).set(figure.value);
            }
        }
        registry.register(name, help, family);
    }
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}
