//! What a person, a log collector or a monitor sees of a command: lines and bars while it goes on, figures and alerts
//! at the end of a run.

mod alert;
mod bars;
mod embedded_metrics;
mod logs;
#[cfg(feature = "otel")]
mod opentelemetry;

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use indicatif::MultiProgress;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;
use uuid::Uuid;

use crate::config::{Config, LogFormat, Watching};
use crate::run::{Bars, RunReport};

/// Where a command can be seen.
pub struct Telemetry {
    bars: MultiProgress,
    is_text: bool,
    watching: Watching,
    #[cfg(feature = "otel")]
    opentelemetry: Option<opentelemetry::Export>,
}

impl Telemetry {
    /// Starts logging to stderr: lines for people on a terminal, JSON lines elsewhere, unless `LOG_FORMAT` says
    /// which. Where the command is a run, every JSON line carries its id, and its spans go to OpenTelemetry.
    #[must_use]
    pub fn start(config: &Config, run_id: Option<Uuid>) -> Self {
        let is_text = match config.log_format {
            LogFormat::Auto => io::stderr().is_terminal(),
            LogFormat::Text => true,
            LogFormat::Json => false,
        };
        let bars = bars::none_yet(is_text);
        let lines = match is_text {
            true => logs::for_people(&bars),
            false => logs::for_machines(&bars, run_id),
        };
        let subscriber = registry().with(lines);
        #[cfg(feature = "otel")]
        let opentelemetry = opentelemetry::Export::of_run(&config.watching, run_id);
        #[cfg(feature = "otel")]
        let subscriber = subscriber.with(opentelemetry.as_ref().map(opentelemetry::Export::layer));
        // a subscriber that is set already, as in tests, stays
        let _ = tracing::subscriber::set_global_default(subscriber);
        #[cfg(not(feature = "otel"))]
        if run_id.is_some() && config.watching.opentelemetry.is_some() {
            tracing::warn!(
                "OTEL_EXPORTER_OTLP_ENDPOINT is set, but this firstpress was built without the feature otel; \
                 nothing is sent there"
            );
        }
        Self {
            bars,
            is_text,
            watching: config.watching.clone(),
            #[cfg(feature = "otel")]
            opentelemetry,
        }
    }

    /// The bars of a run.
    #[must_use]
    pub fn bars(&self) -> Bars {
        bars::of_a_run(&self.bars)
    }

    /// Takes the bars away, so that what follows stands below the log.
    pub fn clear_bars(&self) {
        // a terminal that went away needs no clearing
        let _ = self.bars.clear();
    }

    /// The last line of a command that failed.
    pub fn error(&self, error: &impl Display) {
        if self.is_text {
            // with nobody left to read stderr there is nobody to tell
            let _ = writeln!(io::stderr(), "error: {error}");
        } else {
            tracing::error!("{error}");
        }
    }

    /// Tells everybody who watches how a run has ended. Takes some seconds at most, also when nobody listens.
    pub async fn run_ended(&self, report: &RunReport) {
        let figures = report.figures();
        if let Some(namespace) = &self.watching.metrics_namespace {
            embedded_metrics::write(namespace, report, &figures);
        }
        #[cfg(feature = "otel")]
        if let Some(opentelemetry) = &self.opentelemetry {
            opentelemetry.finish(figures).await;
        }
        if let Some(url) = &self.watching.alert_webhook_url {
            alert::send(url, report).await;
        }
    }
}
