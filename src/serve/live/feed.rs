//! One task that reads the state when it has moved, for all clients together, and what hands it to each of them.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgPool;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::Live;
use crate::serve::news::{Known, News};

/// How many may look on. Each costs a connection and a few kilobytes.
pub(super) const CLIENTS: u32 = 100;

/// What comes within this time is told together.
const TOGETHER: Duration = Duration::from_millis(100);

/// After a read that failed although the database seems to be there.
const RETRY: Duration = Duration::from_secs(1);

/// Where clients come to look on.
#[derive(Debug, Clone)]
pub(in crate::serve) struct Feed {
    states: watch::Sender<State>,
    came: Arc<Notify>,
    seats: Arc<Semaphore>,
    stop: CancellationToken,
}

/// A state, as it is sent.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// Counts the states that differ, from 1.
    pub(super) nth: u64,
    /// A [`Live`].
    pub(super) json: Arc<str>,
}

/// A client that looks on, and its seat.
pub(super) struct Watching {
    states: watch::Receiver<State>,
    told: u64,
    stop: CancellationToken,
    _seat: OwnedSemaphorePermit,
}

impl Feed {
    /// Reads what `news` announces as long as somebody looks on, until `stop`.
    pub(in crate::serve) fn start(db: PgPool, news: News, stop: CancellationToken) -> Self {
        let none_yet = State {
            nth: 0,
            json: "".into(),
        };
        let feed = Self {
            states: watch::Sender::new(none_yet),
            came: Arc::default(),
            seats: Arc::new(Semaphore::new(CLIENTS as usize)),
            stop: stop.clone(),
        };
        let reading = feed.clone().read_on(db, news);
        tokio::spawn(async move { stop.run_until_cancelled(reading).await });
        feed
    }

    /// Lets another client look on; none where no seat is left. Its first state is read after it has come.
    pub(super) fn watch(&self) -> Option<Watching> {
        let seat = Arc::clone(&self.seats).try_acquire_owned().ok()?;
        let states = self.states.subscribe();
        self.came.notify_one();
        Some(Watching {
            states,
            told: 0,
            stop: self.stop.clone(),
            _seat: seat,
        })
    }

    /// Waits until nobody looks on.
    pub(in crate::serve) async fn left(&self) {
        let _ = self.seats.acquire_many(CLIENTS).await;
    }

    async fn read_on(self, db: PgPool, mut news: News) {
        let mut told = (0, Live::default());
        loop {
            while self.states.receiver_count() == 0 {
                self.came.notified().await;
            }
            news.runs.mark_unchanged();
            news.publication.mark_unchanged();
            let read = read(&db, &news).await;
            let has_failed = read.is_none();
            let live = read.unwrap_or_else(|| told.1.clone().away());
            if told.0 == 0 || live != told.1 {
                told = (told.0 + 1, live);
            }
            self.states.send_replace(State {
                nth: told.0,
                // all of it is numbers, texts and times
                json: serde_json::to_string(&told.1).unwrap_or_default().into(),
            });
            tokio::time::sleep(TOGETHER).await;
            let is_away = *news.publication.borrow() == Known::Away;
            let moved = tokio::select! {
                moved = news.runs.changed() => moved,
                moved = news.publication.changed() => moved,
                () = self.came.notified() => Ok(()),
                () = tokio::time::sleep(RETRY), if has_failed && !is_away => Ok(()),
            };
            // nobody brings news once the pool is closed
            if moved.is_err() {
                return;
            }
        }
    }
}

/// The state now; none where the database does not answer.
async fn read(db: &PgPool, news: &News) -> Option<Live> {
    // what is seen here must not count as seen there
    let mut publication = news.publication.clone();
    tokio::select! {
        biased;
        _ = publication.wait_for(|known| *known == Known::Away) => None,
        read = Live::read(db) => read
            .inspect_err(|error| tracing::warn!("the live status cannot be read: {error}"))
            .ok(),
    }
}

impl Watching {
    /// Waits for the next state that differs from the one before; none when the server ends.
    pub(super) async fn next(&mut self) -> Option<State> {
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return None,
                moved = self.states.changed() => moved.ok()?,
            }
            let state = self.states.borrow_and_update().clone();
            if state.nth != self.told {
                self.told = state.nth;
                return Some(state);
            }
        }
    }
}
