//! Tracks (4.3).

use serde::Serialize;
use serde_json::value::RawValue;

use super::{ExternalUrls, Int, Link, SimplifiedAlbum, SimplifiedArtist, Uri, View};
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
    preview_url: Option<&'a str>,
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

#[derive(Serialize)]
struct Restrictions {
    reason: &'static str,
}

#[derive(Serialize)]
struct Isrc<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    isrc: Option<&'a str>,
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
            preview_url: None,
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
        let kept = !view.has_removed_fields();
        Self {
            album: SimplifiedAlbum::new(view, album),
            simplified: SimplifiedTrack::new(view, album, track),
            external_ids: kept.then_some(Isrc {
                isrc: track.isrc.as_deref(),
            }),
            popularity: kept.then(|| track.popularity.on(view.day).map(|value| view.int(value))),
        }
    }
}
