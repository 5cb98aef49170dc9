//! A run's spans and figures for an OpenTelemetry collector, by OTLP over HTTP.

use std::collections::HashMap;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{
    ExporterBuildError, MetricExporter, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret;
use tokio::sync::oneshot;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;
use uuid::Uuid;

use crate::config::{OpenTelemetry, Watching};
use crate::run::{Amount, Figure};

/// How long a run that has ended waits for the collector.
const TO_EXPORT: Duration = Duration::from_secs(5);

/// The program, where what it exports names it.
const SCOPE: &str = "firstpress";

/// What exports a run.
#[derive(Clone)]
pub(super) struct Export {
    settings: OpenTelemetry,
    resource: Resource,
    spans: SdkTracerProvider,
}

impl Export {
    /// None where the command is no run, no collector is set, or the settings cannot be used, of which it warns.
    pub(super) fn of_run(watching: &Watching, run_id: Option<Uuid>) -> Option<Self> {
        let (settings, run_id) = (watching.opentelemetry.clone()?, run_id?);
        let resource = resource(&settings, run_id);
        let exporter = span_exporter(&settings).inspect_err(|_| warn(&settings)).ok()?;
        let spans = SdkTracerProvider::builder()
            .with_resource(resource.clone())
            .with_batch_exporter(exporter)
            .build();
        Some(Self {
            settings,
            resource,
            spans,
        })
    }

    /// Takes spans of firstpress, and nobody else's.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.spans.tracer(SCOPE))
            .with_location(false)
            .with_threads(false)
            .with_level(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|metadata| {
                metadata.is_span() && metadata.target().starts_with(SCOPE)
            }))
    }

    /// Sends what has not been sent. The collector is waited for on a thread that is left behind when it takes long.
    pub(super) async fn finish(&self, figures: Vec<Figure>) {
        let export = self.clone();
        let (done, sent) = oneshot::channel();
        std::thread::spawn(move || {
            let exported = export.export(&figures);
            // nobody waits any more
            let _ = done.send(exported.is_ok());
        });
        if !matches!(tokio::time::timeout(TO_EXPORT, sent).await, Ok(Ok(true))) {
            warn(&self.settings);
        }
    }

    fn export(&self, figures: &[Figure]) -> anyhow::Result<()> {
        let spans = self.spans.shutdown_with_timeout(TO_EXPORT);
        let metrics = SdkMeterProvider::builder()
            .with_resource(self.resource.clone())
            .with_periodic_exporter(metric_exporter(&self.settings)?)
            .build();
        record(&metrics, figures);
        metrics.shutdown_with_timeout(TO_EXPORT)?;
        Ok(spans?)
    }
}

/// CloudWatch's `NewAlbums` is `firstpress.new_albums` here; a stage is an attribute.
fn record(provider: &SdkMeterProvider, figures: &[Figure]) {
    let meter = provider.meter(SCOPE);
    for figure in figures {
        let name = format!("{SCOPE}.{}", snake_case(figure.name));
        let attributes = figure.stage.map(|stage| KeyValue::new("stage", stage));
        match figure.amount {
            Amount::Count(count) => {
                let gauge = meter.u64_gauge(name).with_unit("1").build();
                gauge.record(count, attributes.as_slice());
            }
            Amount::Seconds(seconds) => {
                let gauge = meter.f64_gauge(name).with_unit("s").build();
                gauge.record(seconds, attributes.as_slice());
            }
        }
    }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn span_exporter(settings: &OpenTelemetry) -> Result<SpanExporter, ExporterBuildError> {
    SpanExporter::builder()
        .with_http()
        .with_endpoint(signal(settings, "traces"))
        .with_headers(headers(settings))
        .build()
}

fn metric_exporter(settings: &OpenTelemetry) -> Result<MetricExporter, ExporterBuildError> {
    MetricExporter::builder()
        .with_http()
        .with_endpoint(signal(settings, "metrics"))
        .with_headers(headers(settings))
        .build()
}

fn signal(settings: &OpenTelemetry, signal: &str) -> String {
    let base = settings.endpoint.as_str().trim_end_matches('/');
    format!("{base}/v1/{signal}")
}

fn headers(settings: &OpenTelemetry) -> HashMap<String, String> {
    let headers = settings.headers.as_ref();
    headers.map_or_else(HashMap::new, |headers| pairs(headers.expose_secret()).collect())
}

fn resource(settings: &OpenTelemetry, run_id: Uuid) -> Resource {
    let attributes = settings.resource_attributes.as_deref().unwrap_or_default();
    let attributes = pairs(attributes).map(|(name, value)| KeyValue::new(name, value));
    let name = settings.service_name.clone();
    Resource::builder()
        .with_service_name(SCOPE)
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.instance.id", run_id.to_string()))
        .with_attributes(attributes)
        .with_attributes(name.map(|name| KeyValue::new("service.name", name)))
        .build()
}

/// `name=value,name=value`, the values percent-encoded.
fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split(',').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let value = percent_decode_str(value.trim()).decode_utf8_lossy();
        Some((name.trim().to_owned(), value.into_owned()))
    })
}

/// The address alone: whatever else the URL holds, and what the exporter says of it, is not shown.
fn warn(settings: &OpenTelemetry) {
    tracing::warn!(
        "the OpenTelemetry collector at {} did not take all of the run's spans and metrics",
        settings.endpoint.origin().ascii_serialization()
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_attributes_are_read_as_opentelemetry_writes_them() {
        let found: Vec<_> = pairs("authorization=Basic%20YTpi, x-team = music ,nothing,").collect();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            found,
            [pair("authorization", "Basic YTpi"), pair("x-team", "music")]
        );
    }

    #[test]
    fn names_are_cloudwatchs_in_snake_case() {
        assert_eq!(snake_case("PostponedInARow"), "postponed_in_a_row");
    }
}
