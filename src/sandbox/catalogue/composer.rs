//! What album number n of the generated catalogue holds: a function of the seed and n.

use std::borrow::Cow;

use super::dice::Dice;
use super::id::{Codec, Meaning};
use super::markets::MarketSets;
use super::people::{People, Person};
use super::popularity::{Course, Popularity};
use super::{Album, Artist, Track, names};
use crate::sandbox::clock;

#[derive(Debug)]
pub(crate) struct Composer {
    pub(crate) seed: u64,
    pub(crate) ids: Codec,
    pub(crate) people: People,
    /// The same number of tracks for every album, where one is wanted.
    pub(crate) tracks_per_album: Option<u16>,
    /// Milliseconds from one album to the next.
    pub(crate) interval_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Single,
    Ep,
    Album,
    Compilation,
}

/// How big an album is, and whether it follows a single.
#[derive(Debug)]
struct Plan {
    number: u64,
    kind: Kind,
    tracks: u16,
    /// An earlier single that the album takes a track of.
    lead_single: Option<u64>,
}

/// What is settled about an album before its tracks.
#[derive(Debug)]
struct Outline {
    plan: Plan,
    main: Person,
    release: Release,
}

/// When an album came out, and when it was first heard of.
#[derive(Debug)]
struct Release {
    date: String,
    precision: &'static str,
    first_day: i64,
}

impl Composer {
    pub(crate) fn compose(&self, number: u64) -> Album {
        let mut dice = self.dice(10, number);
        let outline = self.outline(number, &mut dice);
        let Outline { plan, main, release } = &outline;
        let (album_type, listed_type) = plan.kind.names(&mut dice);
        let label = match dice.chance(0.15) {
            true => format!("{} Records", main.artist.name),
            false => names::label(&mut dice),
        };
        let market_set = MarketSets::choose(dice.bits());
        let tracks = self.tracks(&outline);
        let title = match tracks.first() {
            Some(lead) if plan.kind == Kind::Single => lead.name.clone(),
            _ => names::title(main.script, &mut dice),
        };
        Album {
            number,
            id: self.ids.encode(Meaning::Album { number }),
            name: title,
            album_type: Some(Cow::Borrowed(album_type)),
            listed_type: Some(Cow::Borrowed(listed_type)),
            total_tracks: tracks.len(),
            market_set,
            has_markets: true,
            has_images: true,
            artists: self.credited(&outline, &mut dice),
            release_date: Some(release.date.clone()),
            precision: Some(release.precision),
            label: Some(label),
            upc: upc(&mut dice),
            popularity: album_popularity(&tracks, &mut dice),
            tracks,
        }
    }

    fn outline(&self, number: u64, dice: &mut Dice) -> Outline {
        let plan = self.plan(number);
        // A single and the album that follows it are by the same artist.
        let origin = plan.lead_single.unwrap_or(number);
        let main = self.people.releasing(origin, &mut self.dice(12, origin));
        Outline {
            plan,
            main,
            release: self.release_of(number, dice),
        }
    }

    fn plan(&self, number: u64) -> Plan {
        let mut dice = self.dice(11, number);
        let kind = match (self.tracks_per_album, dice.below(100)) {
            (Some(1..=3), _) | (None, 0..25) => Kind::Single,
            (Some(4..=6), _) | (None, 25..40) => Kind::Ep,
            (None, 96..) => Kind::Compilation,
            _ => Kind::Album,
        };
        let tracks = self.tracks_per_album.unwrap_or_else(|| kind.tracks(&mut dice));
        // Fixed counts promise distinct tracks.
        let may_share = kind == Kind::Album && self.tracks_per_album.is_none();
        let earlier = number
            .checked_sub(dice.between(1, 60))
            .filter(|_| may_share && dice.chance(0.6));
        let lead_single = earlier.filter(|earlier| self.plan(*earlier).kind == Kind::Single);
        Plan {
            number,
            kind,
            tracks,
            lead_single,
        }
    }

    /// Whom the album is by: the main artist, at times with others.
    fn credited(&self, outline: &Outline, dice: &mut Dice) -> Vec<Artist> {
        if outline.plan.kind == Kind::Compilation {
            return vec![self.people.various()];
        }
        let others = match dice.below(100) {
            0 => dice.between(8, 24),
            1..10 => 1,
            10..12 => 2,
            _ => 0,
        };
        let others = (0..others).map(|_| self.people.guest(dice).artist);
        distinct(std::iter::once(outline.main.artist.clone()).chain(others))
    }

    fn tracks(&self, outline: &Outline) -> Vec<Track> {
        let mut tracks: Vec<Track> = (0..outline.plan.tracks)
            .map(|place| self.track(outline, place))
            .collect();
        let single = outline.plan.lead_single.map(|number| self.compose(number));
        let lead = single.as_ref().and_then(|single| single.tracks.first());
        if let (Some(lead), Some(first)) = (lead, tracks.first_mut()) {
            *first = Track {
                disc_number: 1,
                track_number: 1,
                ..lead.clone()
            };
        }
        tracks
    }

    fn track(&self, outline: &Outline, place: u16) -> Track {
        let Outline { plan, main, release } = outline;
        let seed = plan.number << 16 | u64::from(place);
        let mut dice = self.dice(13, seed);
        let singer = match plan.kind {
            Kind::Compilation => &self.people.guest(&mut dice),
            _ => main,
        };
        let guests = if dice.chance(0.16) { dice.between(1, 2) } else { 0 };
        let guests: Vec<Artist> = (0..guests).map(|_| self.people.guest(&mut dice).artist).collect();
        let mut name = names::title(singer.script, &mut dice);
        if let Some(guest) = guests.first().filter(|_| dice.chance(0.5)) {
            name = format!("{name} (feat. {})", guest.name);
        }
        let features = singer.style.track(&mut dice);
        let peak = 22.0 + 34.0 * singer.fame + features.appeal() + 8.0 * dice.normal()
            - 0.3 * f64::from(place.min(20));
        let course = Course {
            peak: peak.clamp(1.0, 98.0),
            first_day: release.first_day,
            seed: dice.bits(),
        };
        let is_rap = matches!(singer.style.genre, "hip hop" | "trap");
        Track {
            id: self.ids.encode(Meaning::Track {
                album: plan.number,
                place,
            }),
            name,
            disc_number: u32::from(place / 25) + 1,
            track_number: u32::from(place % 25) + 1,
            artists: distinct(std::iter::once(singer.artist.clone()).chain(guests)),
            duration_ms: (195_000.0 + 48_000.0 * dice.normal()).max(31_000.0) as u32,
            explicit: dice.chance(if is_rap { 0.45 } else { 0.07 }),
            isrc: Some(isrc(&mut dice)),
            popularity: Popularity::Moving(course),
            features,
            is_analysed: !dice.chance(0.03),
        }
    }

    fn release_of(&self, number: u64, dice: &mut Dice) -> Release {
        let listed_day = clock::Instant((number.saturating_mul(self.interval_ms)) as i64).day();
        if dice.chance(0.03) {
            let years = 1 + dice.rank(50, 4.0) as i64;
            let date = clock::date(listed_day - 365 * years - dice.below(365) as i64).to_string();
            let (precision, length) = match dice.below(3) {
                0 => ("year", 4),
                1 => ("month", 7),
                _ => ("day", 10),
            };
            return Release {
                date: date.chars().take(length).collect(),
                precision,
                first_day: listed_day,
            };
        }
        let lag = dice.exponential(8.0).min(36.0) as i64;
        let day = listed_day - lag;
        // Day 1 of the epoch was a Friday.
        let day = if dice.chance(0.8) {
            day - (day - 1).rem_euclid(7)
        } else {
            day
        };
        Release {
            date: clock::date(day).to_string(),
            precision: "day",
            first_day: day,
        }
    }

    fn dice(&self, purpose: u64, number: u64) -> Dice {
        Dice::new([self.seed, purpose, number])
    }
}

impl Kind {
    fn tracks(self, dice: &mut Dice) -> u16 {
        let (low, high) = match (self, dice.below(100)) {
            (Kind::Single, 0..70) => (1, 1),
            (Kind::Single, _) => (2, 3),
            (Kind::Ep, _) => (4, 6),
            (Kind::Compilation, _) => (12, 40),
            (Kind::Album, 0..3) => (51, 130),
            (Kind::Album, 3..18) => (15, 24),
            (Kind::Album, _) => (7, 14),
        };
        dice.between(low, high) as u16
    }

    /// What the album itself says that it is, and what lists say.
    fn names(self, dice: &mut Dice) -> (&'static str, &'static str) {
        match self {
            Kind::Single => ("single", "single"),
            Kind::Ep if dice.chance(0.5) => ("single", "ep"),
            Kind::Ep => ("single", "single"),
            Kind::Album => ("album", "album"),
            Kind::Compilation => ("compilation", "compilation"),
        }
    }
}

/// An album is about as popular as its most popular track.
fn album_popularity(tracks: &[Track], dice: &mut Dice) -> Popularity {
    let courses = tracks.iter().filter_map(|track| match &track.popularity {
        Popularity::Moving(course) => Some(course),
        _ => None,
    });
    match courses.max_by(|one, other| one.peak.total_cmp(&other.peak)) {
        Some(best) => Popularity::Moving(Course {
            peak: (best.peak + 2.0 * dice.normal()).clamp(1.0, 99.0),
            ..best.clone()
        }),
        None => Popularity::Unknown,
    }
}

fn distinct(artists: impl Iterator<Item = Artist>) -> Vec<Artist> {
    let mut kept: Vec<Artist> = Vec::new();
    for artist in artists {
        if kept.iter().all(|other| other.id != artist.id) {
            kept.push(artist);
        }
    }
    kept
}

/// Twelve digits, at times zero-padded to fourteen.
fn upc(dice: &mut Dice) -> String {
    let digits = 100_000_000_000 + dice.below(900_000_000_000);
    if dice.chance(0.1) {
        format!("{digits:014}")
    } else {
        digits.to_string()
    }
}

fn isrc(dice: &mut Dice) -> String {
    let country = dice.pick(&[
        "QZ", "US", "GB", "DE", "FR", "BR", "JP", "KR", "SE", "NL", "IT", "ES",
    ]);
    let registrant = dice.pick(&["HN9", "UM7", "SM1", "A3X", "K5R", "B0V", "TJ2", "FR6"]);
    format!("{country}{registrant}26{:05}", dice.below(100_000))
}
