//! News from the database: it says when other tables are published and when a run moves, so that nobody asks it again
//! and again.

use std::io;
use std::sync::Once;
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::explore::Publication;

/// On which migration 0011 tells `run` and `publication`.
const CHANNEL: &str = "firstpress";
/// Between attempts to reach a database that is away.
const RETRY: Duration = Duration::from_secs(1);
/// After so long a silence the connection is asked whether it is alive: one that broke off without a word, as when a
/// server is replaced, would be waited for for ever. A schema that tells nothing may have been migrated meanwhile.
const SILENCE: Duration = Duration::from_secs(30);
/// For the answer to that.
const PATIENCE: Duration = Duration::from_secs(5);

/// Each connection would tell it again.
static TELLS_NOTHING: Once = Once::new();

/// What is known at this moment of the publication whose tables stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It is this one; none before the first. The database would have said if it had changed.
    Current(Option<Publication>),
    /// Nothing without asking: the schema is from before migration 0011, so the database says nothing by itself.
    Untold,
    /// Nothing: the database does not answer.
    Away,
}

/// What the database says by itself.
#[derive(Debug, Clone)]
pub(super) struct News {
    /// The publication whose tables stand.
    pub(super) publication: watch::Receiver<Known>,
    /// Moves with every move of a run. The value means nothing.
    pub(super) runs: watch::Receiver<()>,
}

struct Teller {
    publication: watch::Sender<Known>,
    runs: watch::Sender<()>,
}

impl News {
    /// Listens as long as the pool is open.
    ///
    /// # Errors
    /// When the database cannot be listened to now; later it is waited for.
    pub(super) async fn listen(db: &PgPool) -> sqlx::Result<Self> {
        let (publication, watched_publication) = watch::channel(Known::Away);
        let (runs, watched_runs) = watch::channel(());
        let teller = Teller { publication, runs };
        let listener = teller.begin(db).await?;
        tokio::spawn(teller.go_on(db.clone(), listener));
        Ok(Self {
            publication: watched_publication,
            runs: watched_runs,
        })
    }
}

impl Teller {
    /// Listens first and reads then, so that nothing happens between the two.
    async fn begin(&self, db: &PgPool) -> sqlx::Result<PgListener> {
        let mut listener = PgListener::connect_with(db).await?;
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        self.tell_publication(db).await?;
        self.runs.send_replace(());
        Ok(listener)
    }

    async fn go_on(self, db: PgPool, mut listener: PgListener) {
        loop {
            let heard = self.hear(&db, &mut listener).await;
            let Err(error) = heard else { continue };
            if db.is_closed() {
                return;
            }
            tracing::warn!(
                "the database does not say what changes: {error}; listening again when it is back"
            );
            self.publication.send_replace(Known::Away);
            listener = loop {
                tokio::time::sleep(RETRY).await;
                match self.begin(&db).await {
                    Ok(listener) => break listener,
                    Err(_) if db.is_closed() => return,
                    Err(_) => {}
                }
            };
        }
    }

    async fn hear(&self, db: &PgPool, listener: &mut PgListener) -> sqlx::Result<()> {
        let Ok(said) = timeout(SILENCE, listener.try_recv()).await else {
            is_alive(listener).await?;
            let is_told = *self.publication.borrow() != Known::Untold;
            return if is_told {
                Ok(())
            } else {
                self.tell_publication(db).await
            };
        };
        // none is a connection that has ended, and what was said meanwhile is lost
        let Some(said) = said? else {
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the connection has ended").into());
        };
        match said.payload() {
            "publication" => self.tell_publication(db).await?,
            _ => {
                self.runs.send_replace(());
            }
        }
        Ok(())
    }

    async fn tell_publication(&self, db: &PgPool) -> sqlx::Result<()> {
        let mut db = db.acquire().await?;
        // asked first: what is published after it is told
        let is_told: bool = sqlx::query_scalar(include_str!("sql/is_told.sql"))
            .fetch_one(&mut *db)
            .await?;
        self.publication.send_replace(if is_told {
            Known::Current(Publication::read(&mut *db).await?)
        } else {
            TELLS_NOTHING.call_once(|| {
                tracing::warn!(
                    "this database's schema is too old, or empty, to say what changes, so it is asked with every \
                     request and the live status stands still; `firstpress migrate`, or the next run, mends that"
                );
            });
            Known::Untold
        });
        Ok(())
    }
}

/// Asks the connection for an answer that needs no table.
async fn is_alive(listener: &mut PgListener) -> sqlx::Result<()> {
    let asked = timeout(PATIENCE, sqlx::query("select").execute(listener)).await;
    asked.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    Ok(())
}
