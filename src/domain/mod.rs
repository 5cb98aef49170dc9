//! Values that are valid once built. No I/O.

mod id;
mod markets;
mod release_date;

pub use id::{InvalidId, SpotifyId};
pub use markets::Markets;
pub use release_date::first_day;
