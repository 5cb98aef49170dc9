//! firstpress fills Postgres with Spotify's new releases, incrementally, and builds trend tables from them.
//!
//! The rooms, in reading order; each imports only from rooms above it, except that nothing imports the
//! sandbox but the command line.

pub mod domain;

pub mod config;

pub mod spotify;

pub mod postgres;

pub mod extract;

pub mod load;

pub mod transform;

pub mod sandbox;
