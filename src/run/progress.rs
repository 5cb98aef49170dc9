//! How far the stages are, written down while they go on, for those who look. It neither fails a run nor keeps one
//! waiting: it works beside it, and what it cannot write is left out.

use std::time::Duration;

use chrono::{DateTime, Utc};
use indicatif::ProgressBar;
use sqlx::postgres::PgPool;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use super::Bars;
use crate::postgres::progress::{ProgressWriter, StageProgress};

/// Between looks at the bars.
const EVERY: Duration = Duration::from_millis(500);

/// For what stands at the end of a run.
const LAST_WORD: Duration = Duration::from_millis(250);

/// Writes down the stages of a run as long as it is there.
pub(super) struct Progress {
    news: UnboundedSender<News>,
    writing: JoinHandle<()>,
}

enum News {
    Begun(Stage),
    Ended(StageProgress),
    /// No other stage comes.
    Over,
}

/// A stage, and the bar that shows how far it is, if anything does.
#[derive(Clone)]
struct Stage {
    step: &'static str,
    started_at: DateTime<Utc>,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Writes until the run is over.
    pub(super) fn of(run_id: Uuid, db: &PgPool) -> Self {
        let (news, heard) = mpsc::unbounded_channel();
        let writer = ProgressWriter::new(db.clone(), run_id);
        Self {
            news,
            writing: tokio::spawn(write_down(writer, heard)),
        }
    }

    /// A stage begins. What is returned says so when it has ended.
    pub(super) fn begin(
        &self,
        step: &'static str,
        started_at: DateTime<Utc>,
        bar: Option<&ProgressBar>,
    ) -> Going<'_> {
        let stage = Stage {
            step,
            started_at,
            bar: bar.cloned(),
        };
        // whoever writes ends after this, and if not, nobody is told
        _ = self.news.send(News::Begun(stage.clone()));
        Going { stage, of: self }
    }

    /// Waits a moment for the last stage to be written down.
    pub(super) async fn end(&mut self) {
        _ = self.news.send(News::Over);
        _ = tokio::time::timeout(LAST_WORD, &mut self.writing).await;
    }
}

/// A stage that goes on until this is dropped.
#[must_use]
pub(super) struct Going<'a> {
    stage: Stage,
    of: &'a Progress,
}

impl Drop for Going<'_> {
    /// How far it came is read here and now: the next stage may use the same bar.
    fn drop(&mut self) {
        _ = self.of.news.send(News::Ended(self.stage.now()));
    }
}

impl Stage {
    /// How far it is. Of the list nobody knows how long it is before its end.
    fn now(&self) -> StageProgress {
        let bar = self.bar.as_ref();
        let length = bar.and_then(ProgressBar::length).filter(|length| *length > 0);
        StageProgress {
            step: self.step,
            started_at: self.started_at,
            done: bar.map_or(0, ProgressBar::position),
            total: length.filter(|_| self.step != "discover"),
        }
    }
}

impl Bars {
    /// The bar of a stage; none where nothing is counted.
    pub(super) fn of(&self, step: &str) -> Option<&ProgressBar> {
        match step {
            "discover" => Some(&self.discover),
            "finish_fetch" | "fetch" => Some(&self.fetch),
            "finish_load" | "load" => Some(&self.load),
            "transform" => Some(&self.transform),
            _ => None,
        }
    }
}

async fn write_down(writer: ProgressWriter, mut heard: UnboundedReceiver<News>) {
    let mut page = Page {
        writer,
        going: Vec::new(),
        stages: Vec::new(),
        unwritten: Vec::new(),
        has_complained: false,
    };
    let mut looks = tokio::time::interval(EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            news = heard.recv() => match news {
                Some(News::Begun(stage)) => {
                    page.enter(stage.now());
                    page.going.push(stage);
                }
                Some(News::Ended(stage)) => {
                    page.going.retain(|going| going.step != stage.step);
                    page.enter(stage);
                }
                Some(News::Over) | None => break,
            },
            _ = looks.tick() => page.look(),
        }
        page.write().await;
    }
    page.write().await;
    page.writer.close().await;
}

/// What is known of the stages, and what of it is not written yet.
struct Page {
    writer: ProgressWriter,
    going: Vec<Stage>,
    stages: Vec<StageProgress>,
    unwritten: Vec<&'static str>,
    has_complained: bool,
}

impl Page {
    fn look(&mut self) {
        let seen: Vec<_> = self.going.iter().map(Stage::now).collect();
        for stage in seen {
            self.enter(stage);
        }
    }

    fn enter(&mut self, stage: StageProgress) {
        if self.stages.contains(&stage) {
            return;
        }
        self.stages.retain(|known| known.step != stage.step);
        self.stages.push(stage);
        self.unwritten.retain(|step| *step != stage.step);
        self.unwritten.push(stage.step);
    }

    /// What a failed attempt leaves unwritten is written by the next.
    async fn write(&mut self) {
        if self.unwritten.is_empty() {
            return;
        }
        let changed = |stage: &&StageProgress| self.unwritten.contains(&stage.step);
        let stages: Vec<_> = self.stages.iter().filter(changed).copied().collect();
        match self.writer.write(&stages).await {
            Ok(()) => self.unwritten.clear(),
            Err(error) if !self.has_complained => {
                self.has_complained = true;
                tracing::debug!("how far the run is cannot be written down: {error}");
            }
            Err(_) => {}
        }
    }
}
