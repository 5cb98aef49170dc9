//! Albums (4.2).

use serde::Serialize;
use serde_json::value::RawValue;

use super::page::{Page, Pages, Span};
use super::{ExternalUrls, Image, Int, Link, SimplifiedArtist, SimplifiedTrack, Uri, View};
use crate::sandbox::catalogue::Album;
use crate::sandbox::quirks::Quirk;

/// Tracks that an album embeds.
const EMBEDDED: usize = 50;

/// An album as lists and tracks show it.
#[derive(Serialize)]
pub(crate) struct SimplifiedAlbum<'a> {
    album_type: Option<&'a str>,
    artists: Vec<SimplifiedArtist<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    available_markets: Option<&'a RawValue>,
    external_urls: ExternalUrls,
    href: Link<'a>,
    id: &'a str,
    images: Vec<Image>,
    name: &'a str,
    release_date: Option<&'a str>,
    release_date_precision: Option<&'a str>,
    total_tracks: Int,
    #[serde(rename = "type")]
    kind: &'static str,
    uri: Uri,
    /// Only in an artist's albums.
    #[serde(skip_serializing_if = "Option::is_none")]
    album_group: Option<&'a str>,
}

/// An album in full.
#[derive(Serialize)]
pub(crate) struct AlbumObject<'a> {
    #[serde(flatten)]
    simplified: SimplifiedAlbum<'a>,
    tracks: EmbeddedTracks<'a>,
    copyrights: [Copyright<'a>; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    external_ids: Option<Upc<'a>>,
    genres: [&'static str; 0],
    /// Absent or null are two things.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    popularity: Option<Option<Int>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum EmbeddedTracks<'a> {
    Page(Page<SimplifiedTrack<'a>>),
    /// Where an object is due.
    Undecodable(&'static str),
}

#[derive(Serialize)]
struct Copyright<'a> {
    text: Rights<'a>,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// `2026 Label`
struct Rights<'a> {
    year: &'a str,
    holder: &'a str,
}

#[derive(Serialize)]
struct Upc<'a> {
    upc: &'a str,
}

impl Serialize for Rights<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{} {}", self.year, self.holder))
    }
}

impl<'a> SimplifiedAlbum<'a> {
    /// As `/search`, tracks and artists show it.
    pub(crate) fn new(view: &View<'a>, album: &'a Album) -> Self {
        Self::with_images(view, album, [640, 300, 64])
    }

    /// As the new-releases list shows it: its images are not sorted, its type can be `ep`.
    pub(crate) fn listed(view: &View<'a>, album: &'a Album) -> Self {
        let simplified = Self::with_images(view, album, [300, 64, 640]);
        Self {
            album_type: album.listed_type.as_deref(),
            ..simplified
        }
    }

    /// As `/artists/{id}/albums` shows it, with the group that it belongs to there.
    pub(crate) fn of_artist(view: &View<'a>, album: &'a Album, group: &'a str) -> Self {
        Self {
            album_group: (!view.profile.lacks_fields()).then_some(group),
            album_type: album.listed_type.as_deref(),
            ..Self::new(view, album)
        }
    }

    fn with_images(view: &View<'a>, album: &'a Album, sizes: [u32; 3]) -> Self {
        let image = |size| Image::of(view, cover(size), size, album.id);
        Self {
            album_type: album.album_type.as_deref(),
            artists: SimplifiedArtist::all(view, &album.artists),
            available_markets: view.available_markets(album),
            external_urls: ExternalUrls::of("album", album.id),
            href: view.link("albums", album.id),
            id: album.id.as_str(),
            images: if album.has_images {
                sizes.map(image).into()
            } else {
                Vec::new()
            },
            name: &album.name,
            release_date: album.release_date.as_deref(),
            release_date_precision: album.precision,
            total_tracks: view.int(album.total_tracks as i64),
            kind: "album",
            uri: Uri {
                kind: "album",
                id: album.id,
            },
            album_group: None,
        }
    }
}

impl<'a> AlbumObject<'a> {
    pub(crate) fn new(view: &View<'a>, album: &'a Album) -> Self {
        let holder = album.label.as_deref().unwrap_or("the artist");
        let year = album
            .release_date
            .as_deref()
            .and_then(|date| date.get(..4))
            .unwrap_or("2026");
        let copyright = |kind| Copyright {
            text: Rights { year, holder },
            kind,
        };
        let kept = !view.lacks_fields();
        Self {
            simplified: SimplifiedAlbum::new(view, album),
            tracks: EmbeddedTracks::of(view, album),
            copyrights: [copyright("C"), copyright("P")],
            external_ids: (!view.lacks_external_ids()).then_some(Upc { upc: &album.upc }),
            genres: [],
            label: kept.then_some(album.label.as_deref()),
            popularity: kept.then(|| album.popularity.on(view.day).map(|value| view.int(value))),
        }
    }

    /// A page of the album's tracks: those from `start` on, which is the span's offset but for a fault.
    pub(crate) fn tracks(
        view: &View<'a>,
        album: &'a Album,
        span: Span,
        start: usize,
    ) -> Page<SimplifiedTrack<'a>> {
        let places = (0_u64..).zip(&album.tracks).skip(start).take(span.limit);
        let item = |(place, track)| {
            let is_null = view
                .quirks
                .strikes(Quirk::NullItems, album.number.wrapping_add(place), 9);
            (!is_null).then(|| SimplifiedTrack::new(view, album, track))
        };
        let pages = Pages::new(format!("/albums/{}/tracks", album.id), album.tracks.len());
        pages.page(view, span, places.map(item).collect())
    }
}

impl<'a> EmbeddedTracks<'a> {
    fn of(view: &View<'a>, album: &'a Album) -> Self {
        match view.quirks.strikes(Quirk::UndecodableAlbum, album.number, 100) {
            true => EmbeddedTracks::Undecodable("unavailable"),
            false => EmbeddedTracks::Page(AlbumObject::tracks(
                view,
                album,
                Span {
                    limit: EMBEDDED,
                    offset: 0,
                },
                0,
            )),
        }
    }
}

impl<'a> View<'a> {
    /// The markets of an album and of its tracks; they are left out where `market` is given.
    pub(super) fn available_markets(&self, album: &Album) -> Option<&'a RawValue> {
        let set = if album.has_markets {
            album.market_set
        } else {
            usize::MAX
        };
        (self.market.is_none() && !self.lacks_fields()).then(|| self.markets.json(set))
    }
}

/// How the picture of a cover in this size begins.
fn cover(size: u32) -> &'static str {
    match size {
        640 => "ab67616d0000b273",
        300 => "ab67616d00001e02",
        _ => "ab67616d00004851",
    }
}
