//! ReccoBeats: audio features by Spotify's track ids, without credentials. One operator, no promises: whatever goes
//! wrong here never ends a run.

mod error;
#[cfg(test)]
mod fuzz;

use std::collections::HashMap;
use std::time::Duration;

use chrono::Utc;
use reqwest::header::ACCEPT;
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

pub use error::ReccoBeatsError;

use crate::config::ReccoBeats;
use crate::domain::{Answer, AudioFeatures, FeaturesSource, SpotifyId, Undecodable};
use crate::http::{
    CallsByEndpoint, Counter, FieldRecorder, FieldSeen, Kind, Limiter, Repeat, describe, retry_after,
};

/// Ids that one call may name; more are refused.
pub const IDS_PER_CALL: usize = 40;

/// What `ops.api_calls` and the logs say.
pub const ENDPOINT: &str = "reccobeats/audio-features";

/// What the rows of an answer are.
const ROW: Kind = Kind {
    endpoint: ENDPOINT,
    object: "audio_features",
};

/// A longer wait is not worth it: the tracks are asked about again another day.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A client with a limiter of its own.
pub struct Client {
    http: reqwest::Client,
    api_url: Url,
    limiter: Limiter,
    counter: Counter,
    fields: FieldRecorder,
}

impl Client {
    /// A client that has sent nothing yet.
    ///
    /// # Errors
    /// When TLS cannot be set up, for want of root certificates for instance.
    pub fn new(settings: &ReccoBeats) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            // callers without a name are refused
            .user_agent(concat!("firstpress/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(settings.timeout.min(Duration::from_secs(10)))
            .timeout(settings.timeout)
            .build()?;
        Ok(Self {
            http,
            api_url: settings.api_url.clone(),
            limiter: Limiter::new(settings.requests_per_second, None),
            counter: Counter::default(),
            fields: FieldRecorder::default(),
        })
    }

    /// Calls made so far.
    #[must_use]
    pub fn calls(&self) -> CallsByEndpoint {
        self.counter.so_far()
    }

    /// Fields that the rows had so far.
    #[must_use]
    pub fn fields_seen(&self) -> Vec<FieldSeen> {
        self.fields.so_far()
    }

    /// The audio features of up to 40 tracks, in the order of `ids`. Tracks that ReccoBeats does not know are
    /// [`Answer::Null`].
    ///
    /// # Errors
    /// Any [`ReccoBeatsError`], after repeats where they can help.
    pub async fn audio_features(
        &self,
        ids: &[SpotifyId],
    ) -> Result<Vec<(SpotifyId, Answer<AudioFeatures>)>, ReccoBeatsError> {
        let base = self.api_url.as_str().trim_end_matches('/');
        let ids_text: Vec<&str> = ids.iter().map(SpotifyId::as_str).collect();
        let url = format!("{base}/audio-features?ids={}", ids_text.join(","));
        let attempt = || async {
            let answers = self.attempt(&url, ids).await;
            answers.inspect_err(|error| {
                let is_429 = matches!(
                    error,
                    ReccoBeatsError::RateLimited { .. } | ReccoBeatsError::LongWait(_)
                );
                self.counter.failed(ENDPOINT, is_429);
            })
        };
        let repeat = Repeat {
            endpoint: ENDPOINT,
            counter: &self.counter,
            times: Repeat::SELDOM,
        };
        let hold_back = |wait: Duration| {
            self.limiter.slow_down(wait);
            let wait_seconds = wait.as_secs_f64();
            tracing::warn!(
                endpoint = ENDPOINT,
                wait_seconds,
                "429 on {ENDPOINT}, its calls wait {wait_seconds:.0} s"
            );
        };
        repeat.until_answered(hold_back, attempt).await
    }

    async fn attempt(
        &self,
        url: &str,
        ids: &[SpotifyId],
    ) -> Result<Vec<(SpotifyId, Answer<AudioFeatures>)>, ReccoBeatsError> {
        self.limiter.permit().await;
        self.counter.sent(ENDPOINT);
        let no_answer = |error: reqwest::Error| ReccoBeatsError::NoAnswer(describe(&error));
        let request = self.http.get(url).header(ACCEPT, "application/json");
        let response = request.send().await.map_err(no_answer)?;
        let status = response.status().as_u16();
        let wait = retry_after(response.headers(), Utc::now());
        let body = response.bytes().await;
        match status {
            200 => {}
            429 if wait.is_some_and(|wait| wait > LONGEST_WAIT) => {
                return Err(ReccoBeatsError::LongWait(wait.unwrap_or_default().as_secs()));
            }
            429 => return Err(ReccoBeatsError::RateLimited { retry_after: wait }),
            500..=599 => return Err(ReccoBeatsError::ServerError(status)),
            _ => return Err(ReccoBeatsError::Rejected(status)),
        }
        let body = body.map_err(no_answer)?;
        self.counter.read(ENDPOINT, body.len());
        read(ids, &body, &self.fields).map_err(|error| {
            ReccoBeatsError::NoAnswer(format!("the body is not what was asked for: {error}"))
        })
    }
}

/// Rows come in any order and are matched by the Spotify id at the end of their `href`.
fn read(
    ids: &[SpotifyId],
    body: &[u8],
    fields: &FieldRecorder,
) -> serde_json::Result<Vec<(SpotifyId, Answer<AudioFeatures>)>> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow)]
        content: Vec<Option<&'a RawValue>>,
    }
    let Envelope { content } = serde_json::from_slice(body)?;
    let mut rows: HashMap<SpotifyId, &RawValue> = HashMap::with_capacity(content.len());
    for row in content.into_iter().flatten() {
        fields.note_json(ROW, row.get());
        if let Some(id) = spotify_id(row) {
            rows.entry(id).or_insert(row);
        }
    }
    let answer = |id: &SpotifyId| rows.get(id).map_or(Answer::Null, |row| features(*id, row));
    Ok(ids.iter().map(|id| (*id, answer(id))).collect())
}

fn spotify_id(row: &RawValue) -> Option<SpotifyId> {
    #[derive(Deserialize)]
    struct Row {
        href: String,
    }
    let Row { href } = serde_json::from_str(row.get()).ok()?;
    href.trim_end_matches('/').rsplit('/').next()?.parse().ok()
}

/// The audio features in a row of an answer, as `raw.audio_features` keeps it too.
///
/// # Errors
/// When a feature is not of the form it should have.
pub fn decode(row: &str) -> serde_json::Result<AudioFeatures> {
    Ok(AudioFeatures {
        source: FeaturesSource::ReccoBeats,
        fields: serde_json::from_str(row)?,
        json: row.to_owned(),
    })
}

fn features(id: SpotifyId, row: &RawValue) -> Answer<AudioFeatures> {
    match decode(row.get()) {
        Ok(features) => Answer::Found(features),
        Err(error) => Answer::Undecodable(Undecodable {
            id: Some(id.to_string()),
            reason: error.to_string(),
            json: row.get().to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_matched_by_href_and_what_is_unknown_is_null() {
        let ids: Vec<SpotifyId> = ["4Ub8UsjWuewQrPhuepfVpd", "0TnOYISbd1XYRBk9myaseg"]
            .map(|id| id.parse().unwrap())
            .to_vec();
        let body = r#"{"content":[null,{"href":"https://open.spotify.com/track/6rqhFgbbKwnb9MLmUQDhG6"},
            {"id":"e159e9ce-da10-4edf-ab4c-a49e793a7dfc","tempo":127.435,"key":9,"energy":1,
             "href":"https://open.spotify.com/track/4Ub8UsjWuewQrPhuepfVpd"}]}"#;
        let answers = read(&ids, body.as_bytes(), &FieldRecorder::default()).unwrap();
        let [(_, Answer::Found(found)), (_, Answer::Null)] = &answers[..] else {
            panic!("{answers:?}")
        };
        assert_eq!((found.fields.tempo, found.fields.key), (Some(127.435), Some(9)));
        let odd = r#"{"content":[{"href":"x/4Ub8UsjWuewQrPhuepfVpd","key":"C"}]}"#;
        let answers = read(&ids, odd.as_bytes(), &FieldRecorder::default()).unwrap();
        assert!(matches!(
            &answers[..],
            [(_, Answer::Undecodable(_)), (_, Answer::Null)]
        ));
    }
}
