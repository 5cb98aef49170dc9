//! The dashboard's pages, and the files that they are made of.

use axum::Router;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{Path, RawPathParams, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use super::Served;
use super::problem::Problem;
use crate::dashboard::{
    Artists, Calendar, Features, Frame, Freshness, Pipeline, Popularity, Query, Release, Search, TopReleases,
    View, empty, file, notice, page,
};
use crate::explore::{is_not_there, is_of_sandbox, snapshot};

/// For a year: a file that changes has another address.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

pub(super) fn routes() -> Router<Served> {
    Router::new()
        .route(TopReleases::PATH, get(view::<TopReleases>))
        .route(Features::PATH, get(view::<Features>))
        .route(Artists::PATH, get(view::<Artists>))
        .route(Calendar::PATH, get(view::<Calendar>))
        .route(Popularity::PATH, get(view::<Popularity>))
        .route(Pipeline::PATH, get(view::<Pipeline>))
        .route(Release::PATH, get(view::<Release>))
        .route(Search::PATH, get(view::<Search>))
        .route("/assets/{name}", get(asset))
        .fallback(nowhere)
}

/// A page that could not be made.
struct Failure {
    problem: Problem,
    /// The page around it, as far as it is known.
    frame: Frame,
}

/// The page of a view.
async fn view<V: View>(
    State(served): State<Served>,
    path: Result<RawPathParams, RawPathParamsRejection>,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Failure> {
    let mut query = Query::new(query.as_deref().unwrap_or_default());
    // what is no text names nothing, as what is not there
    for (name, value) in path.iter().flatten() {
        query.set(name, value);
    }
    let mut frame = Frame::default();
    let read = read::<V>(&served, &mut frame, &mut query).await;
    let rendered = match read {
        Ok(Some(view)) => page(&view, &query, &frame),
        Ok(None) => empty::<V>(&frame),
        Err(sqlx::Error::RowNotFound) => {
            let problem =
                Problem::not_found("There is no such page; what it was about may have been purged.");
            return Err(Failure { problem, frame });
        }
        Err(error) => {
            let problem = error.into();
            return Err(Failure { problem, frame });
        }
    };
    rendered.map(Html).map_err(|error| {
        let problem = Problem::failed("this page", &error);
        Failure { problem, frame }
    })
}

/// What the view says, and how fresh it is, of one publication; no view when nothing is published.
async fn read<V: View>(served: &Served, frame: &mut Frame, query: &mut Query) -> sqlx::Result<Option<V>> {
    let mut db = snapshot(&served.db).await?;
    let freshness = frame.freshness.insert(Freshness::read(&mut db).await?);
    let is_published = freshness.published_at.is_some();
    if !is_published {
        // where the schema was never migrated, the snapshot has failed with what it asked
        db = snapshot(&served.db).await?;
    }
    let read = async {
        frame.in_sandbox = is_of_sandbox(&mut *db).await?;
        if V::NEEDS_TABLES && !is_published {
            return Ok(None);
        }
        V::read(&mut db, query).await.map(Some)
    };
    match read.await {
        Err(error) if is_not_there(&error) => Ok(None),
        read => read,
    }
}

/// A style sheet or script. Under the address that the pages name it may be kept for ever.
async fn asset(Path(name): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let Some(file) = file(&name) else {
        return Problem::not_found(format!("there is no asset {name:?}")).into_response();
    };
    let etag = format!("\"{}\"", file.version);
    let is_this_version = query == Some(format!("v={}", file.version));
    let kept = if is_this_version { FOR_EVER } else { "no-cache" };
    let about = [(header::ETAG, etag.as_str()), (header::CACHE_CONTROL, kept)];
    let known = headers.get(header::IF_NONE_MATCH);
    if known.is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    let content_type = [(header::CONTENT_TYPE, file.content_type)];
    (about, content_type, file.bytes).into_response()
}

/// What answers where nothing is: a page to people, a problem to programs.
async fn nowhere(uri: Uri) -> Response {
    let path = uri.path();
    if path.starts_with("/api/") {
        return Problem::not_found(format!("there is no {path}; /docs lists what there is")).into_response();
    }
    let problem = Problem::not_found("There is nothing at this address.");
    let frame = Frame::default();
    Failure { problem, frame }.into_response()
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Problem {
            status,
            title,
            detail,
        } = self.problem;
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match notice(&title, &detail.unwrap_or_default(), &self.frame) {
            Ok(page) => (status, Html(page)).into_response(),
            // the frame is what fails, so it goes without
            Err(_) => (status, title).into_response(),
        }
    }
}
