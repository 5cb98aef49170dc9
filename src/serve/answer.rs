//! Answers that hold as long as a publication does: made once, kept in memory, and not even looked at when the client
//! has them already.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, IntoResponseParts, Response};
use moka::future::Cache;
use sqlx::postgres::PgPool;
use tokio::sync::watch;

use super::form::Form;
use super::news::{Known, News};
use super::problem::Problem;
use crate::explore::Publication;

/// Bytes of answers that are kept.
const KEPT: u64 = 64 << 20;
/// What an answer takes beside its body and its key, roughly.
const HEADERS: usize = 1 << 10;

/// Answers by publication and by what was asked. Those of an earlier publication go when the next one is told.
#[derive(Debug, Clone)]
pub(super) struct Answers {
    kept: Cache<Question, Answer>,
    publication: watch::Receiver<Known>,
}

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Path and query; whatever else the answer depends on is in `form`.
    pub(super) what: String,
    /// Answers of two forms have different ETags.
    pub(super) form: Form,
    /// The ETags that the client has.
    if_none_match: Vec<String>,
}

/// A body, and which publication it is of.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    /// The publication whose rows these are.
    pub(super) publication: Publication,
    /// How its body is written.
    pub(super) form: Form,
    /// The body.
    pub(super) body: Bytes,
    /// Sent with it.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Question {
    published_at_micros: i64,
    what: String,
    form: Form,
}

impl Asked {
    /// `what` is the path with its query.
    pub(super) fn new(what: impl Into<String>, form: Form, headers: &HeaderMap) -> Self {
        let tags = headers.get_all(header::IF_NONE_MATCH);
        let tags = tags.iter().filter_map(|tags| tags.to_str().ok());
        Self {
            what: what.into(),
            form,
            if_none_match: tags
                .flat_map(|tags| tags.split(','))
                .map(|tag| tag.trim().trim_start_matches("W/").to_owned())
                .collect(),
        }
    }
}

impl Answers {
    /// Keeps answers as long as the news hold.
    pub(super) fn keep(news: &News) -> Self {
        let kept = Cache::builder()
            .max_capacity(KEPT)
            .weigher(|asked: &Question, answer: &Answer| {
                let bytes = asked.what.len() + answer.body.len() + HEADERS;
                u32::try_from(bytes).unwrap_or(u32::MAX)
            })
            .build();
        let mut publication = news.publication.clone();
        let answers = Self {
            kept: kept.clone(),
            publication: news.publication.clone(),
        };
        tokio::spawn(async move {
            while publication.changed().await.is_ok() {
                kept.invalidate_all();
            }
        });
        answers
    }

    /// The publication that stands now. It is asked for only while the database could have changed unheard.
    ///
    /// # Errors
    /// 404 before the first publication; 503 when the database has to be asked and does not answer.
    pub(super) async fn publication(&self, db: &PgPool) -> Result<Publication, Problem> {
        let known = *self.publication.borrow();
        let publication = match known {
            Known::Current(publication) => publication,
            Known::Untold | Known::Away => Publication::read(db).await?,
        };
        publication.ok_or_else(Problem::nothing_published)
    }

    /// The answer to `asked` of this publication: 304 when the client has it, else the kept one, else what `make` makes,
    /// which is kept. Several who ask the same at once wait for one making.
    ///
    /// # Errors
    /// Those of `make`; nothing is kept of a problem.
    pub(super) async fn answer(
        &self,
        publication: Publication,
        asked: Asked,
        make: impl Future<Output = Result<Answer, Problem>>,
    ) -> Result<Response, Problem> {
        let tag = tag_of(&publication, asked.form);
        let is_had = |known: &String| *known == tag || known == "*";
        if asked.if_none_match.iter().any(is_had) {
            return Ok((StatusCode::NOT_MODIFIED, validators(&tag)).into_response());
        }
        let question = Question {
            published_at_micros: publication.published_at.timestamp_micros(),
            what: asked.what,
            form: asked.form,
        };
        let answer = self.kept.try_get_with(question, make).await;
        let answer = answer.map_err(Arc::unwrap_or_clone)?;
        // of the rows' own publication, which may be newer than the one that was told last
        let validators = validators(&tag_of(&answer.publication, answer.form));
        Ok(answer.with(validators))
    }
}

impl Answer {
    /// As an answer that nobody may keep, since it holds for this moment only.
    pub(super) fn of_this_moment(self) -> Response {
        self.with([(header::CACHE_CONTROL, "no-store")])
    }

    fn with(self, about: impl IntoResponseParts) -> Response {
        let kind = [(header::CONTENT_TYPE, self.form.content_type())];
        let mut response = (about, kind, self.body).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}

/// Weak, since the same answer may be compressed or not.
fn tag_of(publication: &Publication, form: Form) -> String {
    let micros = publication.published_at.timestamp_micros();
    let (version, form) = (env!("CARGO_PKG_VERSION"), form.name());
    format!("\"{micros:x}-{version}-{form}\"")
}

fn validators(tag: &str) -> [(HeaderName, String); 3] {
    [
        (header::ETAG, format!("W/{tag}")),
        // kept by whom it may, and asked about each time: a 304 costs no query
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::VARY, "accept".to_owned()),
    ]
}
