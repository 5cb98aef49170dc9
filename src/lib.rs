//! firstpress fills Postgres with Spotify's new releases, incrementally, and builds trend tables from them.
//!
//! The rooms in reading order. Each imports only from rooms above it; the sandbox imports from none and is
//! imported by the command line alone, so that a mistake in the client cannot hide in it.

pub mod domain;

pub mod aws;

pub mod config;

pub mod http;

pub mod spotify;

pub mod reccobeats;

pub mod postgres;

pub mod extract;

pub mod load;

pub mod archive;

pub mod transform;

pub mod run;

pub mod replay;

pub mod table;

pub mod purge;

pub mod plan;

pub mod summary;

pub mod status;

pub mod html;

pub mod docs;

pub mod explore;

pub mod cell;

pub mod dashboard;

pub mod serve;

pub mod doctor;

pub mod quarantine;

pub mod sandbox;

pub mod telemetry;

pub mod cli;
