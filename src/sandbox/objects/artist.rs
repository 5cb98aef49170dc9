//! Artists (4.4).

use serde::Serialize;

use super::{ExternalUrls, Image, Int, Link, Uri, View};
use crate::sandbox::catalogue::{Artist, ArtistProfile};

/// An artist as albums and tracks name it.
#[derive(Serialize)]
pub(crate) struct SimplifiedArtist<'a> {
    external_urls: ExternalUrls,
    href: Link<'a>,
    id: &'a str,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    uri: Uri,
}

/// An artist in full.
#[derive(Serialize)]
pub(crate) struct ArtistObject<'a> {
    #[serde(flatten)]
    simplified: SimplifiedArtist<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    followers: Option<Followers>,
    /// Gone together with the other two, though no changelog lists it.
    #[serde(skip_serializing_if = "Option::is_none")]
    genres: Option<&'a [&'static str]>,
    images: [Image; 3],
    #[serde(skip_serializing_if = "Option::is_none")]
    popularity: Option<Int>,
}

#[derive(Serialize)]
struct Followers {
    href: Option<&'static str>,
    total: Int,
}

impl<'a> SimplifiedArtist<'a> {
    pub(crate) fn new(view: &View<'a>, artist: &'a Artist) -> Self {
        Self {
            external_urls: ExternalUrls::of("artist", artist.id),
            href: view.link("artists", artist.id),
            id: artist.id.as_str(),
            name: &artist.name,
            kind: "artist",
            uri: Uri {
                kind: "artist",
                id: artist.id,
            },
        }
    }

    pub(crate) fn all(view: &View<'a>, artists: &'a [Artist]) -> Vec<Self> {
        artists.iter().map(|artist| Self::new(view, artist)).collect()
    }
}

impl<'a> ArtistObject<'a> {
    pub(crate) fn new(view: &View<'a>, profile: &'a ArtistProfile) -> Self {
        let id = profile.artist.id;
        let kept = !view.profile.lacks_fields();
        Self {
            simplified: SimplifiedArtist::new(view, &profile.artist),
            followers: kept.then(|| Followers {
                href: None,
                total: view.int(profile.followers),
            }),
            genres: kept.then_some(&profile.genres),
            images: [
                Image::of(view, "ab6761610000e5eb", 640, id),
                Image::of(view, "ab67616100005174", 320, id),
                Image::of(view, "ab6761610000f178", 160, id),
            ],
            popularity: kept.then(|| view.int(profile.popularity)),
        }
    }
}
