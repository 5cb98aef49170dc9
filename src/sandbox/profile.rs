//! The four kinds of apps, and what each of them may do (the contract's 7.3 and 7.4).

use axum::http::StatusCode;
use serde::Deserialize;

use super::endpoint::Endpoint;
use super::problem::Problem;

/// What Spotify lets the app do. Each kind may do less than the one before it.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[value(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Extended quota from before 27 Nov 2024: everything
    #[default]
    LegacyExtended,
    /// Extended quota granted later: no audio features, no previews
    Extended,
    /// Development mode, client id from before 11 Feb 2026: also at most 10 items a page in search and artist-albums
    DevPreFeb2026,
    /// Development mode, client id from 11 Feb 2026 on: also no new releases, no several ids, fewer fields
    DevFeb2026,
}

/// What is closed, from which kind of app on, and what the refusal says, where it says anything.
const CLOSED: [(Endpoint, Profile, Option<&str>); 5] = [
    (Endpoint::AudioFeatures, Profile::Extended, None),
    (Endpoint::NewReleases, Profile::DevFeb2026, Some("Forbidden")),
    (Endpoint::Albums, Profile::DevFeb2026, Some("Forbidden")),
    (Endpoint::Tracks, Profile::DevFeb2026, Some("Forbidden")),
    (Endpoint::Artists, Profile::DevFeb2026, Some("Forbidden")),
];

/// How many items a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageSize {
    pub(crate) default: usize,
    pub(crate) most: usize,
}

impl Profile {
    /// Checks that the app may call the endpoint.
    ///
    /// # Errors
    /// 403, for the closed audio features without a message.
    pub(crate) fn admit(self, endpoint: Endpoint) -> Result<(), Problem> {
        let closed = CLOSED
            .iter()
            .find(|(closed, from, _)| *closed == endpoint && self >= *from);
        match closed {
            None => Ok(()),
            Some((_, _, Some(message))) => Err(Problem::web_api(StatusCode::FORBIDDEN, message)),
            Some((_, _, None)) => Err(Problem::without_message(StatusCode::FORBIDDEN)),
        }
    }

    pub(crate) fn page_size(self, endpoint: Endpoint) -> PageSize {
        match endpoint {
            Endpoint::Search | Endpoint::ArtistAlbums if self >= Profile::DevPreFeb2026 => {
                PageSize { default: 5, most: 10 }
            }
            _ => PageSize {
                default: 20,
                most: 50,
            },
        }
    }

    /// Whether objects lack what was removed in February 2026: markets, popularity, label, followers and others.
    pub(crate) fn lacks_fields(self) -> bool {
        self == Profile::DevFeb2026
    }

    /// Whether tracks may have a preview.
    pub(crate) fn has_previews(self) -> bool {
        self == Profile::LegacyExtended
    }
}
