//! What a person or a log collector sees of a run while it goes on. All of it goes to stderr.

use std::io::{self, IsTerminal, Write};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::LogFormat;
use crate::run::Bars;

/// Where progress is shown.
pub struct Progress {
    bars: MultiProgress,
}

/// What a stage did is in its bar and in the summary.
const FOR_PEOPLE: &str = "warn,sqlx_core::pool=error,firstpress=info,firstpress::run::step=warn";
/// The pool warns of connections that end while it closes, as they shall.
const FOR_MACHINES: &str = "warn,sqlx_core::pool=error,firstpress=info";

/// Starts logging: lines for people on a terminal, JSON lines elsewhere, unless `format` says which.
#[must_use]
pub fn start(format: LogFormat) -> Progress {
    let text = match format {
        LogFormat::Auto => io::stderr().is_terminal(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let shows_bars = text && io::stderr().is_terminal();
    let target = if shows_bars {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bars = MultiProgress::with_draw_target(target);
    let above_bars = AboveBars {
        bars: bars.clone(),
        hidden: !shows_bars,
    };
    let lines = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(if text { FOR_PEOPLE } else { FOR_MACHINES }))
        .with_writer(above_bars);
    // a subscriber that is set already, as in tests, stays
    let _ = if text {
        let fields = tracing_subscriber::fmt::format::debug_fn(|writer, field, value| match field.name() {
            "message" => write!(writer, "{value:?}"),
            _ => Ok(()),
        });
        let short = lines.with_target(false).without_time().fmt_fields(fields);
        tracing::subscriber::set_global_default(short.with_ansi(shows_bars).finish())
    } else {
        tracing::subscriber::set_global_default(lines.json().flatten_event(true).finish())
    };
    Progress { bars }
}

impl Progress {
    /// The bars of a run.
    #[must_use]
    pub fn bars(&self) -> Bars {
        Bars {
            discover: self.bar("discover", "albums listed"),
            fetch: self.bar("fetch", "albums complete"),
            load: self.bar("load", "albums stored"),
            transform: self.bar("transform", "models"),
        }
    }

    fn bar(&self, stage: &'static str, unit: &'static str) -> ProgressBar {
        let style = ProgressStyle::with_template("{prefix:>10} {bar:30.green} {pos:>5} of {len} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        self.bars
            .add(ProgressBar::new(0))
            .with_style(style)
            .with_prefix(stage)
            .with_message(unit)
    }

    /// Takes the bars away, so that what follows stands below the log.
    pub fn clear(&self) {
        // a terminal that went away needs no clearing
        let _ = self.bars.clear();
    }
}

/// Writes log lines above the bars, so that neither tears the other apart.
#[derive(Clone)]
struct AboveBars {
    bars: MultiProgress,
    hidden: bool,
}

impl Write for AboveBars {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.hidden {
            return io::stderr().write(line);
        }
        self.bars.suspend(|| io::stderr().write(line))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

impl<'a> MakeWriter<'a> for AboveBars {
    type Writer = Self;

    fn make_writer(&'a self) -> Self::Writer {
        self.clone()
    }
}
