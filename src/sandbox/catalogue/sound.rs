//! Audio features.

use super::dice::Dice;

/// Audio features of a track, in Spotify's own scales.
#[derive(Clone, Debug, Default)]
pub(crate) struct Features {
    pub(crate) danceability: Option<f64>,
    pub(crate) energy: Option<f64>,
    pub(crate) key: Option<i64>,
    pub(crate) loudness: Option<f64>,
    pub(crate) mode: Option<i64>,
    pub(crate) speechiness: Option<f64>,
    pub(crate) acousticness: Option<f64>,
    pub(crate) instrumentalness: Option<f64>,
    pub(crate) liveness: Option<f64>,
    pub(crate) valence: Option<f64>,
    pub(crate) tempo: Option<f64>,
    pub(crate) time_signature: Option<i64>,
}

/// A genre and its typical danceability, energy, acousticness, instrumentalness, speechiness, valence, tempo.
type Genre = (&'static str, [f64; 7]);

const POP: Genre = ("pop", [0.66, 0.66, 0.20, 0.00, 0.06, 0.52, 118.0]);

/// The most frequent first.
const GENRES: [Genre; 14] = [
    POP,
    ("hip hop", [0.76, 0.62, 0.15, 0.01, 0.22, 0.50, 128.0]),
    ("trap", [0.74, 0.60, 0.16, 0.02, 0.20, 0.42, 140.0]),
    ("house", [0.72, 0.80, 0.05, 0.35, 0.06, 0.50, 124.0]),
    ("techno", [0.70, 0.84, 0.04, 0.72, 0.06, 0.30, 130.0]),
    ("reggaeton", [0.80, 0.72, 0.18, 0.00, 0.12, 0.66, 98.0]),
    ("rock", [0.50, 0.78, 0.10, 0.06, 0.05, 0.48, 124.0]),
    ("metal", [0.42, 0.92, 0.01, 0.22, 0.09, 0.30, 128.0]),
    ("singer-songwriter", [0.52, 0.36, 0.68, 0.03, 0.04, 0.36, 112.0]),
    ("ambient", [0.32, 0.22, 0.80, 0.84, 0.04, 0.16, 96.0]),
    ("classical", [0.28, 0.18, 0.94, 0.80, 0.04, 0.22, 104.0]),
    ("jazz", [0.54, 0.38, 0.66, 0.40, 0.05, 0.48, 112.0]),
    ("k-pop", [0.68, 0.78, 0.14, 0.00, 0.08, 0.58, 122.0]),
    ("r&b", [0.66, 0.52, 0.34, 0.02, 0.10, 0.46, 108.0]),
];

/// How one artist sounds: a genre, and a leaning of their own.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    pub(crate) genre: &'static str,
    typical: [f64; 7],
}

impl Style {
    pub(crate) fn of_artist(dice: &mut Dice) -> Self {
        let genre = GENRES
            .get(dice.rank(GENRES.len() as u64, 3.0) as usize)
            .unwrap_or(&POP);
        let mut typical = genre.1;
        for (value, spread) in typical.iter_mut().zip([0.06, 0.07, 0.07, 0.03, 0.02, 0.09, 6.0]) {
            *value += dice.normal() * spread;
        }
        Self {
            genre: genre.0,
            typical,
        }
    }

    /// The features of one more track in this style.
    pub(crate) fn track(&self, dice: &mut Dice) -> Features {
        let [dance, energy, acoustic, instrumental, speech, valence, tempo] = self.typical;
        let energy = share(energy + dice.normal() * 0.12);
        let is_sung = instrumental < 0.05 + 0.2 * dice.unit();
        Features {
            danceability: Some(share(dance + dice.normal() * 0.10)),
            energy: Some(energy),
            key: Some(dice.below(12) as i64),
            loudness: Some(round(-19.0 + 15.0 * energy + dice.normal() * 1.6, 3)),
            mode: Some(i64::from(dice.chance(0.58))),
            speechiness: Some(share(speech * (0.5 + dice.exponential(0.5)) + 0.02)),
            acousticness: Some(share(acoustic * (0.4 + dice.exponential(0.6)))),
            instrumentalness: Some(match is_sung {
                true if dice.chance(0.6) => 0.0,
                true => round(10_f64.powf(-2.0 - 4.0 * dice.unit()), 7),
                false => share(instrumental + dice.normal() * 0.15),
            }),
            liveness: Some(share(0.08 + dice.exponential(0.10))),
            valence: Some(share(valence + dice.normal() * 0.17)),
            tempo: Some(round((tempo + dice.normal() * 16.0).clamp(54.0, 216.0), 3)),
            time_signature: Some(if dice.chance(0.9) { 4 } else { 3 }),
        }
    }
}

impl Features {
    /// How much listeners like this sound: what popularity owes to it, in points.
    pub(crate) fn appeal(&self) -> f64 {
        let above = |value: Option<f64>, middle: f64| value.unwrap_or(middle) - middle;
        17.0 * above(self.danceability, 0.6) + 12.0 * above(self.energy, 0.6)
            - 11.0 * above(self.instrumentalness, 0.1)
            + 4.0 * above(self.valence, 0.5)
    }

    /// What a track of silence, or one that the analysis made nothing of, looks like.
    pub(crate) fn make_odd(&mut self, number: u64) {
        self.key = Some(-1);
        self.tempo = Some(0.0);
        self.loudness = Some(-60.0);
        self.time_signature = Some((number % 2) as i64);
    }
}

/// A value from 0 to 1 in three decimals.
fn share(value: f64) -> f64 {
    round(value.clamp(0.001, 0.999), 3)
}

fn round(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}
