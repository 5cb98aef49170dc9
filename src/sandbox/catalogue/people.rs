//! The artists of the generated catalogue.

use super::dice::Dice;
use super::id::{Codec, Meaning};
use super::names::{self, Script};
use super::sound::Style;
use super::{Artist, ArtistProfile};

/// Artists there are; those with low numbers are the famous ones.
const ARTISTS: u64 = 40_000;
/// Stands on compilations.
const VARIOUS: u64 = ARTISTS;
/// For so many albums in a row the same artists are the busy ones.
const SEASON: u64 = 400;

/// An artist as those who make music need it.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) artist: Artist,
    pub(crate) script: Script,
    /// 0 unknown to 1 world-famous.
    pub(crate) fame: f64,
    pub(crate) style: Style,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct People {
    seed: u64,
    ids: Codec,
}

impl People {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            ids: Codec::new(seed),
        }
    }

    /// Whoever releases an album, heavy-tailed: of a hundred albums in a row the busiest artist has about five.
    pub(crate) fn releasing(&self, album: u64, dice: &mut Dice) -> Person {
        let rank = dice.rank(8_000, 3.0);
        let share = Dice::new([self.seed, 21, album / SEASON, rank]).unit();
        self.person((ARTISTS as f64 * share * share) as u64)
    }

    /// Anyone, for a guest on a track.
    pub(crate) fn guest(&self, dice: &mut Dice) -> Person {
        let share = dice.unit();
        self.person((ARTISTS as f64 * share * share) as u64)
    }

    /// The artist that compilations are filed under.
    pub(crate) fn various(&self) -> Artist {
        Artist {
            id: self.ids.encode(Meaning::Artist { number: VARIOUS }),
            name: "Various Artists".into(),
        }
    }

    fn person(&self, number: u64) -> Person {
        let mut dice = Dice::new([self.seed, 22, number]);
        let script = Script::of_artist(&mut dice);
        let name = names::artist(script, &mut dice);
        Person {
            artist: Artist {
                id: self.ids.encode(Meaning::Artist { number }),
                name: name.into(),
            },
            script,
            fame: (1.0 - (number as f64 / ARTISTS as f64).powf(0.25)) * 0.8 + 0.2 * dice.unit(),
            style: Style::of_artist(&mut dice),
        }
    }

    pub(crate) fn profile(&self, number: u64) -> Option<ArtistProfile> {
        if number == VARIOUS {
            return Some(ArtistProfile {
                artist: self.various(),
                followers: 3_214_907,
                popularity: 0,
                genres: vec![],
            });
        }
        if number > ARTISTS {
            return None;
        }
        let person = self.person(number);
        let mut dice = Dice::new([self.seed, 23, number]);
        Some(ArtistProfile {
            followers: 10_f64.powf(1.5 + 6.0 * person.fame + 0.4 * dice.normal()) as u32,
            popularity: (person.fame * 90.0 + 4.0 * dice.normal()).clamp(0.0, 100.0) as u8,
            genres: if dice.chance(0.7) {
                vec![person.style.genre]
            } else {
                vec![]
            },
            artist: person.artist,
        })
    }
}
