//! What is known of the app whose credentials are used: which endpoints it may call, and in which mode it is.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::Endpoint;

/// After so long an endpoint is asked anew.
const REMEMBERED_FOR: TimeDelta = TimeDelta::days(7);

/// Endpoints that Spotify took from the same apps on the same day as the list of new releases, or earlier
/// (changes of February 2026 and November 2024).
const CLOSED_WITH_NEW_RELEASES: [Endpoint; 3] = [Endpoint::Albums, Endpoint::Tracks, Endpoint::AudioFeatures];

/// Spotify's words for what was closed in February 2026.
const FORBIDDEN: &str = "403 Forbidden";

/// Whether the app may call an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It answers.
    Open,
    /// It answers 403.
    Closed,
    /// Nobody has asked in the last week.
    Unknown,
}

/// What was learned of an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Capability {
    /// Whether the app may call it.
    pub usable: bool,
    /// Why not.
    pub reason: Option<String>,
    /// When it was learned.
    pub asked_at: DateTime<Utc>,
    /// Not asked, but known from an endpoint that is closed to the same apps.
    pub is_inferred: bool,
}

/// What is known of an app, from one run to the next.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// By endpoint; what is older than a week counts as unknown.
    pub capabilities: BTreeMap<Endpoint, Capability>,
    /// What showed that the app is in development mode. Such an app has a quota of calls a day.
    pub development_mode: Option<String>,
    /// Calls per second that 429s have left, if they did.
    pub calls_per_second: Option<f64>,
    /// When Spotify may be called again, where this process was told of a longer wait than it would sit out.
    pub not_before: Option<DateTime<Utc>>,
}

/// Learns while calls are made.
#[derive(Debug)]
pub(super) struct App(Mutex<Known>);

impl App {
    pub(super) fn new(known: Known) -> Self {
        Self(Mutex::new(known))
    }

    pub(super) fn known(&self) -> Known {
        self.state().clone()
    }

    pub(super) fn access(&self, endpoint: Endpoint) -> Access {
        match self.state().capabilities.get(&endpoint) {
            Some(known) if Utc::now() - known.asked_at >= REMEMBERED_FOR => Access::Unknown,
            Some(Capability { usable: true, .. }) => Access::Open,
            Some(_) => Access::Closed,
            None => Access::Unknown,
        }
    }

    /// A good answer. Returns whether it shows that the app is not in development mode after all.
    pub(super) fn answered(&self, endpoint: Endpoint) -> bool {
        if self.access(endpoint) == Access::Open {
            return false;
        }
        let mut state = self.state();
        state.enter(endpoint, None, false);
        let is_contradicted = state.development_mode == Some(closed_to_it(endpoint));
        if is_contradicted {
            state.development_mode = None;
        }
        is_contradicted
    }

    /// A 403. Returns whether it shows that the app is in development mode, which was not known before.
    pub(super) fn refused(&self, endpoint: Endpoint, reason: &str) -> bool {
        let mut state = self.state();
        state.enter(endpoint, Some(reason), false);
        // another refusal of the list, by a proxy for instance, tells nothing of the rest
        if endpoint == Endpoint::NewReleases && reason == FORBIDDEN {
            for endpoint in CLOSED_WITH_NEW_RELEASES {
                // once it has been inferred for a week, the endpoint itself is asked
                if !state.capabilities.contains_key(&endpoint) {
                    let reason = "closed to the same apps as /browse/new-releases";
                    state.enter(endpoint, Some(reason), true);
                }
            }
        }
        let is_closed_in_development_only = matches!(
            endpoint,
            Endpoint::NewReleases | Endpoint::SearchOverTen | Endpoint::Albums | Endpoint::Tracks
        );
        is_closed_in_development_only && state.is_in_development(closed_to_it(endpoint))
    }

    /// An album came with a field that is withheld from apps to which the list of new releases is closed: the next
    /// run asks anew what is remembered as closed. Once a day at most, since fields are withheld unevenly.
    pub(super) fn saw_a_withheld_field(&self) {
        let mut state = self.state();
        let is_old = |known: &Capability| !known.usable && Utc::now() - known.asked_at >= TimeDelta::days(1);
        if state.capabilities.get(&Endpoint::NewReleases).is_some_and(is_old) {
            for known in state.capabilities.values_mut().filter(|known| !known.usable) {
                known.asked_at -= REMEMBERED_FOR;
            }
        }
    }

    /// A quota of the day is used up, which only apps in development mode have.
    pub(super) fn met_its_quota(&self) -> bool {
        self.state()
            .is_in_development("Spotify answered QUOTA_EXCEEDED".to_owned())
    }

    fn state(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn enter(&mut self, endpoint: Endpoint, refused: Option<&str>, is_inferred: bool) {
        let capability = Capability {
            usable: refused.is_none(),
            reason: refused.map(str::to_owned),
            asked_at: Utc::now(),
            is_inferred,
        };
        self.capabilities.insert(endpoint, capability);
    }

    fn is_in_development(&mut self, shown_by: String) -> bool {
        let is_news = self.development_mode.is_none();
        self.development_mode.get_or_insert(shown_by);
        is_news
    }
}

fn closed_to_it(endpoint: Endpoint) -> String {
    format!("{endpoint} is closed to it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_refusal_of_the_list_tells_the_rest_and_what_answered_itself_stands() {
        let app = App::new(Known::default());
        app.answered(Endpoint::Tracks);
        assert!(app.refused(Endpoint::NewReleases, FORBIDDEN));
        assert!(!app.refused(Endpoint::NewReleases, FORBIDDEN), "no news");
        assert_eq!(app.access(Endpoint::Albums), Access::Closed);
        assert_eq!(app.access(Endpoint::AudioFeatures), Access::Closed);
        assert_eq!(app.access(Endpoint::Tracks), Access::Open);
        assert_eq!(app.access(Endpoint::Search), Access::Unknown);
        assert!(!app.answered(Endpoint::Albums));
        assert_eq!(app.access(Endpoint::Albums), Access::Open);
        assert!(app.known().development_mode.is_some());
        assert!(
            app.answered(Endpoint::NewReleases),
            "it is not in development mode"
        );
        assert!(app.known().development_mode.is_none());
    }

    #[test]
    fn a_refusal_in_other_words_tells_nothing_of_the_rest() {
        let app = App::new(Known::default());
        app.refused(Endpoint::NewReleases, "403 without a message");
        assert_eq!(app.access(Endpoint::Albums), Access::Unknown);
    }

    #[test]
    fn a_field_that_is_sent_again_has_what_is_closed_asked_anew_a_day_later() {
        let app = App::new(Known::default());
        app.refused(Endpoint::NewReleases, FORBIDDEN);
        app.saw_a_withheld_field();
        assert_eq!(app.access(Endpoint::NewReleases), Access::Closed, "learned today");
        for known in app.state().capabilities.values_mut() {
            known.asked_at -= TimeDelta::days(1);
        }
        app.saw_a_withheld_field();
        assert_eq!(app.access(Endpoint::NewReleases), Access::Unknown);
    }

    #[test]
    fn after_a_week_an_endpoint_is_asked_itself() {
        let app = App::new(Known::default());
        app.refused(Endpoint::NewReleases, FORBIDDEN);
        for known in app.state().capabilities.values_mut() {
            known.asked_at -= REMEMBERED_FOR;
        }
        assert_eq!(app.access(Endpoint::NewReleases), Access::Unknown);
        app.refused(Endpoint::NewReleases, FORBIDDEN);
        assert_eq!(
            app.access(Endpoint::Albums),
            Access::Unknown,
            "not inferred twice"
        );
    }

    #[test]
    fn closed_audio_features_do_not_tell_the_mode() {
        let app = App::new(Known::default());
        assert!(!app.refused(Endpoint::AudioFeatures, "403 without a message"));
        assert!(app.known().development_mode.is_none());
        assert!(app.met_its_quota());
    }
}
