//! A database for every test.
