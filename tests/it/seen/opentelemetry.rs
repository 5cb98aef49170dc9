//! Spans and metrics, read back by a collector of this test's own that decodes OTLP.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use chrono::{DateTime, Utc};
use firstpress::sandbox::{Options, Profile};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::net::TcpListener;

use super::{Figures, assert_as_in_ledger, run_of, took_and_age, troubled};
use crate::pipeline::{Pipeline, still};
use crate::process::{CANARIES, assert_tells_none_of};

/// CloudWatch's names of the figures, and OpenTelemetry's.
const NAMES: [(&str, &str); 14] = [
    ("RunSucceeded", "firstpress.run_succeeded"),
    ("RunFailed", "firstpress.run_failed"),
    ("RunPostponed", "firstpress.run_postponed"),
    ("PostponedInARow", "firstpress.postponed_in_a_row"),
    ("ChecksFailed", "firstpress.checks_failed"),
    ("NewAlbums", "firstpress.new_albums"),
    ("RowsLoaded", "firstpress.rows_loaded"),
    ("Calls", "firstpress.calls"),
    ("RateLimited", "firstpress.rate_limited"),
    ("AlbumsWaiting", "firstpress.albums_waiting"),
    ("WaitSeconds", "firstpress.wait_seconds"),
    ("RunSeconds", "firstpress.run_seconds"),
    ("FreshnessSeconds", "firstpress.freshness_seconds"),
    ("StageSeconds", "firstpress.stage_seconds"),
];

#[derive(Default)]
struct Received {
    traces: Vec<ExportTraceServiceRequest>,
    metrics: Vec<ExportMetricsServiceRequest>,
    authorizations: BTreeSet<String>,
}

type Store = Arc<Mutex<Received>>;

/// A collector on loopback, and its address.
async fn collector() -> (String, Store) {
    let store = Store::default();
    let note = |store: &Store, headers: &HeaderMap| {
        assert_eq!(headers["content-type"], "application/x-protobuf");
        let authorization = headers["authorization"].to_str().unwrap().to_owned();
        store.lock().unwrap().authorizations.insert(authorization);
    };
    let traces = async move |State(store): State<Store>, headers: HeaderMap, body: Bytes| {
        note(&store, &headers);
        store.lock().unwrap().traces.push(Message::decode(body).unwrap());
    };
    let metrics = async move |State(store): State<Store>, headers: HeaderMap, body: Bytes| {
        note(&store, &headers);
        store.lock().unwrap().metrics.push(Message::decode(body).unwrap());
    };
    let router = Router::new()
        .route("/v1/traces", post(traces))
        .route("/v1/metrics", post(metrics))
        .with_state(Arc::clone(&store));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, store)
}

fn text<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a str> {
    match attribute(attributes, name)? {
        Value::StringValue(text) => Some(text),
        other => panic!("{name} is {other:?}"),
    }
}

fn number(attributes: &[KeyValue], name: &str) -> Option<i64> {
    match attribute(attributes, name)? {
        Value::IntValue(number) => Some(*number),
        other => panic!("{name} is {other:?}"),
    }
}

fn attribute<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a Value> {
    let attribute = attributes.iter().find(|attribute| attribute.key == name)?;
    attribute.value.as_ref()?.value.as_ref()
}

fn spans(store: &Store) -> Vec<Span> {
    let received = store.lock().unwrap();
    let of_resources = received.traces.iter().flat_map(|request| &request.resource_spans);
    let of_scopes = of_resources.flat_map(|resource| &resource.scope_spans);
    of_scopes.flat_map(|scope| scope.spans.clone()).collect()
}

/// The metrics by CloudWatch's names.
fn figures(store: &Store) -> Figures {
    let received = store.lock().unwrap();
    let of_resources = received
        .metrics
        .iter()
        .flat_map(|request| &request.resource_metrics);
    let metrics = of_resources
        .flat_map(|resource| &resource.scope_metrics)
        .flat_map(|scope| &scope.metrics);
    let mut figures = Figures::new();
    for metric in metrics {
        let (name, _) = NAMES.iter().find(|(_, name)| *name == metric.name).unwrap();
        let unit = if name.ends_with("Seconds") { "s" } else { "1" };
        assert_eq!(metric.unit, unit, "{name}");
        let Some(Data::Gauge(gauge)) = &metric.data else {
            panic!("{metric:?}")
        };
        for point in &gauge.data_points {
            let value = match point.value {
                Some(Number::AsDouble(value)) => value,
                Some(Number::AsInt(value)) => value as f64,
                None => panic!("{metric:?}"),
            };
            let stage = text(&point.attributes, "stage").map(str::to_owned);
            assert_eq!(
                figures.insert(((*name).to_owned(), stage), value),
                None,
                "{name} comes twice"
            );
        }
    }
    figures
}

async fn watched(pipeline: Pipeline) -> (Pipeline, Store) {
    let (address, store) = collector().await;
    let pipeline = pipeline
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", &address)
        .with(
            "OTEL_EXPORTER_OTLP_HEADERS",
            "authorization=canary%20of%20this%20collector",
        )
        .with("OTEL_SERVICE_NAME", "pressing")
        .with(
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=test%20bench",
        );
    (pipeline, store)
}

#[tokio::test]
async fn metrics_equal_the_ledger_and_what_is_sent_names_the_run_and_no_secret() {
    let (pipeline, store) = watched(Pipeline::new(troubled()).await).await;
    let ended = pipeline.run().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let run_id = run_of(&ended).to_string();
    let [seconds, freshness, in_a_row] = assert_as_in_ledger(&pipeline.database.pool, figures(&store)).await;
    let (took, age) = took_and_age(&pipeline.database.pool).await;
    assert!(seconds.unwrap() >= took && freshness <= age);
    assert_eq!(in_a_row, Some(0.0));

    let received = store.lock().unwrap();
    assert_eq!(
        received.authorizations,
        BTreeSet::from(["canary of this collector".to_owned()])
    );
    let of_traces = received.traces.iter().flat_map(|request| &request.resource_spans);
    let of_metrics = received
        .metrics
        .iter()
        .flat_map(|request| &request.resource_metrics);
    let resources = of_traces
        .map(|spans| &spans.resource)
        .chain(of_metrics.map(|metrics| &metrics.resource));
    for resource in resources {
        let attributes = &resource.as_ref().unwrap().attributes;
        assert_eq!(text(attributes, "service.name"), Some("pressing"));
        assert_eq!(text(attributes, "service.instance.id"), Some(run_id.as_str()));
        assert_eq!(
            text(attributes, "deployment.environment.name"),
            Some("test bench")
        );
    }
    let mut secrets: Vec<String> = CANARIES.iter().map(|(_, value)| (*value).to_owned()).collect();
    secrets.extend(["canary", "Bearer", &pipeline.sandbox.client_secret, "ids="].map(str::to_owned));
    let sent = format!("{:?}\n{:?}", received.traces, received.metrics);
    assert_tells_none_of(&secrets, &sent.replace("trace_id", "\n"));
}

#[tokio::test]
async fn a_trace_has_a_span_for_each_stage_and_each_call_of_the_ledger() {
    let of_reccobeats = Options {
        profile: Profile::DevFeb2026,
        albums: 12,
        ..still()
    };
    for options in [troubled(), of_reccobeats] {
        assert_trace_equals_the_ledger(options).await;
    }
}

async fn assert_trace_equals_the_ledger(options: Options) {
    let (pipeline, store) = watched(Pipeline::new(options).await).await;
    let ended = pipeline.run().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let spans = spans(&store);
    let traces: BTreeSet<&[u8]> = spans.iter().map(|span| &span.trace_id[..]).collect();
    assert_eq!(traces.len(), 1, "one trace a run");
    let roots: Vec<&Span> = spans
        .iter()
        .filter(|span| span.parent_span_id.is_empty())
        .collect();
    let [root] = roots[..] else { panic!("{roots:?}") };
    assert_eq!(
        (root.name.as_str(), text(&root.attributes, "run_id")),
        ("run", ended.result["run_id"].as_str())
    );

    let is_call = |span: &Span| attribute(&span.attributes, "http.request.method").is_some();
    let (calls, others): (Vec<&Span>, Vec<&Span>) = spans.iter().partition(|span| is_call(span));
    let stages: BTreeMap<&str, &Span> = others
        .into_iter()
        .filter(|span| span.span_id != root.span_id)
        .map(|span| (span.name.as_str(), span))
        .collect();
    const STEPS: &str = "select step, started_at, finished_at, calls from ops.run_steps";
    let steps: Vec<Step> = sqlx::query_as(STEPS)
        .fetch_all(&pipeline.database.pool)
        .await
        .unwrap();
    assert_eq!(stages.len(), steps.len());
    for step in &steps {
        let stage = stages[step.0.as_str()];
        assert_eq!(stage.parent_span_id, root.span_id, "{}", step.0);
        assert_stage_equals(step, stage, &calls);
    }
    let parents: BTreeSet<&[u8]> = stages
        .values()
        .map(|stage| &stage.span_id[..])
        .chain([&root.span_id[..]])
        .collect();
    assert!(
        calls
            .iter()
            .all(|call| parents.contains(&call.parent_span_id[..]))
    );
    assert_calls_equal_the_ledger(&pipeline, &calls).await;
}

/// A stage's name, beginning, end, and calls to Spotify's Web API.
type Step = (String, DateTime<Utc>, DateTime<Utc>, i64);

fn assert_stage_equals((name, began, ended, calls_made): &Step, stage: &Span, calls: &[&Span]) {
    let near = |nanos: u64, time: &DateTime<Utc>| {
        let difference = time.timestamp_nanos_opt().unwrap() - nanos as i64;
        difference.abs() < 500_000_000
    };
    assert!(near(stage.start_time_unix_nano, began), "{name}");
    assert!(near(stage.end_time_unix_nano, ended), "{name}");
    let of_stage = calls.iter().filter(|call| call.parent_span_id == stage.span_id);
    let of_web_api = of_stage.filter(|call| {
        let endpoint = text(&call.attributes, "url.template").unwrap();
        endpoint.starts_with('/') && endpoint != "/api/token"
    });
    assert_eq!(of_web_api.count() as i64, *calls_made, "calls of {name}");
}

async fn assert_calls_equal_the_ledger(pipeline: &Pipeline, calls: &[&Span]) {
    const CALLS: &str = "select row_to_json(of_endpoint)::text from ops.api_calls as of_endpoint";
    let ledger = pipeline.column::<String>(CALLS).await;
    let mut counted = 0;
    for endpoint in &ledger {
        let endpoint: serde_json::Value = serde_json::from_str(endpoint).unwrap();
        let name = endpoint["endpoint"].as_str().unwrap();
        let of_endpoint: Vec<&&Span> = calls
            .iter()
            .filter(|call| text(&call.attributes, "url.template") == Some(name))
            .collect();
        counted += of_endpoint.len();
        let count =
            |holds: &dyn Fn(&Span) -> bool| of_endpoint.iter().filter(|call| holds(call)).count() as i64;
        let status = |call: &Span| number(&call.attributes, "http.response.status_code").unwrap();
        let of_ledger = |key: &str| endpoint[key].as_i64().unwrap();
        assert_eq!(count(&|_| true), of_ledger("calls"), "{name}");
        assert_eq!(
            count(&|call| status(call) == 429),
            of_ledger("rate_limited"),
            "{name}"
        );
        assert_eq!(
            count(&|call| status(call) >= 400 && status(call) != 429),
            of_ledger("failed"),
            "{name}"
        );
        let resent = |call: &Span| number(&call.attributes, "http.request.resend_count").is_some();
        assert_eq!(count(&resent), of_ledger("retries"), "{name}");
        for call in of_endpoint {
            let method = if name == "/api/token" { "POST" } else { "GET" };
            assert_eq!(call.name, format!("{method} {name}"));
            assert_eq!(text(&call.attributes, "http.request.method"), Some(method));
            assert_eq!(text(&call.attributes, "server.address"), Some("127.0.0.1"));
            let port = pipeline.sandbox.spotify_api_url.port().map(i64::from);
            assert_eq!(number(&call.attributes, "server.port"), port);
            let is_error = call.status.as_ref().is_some_and(|status| status.code == 2);
            assert_eq!(
                (is_error, call.kind),
                (status(call) >= 400, 3),
                "an error, and a client"
            );
            let kind = (status(call) >= 400).then(|| status(call).to_string());
            assert_eq!(text(&call.attributes, "error.type"), kind.as_deref());
        }
    }
    assert_eq!(counted, calls.len(), "calls that the ledger does not know");
}

#[tokio::test]
async fn a_run_that_fails_is_an_error_with_the_figures_until_then() {
    let (pipeline, store) = watched(Pipeline::new(still()).await.failing_check()).await;
    let ended = pipeline.run().await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert_as_in_ledger(&pipeline.database.pool, figures(&store)).await;
    let failed: BTreeSet<String> = spans(&store)
        .into_iter()
        .filter(|span| span.status.as_ref().is_some_and(|status| status.code == 2))
        .map(|span| span.name)
        .collect();
    assert_eq!(failed, BTreeSet::from(["run", "transform"].map(str::to_owned)));
}

#[tokio::test]
async fn a_collector_that_is_away_or_silent_costs_seconds_and_one_line() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    for collector in [silent.as_str(), "http://127.0.0.1:9"] {
        let pipeline = Pipeline::new(still())
            .await
            .with("OTEL_EXPORTER_OTLP_ENDPOINT", collector);
        let started = Instant::now();
        let ended = pipeline.run().await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let ran = Duration::from_secs_f64(ended.result["seconds"].as_f64().unwrap());
        let waited = started.elapsed().saturating_sub(ran);
        assert!(waited < Duration::from_secs(8), "{collector}: {waited:?}");
        let warnings = ended
            .stderr
            .lines()
            .filter(|line| !line.contains(r#""level":"INFO""#));
        assert_eq!(warnings.count(), 1, "{}", ended.stderr);
        assert!(
            ended
                .stderr
                .contains(&format!("collector at {collector} did not take"))
        );
    }
}
