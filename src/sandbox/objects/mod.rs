//! The JSON shapes of the contract's section 4, borrowed from the catalogue and written straight to bytes.

mod album;
mod artist;
mod features;
mod page;
mod track;

use std::fmt;

use serde::{Serialize, Serializer};

use super::catalogue::id::Id;
use super::catalogue::markets::MarketSets;
use super::profile::Profile;
use super::quirks::{Quirk, Quirks};

pub(crate) use album::{AlbumObject, SimplifiedAlbum};
pub(crate) use artist::{ArtistObject, SimplifiedArtist};
pub(crate) use features::{FeaturesObject, ReccoBeatsRow};
pub(crate) use page::{Page, Pages, Span};
pub(crate) use track::{SimplifiedTrack, TrackObject};

/// What decides how an object looks, apart from the object.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// Base of all links: `http://127.0.0.1:PORT/v1`.
    pub(crate) base: &'a str,
    /// Base of `next`, which a fault can lead elsewhere.
    pub(crate) next_base: &'a str,
    pub(crate) profile: Profile,
    pub(crate) quirks: &'a Quirks,
    pub(crate) markets: &'a MarketSets,
    /// The `market` parameter.
    pub(crate) market: Option<&'a str>,
    /// The UTC day, counted from the Unix epoch.
    pub(crate) day: i64,
}

impl<'a> View<'a> {
    fn int(&self, value: impl TryInto<i64>) -> Int {
        Int {
            value: value.try_into().unwrap_or(i64::MAX),
            as_float: self.quirks.has(Quirk::FloatInts),
        }
    }

    fn link(&self, kind: &'static str, id: Id) -> Link<'a> {
        Link {
            base: self.base,
            kind,
            id,
        }
    }

    /// Whether label, popularity and markets are left out.
    fn lacks_fields(&self) -> bool {
        self.profile.lacks_fields() || self.lacks_external_ids()
    }

    /// External ids were on the list of what Spotify removes, and then stayed.
    fn lacks_external_ids(&self) -> bool {
        self.quirks.has(Quirk::RemovedFields)
    }
}

/// An integer, which the API at times writes as a float.
#[derive(Clone, Copy)]
pub(crate) struct Int {
    value: i64,
    as_float: bool,
}

impl Serialize for Int {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_float {
            true => serializer.serialize_f64(self.value as f64),
            false => serializer.serialize_i64(self.value),
        }
    }
}

/// `{base}/{kind}/{id}`
#[derive(Clone, Copy)]
pub(crate) struct Link<'a> {
    base: &'a str,
    kind: &'static str,
    id: Id,
}

impl fmt::Display for Link<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [self.base, "/", self.kind, "/", self.id.as_str()] {
            f.write_str(part)?;
        }
        Ok(())
    }
}

impl Serialize for Link<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `spotify:{kind}:{id}`
#[derive(Clone, Copy)]
pub(crate) struct Uri {
    kind: &'static str,
    id: Id,
}

impl Serialize for Uri {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("spotify:{}:{}", self.kind, self.id))
    }
}

/// `{"spotify": "https://open.spotify.com/…"}`
#[derive(Serialize)]
pub(crate) struct ExternalUrls {
    spotify: Link<'static>,
}

impl ExternalUrls {
    fn of(kind: &'static str, id: Id) -> Self {
        Self {
            spotify: Link {
                base: "https://open.spotify.com",
                kind,
                id,
            },
        }
    }
}

/// One size of a picture.
#[derive(Serialize)]
pub(crate) struct Image {
    url: Picture,
    height: Int,
    width: Int,
}

/// `https://i.scdn.co/image/` and 40 hex digits, of which the first 16 state kind and size.
struct Picture {
    prefix: &'static str,
    id: Id,
}

impl Serialize for Picture {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hash = self.id.hash();
        let (head, tail) = (hash, (hash >> 24) as u32);
        serializer.collect_str(&format_args!(
            "https://i.scdn.co/image/{}{head:016x}{tail:08x}",
            self.prefix
        ))
    }
}

impl Image {
    fn of(view: &View<'_>, prefix: &'static str, size: u32, id: Id) -> Self {
        Self {
            url: Picture { prefix, id },
            height: view.int(size),
            width: view.int(size),
        }
    }
}
