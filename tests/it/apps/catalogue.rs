//! A small catalogue whose every fact the tests know, written as the files that the sandbox reads.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};
use flate2::Compression;
use flate2::write::GzEncoder;

const ALBUMS: usize = 45;
const LONG_ALBUM: usize = 7;
const NEWEST: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();

pub(super) struct Catalogue {
    pub(super) albums: Vec<Album>,
    pub(super) tracks: Vec<Track>,
}

pub(super) struct Album {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) artist: String,
    pub(super) release_date: NaiveDate,
    pub(super) label: String,
    pub(super) popularity: i32,
    pub(super) total_tracks: i32,
}

pub(super) struct Track {
    pub(super) id: String,
    pub(super) album: String,
    pub(super) number: i32,
    pub(super) name: String,
    pub(super) artist: String,
    pub(super) duration_ms: i32,
    pub(super) popularity: i32,
    /// The other features are the same for all.
    pub(super) danceability: f64,
    pub(super) energy: f64,
    pub(super) tempo: f64,
}

impl Catalogue {
    /// Albums of the last two weeks, newest first, as lists show them. One has more tracks than it embeds.
    pub(super) fn new() -> Self {
        let tracks = |number| {
            if number == LONG_ALBUM {
                120
            } else {
                1 + number % 12
            }
        };
        Self::of(ALBUMS, tracks)
    }

    /// So many albums of ten tracks each.
    pub(super) fn of_ten_tracks(albums: usize) -> Self {
        Self::of(albums, |_| 10)
    }

    fn of(albums: usize, tracks_of: impl Fn(usize) -> usize) -> Self {
        let mut tracks = Vec::new();
        let mut album = |number: usize| {
            let (id, artist) = (format!("1{number:021}"), format!("2{:021}", number % 9));
            let total = tracks_of(number);
            tracks.extend((0..total).map(|place| Track {
                id: format!("3{number:010}{place:011}"),
                album: id.clone(),
                number: i32::try_from(place + 1).unwrap(),
                name: format!("track {place} of {number}"),
                artist: artist.clone(),
                duration_ms: i32::try_from(120_000 + number * 1000 + place).unwrap(),
                popularity: i32::try_from((number * 31 + place * 7) % 100).unwrap(),
                danceability: ((number * 17 + place * 5) % 97) as f64 / 100.0,
                energy: ((number * 7 + place * 3) % 89) as f64 / 100.0,
                tempo: 60.0 + ((number * 13 + place) % 120) as f64,
            }));
            Album {
                id,
                name: format!("album {number}"),
                kind: ["album", "single", "compilation"][number % 3],
                artist,
                release_date: NEWEST - Days::new(number as u64 * 13 / albums as u64),
                label: format!("label {}", number % 5),
                popularity: i32::try_from(number * 2 % 100).unwrap(),
                total_tracks: i32::try_from(total).unwrap(),
            }
        };
        let albums = (0..albums).map(&mut album).collect();
        Self { albums, tracks }
    }

    /// Writes the files and returns their folder.
    pub(super) fn write(&self, folder: &Path) -> PathBuf {
        let albums = self.albums.iter().map(Album::row).collect();
        table(folder, "albums", ALBUM_COLUMNS, albums);
        let artist = |number| format!("2{number:021},artist {number}");
        table(folder, "artists", "artist_id,name", (0..9).map(artist).collect());
        let tracks = self.tracks.iter().map(Track::row).collect();
        table(folder, "tracks", TRACK_COLUMNS, tracks);
        let features = self.tracks.iter().map(Track::features_row).collect();
        table(folder, "audio_features", FEATURES_COLUMNS, features);
        folder.to_owned()
    }
}

impl Album {
    fn row(&self) -> String {
        format!(
            "{},{},{},{},{},day,{},{},{}",
            self.id,
            self.name,
            self.kind,
            self.artist,
            self.release_date,
            self.label,
            self.popularity,
            self.total_tracks
        )
    }
}

impl Track {
    fn row(&self) -> String {
        format!(
            "{},{},1,{},{},{},{},false,{}",
            self.id, self.album, self.number, self.name, self.artist, self.duration_ms, self.popularity
        )
    }

    fn features_row(&self) -> String {
        format!(
            "{},{},{},5,-7.5,1,0.05,0.1,0,0.2,0.5,{},4",
            self.id, self.danceability, self.energy, self.tempo
        )
    }
}

const ALBUM_COLUMNS: &str =
    "album_id,name,album_type,artist_ids,release_date,release_date_precision,label,popularity,total_tracks";
const TRACK_COLUMNS: &str =
    "track_id,album_id,disc_number,track_number,name,artist_ids,duration_ms,explicit,popularity";
const FEATURES_COLUMNS: &str = "track_id,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,time_signature";

/// Nothing in these rows needs quoting.
fn table(folder: &Path, name: &str, columns: &str, rows: Vec<String>) {
    let file = File::create(folder.join(format!("{name}.csv.gz"))).unwrap();
    let mut file = GzEncoder::new(file, Compression::fast());
    writeln!(file, "{columns}\n{}", rows.join("\n")).unwrap();
    file.finish().unwrap();
}
