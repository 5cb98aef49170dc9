//! Connections that work side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use sqlx::PgConnection;
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgPool;

use super::TransformError;

/// More would only wait for one another on a database of few cores.
const SIDE_BY_SIDE: usize = 4;

/// A server that is short of connections gets on with fewer.
const PATIENCE: Duration = Duration::from_secs(1);

/// One connection at least.
pub(super) struct Crew(Vec<PoolConnection<Postgres>>);

/// Something to do, and the places of the tasks that must be done before it.
pub(super) struct Task<T> {
    pub(super) what: T,
    pub(super) after: BTreeSet<usize>,
}

impl Crew {
    /// As many connections as there are to be had, up to four.
    pub(super) async fn gather(db: &PgPool) -> Result<Self, TransformError> {
        let more = (1..SIDE_BY_SIDE).map(|_| tokio::time::timeout(PATIENCE, connection(db)));
        let (first, more) = tokio::join!(connection(db), futures::future::join_all(more));
        let mut connections = vec![first?];
        connections.extend(more.into_iter().flatten().flatten());
        Ok(Self(connections))
    }

    /// One of the connections, while nothing is done side by side.
    pub(super) fn one(&mut self) -> Result<&mut PgConnection, TransformError> {
        let gone = || TransformError::Database(sqlx::Error::WorkerCrashed);
        self.0
            .first_mut()
            .map(|connection| &mut **connection)
            .ok_or_else(gone)
    }

    /// Does every task, as many side by side as there are connections, and returns what came of them, in order.
    ///
    /// # Errors
    /// The first one. What is under way then is given up.
    pub(super) async fn work<T, R>(
        &mut self,
        tasks: Vec<Task<T>>,
        work: impl AsyncFn(&mut PgConnection, T) -> Result<R, TransformError>,
    ) -> Result<Vec<R>, TransformError> {
        let work = &work;
        let start = async |mut connection: PoolConnection<Postgres>, place: usize, what: T| {
            let result = work(&mut connection, what).await;
            (connection, place, result)
        };
        let mut waiting: BTreeMap<usize, Task<T>> = tasks.into_iter().enumerate().collect();
        let mut done = BTreeMap::new();
        let mut under_way = FuturesUnordered::new();
        loop {
            let is_ready = |task: &Task<T>| !task.after.iter().any(|place| !done.contains_key(place));
            while let Some(place) = waiting
                .iter()
                .find_map(|(place, task)| is_ready(task).then_some(*place))
                && let Some(connection) = self.0.pop()
                && let Some(task) = waiting.remove(&place)
            {
                under_way.push(start(connection, place, task.what));
            }
            let Some((connection, place, result)) = under_way.next().await else {
                break;
            };
            self.0.push(connection);
            done.insert(place, result?);
        }
        Ok(done.into_values().collect())
    }
}

async fn connection(db: &PgPool) -> Result<PoolConnection<Postgres>, sqlx::Error> {
    let mut connection = db.acquire().await?;
    // what is given up in the middle of a statement must not go back to the pool, nor these settings
    connection.close_on_drop();
    sqlx::raw_sql(include_str!("sql/settings.sql"))
        .execute(&mut *connection)
        .await?;
    Ok(connection)
}

/// Tasks in any order.
pub(super) fn independent<T>(tasks: impl IntoIterator<Item = T>) -> Vec<Task<T>> {
    let alone = |what| Task {
        what,
        after: BTreeSet::new(),
    };
    tasks.into_iter().map(alone).collect()
}
