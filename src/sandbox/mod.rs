//! The simulated Spotify Web API and ReccoBeats.
