//! Tests of the embedded room.
