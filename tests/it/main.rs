//! Every integration test is in this one binary, so that one Postgres serves them all.

mod embedded;
mod harness;
mod sandbox;
mod transform;
