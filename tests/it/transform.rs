//! Tests of the transform room.
