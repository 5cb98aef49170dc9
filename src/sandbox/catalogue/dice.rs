//! Chance that falls the same way every time: all of it is a function of the seed and of what it is for.
//!
//! Not a random generator of a library: their streams change between versions, and ids must not.

use std::f64::consts::TAU;

/// Spreads every bit over all others (the finalizer of SplitMix64).
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// One number of several.
pub(crate) fn hash<const N: usize>(parts: [u64; N]) -> u64 {
    parts.iter().fold(0x9e37_79b9_7f4a_7c15, |state: u64, part| {
        mix(state.rotate_left(23) ^ mix(part ^ state))
    })
}

/// A stream of chances.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new<const N: usize>(parts: [u64; N]) -> Self {
        Self(hash(parts))
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Even over [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Even over 0..bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// Even over low..=high.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Mean 0, standard deviation 1.
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (TAU * self.unit()).cos()
    }

    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// A rank from 0 that is heavy-tailed: log-uniform over `ranks`, flattened at the head by `shift`.
    pub(crate) fn rank(&mut self, ranks: u64, shift: f64) -> u64 {
        let span = ((ranks as f64 + shift) / shift).ln();
        (((self.unit() * span).exp() - 1.0) * shift) as u64
    }

    pub(crate) fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words
            .get(self.below(words.len() as u64) as usize)
            .copied()
            .unwrap_or_default()
    }
}
