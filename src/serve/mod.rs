//! `firstpress serve`: the dashboard and the read API. It only reads, as a role that can do no more.

mod news;
mod problem;

mod answer;

mod tables;

mod lookups;

mod openapi;

mod live;

mod health;

mod pages;

mod guard;

use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use sqlx::postgres::PgPool;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::{Serving, Spotify};
use answer::Answers;
use live::Feed;
use news::News;
use tables::Catalogue;

/// For answers that are under way when it is to end; a client that does not take its answer would keep it for ever.
const TO_END: Duration = Duration::from_secs(5);

/// What is served, and to whom.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens, and who is let in.
    pub serving: Serving,
    /// For the day's budget of calls.
    pub spotify: Spotify,
    /// Whether the data is the sandbox's.
    pub in_sandbox: bool,
}

/// What every route can use.
#[derive(Debug, Clone)]
struct Served {
    db: PgPool,
    news: News,
    feed: Feed,
    settings: Arc<Settings>,
    catalogue: Catalogue,
    answers: Answers,
}

/// Serves on `listener` until `stop` comes. `db` is a pool of connections that only read.
///
/// # Errors
/// When the database does not answer at the beginning, or the network fails.
pub async fn serve(
    listener: TcpListener,
    db: PgPool,
    settings: Settings,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let news = News::listen(&db)
        .await
        .context("cannot listen to what the database says")?;
    let stopping = CancellationToken::new();
    let _stops_with_this = stopping.clone().drop_guard();
    let feed = Feed::start(db.clone(), news.clone(), stopping.clone());
    let served = Served {
        db,
        answers: Answers::keep(&news),
        news,
        feed: feed.clone(),
        settings: Arc::new(settings),
        catalogue: Catalogue::default(),
    };
    let routes = Router::new()
        .merge(pages::routes())
        .merge(tables::routes())
        .merge(lookups::routes())
        .merge(live::routes())
        .merge(openapi::routes())
        .merge(health::routes());
    let app = guard::guarded(routes, &served).with_state(served);
    let stopped = stopping.clone();
    let told_to_stop = async move {
        stop.await;
        stopping.cancel();
    };
    let serving = axum::serve(listener, app).with_graceful_shutdown(told_to_stop);
    tokio::select! {
        ended = serving.into_future() => ended.context("cannot serve")?,
        () = async { stopped.cancelled().await; tokio::time::sleep(TO_END).await } => {}
    }
    feed.ended().await;
    Ok(())
}
