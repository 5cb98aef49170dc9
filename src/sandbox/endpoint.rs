//! Which endpoint a path belongs to.

use std::fmt;
use std::str::FromStr;

/// An endpoint of the simulated services, as faults and the record of calls name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `POST /api/token`
    Token,
    /// `GET /v1/browse/new-releases`
    NewReleases,
    /// `GET /v1/albums?ids=`
    Albums,
    /// `GET /v1/albums/{id}`
    Album,
    /// `GET /v1/albums/{id}/tracks`
    AlbumTracks,
    /// `GET /v1/tracks?ids=`
    Tracks,
    /// `GET /v1/tracks/{id}`
    Track,
    /// `GET /v1/audio-features`, one or several
    AudioFeatures,
    /// `GET /v1/artists?ids=`
    Artists,
    /// `GET /v1/artists/{id}`
    Artist,
    /// `GET /v1/artists/{id}/albums`
    ArtistAlbums,
    /// `GET /v1/search`
    Search,
    /// `GET /reccobeats/v1/audio-features?ids=`
    ReccoBeats,
    /// A path that nobody serves
    Unknown,
}

const NAMES: [(Endpoint, &str); 14] = [
    (Endpoint::Token, "token"),
    (Endpoint::NewReleases, "new-releases"),
    (Endpoint::Albums, "albums"),
    (Endpoint::Album, "album"),
    (Endpoint::AlbumTracks, "album-tracks"),
    (Endpoint::Tracks, "tracks"),
    (Endpoint::Track, "track"),
    (Endpoint::AudioFeatures, "audio-features"),
    (Endpoint::Artists, "artists"),
    (Endpoint::Artist, "artist"),
    (Endpoint::ArtistAlbums, "artist-albums"),
    (Endpoint::Search, "search"),
    (Endpoint::ReccoBeats, "reccobeats"),
    (Endpoint::Unknown, "unknown"),
];

impl Endpoint {
    /// The endpoint of a path, and the id that stands in the path.
    pub(crate) fn of(path: &str) -> (Endpoint, Option<&str>) {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        match *segments {
            ["api", "token"] => (Endpoint::Token, None),
            ["v1", "browse", "new-releases"] => (Endpoint::NewReleases, None),
            ["v1", "albums"] => (Endpoint::Albums, None),
            ["v1", "albums", id] => (Endpoint::Album, Some(id)),
            ["v1", "albums", id, "tracks"] => (Endpoint::AlbumTracks, Some(id)),
            ["v1", "tracks"] => (Endpoint::Tracks, None),
            ["v1", "tracks", id] => (Endpoint::Track, Some(id)),
            ["v1", "audio-features"] => (Endpoint::AudioFeatures, None),
            ["v1", "audio-features", id] => (Endpoint::AudioFeatures, Some(id)),
            ["v1", "artists"] => (Endpoint::Artists, None),
            ["v1", "artists", id] => (Endpoint::Artist, Some(id)),
            ["v1", "artists", id, "albums"] => (Endpoint::ArtistAlbums, Some(id)),
            ["v1", "search"] => (Endpoint::Search, None),
            ["reccobeats", "v1", "audio-features"] => (Endpoint::ReccoBeats, None),
            _ => (Endpoint::Unknown, None),
        }
    }

    /// Whether the endpoint wants a bearer token and counts in the rate window.
    pub(crate) fn is_web_api(self) -> bool {
        !matches!(self, Endpoint::Token | Endpoint::ReccoBeats)
    }

    /// The name that faults and the record of calls use.
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(endpoint, _)| *endpoint == self)
            .map_or("unknown", |(_, name)| name)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        NAMES
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(endpoint, _)| *endpoint)
            .ok_or_else(|| {
                let names: Vec<&str> = NAMES.iter().map(|(_, name)| *name).collect();
                format!(
                    "no endpoint is called `{text}`; there are {} and any",
                    names.join(", ")
                )
            })
    }
}
