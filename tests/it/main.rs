//! Every integration test is in this one binary, so that one Postgres serves them all.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "clippy.toml allows them in test functions; here the helpers are tests too"
)]

mod apps;
mod architecture;
#[cfg(feature = "archive")]
mod archive;
#[cfg(feature = "aws")]
mod aws;
mod commands;
mod deaths;
mod docs;
mod doctor;
mod drift;
mod embedded;
mod faults;
mod figures;
mod harness;
mod histories;
mod incremental;
mod job;
mod kills;
mod pace;
mod pipeline;
mod plan;
mod published;
mod quarantine;
mod quirks;
mod rate_limits;
mod readers;
mod reccobeats;
mod refusals;
mod sandbox;
mod signals;
mod storm;
mod transform;
mod withheld;
