//! Numbers as APIs write them.

use serde::de::{Deserializer, Error, Unexpected, Visitor};

/// A whole number, also where it is written `640.0` or `4.9022656E7`. null is none.
///
/// # Errors
/// When it is no whole number, or none of 32 bits.
pub fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i32>, D::Error> {
    struct Lenient;
    impl<'de> Visitor<'de> for Lenient {
        type Value = Option<i32>;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("a whole number")
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
            let unexpected = |_| E::invalid_value(Unexpected::Unsigned(value), &self);
            i32::try_from(value).map(Some).map_err(unexpected)
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
            i32::try_from(value)
                .map(Some)
                .map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
        }

        fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
            if value.fract() != 0.0 || !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value) {
                return Err(E::invalid_value(Unexpected::Float(value), &self));
            }
            #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and in range")]
            Ok(Some(value as i32))
        }
    }
    deserializer.deserialize_any(Lenient)
}
