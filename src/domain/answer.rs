//! Answers about ids.

/// What an API answered about one id.
#[derive(Debug)]
pub enum Answer<T> {
    /// The object.
    Found(T),
    /// null, or nothing: the API does not know the id, or has nothing for it yet.
    Null,
    /// An object that is not of the form it should have.
    Undecodable(Undecodable),
}

/// An object that cannot be used.
#[derive(Debug, Clone)]
pub struct Undecodable {
    /// Its `id`, if it has one that is text.
    pub id: Option<String>,
    /// What is wrong with it.
    pub reason: String,
    /// The object.
    pub json: String,
}
