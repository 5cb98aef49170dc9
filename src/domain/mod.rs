//! Values that are valid once built. No I/O.

mod answer;
mod audio_features;
mod day;
mod id;
mod markets;
mod number;
mod release_date;
mod retention;

pub use answer::{Answer, Undecodable};
pub use audio_features::{AudioFeatureFields, AudioFeatures, FeaturesSource};
pub use day::day;
pub use id::{InvalidId, SpotifyId};
pub use markets::Markets;
pub use number::integer;
pub use release_date::first_day;
pub use retention::{InvalidRetention, Retained, Retention};
