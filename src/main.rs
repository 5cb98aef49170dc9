//! The `firstpress` binary.
fn main() {}
