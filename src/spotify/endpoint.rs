//! The endpoints that firstpress calls.

use std::fmt;

/// An endpoint of the Web API. Its text is what `ops.api_calls`, `ops.capabilities` and the logs say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Endpoint {
    /// `POST /api/token`
    Token,
    /// `GET /browse/new-releases`
    NewReleases,
    /// `GET /search?q=tag:new&type=album`
    Search,
    /// The same with a limit over 10, which Spotify refuses to apps in development mode
    SearchOverTen,
    /// `GET /albums?ids=`
    Albums,
    /// `GET /albums/{id}`
    Album,
    /// `GET /albums/{id}/tracks`
    AlbumTracks,
    /// `GET /tracks?ids=`
    Tracks,
    /// `GET /tracks/{id}`
    Track,
    /// `GET /audio-features?ids=`
    AudioFeatures,
}

impl Endpoint {
    /// All of them, in the order of a run.
    pub const ALL: [Self; 10] = [
        Self::Token,
        Self::NewReleases,
        Self::Search,
        Self::SearchOverTen,
        Self::Albums,
        Self::Album,
        Self::AlbumTracks,
        Self::Tracks,
        Self::Track,
        Self::AudioFeatures,
    ];

    /// The endpoint's text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "/api/token",
            Self::NewReleases => "/browse/new-releases",
            Self::Search => "/search",
            Self::SearchOverTen => "/search?limit=11",
            Self::Albums => "/albums",
            Self::Album => "/albums/{id}",
            Self::AlbumTracks => "/albums/{id}/tracks",
            Self::Tracks => "/tracks",
            Self::Track => "/tracks/{id}",
            Self::AudioFeatures => "/audio-features",
        }
    }

    /// Whether answers depend on the market.
    pub(super) fn depends_on_market(self) -> bool {
        !matches!(
            self,
            Self::Token | Self::NewReleases | Self::SearchOverTen | Self::AudioFeatures
        )
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
