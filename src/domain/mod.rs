//! Values that are valid once built. No I/O.
