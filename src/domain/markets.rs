//! Sets of markets, of which thousands of objects share a few.

use sha2::{Digest, Sha256};

/// A set of markets, in the compact form in which it is stored once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Markets {
    /// The first 64 bits of the SHA-256 of `codes`.
    pub id: i64,
    /// ISO 3166-1 alpha-2 codes, sorted, separated by a space.
    pub codes: String,
}

impl Markets {
    /// The set of these codes, whatever their order.
    #[must_use]
    pub fn new(mut codes: Vec<&str>) -> Self {
        codes.sort_unstable();
        codes.dedup();
        let codes = codes.join(" ");
        let digest = Sha256::digest(codes.as_bytes());
        let id = digest
            .iter()
            .take(8)
            .fold(0_i64, |id, byte| (id << 8) | i64::from(*byte));
        Self { id, codes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repetition_do_not_matter() {
        assert_eq!(
            Markets::new(vec!["SE", "DE", "SE"]),
            Markets::new(vec!["DE", "SE"])
        );
        assert_ne!(Markets::new(vec![]).id, Markets::new(vec!["DE"]).id);
    }
}
