//! Oddities of the real API that a client must live with (the contract's section 5).

use super::catalogue::Album;

/// An oddity that some objects then show. Which ones is fixed by their place in the catalogue.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// Integers written as floats: popularity 54.0, image sizes 640.0, durations, followers
    FloatInts,
    /// Audio features that happen to be whole written as integers: instrumentalness 0, tempo 120
    IntFloats,
    /// null in place of some items of pages; `total` counts them
    NullItems,
    /// null in albums[], tracks[] and audio_features[] for some ids that single calls know
    NullInArrays,
    /// release_date "0000" with precision year
    #[value(name = "date-0000")]
    Date0000,
    /// release_date and its precision null
    NullDate,
    /// Albums and tracks with an empty name, as after a takedown
    EmptyName,
    /// album_type null
    NullType,
    /// album_type in upper case
    UpperType,
    /// images []
    EmptyImages,
    /// external_ids {} on tracks
    NoIsrc,
    /// label, popularity, available_markets and external_ids absent everywhere
    RemovedFields,
    /// key -1, tempo 0, loudness -60, time_signature 0 or 1
    OddFeatures,
    /// The character U+0000 inside names
    NulCharacter,
    /// One album in a hundred whose `tracks` is a text where an object is due
    UndecodableAlbum,
    /// available_markets []
    MarketsEmpty,
    /// A track that stands on its album twice
    DuplicateTrackOnAlbum,
    /// `total` differs from page to page
    TotalDrift,
    /// locale= appended to href, next and previous
    Locale,
    /// total_tracks two higher than the tracks there are
    WrongTotalTracks,
}

/// The quirks that are switched on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Quirks(Vec<Quirk>);

impl Quirks {
    pub(crate) fn new(quirks: &[Quirk]) -> Self {
        Self(quirks.to_vec())
    }

    pub(crate) fn has(&self, quirk: Quirk) -> bool {
        self.0.contains(&quirk)
    }

    /// Whether the quirk is on and the thing with this number shows it: one of every `one_in` in a row.
    pub(crate) fn strikes(&self, quirk: Quirk, number: u64, one_in: u64) -> bool {
        // Another start for every quirk, so that they do not all meet on the same albums.
        self.has(quirk) && number.wrapping_add(quirk as u64 * 3).is_multiple_of(one_in)
    }

    /// Bends an album and its tracks as the quirks of data demand.
    pub(crate) fn bend(&self, album: &mut Album) {
        let number = album.number;
        let strikes = |quirk| self.strikes(quirk, number, 9);
        if strikes(Quirk::Date0000) {
            album.release_date = Some("0000".to_owned());
            album.precision = Some("year");
        }
        if strikes(Quirk::NullDate) {
            album.release_date = None;
            album.precision = None;
        }
        if strikes(Quirk::EmptyName) {
            album.name.clear();
        }
        if strikes(Quirk::NulCharacter) {
            album.name.push('\0');
        }
        if strikes(Quirk::NullType) {
            album.album_type = None;
            album.listed_type = None;
        }
        if strikes(Quirk::UpperType) {
            album.album_type = album.album_type.as_ref().map(|kind| kind.to_uppercase().into());
            album.listed_type.clone_from(&album.album_type);
        }
        album.has_images &= !strikes(Quirk::EmptyImages);
        album.has_markets &= !strikes(Quirk::MarketsEmpty);
        self.bend_tracks(album);
        if strikes(Quirk::WrongTotalTracks) {
            album.total_tracks += 2;
        }
    }

    fn bend_tracks(&self, album: &mut Album) {
        for track in &mut album.tracks {
            // By the id, so that a track is bent alike wherever it stands.
            let number = track.id.hash();
            let strikes = |quirk| self.strikes(quirk, number, 9);
            if strikes(Quirk::EmptyName) {
                track.name.clear();
            }
            if strikes(Quirk::NulCharacter) {
                track.name.push('\0');
            }
            if strikes(Quirk::NoIsrc) {
                track.isrc = None;
            }
            if strikes(Quirk::OddFeatures) {
                track.features.make_odd(number);
            }
        }
        if self.strikes(Quirk::DuplicateTrackOnAlbum, album.number, 9) {
            album.tracks.extend(album.tracks.first().cloned());
            album.total_tracks += 1;
        }
    }
}
