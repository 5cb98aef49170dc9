//! Progress bars on a terminal, and log lines above them.

use std::io::{self, IsTerminal, Write};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing_subscriber::fmt::MakeWriter;

use crate::run::Bars;

/// Bars that nobody has added to yet; hidden where stderr is no terminal, or its lines are for machines.
pub(super) fn none_yet(is_text: bool) -> MultiProgress {
    MultiProgress::with_draw_target(match is_text && io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    })
}

/// The bars of a run.
pub(super) fn of_a_run(bars: &MultiProgress) -> Bars {
    let bar = |stage: &'static str, unit: &'static str| {
        let style = ProgressStyle::with_template("{prefix:>10} {bar:30.green} {pos:>5} of {len} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        bars.add(ProgressBar::new(0))
            .with_style(style)
            .with_prefix(stage)
            .with_message(unit)
    };
    Bars {
        discover: bar("discover", "albums listed"),
        fetch: bar("fetch", "albums complete"),
        load: bar("load", "albums stored"),
        transform: bar("transform", "models"),
    }
}

/// Writes log lines above the bars, so that neither tears the other apart.
#[derive(Clone)]
pub(super) struct AboveBars(pub(super) MultiProgress);

impl Write for AboveBars {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.0.is_hidden() {
            return io::stderr().write(line);
        }
        self.0.suspend(|| io::stderr().write(line))
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
