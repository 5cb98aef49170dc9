//! What there is of AWS in a binary that was built without it: errors that say so.

use std::future::ready;

use secrecy::SecretString;

use super::{AwsError, RdsLogin};

/// AWS, which this binary was built without.
#[derive(Debug, Clone, Default)]
pub struct Aws;

impl Aws {
    /// Whether AWS can be asked at all.
    ///
    /// # Errors
    /// Always [`AwsError::NotBuiltIn`], as all that follows.
    pub(crate) async fn ready(&self) -> Result<(), AwsError> {
        ready(Err(AwsError::NotBuiltIn)).await
    }

    pub(crate) async fn secret(&self, _: &str) -> Result<SecretString, AwsError> {
        ready(Err(AwsError::NotBuiltIn)).await
    }

    pub(crate) async fn parameter(&self, _: &str) -> Result<SecretString, AwsError> {
        ready(Err(AwsError::NotBuiltIn)).await
    }

    pub(crate) async fn text(&self, _: &str) -> Result<SecretString, AwsError> {
        ready(Err(AwsError::NotBuiltIn)).await
    }

    pub(crate) async fn rds_token(&self, _: &RdsLogin) -> Result<SecretString, AwsError> {
        ready(Err(AwsError::NotBuiltIn)).await
    }

    pub(crate) async fn signer(&self, _: &RdsLogin) -> Result<String, AwsError> {
        ready(Err(AwsError::NotBuiltIn)).await
    }
}
