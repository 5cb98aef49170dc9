//! What a question calls something that there is not.

/// A word that does not name what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unknown(pub(super) &'static str);
