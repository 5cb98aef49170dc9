//! Log lines: short ones for people, JSON for machines.

use std::fmt;

use indicatif::MultiProgress;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{Format, Json, Writer, debug_fn};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, format};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer, fmt as lines};
use uuid::Uuid;

use super::bars::AboveBars;

/// What a stage did is in its bar and in the summary.
const FOR_PEOPLE: &str =
    "warn,sqlx_core::pool=error,sqlx_postgres::options=error,firstpress=info,firstpress::run::step=warn";
/// The pool warns of connections that end while it closes, as they shall; of a parameter of `DATABASE_URL` that is not
/// known, such as a misspelt password, sqlx tells the value.
const FOR_MACHINES: &str = "warn,sqlx_core::pool=error,sqlx_postgres::options=error,firstpress=info";

/// Writes short lines to stderr.
pub(super) fn for_people<S>(bars: &MultiProgress) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let message_alone = debug_fn(|writer, field, value| match field.name() {
        "message" => write!(writer, "{value:?}"),
        _ => Ok(()),
    });
    lines::layer()
        .with_writer(AboveBars(bars.clone()))
        .with_target(false)
        .without_time()
        .fmt_fields(message_alone)
        .with_ansi(!bars.is_hidden())
        .with_filter(EnvFilter::new(FOR_PEOPLE))
        .boxed()
}

/// Writes JSON lines to stderr, of which each carries the run's id.
pub(super) fn for_machines<S>(bars: &MultiProgress, run_id: Option<Uuid>) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let json = format().json().flatten_event(true);
    lines::layer()
        .json()
        .event_format(WithRunId {
            json: json.with_current_span(false).with_span_list(false),
            run_id,
        })
        .with_writer(AboveBars(bars.clone()))
        .with_filter(EnvFilter::new(FOR_MACHINES))
        .boxed()
}

/// Also tasks that no span follows, and other crates' lines, are a run's.
struct WithRunId {
    json: Format<Json>,
    run_id: Option<Uuid>,
}

impl<S, N> FormatEvent<S, N> for WithRunId
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.json.format_event(context, Writer::new(&mut line), event)?;
        match (self.run_id, line.strip_prefix('{')) {
            (Some(run_id), Some(members)) => write!(writer, r#"{{"run_id":"{run_id}",{members}"#),
            _ => writer.write_str(&line),
        }
    }
}
