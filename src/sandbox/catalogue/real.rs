//! A catalogue read from files: the facts stay as they are, an empty cell is unknown.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::dice::{Dice, hash};
use super::id::Id;
use super::markets::MarketSets;
use super::popularity::Popularity;
use super::sound::Features;
use super::{Album, Artist, ArtistProfile, Track};
use crate::sandbox::clock::day_of;
use crate::sandbox::quirks::Quirks;

#[derive(Debug)]
pub(crate) struct Real {
    /// Newest first.
    albums: Vec<Arc<Album>>,
    listed: usize,
    newest_day: i64,
    places: HashMap<Id, usize>,
    homes: HashMap<Id, usize>,
    artists: Artists,
}

type Artists = HashMap<Id, Artist>;

#[derive(Deserialize)]
struct AlbumRow {
    album_id: String,
    name: String,
    album_type: String,
    artist_ids: String,
    release_date: String,
    release_date_precision: String,
    label: String,
    popularity: Option<u8>,
    total_tracks: usize,
}

#[derive(Deserialize)]
struct ArtistRow {
    artist_id: String,
    name: String,
}

#[derive(Deserialize)]
struct TrackRow {
    track_id: String,
    album_id: String,
    disc_number: u32,
    track_number: u32,
    name: String,
    artist_ids: String,
    duration_ms: u32,
    explicit: String,
    popularity: Option<u8>,
}

#[derive(Deserialize)]
struct FeaturesRow {
    track_id: String,
    danceability: Option<f64>,
    energy: Option<f64>,
    key: Option<i64>,
    loudness: Option<f64>,
    mode: Option<i64>,
    speechiness: Option<f64>,
    acousticness: Option<f64>,
    instrumentalness: Option<f64>,
    liveness: Option<f64>,
    valence: Option<f64>,
    tempo: Option<f64>,
    time_signature: Option<i64>,
}

impl Real {
    /// Reads the four files of a folder; the list is the newest `listed` albums, 0 for all.
    ///
    /// # Errors
    /// A file is missing, or a row of it is not what its header promises.
    pub(crate) fn read(folder: &Path, listed: usize, quirks: &Quirks) -> anyhow::Result<Self> {
        let artists = artists(folder)?;
        let mut tracks = tracks(folder, &artists)?;
        let mut albums = Vec::new();
        for (row, number) in rows::<AlbumRow>(folder, "albums.csv.gz")?
            .into_iter()
            .zip(0_u64..)
        {
            let id = id(&row.album_id)?;
            let mut album = album(row, id, number, &artists);
            album.tracks = tracks.remove(&id).unwrap_or_default();
            quirks.bend(&mut album);
            albums.push(Arc::new(album));
        }
        let places = albums
            .iter()
            .enumerate()
            .map(|(place, album)| (album.id, place))
            .collect();
        let homes = albums.iter().enumerate();
        let homes = homes
            .flat_map(|(place, album)| album.tracks.iter().map(move |track| (track.id, place)))
            .collect();
        let listed = if listed == 0 {
            albums.len()
        } else {
            listed.min(albums.len())
        };
        let dates = albums.iter().filter_map(|album| album.release_date.as_deref());
        Ok(Self {
            newest_day: dates.filter_map(day_of).max().unwrap_or_default(),
            albums,
            listed,
            places,
            homes,
            artists,
        })
    }

    pub(crate) fn listed(&self) -> usize {
        self.listed
    }

    /// The day of the newest release date, counted from the Unix epoch.
    pub(crate) fn newest_day(&self) -> i64 {
        self.newest_day
    }

    pub(crate) fn at(&self, position: usize) -> Option<Arc<Album>> {
        self.albums.get(position).cloned()
    }

    pub(crate) fn album(&self, id: Id) -> Option<Arc<Album>> {
        self.places.get(&id).and_then(|place| self.at(*place))
    }

    pub(crate) fn home_of_track(&self, id: Id) -> Option<Arc<Album>> {
        self.homes.get(&id).and_then(|place| self.at(*place))
    }

    /// The files know no more than the name; the rest is made up.
    pub(crate) fn artist(&self, id: Id) -> Option<ArtistProfile> {
        let artist = self.artists.get(&id)?.clone();
        let mut dice = Dice::new([id.hash()]);
        Some(ArtistProfile {
            artist,
            followers: dice.exponential(80_000.0) as u32,
            popularity: dice.between(10, 80) as u8,
            genres: Vec::new(),
        })
    }
}

fn album(row: AlbumRow, id: Id, number: u64, artists: &Artists) -> Album {
    let mut dice = Dice::new([id.hash()]);
    let album_type = known(row.album_type).map(Cow::Owned);
    Album {
        number,
        id,
        name: row.name,
        listed_type: album_type.clone(),
        album_type,
        total_tracks: row.total_tracks,
        market_set: MarketSets::choose(dice.bits()),
        has_markets: true,
        has_images: true,
        artists: named(&row.artist_ids, artists),
        release_date: known(row.release_date),
        precision: match row.release_date_precision.as_str() {
            "year" => Some("year"),
            "month" => Some("month"),
            "day" => Some("day"),
            _ => None,
        },
        label: known(row.label),
        upc: format!("{:012}", dice.below(1_000_000_000_000)),
        popularity: popularity(row.popularity),
        tracks: Vec::new(),
    }
}

/// The tracks of every album, in their order.
fn tracks(folder: &Path, artists: &Artists) -> anyhow::Result<HashMap<Id, Vec<Track>>> {
    let mut features = features(folder)?;
    let mut tracks: HashMap<Id, Vec<Track>> = HashMap::new();
    for row in rows::<TrackRow>(folder, "tracks.csv.gz")? {
        let track_id = id(&row.track_id)?;
        let analysed = features.remove(&track_id);
        tracks.entry(id(&row.album_id)?).or_default().push(Track {
            id: track_id,
            name: row.name,
            disc_number: row.disc_number,
            track_number: row.track_number,
            artists: named(&row.artist_ids, artists),
            duration_ms: row.duration_ms,
            explicit: matches!(row.explicit.as_str(), "true" | "True" | "TRUE" | "1"),
            isrc: Some(format!("ZZXXX19{:05}", hash([track_id.hash()]) % 100_000)),
            popularity: popularity(row.popularity),
            is_analysed: analysed.is_some(),
            features: analysed.unwrap_or_default(),
        });
    }
    Ok(tracks)
}

fn features(folder: &Path) -> anyhow::Result<HashMap<Id, Features>> {
    let rows = rows::<FeaturesRow>(folder, "audio_features.csv.gz")?.into_iter();
    let features = |row: FeaturesRow| Features {
        danceability: row.danceability,
        energy: row.energy,
        key: row.key,
        loudness: row.loudness,
        mode: row.mode,
        speechiness: row.speechiness,
        acousticness: row.acousticness,
        instrumentalness: row.instrumentalness,
        liveness: row.liveness,
        valence: row.valence,
        tempo: row.tempo,
        time_signature: row.time_signature,
    };
    rows.map(|row| Ok((id(&row.track_id)?, features(row)))).collect()
}

fn artists(folder: &Path) -> anyhow::Result<Artists> {
    let rows = rows::<ArtistRow>(folder, "artists.csv.gz")?.into_iter();
    rows.map(|row| {
        let id = id(&row.artist_id)?;
        Ok((
            id,
            Artist {
                id,
                name: row.name.into(),
            },
        ))
    })
    .collect()
}

fn rows<R: DeserializeOwned>(folder: &Path, file: &str) -> anyhow::Result<Vec<R>> {
    let path = folder.join(file);
    let bytes = File::open(&path).with_context(|| {
        format!(
            "cannot read {}; --catalogue wants a folder that holds it",
            path.display()
        )
    })?;
    csv::Reader::from_reader(GzDecoder::new(std::io::BufReader::new(bytes)))
        .into_deserialize()
        .collect::<Result<_, _>>()
        .with_context(|| {
            format!(
                "{} is not the catalogue file that its name promises",
                path.display()
            )
        })
}

fn id(text: &str) -> anyhow::Result<Id> {
    Id::parse(text).with_context(|| format!("`{text}` in the catalogue is no id of 22 base62 digits"))
}

fn named(ids: &str, artists: &Artists) -> Vec<Artist> {
    ids.split_whitespace()
        .filter_map(Id::parse)
        .filter_map(|id| artists.get(&id).cloned())
        .collect()
}

fn known(cell: String) -> Option<String> {
    Some(cell).filter(|cell| !cell.is_empty())
}

fn popularity(cell: Option<u8>) -> Popularity {
    cell.map_or(Popularity::Unknown, Popularity::Constant)
}
