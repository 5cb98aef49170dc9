//! What `firstpress serve` answers, over HTTP. A binary of its own, with what the other one has for pipelines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "clippy.toml allows them in test functions; here the helpers are tests too"
)]

#[path = "../it/harness.rs"]
#[allow(dead_code, reason = "shared with the other binary")]
mod harness;
#[path = "../it/pipeline.rs"]
#[allow(dead_code, reason = "shared with the other binary")]
mod pipeline;
#[path = "../it/process.rs"]
#[allow(dead_code, reason = "shared with the other binary")]
mod process;

mod guard;
mod html;
mod live;
mod lookups;
mod openapi;
mod origin;
mod pages;
mod rare;
mod report;
mod server;
mod state;
mod tables;
mod views;
