//! `firstpress serve`: the dashboard and the read API. It only reads, as a role that can do no more.

mod news;
mod problem;

mod parameters;

mod form;

mod answer;

mod tables;

mod lookups;

mod openapi;

mod live;

mod health;

mod pages;

mod guard;

mod server;

use anyhow::Context;
use axum::Router;
use sqlx::postgres::PgPool;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::Serving;
use answer::Answers;
use health::Metrics;
use live::Feed;
use news::News;
use server::Server;
use tables::Catalogue;

/// What every route can use.
#[derive(Debug, Clone)]
struct Served {
    db: PgPool,
    feed: Feed,
    catalogue: Catalogue,
    answers: Answers,
    metrics: Metrics,
}

/// Serves whom `serving` lets in, on `listener`, until `stop` comes. `db` is a pool of connections that only read.
///
/// # Errors
/// When the database does not answer at the beginning.
pub async fn serve(
    listener: TcpListener,
    db: PgPool,
    serving: &Serving,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let news = News::listen(&db)
        .await
        .context("cannot listen to what the database says")?;
    let stopping = CancellationToken::new();
    let answers = Answers::keep(&news);
    let feed = Feed::start(db.clone(), news, stopping.clone());
    let served = Served {
        db,
        answers,
        feed: feed.clone(),
        catalogue: Catalogue::default(),
        metrics: Metrics::default(),
    };
    let routes = Router::new()
        .merge(pages::routes())
        .merge(tables::routes())
        .merge(lookups::routes())
        .merge(live::routes())
        .merge(openapi::routes())
        .merge(health::routes());
    let app = guard::guarded(routes, serving, &served.metrics).with_state(served);
    let stop = async {
        stop.await;
        // answers without an end come to theirs before connections are waited for
        stopping.cancel();
    };
    Server::new(listener).serve(app, stop, feed.left()).await;
    Ok(())
}
