//! Tracks (4.3).

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::{ExternalUrls, Int, Link, SimplifiedAlbum, SimplifiedArtist, Uri, View};
use crate::sandbox::catalogue::id::Id;
use crate::sandbox::catalogue::{Album, Track};

/// A track as its album shows it.
#[derive(Serialize)]
pub(crate) struct SimplifiedTrack<'a> {
    artists: Vec<SimplifiedArtist<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    available_markets: Option<&'a RawValue>,
    disc_number: Int,
    duration_ms: Int,
    explicit: bool,
    external_urls: ExternalUrls,
    href: Link<'a>,
    id: &'a str,
    is_local: bool,
    /// Only where `market` is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_playable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restrictions: Option<Restrictions>,
    name: &'a str,
    preview_url: Option<Preview>,
    track_number: Int,
    #[serde(rename = "type")]
    kind: &'static str,
    uri: Uri,
}

/// A track in full.
#[derive(Serialize)]
pub(crate) struct TrackObject<'a> {
    album: SimplifiedAlbum<'a>,
    #[serde(flatten)]
    simplified: SimplifiedTrack<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_ids: Option<Isrc<'a>>,
    /// Absent or null are two things.
    #[serde(skip_serializing_if = "Option::is_none")]
    popularity: Option<Option<Int>>,
}

/// `https://p.scdn.co/mp3-preview/` and 40 hex digits.
struct Preview(Id);

#[derive(Serialize)]
struct Restrictions {
    reason: &'static str,
}

#[derive(Serialize)]
struct Isrc<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    isrc: Option<&'a str>,
}

impl Preview {
    /// Where an app may have previews at all, one track in eight has one: most are null there too.
    fn of(view: &View<'_>, track: &Track) -> Option<Self> {
        (view.profile.has_previews() && track.id.hash().is_multiple_of(8)).then_some(Self(track.id))
    }
}

impl Serialize for Preview {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hash = self.0.hash();
        serializer.collect_str(&format_args!(
            "https://p.scdn.co/mp3-preview/{hash:016x}{:024x}",
            hash.rotate_left(32)
        ))
    }
}

impl<'a> SimplifiedTrack<'a> {
    pub(crate) fn new(view: &View<'a>, album: &'a Album, track: &'a Track) -> Self {
        let is_playable = view
            .market
            .map(|market| album.has_markets && view.markets.contains(album.market_set, market));
        Self {
            artists: SimplifiedArtist::all(view, &track.artists),
            available_markets: view.available_markets(album),
            disc_number: view.int(track.disc_number),
            duration_ms: view.int(track.duration_ms),
            explicit: track.explicit,
            external_urls: ExternalUrls::of("track", track.id),
            href: view.link("tracks", track.id),
            id: track.id.as_str(),
            is_local: false,
            is_playable,
            restrictions: (is_playable == Some(false)).then_some(Restrictions { reason: "market" }),
            name: &track.name,
            preview_url: Preview::of(view, track),
            track_number: view.int(track.track_number),
            kind: "track",
            uri: Uri {
                kind: "track",
                id: track.id,
            },
        }
    }
}

impl<'a> TrackObject<'a> {
    pub(crate) fn new(view: &View<'a>, album: &'a Album, track: &'a Track) -> Self {
        Self {
            album: SimplifiedAlbum::new(view, album),
            simplified: SimplifiedTrack::new(view, album, track),
            external_ids: (!view.lacks_external_ids()).then_some(Isrc {
                isrc: track.isrc.as_deref(),
            }),
            popularity: (!view.lacks_fields())
                .then(|| track.popularity.on(view.day).map(|value| view.int(value))),
        }
    }
}
